#include "workers/worker_id.hpp"

#include <array>
#include <cstdint>
#include <random>

namespace smg::workers {

std::string random_uuid() {
    std::random_device device;
    std::array<std::uint32_t, 4> words{};
    for (auto& word : words) word = device();
    words[1] = (words[1] & 0xffff0fffU) | 0x00004000U;  // version 4
    words[2] = (words[2] & 0x3fffffffU) | 0x80000000U;  // variant 1
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (std::size_t nibble = 0; nibble < 32; ++nibble) {
        if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) text += '-';
        text += digits[(words[nibble / 8] >> (28 - 4 * (nibble % 8))) & 15U];
    }
    return text;
}

}  // namespace smg::workers
