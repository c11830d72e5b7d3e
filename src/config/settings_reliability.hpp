#pragma once
/// The rows of contract section 7: sending again, circuit breakers, hedging, unhealthy workers.
#include <vector>

#include "config/setting.hpp"

namespace smg::config {

[[nodiscard]] std::vector<Setting> reliability_settings();

}  // namespace smg::config
