#pragma once
/// Runs a gateway until it is told to stop.
#include <chrono>

#include "app/gateway_server.hpp"

namespace smg::app {

/// Waits for SIGTERM or SIGINT, drains, and returns the exit code. Readiness says 503 at once, accepting ends a moment later, open requests have
/// `grace` to finish; a second signal ends the process on the spot.
[[nodiscard]] int serve_until_signal(GatewayServer& gateway, std::chrono::seconds grace);

/// Blocks SIGPIPE: a peer that left shows as an error of the write.
void ignore_broken_pipes();

}  // namespace smg::app
