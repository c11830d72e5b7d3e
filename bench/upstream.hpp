#pragma once
/// The provider's side: answers Chat Completions and, below /v1/messages, Messages; at once, as large as the model's name says, or as a
/// stream of which it sends one piece each time it is told to.
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "event_loop.hpp"

namespace smg::bench {

struct StreamParts;
class UpstreamConnection;

class Upstream final : public Watcher {
public:
    explicit Upstream(EventLoop& loop);
    ~Upstream() override;

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    /// The client of that number has received what its stream said last: say the next piece, or end it after `pieces`.
    void advance(std::size_t user, std::size_t pieces);
    /// Streams that are open: those whose connection has gone do not count.
    [[nodiscard]] std::size_t open_streams() const noexcept { return streams_.size(); }

    void on_ready(std::uint32_t events) override;

private:
    friend class UpstreamConnection;
    struct Stream {
        UpstreamConnection* connection = nullptr;
        std::size_t sent = 0;
        const StreamParts* parts = nullptr;
    };
    [[nodiscard]] const std::string& answer_of(bool messages, std::size_t bytes);
    void drop(UpstreamConnection& connection);

    EventLoop& loop_;
    std::uint16_t port_ = 0;
    int listener_;
    std::map<std::pair<bool, std::size_t>, std::string> answers_;  ///< by format and size; a node never moves, so its text may be on its way
    std::unordered_map<std::size_t, Stream> streams_;
    std::unordered_map<UpstreamConnection*, std::unique_ptr<UpstreamConnection>> connections_;
};

}  // namespace smg::bench
