#pragma once
/// The end of a process, step by step: nothing that has begun is cut off, as long as there is time.
#include <chrono>
#include <functional>

#include "app/gateway_server.hpp"

namespace smg::app {

/// On the main thread's own context. The gateway outlives it.
class Drain {
public:
    Drain(net::asio::io_context& context, GatewayServer& gateway, std::function<void()> on_end)
        : gateway_(gateway), timer_(context), on_end_(std::move(on_end)) {}

    /// Nobody takes our place: readiness says 503, and after a moment, in which load balancers notice, nothing more is accepted. `on_end` is
    /// called when the last request has ended, after `grace` at the latest.
    void leave(std::chrono::seconds grace);
    /// A successor accepts on the same sockets: we stop at once, and open requests take as long as they take.
    void hand_over();

private:
    using Time = std::chrono::steady_clock::time_point;
    void stop_accepting(std::chrono::milliseconds idle_time);
    void wait_for_end();

    GatewayServer& gateway_;
    net::asio::steady_timer timer_;
    std::function<void()> on_end_;
    Time give_up_at_ = Time::max();
    Time close_idle_at_ = Time::max();
};

}  // namespace smg::app
