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

/// The first two bytes of each known form of a key and of each scheme. The nth pair's first bytes have bit `first_of_pair << n`, its second
/// ones `second_of_pair << n`: a text in which no byte with the one is followed by a byte with the other holds no key.
struct KeyPair {
    std::string_view first;
    std::string_view second;
};
inline constexpr std::array<KeyPair, 5> key_pairs{{{"s", "k"}, {"xbB", "aA"}, {"bB", "eE"}, {"A", "IQ"}, {"g", "s"}}};
inline constexpr unsigned first_of_pair = 32;
inline constexpr unsigned second_of_pair = first_of_pair << key_pairs.size();

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
    for (std::size_t pair = 0; pair < key_pairs.size(); ++pair) {
        for (const char c : key_pairs[pair].first) classes[static_cast<unsigned char>(c)] |= static_cast<std::uint16_t>(first_of_pair << pair);
        for (const char c : key_pairs[pair].second) classes[static_cast<unsigned char>(c)] |= static_cast<std::uint16_t>(second_of_pair << pair);
    }
    return classes;
}
inline constexpr auto classes = make_classes();
}  // namespace detail

[[nodiscard]] constexpr bool is(CharClass wanted, char c) noexcept { return (detail::classes[static_cast<unsigned char>(c)] & wanted) != 0; }

/// What all bytes of a text have in common, and whether a key may stand in it.
struct TextClasses {
    unsigned all = bare_char | plain_char;
    bool may_hold_key = false;
};
[[nodiscard]] constexpr TextClasses classes_of(std::string_view text) noexcept {
    constexpr unsigned firsts = second_of_pair - first_of_pair;
    unsigned all = bare_char | plain_char, pairs = 0, before = 0;
    for (const char c : text) {
        const unsigned here = detail::classes[static_cast<unsigned char>(c)];
        all &= here;
        pairs |= before & (here >> key_pairs.size());
        before = here;
    }
    return {all, (pairs & firsts) != 0};
}

}  // namespace smg::telemetry
