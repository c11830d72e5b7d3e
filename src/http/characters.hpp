#pragma once
/// Which bytes may stand where in an HTTP head. The one place that knows; reader and writer both ask here.
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace smg::http {

namespace detail {

constexpr std::array<bool, 256> make_token_table() {
    std::array<bool, 256> table{};
    for (unsigned c = '0'; c <= '9'; ++c) table[c] = true;
    for (unsigned c = 'a'; c <= 'z'; ++c) table[c] = table[c - 'a' + 'A'] = true;
    for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
    return table;
}
inline constexpr auto token_table = make_token_table();

}  // namespace detail

/// RFC 9110 section 5.6.2, `tchar`.
[[nodiscard]] constexpr bool is_token_char(char c) noexcept { return detail::token_table[static_cast<unsigned char>(c)]; }

/// RFC 9110 section 5.6.2: at least one character, all of them `tchar`.
[[nodiscard]] constexpr bool is_token(std::string_view text) noexcept {
    for (const char c : text)
        if (!is_token_char(c)) return false;
    return !text.empty();
}

/// RFC 9110 section 5.5: visible characters, space, tab and bytes above 127.
[[nodiscard]] constexpr bool is_field_value_char(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

/// RFC 9110 section 5.5: no CR, LF, NUL or other control character but tab.
[[nodiscard]] inline bool is_field_value(std::string_view text) noexcept {
    // Eight bytes at a time: no byte below 0x20 and none equal to 0x7f. Only a block with a tab, or a bad one, is looked at again.
    constexpr std::uint64_t ones = 0x0101010101010101U;
    while (text.size() >= 8) {
        std::uint64_t block = 0;
        std::memcpy(&block, text.data(), 8);
        const std::uint64_t deleted = block ^ (ones * 0x7f);
        const std::uint64_t suspicious = ((block - ones * 0x20) & ~block) | ((deleted - ones) & ~deleted);
        if ((suspicious & (ones * 0x80)) != 0)
            for (const char c : text.substr(0, 8))
                if (!is_field_value_char(c)) return false;
        text.remove_prefix(8);
    }
    for (const char c : text)
        if (!is_field_value_char(c)) return false;
    return true;
}

/// -1 when it is no hexadecimal digit.
[[nodiscard]] constexpr int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace smg::http
