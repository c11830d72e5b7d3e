#pragma once
/// Which workers have lately seen the beginning of a text: a prefix tree whose nodes are found by the hash of the path that leads to them, so that it
/// is one flat table. Bounded, without a lock, and full: what was used longest ago makes room.
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

namespace smg::routing {

/// Any thread. Two threads that write one node at once may mix what they write; whoever reads it gets a worker that is merely a poorer choice.
class PrefixTable {
public:
    /// `bytes`: how much memory it may take, at least one node's. It is taken when the first text comes, page by page as nodes are used.
    explicit PrefixTable(std::uint64_t bytes);

    static constexpr std::size_t node_bytes = 128;          ///< of the text that a node stands for
    static constexpr std::size_t longest_text = 64 * 1024;  ///< what lies beyond is not looked at
    static constexpr std::uint32_t nobody = 0;

    struct Match {
        std::size_t bytes = 0;                                 ///< of the text, that the workers have seen
        std::size_t of = 0;                                    ///< that were looked at
        std::array<std::uint32_t, 2> workers{nobody, nobody};  ///< the latest first
    };
    /// The longest known beginning. `tree` tells models apart.
    [[nodiscard]] Match find(std::uint64_t tree, std::string_view text) const noexcept;
    /// This worker (not `nobody`) sees the text now. `now`: seconds of any clock that does not go back.
    void note(std::uint64_t tree, std::string_view text, std::uint32_t worker, std::uint32_t now) noexcept;

private:
    /// 24 bytes. A key of 0 is an empty node.
    struct Node {
        std::atomic<std::uint64_t> key{0};
        std::atomic<std::uint64_t> workers{0};  ///< the latest in the lower half
        std::atomic<std::uint32_t> used{0};
    };
    static constexpr std::size_t ways = 4;  ///< places that a key may have

    [[nodiscard]] Node* nodes() const noexcept;
    [[nodiscard]] Node* place_of(std::uint64_t key) const noexcept;

    const std::size_t sets_;
    mutable std::atomic<Node*> nodes_{nullptr};
    mutable std::unique_ptr<void, void (*)(void*)> memory_;
    mutable std::atomic<bool> allocating_{false};
};

}  // namespace smg::routing
