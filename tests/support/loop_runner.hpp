#pragma once
/// Runs coroutines of a test to their end on an event loop, in the test's own thread. Nothing sleeps: the loop runs what is ready, and an
/// overall deadline turns a hang into a failed test.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "net/asio.hpp"
#include "net/event_loop.hpp"

namespace smg::test {

/// Far beyond what any test needs, so that a busy machine makes tests slow and not red.
inline constexpr std::chrono::seconds run_limit{30};

/// Runs the loop's handlers until `done()` holds; false when it does not within the limit.
template <typename Predicate>
[[nodiscard]] bool run_until(net::EventLoop& loop, Predicate done, std::chrono::steady_clock::duration limit = run_limit) {
    const auto give_up_at = std::chrono::steady_clock::now() + limit;
    // A slice at a time: what `done` looks at may also be changed by another thread, which wakes nobody here.
    constexpr auto slice = std::chrono::milliseconds(20);
    while (!done()) {
        if (std::chrono::steady_clock::now() >= give_up_at) return false;
        loop.context().run_one_for(slice);
    }
    return true;
}

namespace detail {

template <typename T>
struct Outcome {
    bool done = false;
    std::exception_ptr thrown;
    std::optional<std::conditional_t<std::is_void_v<T>, bool, T>> value;
};

/// Results go through here because `co_spawn` wants types that can be made from nothing.
template <typename T>
net::Awaitable<void> store(net::Awaitable<T> work, std::shared_ptr<Outcome<T>> outcome) {
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(work);
        } else {
            auto value = co_await std::move(work);
            outcome->value.emplace(std::move(value));
        }
    } catch (...) { outcome->thrown = std::current_exception(); }
    outcome->done = true;
}

}  // namespace detail

/// A coroutine that was started and goes on whenever the loop runs. No other thread may run the loop.
template <typename T>
class Running {
public:
    Running(net::EventLoop& loop, net::Awaitable<T> work) : loop_(loop), outcome_(std::make_shared<detail::Outcome<T>>()) {
        net::asio::co_spawn(loop.context(), detail::store(std::move(work), outcome_), [](std::exception_ptr) {});
    }
    [[nodiscard]] bool done() const noexcept { return outcome_->done; }
    /// Runs the loop until the end and returns what the coroutine returned; what it threw comes out here. Throws when it does not end
    /// within the limit.
    T get(std::chrono::steady_clock::duration limit = run_limit) {
        if (!run_until(
                loop_, [this] { return done(); }, limit))
            throw std::runtime_error("the coroutine did not end in time");
        if (outcome_->thrown) std::rethrow_exception(outcome_->thrown);
        if constexpr (!std::is_void_v<T>) return std::move(*outcome_->value);
    }

private:
    net::EventLoop& loop_;
    std::shared_ptr<detail::Outcome<T>> outcome_;  ///< shared: the coroutine may outlive us, in the loop
};

/// Runs `work` from its beginning to its end.
template <typename T>
T run(net::EventLoop& loop, net::Awaitable<T> work, std::chrono::steady_clock::duration limit = run_limit) {
    return Running<T>(loop, std::move(work)).get(limit);
}

/// Runs every handler that is ready now, and those that they make ready.
inline void run_ready(net::EventLoop& loop) {
    while (loop.context().poll() > 0) {}
}

}  // namespace smg::test
