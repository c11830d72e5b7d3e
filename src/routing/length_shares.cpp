#include "routing/length_shares.hpp"

#include <algorithm>
#include <bit>

namespace smg::routing {

std::size_t LengthShares::class_of(std::uint64_t bytes) noexcept {
    bytes = std::max<std::uint64_t>(bytes, 8);
    const auto octave = static_cast<unsigned>(std::bit_width(bytes)) - 1;
    const auto part = (bytes >> (octave - 3)) & 7U;
    return std::min<std::size_t>(8ULL * (octave - 3) + part, classes - 1);
}

double LengthShares::place(std::uint64_t bytes, double chance) noexcept {
    const auto mine = class_of(bytes);
    load_[mine].fetch_add(std::max<std::uint64_t>(bytes, 1), std::memory_order_relaxed);
    double total = 0, below = 0;
    for (std::size_t i = 0; i < classes; ++i) {
        const auto load = static_cast<double>(load_[i].load(std::memory_order_relaxed));
        total += load;
        if (i < mine) below += load;
    }
    const auto own = static_cast<double>(load_[mine].load(std::memory_order_relaxed));
    if (total > static_cast<double>(remembered))
        for (auto& load : load_) load.store(load.load(std::memory_order_relaxed) / 2, std::memory_order_relaxed);
    return std::min((below + own * chance) / total, 0x1.fffffffffffffp-1);
}

}  // namespace smg::routing
