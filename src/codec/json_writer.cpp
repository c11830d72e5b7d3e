#include "codec/json_writer.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace smg::codec {
namespace {

/// What is written for one byte: eight bytes are copied, of which the first `size` count.
struct Escape {
    std::array<char, 7> text{};
    std::uint8_t size = 1;
};

constexpr std::array<Escape, 256> make_escapes() {
    constexpr char hex[] = "0123456789abcdef";
    std::array<Escape, 256> escapes{};
    for (std::size_t c = 0x20; c < escapes.size(); ++c) escapes[c] = {{static_cast<char>(c)}, 1};
    for (std::size_t c = 0; c < 0x20; ++c) escapes[c] = {{'\\', 'u', '0', '0', hex[c >> 4U], hex[c & 15U]}, 6};
    constexpr std::string_view plain = "\"\\\n\r\t\b\f", letters = "\"\\nrtbf";
    for (std::size_t i = 0; i < plain.size(); ++i) escapes[static_cast<unsigned char>(plain[i])] = {{'\\', letters[i]}, 2};
    return escapes;
}
constexpr auto escapes = make_escapes();

/// Lead bytes of U+0085 and of U+2028 and U+2029, and of many others.
constexpr bool is_lead(unsigned char c) { return c == 0xC2 || c == 0xE2; }

/// Collects output in a fixed buffer, which is cheaper than growing a string a few bytes at a time.
class Escaper {
public:
    explicit Escaper(std::string& out) : out_(out) {}

    void put(char c) { *next_++ = c; }

    /// The text between its quotes.
    void write(std::string_view text) {
        make_room();
        *next_++ = '"';
        const auto* at = text.data();
        const auto* const end = at + text.size();
#ifdef __SSE2__
        while (end - at >= 2 * block) {
            make_room();
            at = write_block(at);
        }
        make_room();
        if (write_plain(at, end - at)) at = end;
#endif
        while (at < end) {
            make_room();
            at = write_byte(at, end);
        }
        *next_++ = '"';
    }

    void flush() {
        out_.append(buffer_.data(), static_cast<std::size_t>(next_ - buffer_.data()));
        next_ = buffer_.data();
    }

private:
    static constexpr std::ptrdiff_t block = 16;
    static constexpr std::ptrdiff_t size = 2048;
    static constexpr std::ptrdiff_t longest_step = 8 * block;  ///< of output, between two looks at the room that is left

#ifdef __SSE2__
    /// Sixteen bytes and what stands for them; where the text goes on. Blocks follow each other at fixed places, so that the processor need not
    /// know where the last escape stood to begin with the next. Reads up to as many bytes behind the block.
    const char* write_block(const char* at) {
        copy(at, next_);
        auto mask = may_need_escape(at);
        // `next_` is where the block's first byte would stand, had all escapes so far been before it.
        for (; mask != 0; mask &= mask - 1) {
            const auto place = std::countr_zero(mask);
            const auto c = static_cast<unsigned char>(at[place]);
            if (const auto* wide = is_lead(c) ? separator(at + place) : nullptr) {
                std::memcpy(next_ + place, wide, 6);
                next_ += place + 6;
                return at + place + (c == 0xC2 ? 2 : 3);
            }
            const auto& escape = escapes[c];
            std::memcpy(next_ + place, &escape, sizeof escape);
            next_ += escape.size - 1;
            copy(at + place + 1, next_ + place + 1);
        }
        next_ += block;
        return at + block;
    }

    /// What is shorter than two blocks, as the names of members are: its halves, which may overlap, at once. False when something in it may need an
    /// escape, or when it is shorter than four bytes; nothing was written then.
    bool write_plain(const char* at, std::ptrdiff_t length) {
        if (length >= block) {
            if ((may_need_escape(at) | may_need_escape(at + length - block)) != 0) return false;
            copy(at, next_);
            copy(at + length - block, next_ + length - block);
            next_ += length;
            return true;
        }
        if (length >= 8) return write_halves<std::uint64_t>(at, length);
        return length >= 4 && write_halves<std::uint32_t>(at, length);
    }

    template <typename Half>
    bool write_halves(const char* at, std::ptrdiff_t length) {
        const auto rest = length - static_cast<std::ptrdiff_t>(sizeof(Half));
        Half halves[16 / sizeof(Half)];
        for (auto& half : halves) std::memcpy(&half, at, sizeof half);
        std::memcpy(&halves[1], at + rest, sizeof halves[1]);
        if (may_need_escape(reinterpret_cast<const char*>(halves)) != 0) return false;
        std::memcpy(next_, &halves[0], sizeof halves[0]);
        std::memcpy(next_ + rest, &halves[1], sizeof halves[1]);
        next_ += length;
        return true;
    }

    static void copy(const char* from, char* to) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
    }

    static unsigned may_need_escape(const char* at) {
        const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        const auto last_control = _mm_set1_epi8(0x1F);
        auto hit = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
        // 0xC2 and 0xE2 differ in one bit.
        const auto lead = _mm_cmpeq_epi8(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), _mm_set1_epi8(static_cast<char>(0xE2)));
        hit = _mm_or_si128(hit, _mm_or_si128(lead, _mm_cmpeq_epi8(_mm_max_epu8(bytes, last_control), last_control)));
        return static_cast<unsigned>(_mm_movemask_epi8(hit));
    }
#endif

    const char* write_byte(const char* at, const char* end) {
        const auto c = static_cast<unsigned char>(*at);
        if (is_lead(c) && end - at >= 3 - (c == 0xC2)) {
            if (const auto* wide = separator(at)) {
                std::memcpy(next_, wide, 6);
                next_ += 6;
                return at + (c == 0xC2 ? 2 : 3);
            }
        }
        const auto& escape = escapes[c];
        std::memcpy(next_, &escape, sizeof escape);
        next_ += escape.size;
        return at + 1;
    }

    /// What stands for the character that begins with a lead byte; null when it is none of the three.
    static const char* separator(const char* at) {
        if (*at == '\xC2') return at[1] == '\x85' ? "\\u0085" : nullptr;
        if (at[1] != '\x80') return nullptr;
        return at[2] == '\xA8' ? "\\u2028" : at[2] == '\xA9' ? "\\u2029" : nullptr;
    }

    void make_room() {
        if (next_ + longest_step > buffer_.data() + size) flush();
    }

    std::string& out_;
    std::array<char, size> buffer_;  // NOLINT: written before it is read
    char* next_ = buffer_.data();
};

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    Escaper escaper(out);
    escaper.write(text);
    escaper.flush();
}

JsonWriter& JsonWriter::key(std::string_view name) {
    Escaper escaper(out_);
    if (comma_) escaper.put(',');
    escaper.write(name);
    escaper.put(':');
    escaper.flush();
    comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::member(std::string_view name, std::string_view text) {
    Escaper escaper(out_);
    if (comma_) escaper.put(',');
    escaper.write(name);
    escaper.put(':');
    escaper.write(text);
    escaper.flush();
    comma_ = true;
    return *this;
}

}  // namespace smg::codec
