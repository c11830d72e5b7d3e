#pragma once
/// The two ways in which providers write times.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smg::providers {

/// RFC 3339 (`2026-01-02T03:04:05Z`, with a fraction or an offset) as Unix seconds; the fraction is dropped.
[[nodiscard]] std::optional<std::int64_t> parse_rfc3339(std::string_view text) noexcept;

/// `6m0s`, `1h0m0s`, `34s`, as OpenAI writes what is left until a limit resets. Negative counts as 0.
[[nodiscard]] std::string format_duration(std::int64_t seconds);

}  // namespace smg::providers
