#include "app/signals.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <cstdlib>

#include "telemetry/log.hpp"

namespace smg::app {
namespace {

namespace asio = net::asio;

/// How long connections are still accepted after readiness began to say 503.
constexpr auto notice_time = std::chrono::milliseconds(500);
constexpr auto recheck = std::chrono::milliseconds(20);
constexpr auto same_signal_within = std::chrono::seconds(1);

/// The steps of a shutdown, on the main thread's own context.
class Shutdown {
public:
    Shutdown(asio::io_context& context, GatewayServer& gateway, std::chrono::seconds grace)
        : gateway_(gateway), signals_(context, SIGTERM, SIGINT), timer_(context), grace_(grace) {}

    void wait() {
        signals_.async_wait([this](net::error_code code, int signal) {
            if (code) return;
            // `timeout` and shells send one signal to the process and again to its group: within a moment, two are one.
            if (begun_ && std::chrono::steady_clock::now() - begun_at_ < same_signal_within) return wait();
            if (begun_) {
                telemetry::log_event(telemetry::Level::warn, "second signal: leaving at once", {{"open_requests", open()}});
                telemetry::flush_log();
                std::_Exit(128 + signal);
            }
            begin(signal);
            wait();
        });
    }

private:
    [[nodiscard]] std::int64_t open() const { return gateway_.open_requests(); }

    void begin(int signal) {
        begun_ = true;
        begun_at_ = std::chrono::steady_clock::now();
        give_up_at_ = std::chrono::steady_clock::now() + grace_;
        telemetry::log_event(telemetry::Level::info, "shutting down",
                             {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}, {"open_requests", open()}});
        gateway_.begin_drain();
        timer_.expires_after(std::min<std::chrono::steady_clock::duration>(notice_time, grace_));
        timer_.async_wait([this](net::error_code) {
            gateway_.stop_accepting();
            wait_for_requests();
        });
    }

    void wait_for_requests() {
        const bool late = std::chrono::steady_clock::now() >= give_up_at_;
        if (gateway_.open_requests() == 0 || late) {
            if (gateway_.open_requests() > 0)
                telemetry::log_event(telemetry::Level::warn, "grace period over: requests are cut off", {{"open_requests", open()}});
            signals_.cancel();
            return;
        }
        timer_.expires_after(recheck);
        timer_.async_wait([this](net::error_code) { wait_for_requests(); });
    }

    GatewayServer& gateway_;
    asio::signal_set signals_;
    asio::steady_timer timer_;
    std::chrono::seconds grace_;
    std::chrono::steady_clock::time_point give_up_at_;
    std::chrono::steady_clock::time_point begun_at_;
    bool begun_ = false;
};

}  // namespace

int serve_until_signal(GatewayServer& gateway, std::chrono::seconds grace) {
    asio::io_context context(1);
    Shutdown shutdown(context, gateway, grace);
    shutdown.wait();
    context.run();
    gateway.stop();
    telemetry::log_event(telemetry::Level::info, "stopped");
    return 0;
}

void ignore_broken_pipes() { std::signal(SIGPIPE, SIG_IGN); }

}  // namespace smg::app
