#include "app/inflight.hpp"

#include "app/gather.hpp"

namespace smg::app {

net::Awaitable<telemetry::OpenRequestsView> open_requests(net::EventLoops& loops, server::Service& service, net::EventLoop& mine, std::size_t limit) {
    // One moment for all loops: one that is busy looks later, and its requests are no older for it.
    const auto now = telemetry::RequestRecord::Clock::now();
    return gather<telemetry::OpenRequestsView>(loops, mine, [&service, limit, now](std::size_t loop, telemetry::OpenRequestsView& view) {
        service.open_requests[loop].look(view, limit, now);
    });
}

net::Awaitable<telemetry::RequestAges> request_ages(net::EventLoops& loops, server::Service& service, net::EventLoop& mine) {
    return gather<telemetry::RequestAges>(loops, mine, [&service](std::size_t loop, telemetry::RequestAges& ages) {
        service.open_requests[loop].count_ages(ages, telemetry::RequestRecord::Clock::now());
    });
}

}  // namespace smg::app
