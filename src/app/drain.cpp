#include "app/drain.hpp"

#include "telemetry/log.hpp"

namespace smg::app {
namespace {

using Clock = std::chrono::steady_clock;

/// How long connections are still accepted after readiness began to say 503.
constexpr auto notice_time = std::chrono::milliseconds(500);
/// How long a connection without a request is kept: a request that was on its way is answered, with `connection: close`. A proxy's idle
/// connections are used again within seconds or not at all.
constexpr auto idle_time_leaving = std::chrono::milliseconds(500);
constexpr auto idle_time_handing_over = std::chrono::milliseconds(5000);
constexpr auto recheck = std::chrono::milliseconds(20);

}  // namespace

void Drain::leave(std::chrono::seconds grace) {
    give_up_at_ = Clock::now() + grace;
    gateway_.begin_drain();
    timer_.expires_after(std::min<Clock::duration>(notice_time, grace));
    timer_.async_wait([this](net::error_code code) {
        if (!code) stop_accepting(idle_time_leaving);
    });
}

void Drain::hand_over() {
    gateway_.begin_drain();
    gateway_.stop_accepting_anything();
    stop_accepting(idle_time_handing_over);
}

void Drain::stop_accepting(std::chrono::milliseconds idle_time) {
    gateway_.stop_accepting();
    close_idle_at_ = std::min(Clock::now() + idle_time, give_up_at_);
    wait_for_end();
}

void Drain::wait_for_end() {
    const auto now = Clock::now();
    if (now >= close_idle_at_) {
        gateway_.close_idle();
        close_idle_at_ = now + idle_time_leaving;  // whoever has become idle since
    }
    if (gateway_.open_requests() > 0 && now >= give_up_at_)
        telemetry::log_event(telemetry::Level::warn, "grace period over: requests are cut off",
                             {{"open_requests", gateway_.open_requests()}});
    // In this order: what is accepted meanwhile is counted before the acceptor says that it has stopped.
    if (now >= give_up_at_ || (gateway_.stopped_accepting() && gateway_.open_connections() == 0)) return on_end_();
    timer_.expires_after(recheck);
    timer_.async_wait([this](net::error_code code) {
        if (!code) wait_for_end();
    });
}

}  // namespace smg::app
