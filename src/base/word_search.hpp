#pragma once
/// Looking for words in JSON, of which most texts hold none.
#include <cstddef>
#include <string_view>

namespace smg {

/// Where `word`, of three letters at least, first stands in `text`; npos when it does not. Many words stand between quotes, of which JSON is full:
/// what is compared first, sixteen places at once, are the second letter and the last but one.
[[nodiscard]] std::size_t find_word(std::string_view text, std::string_view word) noexcept;

}  // namespace smg
