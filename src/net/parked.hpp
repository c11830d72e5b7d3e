#pragma once
/// A coroutine that waits for something that is no operation of Asio's. It is resumed where it is called for, without a handler, a queue or a
/// frame between.
#include <optional>
#include <utility>

#include "net/asio.hpp"

namespace smg::net {

/// A place for one coroutine. Lives on its loop's thread. A coroutine that is still there at the end is destroyed, through its executor.
class Parked {
public:
    Parked() = default;
    Parked(Parked&& other) noexcept : thread_(std::move(other.thread_)) { other.thread_.reset(); }
    Parked& operator=(Parked&&) = delete;
    ~Parked() = default;

    /// What to await, as a named local: `auto place = parked.here(); co_await place;`
    [[nodiscard]] auto here() noexcept { return Place{this}; }
    [[nodiscard]] bool holds() const noexcept { return thread_.has_value(); }
    /// Goes on with the coroutine, and returns when it waits again or has ended. Only when there is one.
    void resume() {
        Thread thread(std::move(*thread_));
        thread_.reset();
        thread.launch();
    }

private:
    /// Asio's own word for a coroutine and those that it awaits; what `use_awaitable` makes its handlers of.
    using Thread = asio::detail::awaitable_thread<asio::any_io_executor>;
    struct Place {
        Parked* parked;
        /// Called by Asio's promise once the coroutine is suspended.
        Thread* operator()(asio::detail::awaitable_frame_base<asio::any_io_executor>* frame) const {
            parked->thread_.emplace(std::move(*frame->detach_thread()));
            return nullptr;
        }
    };
    std::optional<Thread> thread_;
};

}  // namespace smg::net
