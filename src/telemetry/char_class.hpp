#pragma once
/// Classes of bytes as a table: log lines are written once a request, so their characters are looked at with one load each.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace smg::telemetry {

enum CharClass : std::uint16_t {
    word_char = 1,    ///< letters, digits, `-`, `_`: what a word is made of
    key_char = 2,     ///< what a credential is made of
    key_start = 4,    ///< with which the known forms of keys and the schemes begin
    bare_char = 8,    ///< needs no quotes in `key=value` text
    plain_char = 16,  ///< needs no escape inside quotes
};

namespace detail {
constexpr std::array<std::uint16_t, 256> make_classes() {
    std::array<std::uint16_t, 256> classes{};
    for (unsigned byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        const bool key = word || c == '.' || c == '~' || c == '+' || c == '/' || c == '=' || c == '%' || c == '*';
        const bool start = c == 's' || c == 'x' || c == 'A' || c == 'g' || c == 'b' || c == 'B';
        const bool plain = byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\';
        const bool bare = plain && c != ' ' && c != '=';
        classes[byte] = static_cast<std::uint16_t>((word ? word_char : 0) | (key ? key_char : 0) | (start ? key_start : 0) | (bare ? bare_char : 0) |
                                                   (plain ? plain_char : 0));
    }
    return classes;
}
inline constexpr auto classes = make_classes();
}  // namespace detail

[[nodiscard]] constexpr bool is(CharClass wanted, char c) noexcept { return (detail::classes[static_cast<unsigned char>(c)] & wanted) != 0; }

/// What is true of all bytes of a text, and whether a key may stand in it.
struct TextClasses {
    bool bare = true;           ///< `bare_char`
    bool plain = true;          ///< `plain_char`
    bool may_hold_key = false;  ///< false: none stands in it
};
[[nodiscard]] TextClasses classes_of(std::string_view text) noexcept;

}  // namespace smg::telemetry
