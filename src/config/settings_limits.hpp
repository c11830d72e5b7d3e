#pragma once
/// The rows for times, sizes and numbers of requests.
#include <vector>

#include "config/setting.hpp"

namespace smg::config {

[[nodiscard]] std::vector<Setting> limit_settings();

}  // namespace smg::config
