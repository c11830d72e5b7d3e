#include "base/word_search.hpp"

#include <bit>
#include <cstring>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace smg {

std::size_t find_word(std::string_view text, std::string_view word) noexcept {
    std::size_t from = 0;
#ifdef __SSE2__
    const auto last = word.size() - 2;
    const auto second_letter = _mm_set1_epi8(word[1]);
    const auto last_letter = _mm_set1_epi8(word[last]);
    for (; from + last + 16 <= text.size(); from += 16) {
        const auto seconds = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + from + 1));
        const auto lasts = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + from + last));
        const auto both = _mm_and_si128(_mm_cmpeq_epi8(seconds, second_letter), _mm_cmpeq_epi8(lasts, last_letter));
        for (auto mask = static_cast<unsigned>(_mm_movemask_epi8(both)); mask != 0; mask &= mask - 1) {
            const auto at = from + static_cast<std::size_t>(std::countr_zero(mask));
            if (text.substr(at).starts_with(word)) return at;
        }
    }
#endif
    const auto rest = text.substr(from);
    if (rest.size() < word.size()) return std::string_view::npos;  // an empty view may have no address
    const auto* const hit = static_cast<const char*>(::memmem(rest.data(), rest.size(), word.data(), word.size()));
    return hit == nullptr ? std::string_view::npos : static_cast<std::size_t>(hit - text.data());
}

}  // namespace smg
