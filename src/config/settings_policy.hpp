#pragma once
/// The rows of contract section 6: which of several workers serves.
#include <vector>

#include "config/setting.hpp"

namespace smg::config {

[[nodiscard]] std::vector<Setting> policy_settings();

}  // namespace smg::config
