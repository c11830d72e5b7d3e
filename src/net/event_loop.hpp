#pragma once
/// One thread's world: its io_context, its deadlines, its scratch memory. A connection never leaves its loop, so nothing here is locked.
#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "net/asio.hpp"
#include "net/readiness.hpp"
#include "net/timer_wheel.hpp"

namespace smg::net {

class EventLoop {
public:
    /// `index`: its place among the process's loops; what is kept once a loop is found by it.
    explicit EventLoop(std::size_t index = 0);
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    [[nodiscard]] asio::io_context& context() noexcept { return context_; }
    [[nodiscard]] std::size_t index() const noexcept { return index_; }
    [[nodiscard]] auto executor() noexcept { return context_.get_executor(); }
    [[nodiscard]] TimerWheel& deadlines() noexcept { return wheel_; }
    [[nodiscard]] Readiness& readiness() noexcept { return readiness_; }
    /// Memory that is lent between two suspensions and never across one.
    [[nodiscard]] std::span<char> scratch() noexcept { return {scratch_.get(), scratch_size}; }
    /// Runs until `stop`.
    void run();
    /// The longest that a due timer has waited for its turn since this was asked last; from any thread. Zero while no deadline is armed.
    [[nodiscard]] Duration take_worst_lag() noexcept { return Duration(worst_lag_.exchange(0, std::memory_order_relaxed)); }
    /// From any thread. Open connections are dropped.
    void stop();
    /// Runs `task` on the loop's thread; from any thread.
    void post(std::function<void()> task);

    static constexpr std::size_t scratch_size = 256 * 1024;

private:
    void start_ticking();

    std::size_t index_;
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::unique_ptr<char[]> scratch_;
    TimerWheel wheel_;
    std::atomic<Duration::rep> worst_lag_{0};  ///< written by the loop's thread and reset by others
    bool ticking_ = false;
    asio::steady_timer ticker_;
    Readiness readiness_{context_};
};

/// All loops of the process, each on a thread of its own once `start` was called.
class EventLoops {
public:
    explicit EventLoops(std::size_t count);
    ~EventLoops();
    void start();
    /// Stops the loops and joins their threads.
    void stop();
    [[nodiscard]] std::size_t size() const noexcept { return loops_.size(); }
    [[nodiscard]] EventLoop& operator[](std::size_t index) noexcept { return *loops_[index]; }

private:
    std::vector<std::unique_ptr<EventLoop>> loops_;
    std::vector<std::thread> threads_;
};

}  // namespace smg::net
