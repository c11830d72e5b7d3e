#pragma once
/// Asks every loop which requests are open on it.
#include "net/event_loop.hpp"
#include "server/service.hpp"
#include "telemetry/open_requests.hpp"

namespace smg::app {

/// The oldest `limit` of each loop, unsorted; awaited on `mine`. No loop waits for another: each is asked by a task of its own, and a loop that
/// does not answer within a second is left out.
[[nodiscard]] net::Awaitable<telemetry::OpenRequestsView> open_requests(net::EventLoops& loops, server::Service& service, net::EventLoop& mine,
                                                                        std::size_t limit);

}  // namespace smg::app
