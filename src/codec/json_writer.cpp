#include "codec/json_writer.hpp"

#include <array>
#include <bit>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace smg::codec {
namespace {

constexpr std::array<bool, 256> make_special() {
    std::array<bool, 256> special{};
    for (int c = 0; c < 0x20; ++c) special[static_cast<std::size_t>(c)] = true;
    special['"'] = special['\\'] = true;
    special[0xC2] = special[0xE2] = true;  // lead bytes of U+0085 and of U+2028/9
    return special;
}
constexpr auto special = make_special();

void append_control(std::string& out, unsigned char c) {
    constexpr char hex[] = "0123456789abcdef";
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        case '\b': out += "\\b"; return;
        case '\f': out += "\\f"; return;
        default:
            out += "\\u00";
            out += hex[c >> 4];
            out += hex[c & 15];
    }
}

/// Where the next byte stands that may need an escape; `text.size()` when none does. Most text has none for long stretches.
std::size_t next_special(std::string_view text, std::size_t at) noexcept {
#ifdef __SSE2__
    const auto quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), last_control = _mm_set1_epi8(0x1F);
    const auto c2 = _mm_set1_epi8(static_cast<char>(0xC2)), e2 = _mm_set1_epi8(static_cast<char>(0xE2));
    for (; at + 16 <= text.size(); at += 16) {
        const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
        auto hit = _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));
        hit = _mm_or_si128(hit, _mm_or_si128(_mm_cmpeq_epi8(bytes, c2), _mm_cmpeq_epi8(bytes, e2)));
        hit = _mm_or_si128(hit, _mm_cmpeq_epi8(_mm_max_epu8(bytes, last_control), last_control));
        const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hit));
        if (mask != 0) return at + static_cast<std::size_t>(std::countr_zero(mask));
    }
#endif
    while (at < text.size() && !special[static_cast<unsigned char>(text[at])]) ++at;
    return at;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t run = 0;  // start of the bytes that need no escape
    for (auto i = next_special(text, 0); i < text.size(); i = next_special(text, i + 1)) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c == 0xC2) {
            if (text.substr(i + 1, 1) != "\x85") continue;
            out.append(text, run, i - run);
            out += "\\u0085";
            i += 1;
        } else if (c == 0xE2) {
            const auto tail = text.substr(i + 1, 2);
            if (tail != "\x80\xA8" && tail != "\x80\xA9") continue;
            out.append(text, run, i - run);
            out += tail[1] == '\xA8' ? "\\u2028" : "\\u2029";
            i += 2;
        } else {
            out.append(text, run, i - run);
            append_control(out, c);
        }
        run = i + 1;
    }
    out.append(text, run, text.size() - run);
    out += '"';
}

}  // namespace smg::codec
