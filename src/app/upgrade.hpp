#pragma once
/// SIGUSR2: the program as it now lies on the disk takes over, with this process's listening sockets; this one finishes what is open.
#include <sys/types.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>
#include <string>
#include <vector>

#include "app/gateway_server.hpp"

namespace smg::app {

/// On the main thread's own context. The gateway outlives it.
class Upgrade {
public:
    /// `arguments`: of this process, its name first; the successor gets the same. `program`: what is run.
    Upgrade(net::asio::io_context& context, GatewayServer& gateway, std::string program, std::vector<std::string> arguments);

    /// Called once the successor serves: time to drain. When it fails to, this process goes on as before, and the log says so.
    void on_taken_over(std::function<void()> listener) { listener_ = std::move(listener); }
    void start();
    void stop();

private:
    void wait_for_signal();
    void begin();
    [[nodiscard]] Result<void> spawn();
    void wait_for_word();
    void give_up(const std::string& reason);

    GatewayServer& gateway_;
    const std::string program_;
    const std::vector<std::string> arguments_;
    std::function<void()> listener_;
    net::asio::signal_set signals_;
    net::asio::posix::stream_descriptor word_;  ///< the reading end of the successor's pipe
    net::asio::steady_timer patience_;
    std::array<char, 1> byte_{};
    pid_t successor_ = -1;
};

/// Where this program lies: also after another file has taken that name.
[[nodiscard]] std::string own_program();

}  // namespace smg::app
