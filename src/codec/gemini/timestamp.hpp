#pragma once
/// The answer's `createTime`.
#include <cstdint>
#include <string>
#include <string_view>

namespace smg::codec::google {

/// RFC 3339, e.g. `2026-04-02T17:03:50.399550Z`, as Unix seconds; 0 when it is none.
[[nodiscard]] std::int64_t unix_seconds(std::string_view timestamp) noexcept;
[[nodiscard]] std::string rfc3339(std::int64_t unix_seconds);

}  // namespace smg::codec::google
