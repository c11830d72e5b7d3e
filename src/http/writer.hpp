#pragma once
/// Heads and chunk framing, written into a buffer. What is written is checked: a field name that is no token, or a value with
/// CR, LF or NUL, is left out rather than written (and `append_field` says so).
#include <cstdint>
#include <string>
#include <string_view>

#include "http/characters.hpp"
#include "http/message.hpp"

namespace smg::http {

/// `Name: value\r\n`; false, and nothing appended, when either is not allowed.
bool append_field(std::string& out, std::string_view name, std::string_view value);
/// All of them, but those that are not allowed. What the head parser has checked is not checked again.
void append_fields(std::string& out, const Fields& fields);
/// `POST /v1/x HTTP/1.1\r\n`. False, and nothing appended, when the method is no token or the target is empty or holds a space or control
/// character.
bool append_request_line(std::string& out, std::string_view method, std::string_view target, int version = 11);
/// `POST /v1/x HTTP/1.1\r\n` and the fields, without the empty line. False, and nothing appended, when the method is no token or
/// the target is empty or holds a space or control character.
bool append_request_head(std::string& out, const RequestHead& head);
/// `HTTP/1.1 200 OK\r\n` and the fields, without the empty line. An empty reason, or one that no status line may hold, gets the
/// status's usual phrase; a status of other than three digits becomes 500.
void append_response_head(std::string& out, const ResponseHead& head);
/// The usual reason phrase (RFC 9110 section 15), or `Unknown`.
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

/// `1f\r\n`: what precedes `size` bytes of a chunk; `\r\n` follows them. Never call it with 0.
void append_chunk_size(std::string& out, std::uint64_t size);
/// A whole chunk; nothing for empty data.
void append_chunk(std::string& out, std::string_view data);
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace smg::http
