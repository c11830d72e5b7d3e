#pragma once
/// Runs a gateway until it is told to stop.
#include <chrono>
#include <string>
#include <vector>

#include "app/gateway_server.hpp"
#include "app/reload.hpp"

namespace smg::app {

struct ServeOptions {
    std::chrono::seconds grace{180};     ///< for open requests after SIGTERM
    Loader load;                         ///< empty: no reload, no successor
    std::string config_path;             ///< see `Reloader`
    std::vector<std::string> arguments;  ///< of this process, its name first
    int ready = -1;                      ///< a predecessor's pipe (see `Inheritance`)
    std::function<void()> on_listening;  ///< called once signals are heard and the gateway serves
};

/// Serves, and returns the exit code. SIGTERM or SIGINT: readiness says 503 at once, accepting ends a moment later, open requests have `grace` to
/// finish; a second signal ends the process on the spot. SIGHUP: `Reloader`. SIGUSR2: `Upgrade`; then open requests finish, however long they take.
[[nodiscard]] int serve_until_signal(GatewayServer& gateway, ServeOptions options);

/// Blocks SIGPIPE: a peer that left shows as an error of the write.
void ignore_broken_pipes();

}  // namespace smg::app
