#pragma once
/// Heads and chunk framing, written into a buffer. What is written is checked: a field name that is no token, or a value with
/// CR, LF or NUL, is left out rather than written (and `append_field` says so).
#include <cstdint>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace smg::http {

/// RFC 9110 section 5.6.2.
[[nodiscard]] bool is_token(std::string_view text) noexcept;
/// RFC 9110 section 5.5: no CR, LF, NUL or other control character but tab.
[[nodiscard]] bool is_field_value(std::string_view text) noexcept;

/// `Name: value\r\n`; false, and nothing appended, when either is not allowed.
bool append_field(std::string& out, std::string_view name, std::string_view value);
/// `POST /v1/x HTTP/1.1\r\n` and the fields, without the empty line.
void append_request_head(std::string& out, const RequestHead& head);
/// `HTTP/1.1 200 OK\r\n` and the fields, without the empty line. An empty reason gets the status's usual phrase.
void append_response_head(std::string& out, const ResponseHead& head);
/// The usual reason phrase (RFC 9110 section 15), or `Unknown`.
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

/// `1f\r\n`: what precedes `size` bytes of a chunk; `\r\n` follows them. Never call it with 0.
void append_chunk_size(std::string& out, std::uint64_t size);
/// A whole chunk; nothing for empty data.
void append_chunk(std::string& out, std::string_view data);
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace smg::http
