#pragma once
/// Whether two texts are the same, for short ones that are compared for each request.
#include <cstdint>
#include <cstring>
#include <string_view>

namespace smg {

/// As `==`, without a call where they are shorter than sixteen bytes, as names are.
[[nodiscard]] inline bool same_text(std::string_view a, std::string_view b) noexcept {
    const auto size = a.size();
    if (size != b.size()) return false;
    const auto ends_alike = [&]<typename Word>(Word) {  // both ends, which overlap
        Word front_a, front_b, back_a, back_b;
        std::memcpy(&front_a, a.data(), sizeof(Word));
        std::memcpy(&front_b, b.data(), sizeof(Word));
        std::memcpy(&back_a, a.data() + size - sizeof(Word), sizeof(Word));
        std::memcpy(&back_b, b.data() + size - sizeof(Word), sizeof(Word));
        return ((front_a ^ front_b) | (back_a ^ back_b)) == 0;
    };
    if (size > 16) return std::memcmp(a.data(), b.data(), size) == 0;
    if (size >= 8) return ends_alike(std::uint64_t{});
    if (size >= 4) return ends_alike(std::uint32_t{});
    if (size >= 2) return ends_alike(std::uint16_t{});
    return size == 0 || a.front() == b.front();
}

}  // namespace smg
