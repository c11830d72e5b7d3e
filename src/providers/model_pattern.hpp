#pragma once
/// Name patterns: `gpt-*`, `o#*`, `text-embedding-004`. `#` is one digit, a `*` at the end any rest; letters compare without case.
#include <optional>
#include <string_view>

namespace smg::providers {

/// How many characters the pattern fixed, when it matches; the longest match decides between providers. A whole name counts one more than
/// the same characters with a `*` behind them.
[[nodiscard]] std::optional<std::size_t> match_length(std::string_view pattern, std::string_view name) noexcept;

/// Does `name` (of a header) match `pattern`, which may end in `*`? Without case.
[[nodiscard]] bool matches_name(std::string_view pattern, std::string_view name) noexcept;

}  // namespace smg::providers
