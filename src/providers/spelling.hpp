#pragma once
/// "Did you mean": how far two spellings are apart.
#include <cstddef>
#include <string_view>

namespace smg::providers {

/// Levenshtein distance without case; at most `limit` + 1, so that far ones are given up early.
[[nodiscard]] std::size_t spelling_distance(std::string_view a, std::string_view b, std::size_t limit);

}  // namespace smg::providers
