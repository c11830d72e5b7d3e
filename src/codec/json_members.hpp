#pragma once
/// The members of a JSON object, found in one pass that steps over what is below them: several times as fast as a JsonTree, for a reader who
/// wants to know where the members stand and what a few of them say. Any thread; nothing is shared between threads.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace smg::codec {

/// One member, by its place in the text.
struct JsonMember {
    std::string name;       ///< unescaped
    std::size_t begin = 0;  ///< of the name's opening quote
    std::size_t value_begin = 0;
    std::size_t end = 0;  ///< behind the value, white space not included
};

/// Replaces `members` by those of the object that `text` is, in order. `readable` says how many bytes may be read from the text's beginning on, used
/// or not: with simdjson's padding (64 bytes) behind the text it is read where it lies, else from a copy. The text is checked for UTF-8, for control
/// characters in strings and for brackets that match; values below the first level are not checked otherwise.
/// Errors (invalid_request): no JSON, or no object.
[[nodiscard]] Result<void> find_members(std::string_view text, std::size_t readable, std::vector<JsonMember>& members);

/// What may usefully stand behind a text that will be read by `find_members`.
inline constexpr std::size_t json_padding = 64;

}  // namespace smg::codec
