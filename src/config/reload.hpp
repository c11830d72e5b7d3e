#pragma once
/// Which settings a running process takes over from a file that has changed.
#include <string>
#include <vector>

#include "smg/config.hpp"

namespace smg::config {

/// The flags' names of the settings that differ and that only a restart applies: listeners, threads, state, logs.
[[nodiscard]] std::vector<std::string> needing_restart(const Config& running, const Config& wanted);

/// `wanted`, but with the running process's values of all that only a restart applies.
[[nodiscard]] Config applicable(const Config& running, Config wanted);

/// `[providers.*]` say the same, wherever they stand.
[[nodiscard]] bool same_vendors(const Config& a, const Config& b);

}  // namespace smg::config
