#pragma once
/// Asks every loop which requests are open on it.
#include "net/event_loop.hpp"
#include "server/service.hpp"
#include "telemetry/open_requests.hpp"

namespace smg::app {

/// The oldest `limit` of each loop, unsorted; awaited on `mine`, as `gather` does it.
[[nodiscard]] net::Awaitable<telemetry::OpenRequestsView> open_requests(net::EventLoops& loops, server::Service& service, net::EventLoop& mine,
                                                                        std::size_t limit);
/// How old all of them are, likewise.
[[nodiscard]] net::Awaitable<telemetry::RequestAges> request_ages(net::EventLoops& loops, server::Service& service, net::EventLoop& mine);

}  // namespace smg::app
