#pragma once
/// What a JSON string says, without its escapes.
#include <string_view>

namespace smg::codec {

/// Writes to `out`, which has room for as many bytes as `contents`, and 16 more; a string's contents never grow. Returns the end of what was written;
/// null for an escape that RFC 8259 section 7 does not know, and for half of a surrogate pair. Any thread.
[[nodiscard]] char* unescape(std::string_view contents, char* out) noexcept;

}  // namespace smg::codec
