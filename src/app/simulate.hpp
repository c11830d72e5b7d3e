#pragma once
/// `smg simulate`: the simulated providers on their own.
#include "base/result.hpp"
#include "simulator/options.hpp"
#include "smg/config.hpp"

namespace smg::app {

/// The simulator's own options from those of the command line, for one address.
[[nodiscard]] simulator::SimulatorOptions simulator_options(const config::SimulatorOptions& chosen, const std::string& host);

/// Serves until SIGTERM or SIGINT. Errors: the address cannot be bound.
[[nodiscard]] Result<void> simulate(const config::SimulatorOptions& chosen);

}  // namespace smg::app
