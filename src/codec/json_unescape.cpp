#include "codec/json_unescape.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace smg::codec {
namespace {

/// The byte that a letter behind a backslash stands for; 0: none alone does.
constexpr std::array<char, 256> make_simple_escapes() {
    std::array<char, 256> meanings{};
    constexpr std::string_view letters = "\"\\/bfnrt", plain = "\"\\/\b\f\n\r\t";
    for (std::size_t i = 0; i < letters.size(); ++i) meanings[static_cast<unsigned char>(letters[i])] = plain[i];
    return meanings;
}
constexpr auto simple_escapes = make_simple_escapes();

constexpr std::uint32_t no_unit = 0xFFFFFFFF;

/// The four digits at `at`.
std::uint32_t code_unit(const char* at, const char* end) noexcept {
    if (end - at < 4) return no_unit;
    std::uint32_t unit = 0;
    for (int i = 0; i < 4; ++i) {
        const char c = at[i];
        const auto lower = static_cast<char>(c | 0x20);
        if (c >= '0' && c <= '9') {
            unit = unit * 16 + static_cast<std::uint32_t>(c - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            unit = unit * 16 + static_cast<std::uint32_t>(lower - 'a' + 10);
        } else {
            return no_unit;
        }
    }
    return unit;
}

char* put_utf8(std::uint32_t code_point, char* out) noexcept {
    const auto tail = [&](unsigned shift) { return static_cast<char>(0x80U | ((code_point >> shift) & 0x3FU)); };
    if (code_point < 0x80) {
        *out++ = static_cast<char>(code_point);
    } else if (code_point < 0x800) {
        *out++ = static_cast<char>(0xC0U | (code_point >> 6U));
        *out++ = tail(0);
    } else if (code_point < 0x10000) {
        *out++ = static_cast<char>(0xE0U | (code_point >> 12U));
        *out++ = tail(6);
        *out++ = tail(0);
    } else {
        *out++ = static_cast<char>(0xF0U | (code_point >> 18U));
        *out++ = tail(12);
        *out++ = tail(6);
        *out++ = tail(0);
    }
    return out;
}

/// Where reading and writing have come to.
struct Cursor {
    const char* at;
    char* out;
};

/// The escape at `cursor.at`, of whatever kind. False when it is none.
bool write_escape(Cursor& cursor, const char* end) noexcept {
    if (end - cursor.at < 2) return false;
    const char letter = cursor.at[1];
    if (const char meaning = simple_escapes[static_cast<unsigned char>(letter)]) {
        *cursor.out++ = meaning;
        cursor.at += 2;
        return true;
    }
    if (letter != 'u') return false;
    auto code_point = code_unit(cursor.at + 2, end);
    cursor.at += 6;
    if (code_point == no_unit || (code_point >= 0xDC00 && code_point < 0xE000)) return false;
    if (code_point >= 0xD800 && code_point < 0xDC00) {
        if (end - cursor.at < 6 || cursor.at[0] != '\\' || cursor.at[1] != 'u') return false;
        const auto low = code_unit(cursor.at + 2, end);
        if (low < 0xDC00 || low >= 0xE000) return false;
        code_point = 0x10000 + ((code_point - 0xD800) << 10U) + (low - 0xDC00);
        cursor.at += 6;
    }
    cursor.out = put_utf8(code_point, cursor.out);
    return true;
}

#ifdef __SSE2__

constexpr int block = 16;

void copy(const char* from, char* to) noexcept {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}

unsigned backslashes(const char* at) noexcept {
    const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
}

/// Sixteen bytes. Blocks follow each other at fixed places, so that the processor need not know where the last escape stood to begin with the next.
bool write_block(Cursor& cursor, const char* end) noexcept {
    const auto* const at = cursor.at;
    // Where the block's first byte would stand, had all escapes so far been before it.
    auto* out = cursor.out;
    copy(at, out);
    for (auto mask = backslashes(at); mask != 0;) {
        const auto place = std::countr_zero(mask);
        const char meaning = simple_escapes[static_cast<unsigned char>(at[place + 1])];
        if (meaning == 0 || place + 1 == block) {
            cursor = {at + place, out + place};
            return write_escape(cursor, end);
        }
        out[place] = meaning;
        --out;
        copy(at + place + 2, out + place + 2);
        mask &= ~(3U << static_cast<unsigned>(place));  // its letter may be a backslash
    }
    cursor = {at + block, out + block};
    return true;
}

#endif

}  // namespace

char* unescape(std::string_view contents, char* out) noexcept {
    Cursor cursor{contents.data(), out};
    const auto* const end = contents.data() + contents.size();
#ifdef __SSE2__
    while (end - cursor.at >= 2 * block)
        if (!write_block(cursor, end)) return nullptr;
#endif
    while (cursor.at < end) {
        if (*cursor.at != '\\') {
            *cursor.out++ = *cursor.at++;
        } else if (!write_escape(cursor, end)) {
            return nullptr;
        }
    }
    return cursor.out;
}

}  // namespace smg::codec
