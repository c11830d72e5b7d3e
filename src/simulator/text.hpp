#pragma once
/// Small pure functions over text: pieces of a stream, token counts, base64, names made from numbers.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smg::simulator {

/// Four bytes are a token, at least one when there is any text.
[[nodiscard]] std::uint64_t tokens_of(std::string_view text) noexcept;

/// Cuts into at most `pieces` parts of like size, never inside a UTF-8 sequence; none is empty. Put together they are `text`.
[[nodiscard]] std::vector<std::string> cut_text(std::string_view text, std::size_t pieces);

/// The first `tokens` tokens of `text`, cut at a character.
[[nodiscard]] std::string first_tokens(std::string_view text, std::uint64_t tokens);

[[nodiscard]] bool contains_word(std::string_view text, std::string_view lower_case_word);

[[nodiscard]] std::string base64_encode(std::string_view bytes);
/// Standard alphabet, padded (RFC 4648 section 4); with `url_safe` its section 5, padding optional. Nothing when malformed.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text, bool url_safe = false);
/// Either alphabet, padding optional (bytes in proto3 JSON).
[[nodiscard]] std::optional<std::string> base64_decode_any(std::string_view text);

/// A vector of unit length that depends on the text alone.
[[nodiscard]] std::vector<double> unit_vector_of(std::string_view text, std::size_t dimensions);

/// FNV-1a, 64 bits, stirred.
[[nodiscard]] std::uint64_t hash_of(std::string_view text, std::uint64_t seed = 0) noexcept;
/// `length` characters of the base-62 alphabet that look like chance and are none.
[[nodiscard]] std::string made_up(std::uint64_t seed, std::size_t length);
[[nodiscard]] std::string made_up_hex(std::uint64_t seed, std::size_t length);
[[nodiscard]] std::string made_up_uuid(std::uint64_t seed);

}  // namespace smg::simulator
