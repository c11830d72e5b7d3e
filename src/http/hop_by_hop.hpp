#pragma once
/// Fields that belong to one connection and must not be forwarded (RFC 9110 section 7.6.1).
#include <string_view>

#include "http/fields.hpp"

namespace smg::http {

/// Connection, Keep-Alive, Proxy-*, TE, Trailer, Transfer-Encoding, Upgrade, HTTP2-Settings. Names compare without case.
[[nodiscard]] bool is_hop_by_hop(std::string_view name) noexcept;

/// Removes those, and every field that a Connection field names.
void strip_hop_by_hop(Fields& fields);

}  // namespace smg::http
