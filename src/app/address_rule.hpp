#pragma once
/// `--allow-upstream`: which addresses workers may be connected at.
#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/connector.hpp"

namespace smg::app {

/// No entries: an empty rule, which narrows nothing. Host names among them are looked up once, at the start. Errors name the entry.
[[nodiscard]] Result<net::AddressRule> make_address_rule(const std::vector<std::string>& allowed);

}  // namespace smg::app
