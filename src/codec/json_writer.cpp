#include "codec/json_writer.hpp"

#include <array>
#include <bit>
#include <cstring>

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

/// Collects output in a fixed buffer, which is cheaper than growing a string a few bytes at a time.
class Escaper {
public:
    explicit Escaper(std::string& out) : out_(out) {}
    ~Escaper() { flush(); }
    Escaper(const Escaper&) = delete;
    Escaper& operator=(const Escaper&) = delete;

    void write(std::string_view text) {
        std::size_t at = 0;
        while (at < text.size()) {
            at = copy_plain(text, at);
            if (at < text.size()) at = escape(text, at);
        }
    }

private:
    static constexpr std::size_t size = 2048;
    static constexpr std::size_t longest_step = 16;  ///< of output, between two looks at the room that is left

    /// Copies up to the next byte that may need an escape; where it stands.
    std::size_t copy_plain(std::string_view text, std::size_t at) {
#ifdef __SSE2__
        const auto quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), last_control = _mm_set1_epi8(0x1F);
        const auto c2 = _mm_set1_epi8(static_cast<char>(0xC2)), e2 = _mm_set1_epi8(static_cast<char>(0xE2));
        for (; at + 16 <= text.size();) {
            make_room();
            const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
            _mm_storeu_si128(reinterpret_cast<__m128i*>(buffer_.data() + used_), bytes);
            auto hit = _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));
            hit = _mm_or_si128(hit, _mm_or_si128(_mm_cmpeq_epi8(bytes, c2), _mm_cmpeq_epi8(bytes, e2)));
            hit = _mm_or_si128(hit, _mm_cmpeq_epi8(_mm_max_epu8(bytes, last_control), last_control));
            const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hit));
            const auto plain = mask == 0 ? 16U : static_cast<unsigned>(std::countr_zero(mask));
            used_ += plain;
            at += plain;
            if (mask != 0) return at;
        }
#endif
        for (; at < text.size() && !special[static_cast<unsigned char>(text[at])]; ++at) {
            make_room();
            buffer_[used_++] = text[at];
        }
        return at;
    }

    /// Writes what stands for the byte at `at`, which may need an escape; where the text goes on.
    std::size_t escape(std::string_view text, std::size_t at) {
        make_room();
        const auto c = static_cast<unsigned char>(text[at]);
        const auto tail = text.substr(at + 1, 2);
        if (c == 0xC2 && tail.starts_with('\x85')) return put("\\u0085"), at + 2;
        if (c == 0xE2 && tail == "\x80\xA8") return put("\\u2028"), at + 3;
        if (c == 0xE2 && tail == "\x80\xA9") return put("\\u2029"), at + 3;
        if (c >= 0x80)
            buffer_[used_++] = text[at];
        else
            put_control(c);
        return at + 1;
    }

    void put_control(unsigned char c) {
        constexpr char hex[] = "0123456789abcdef";
        switch (c) {
            case '"': return put("\\\"");
            case '\\': return put("\\\\");
            case '\n': return put("\\n");
            case '\r': return put("\\r");
            case '\t': return put("\\t");
            case '\b': return put("\\b");
            case '\f': return put("\\f");
            default: break;
        }
        put("\\u00");
        buffer_[used_++] = hex[c >> 4U];
        buffer_[used_++] = hex[c & 15U];
    }
    void put(std::string_view text) {
        std::memcpy(buffer_.data() + used_, text.data(), text.size());
        used_ += text.size();
    }
    void make_room() {
        if (used_ + longest_step > size) flush();
    }
    void flush() {
        out_.append(buffer_.data(), used_);
        used_ = 0;
    }

    std::string& out_;
    std::size_t used_ = 0;
    std::array<char, size> buffer_;  // NOLINT: written before it is read
};

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    Escaper(out).write(text);
    out += '"';
}

}  // namespace smg::codec
