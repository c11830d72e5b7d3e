#include "app/signals.hpp"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <cstdlib>

#include "app/drain.hpp"
#include "app/notify.hpp"
#include "app/upgrade.hpp"
#include "telemetry/log.hpp"

namespace smg::app {
namespace {

namespace asio = net::asio;
using telemetry::Level;
using telemetry::log_event;

constexpr auto recheck = std::chrono::milliseconds(20);
/// What one sender delivers twice comes together; a person's second one, or a supervisor's, does not.
constexpr auto same_signal_within = std::chrono::milliseconds(50);
constexpr auto last_words_within = std::chrono::seconds(1);
/// How long a successor waits for its workers before it takes over without them.
constexpr auto longest_settling = std::chrono::seconds(10);

/// The main thread's life: signals in, steps of the gateway out.
class Life {
public:
    Life(GatewayServer& gateway, ServeOptions options)
        : gateway_(gateway),
          options_(std::move(options)),
          signals_(context_, SIGTERM, SIGINT),
          timer_(context_),
          drain_(context_, gateway, [this] { end(); }),
          reloader_(context_, gateway, options_.load, options_.config_path),
          upgrade_(context_, gateway, own_program(), options_.arguments) {}

    void run() {
        wait_for_signal();
        if (options_.load) listen_for_changes();
        if (options_.ready >= 0) {
            settle_by_ = std::chrono::steady_clock::now() + longest_settling;
            gateway_.start_without_accepting();
            settle();
        } else {
            gateway_.start();
            listening();
        }
        context_.run();
    }

private:
    void listen_for_changes() {
        reloader_.on_reload([this](bool begins) {
            if (begins) {
                notifier_.reloading();
            } else {
                notifier_.ready(false);
            }
        });
        upgrade_.on_taken_over([this] {
            handed_over_ = true;
            reloader_.stop();
            upgrade_.stop();
            log_event(Level::info, "handed over: finishing open requests", {{"open_requests", open()}});
            drain_.hand_over();
        });
        reloader_.start();
        upgrade_.start();
    }

    [[nodiscard]] std::int64_t open() const { return gateway_.open_requests(); }

    /// A successor serves when its workers do: until then its predecessor is the better one.
    void settle() {
        if (!gateway_.settled() && std::chrono::steady_clock::now() < settle_by_) {
            timer_.expires_after(recheck);
            timer_.async_wait([this](net::error_code code) {
                if (!code) settle();
            });
            return;
        }
        gateway_.start_accepting();
        listening();
        if (::write(options_.ready, "1", 1) != 1) log_event(Level::warn, "the predecessor is gone");
        ::close(options_.ready);
    }

    void listening() {
        if (options_.on_listening) options_.on_listening();
        notifier_.ready(options_.ready >= 0);
    }

    void wait_for_signal() {
        signals_.async_wait([this](net::error_code code, int signal) {
            if (code) return;
            // `timeout` and shells send one signal to the process and again to its group: within a moment, two are one.
            if (leaving_ && std::chrono::steady_clock::now() - leaving_since_ < same_signal_within) return wait_for_signal();
            if (leaving_) {
                log_event(Level::warn, "second signal: leaving at once", {{"open_requests", open()}});
                telemetry::flush_log(last_words_within);
                std::_Exit(128 + signal);
            }
            leave(signal);
            wait_for_signal();
        });
    }

    void leave(int signal) {
        leaving_ = true;
        leaving_since_ = std::chrono::steady_clock::now();
        log_event(Level::info, "shutting down", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}, {"open_requests", open()}});
        if (!handed_over_) notifier_.stopping();
        reloader_.stop();
        upgrade_.stop();
        timer_.cancel();
        drain_.leave(options_.grace);
    }

    void end() {
        net::error_code ignored;
        signals_.cancel(ignored);
        context_.stop();
    }

    asio::io_context context_{1};
    GatewayServer& gateway_;
    ServeOptions options_;
    Notifier notifier_;
    asio::signal_set signals_;
    asio::steady_timer timer_;
    Drain drain_;
    Reloader reloader_;
    Upgrade upgrade_;
    std::chrono::steady_clock::time_point settle_by_;
    std::chrono::steady_clock::time_point leaving_since_;
    bool leaving_ = false;
    bool handed_over_ = false;
};

}  // namespace

int serve_until_signal(GatewayServer& gateway, ServeOptions options) {
    Life(gateway, std::move(options)).run();
    gateway.stop();
    log_event(Level::info, "stopped");
    return 0;
}

void ignore_broken_pipes() { std::signal(SIGPIPE, SIG_IGN); }

}  // namespace smg::app
