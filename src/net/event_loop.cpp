#include "net/event_loop.hpp"

#include <boost/asio/post.hpp>

namespace smg::net {

EventLoop::EventLoop(std::size_t index) : index_(index), work_(asio::make_work_guard(context_)), scratch_(new char[scratch_size]), ticker_(context_) {
    wheel_.on_first_armed = [this] {
        if (!ticking_) start_ticking();
    };
}

EventLoop::~EventLoop() = default;

void EventLoop::start_ticking() {
    ticking_ = true;
    ticker_.expires_after(TimerWheel::tick);
    ticker_.async_wait([this](error_code code) {
        ticking_ = false;
        if (code) return;
        const auto lag = (std::chrono::steady_clock::now() - ticker_.expiry()).count();
        if (lag > worst_lag_.load(std::memory_order_relaxed)) worst_lag_.store(lag, std::memory_order_relaxed);
        wheel_.advance();
        if (wheel_.armed() > 0 && !ticking_) start_ticking();
    });
}

void EventLoop::run() { context_.run(); }

void EventLoop::stop() { context_.stop(); }

void EventLoop::post(std::function<void()> task) { asio::post(context_, std::move(task)); }

EventLoops::EventLoops(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) loops_.push_back(std::make_unique<EventLoop>(i));
}

EventLoops::~EventLoops() { stop(); }

void EventLoops::start() {
    for (auto& loop : loops_) threads_.emplace_back([&loop = *loop] { loop.run(); });
}

void EventLoops::stop() {
    for (auto& loop : loops_) loop->stop();
    for (auto& thread : threads_)
        if (thread.joinable()) thread.join();
    threads_.clear();
}

}  // namespace smg::net
