#include "telemetry/char_class.hpp"

#include <cstring>

namespace smg::telemetry {
namespace {

/// The shortest known form of a key, or of a scheme with a credential: `sk-` and eight characters.
constexpr std::size_t shortest_key = 11;

using Bytes [[gnu::vector_size(16)]] = unsigned char;
using Mask [[gnu::vector_size(16)]] = signed char;

Bytes load(const char* from) noexcept {
    Bytes bytes;
    std::memcpy(&bytes, from, sizeof bytes);
    return bytes;
}

bool any(const Mask& mask) noexcept {
    std::uint64_t halves[2];
    std::memcpy(halves, &mask, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}

/// Sixteen bytes at a time, each beside the one before it; at least seventeen.
TextClasses of_long(std::string_view text) noexcept {
    Mask not_plain{}, not_bare{}, key{};
    const auto look = [&](const char* at) {
        const Bytes first = load(at), second = load(at + 1);
        not_plain |= (second - 0x20 > 0x5e) | (second == '"') | (second == '\\');
        not_bare |= (second == ' ') | (second == '=');
        // `sk-`, `gsk_`, `xai-`, `AIza`, `AQ.`, `Basic ` and `Bearer ` by what is rare in them.
        const Bytes lower = first | 0x20;
        key |= ((first == 'k') & ((second == '-') | (second == '_'))) | ((first == 'i') & (second == '-')) | ((first == 'I') & (second == 'z')) |
               ((first == 'Q') & (second == '.')) | (((lower == 'c') | (lower == 'r')) & (second == ' '));
    };
    const char* const last = text.data() + text.size() - 1 - sizeof(Bytes);
    for (const char* at = text.data(); at < last; at += sizeof(Bytes)) look(at);
    look(last);
    TextClasses found;
    found.plain = is(plain_char, text.front()) && !any(not_plain);
    found.bare = is(bare_char, text.front()) && found.plain && !any(not_bare);
    found.may_hold_key = any(key);
    return found;
}

}  // namespace

TextClasses classes_of(std::string_view text) noexcept {
    if (text.size() > sizeof(Bytes)) return of_long(text);
    unsigned all = bare_char | plain_char;
    for (const char c : text) all &= detail::classes[static_cast<unsigned char>(c)];
    return {(all & bare_char) != 0, (all & plain_char) != 0, text.size() >= shortest_key};
}

}  // namespace smg::telemetry
