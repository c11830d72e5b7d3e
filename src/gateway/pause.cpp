#include "gateway/pause.hpp"

namespace smg::gateway {

net::Awaitable<bool> pause(net::EventLoop& loop, net::Duration length, net::Cancellation& cancellation) {
    if (cancellation.requested()) co_return false;
    net::asio::steady_timer timer(loop.context());
    timer.expires_after(length);
    const net::Cancellation::Hook hook(cancellation, [&timer] { timer.cancel(); });
    (void)co_await timer.async_wait(net::as_value);
    co_return !cancellation.requested();
}

}  // namespace smg::gateway
