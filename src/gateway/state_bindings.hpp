#pragma once
/// Which worker holds the state that an id names: a stored response can be continued, read or deleted only where it was made, a file be used only
/// where it was uploaded, encrypted reasoning be read only where it was written.
#include <atomic>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace smg::gateway {

/// Bounded: the oldest id is forgotten first, and is then looked for at every worker that might have it. Any thread.
class StateBindings {
public:
    explicit StateBindings(std::size_t capacity = 100'000) : capacity_(capacity) {}

    /// `id` as the provider gave it; ids beyond 256 bytes are nobody's and are not kept.
    void remember(std::string_view id, std::string_view worker_id);
    /// Likewise of a file, a batch or the like.
    void remember_file(std::string_view id, std::string_view worker_id) {
        holds_files_.store(true, std::memory_order_relaxed);
        remember(id, worker_id);
    }
    /// A file was remembered at some time: until then, no request need be searched for one.
    [[nodiscard]] bool holds_files() const noexcept { return holds_files_.load(std::memory_order_relaxed); }
    /// The worker's id; empty: unknown.
    [[nodiscard]] std::string find(std::string_view id) const;

private:
    const std::size_t capacity_;
    std::atomic<bool> holds_files_{false};
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::string> workers_;
    std::deque<std::string> order_;  ///< of arrival
};

}  // namespace smg::gateway
