#pragma once
#include "net/cancellation.hpp"
#include "net/event_loop.hpp"

namespace smg::gateway {

/// Sleeps on `loop`, the caller's own. False when `cancellation` was requested before or meanwhile.
[[nodiscard]] net::Awaitable<bool> pause(net::EventLoop& loop, net::Duration length, net::Cancellation& cancellation);

}  // namespace smg::gateway
