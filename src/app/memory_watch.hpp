#pragma once
/// Sheds load before the kernel kills the process: `--max-memory`.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>

#include "net/event_loop.hpp"

namespace smg::app {

/// Looks twice a second, on one loop, whether the process holds more memory than it may, and says so in `overloaded`. It is over again when the
/// process holds a twentieth less than the limit. Lives until the loops have stopped.
class MemoryWatch {
public:
    /// `resident`: how many bytes the process holds.
    MemoryWatch(net::EventLoop& loop, std::uint64_t limit, std::atomic<bool>& overloaded, std::function<std::uint64_t()> resident);
    void start();
    /// Looks now.
    void look();

    static constexpr auto interval = std::chrono::milliseconds(500);

private:
    const std::uint64_t limit_;
    std::atomic<bool>& overloaded_;
    const std::function<std::uint64_t()> resident_;
    net::EventLoop& loop_;
    net::Deadline next_;
};

}  // namespace smg::app
