#pragma once
/// Content codings of a request's body (RFC 9110 section 8.4.1), undone before anybody looks at it.
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace smg::http {

/// True for codings that `decode_content` undoes, and for none (`identity`, an empty value): lists of them too (`gzip, zstd`).
[[nodiscard]] bool is_known_coding(std::string_view content_encoding) noexcept;

/// `body` with the codings of a Content-Encoding field taken off, the last one first. Knows `gzip`, `x-gzip`, `deflate` (zlib's, and the bare
/// form that some clients send) and `zstd`. Failures: unsupported_media_type for another coding; invalid_request when the body is not what the
/// field says or is cut short; payload_too_large when it inflates beyond `limit` bytes, however small it came.
[[nodiscard]] Result<std::string> decode_content(std::string_view content_encoding, std::string body, std::size_t limit);

}  // namespace smg::http
