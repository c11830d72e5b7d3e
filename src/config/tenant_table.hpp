#pragma once
/// One `[[tenants]]` table of the file.
#include <toml++/toml.h>

#include <string>
#include <tl/expected.hpp>

#include "smg/config.hpp"

namespace smg::config {

/// What is wrong, and where it stands.
struct TenantProblem {
    std::string text;
    toml::source_region where;
};

/// `name`, `key` or `keys`, `key_file`, `models`, `requests_per_minute`, `tokens_per_minute`, `priority` (`high`, `normal`, `low`). Reads the file
/// that `key_file` names.
[[nodiscard]] tl::expected<Tenant, TenantProblem> read_tenant(const toml::table& table);

}  // namespace smg::config
