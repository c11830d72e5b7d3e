#pragma once
/// The rows for who may use the gateway: keys, tenants, tokens of an OpenID provider.
#include <vector>

#include "config/setting.hpp"

namespace smg::config {

[[nodiscard]] std::vector<Setting> access_settings();

}  // namespace smg::config
