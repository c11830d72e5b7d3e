#include "routing/balance.hpp"

#include <algorithm>

namespace smg::routing {

bool out_of_balance(const PolicyInput& input) noexcept {
    std::int64_t least = INT64_MAX, most = 0;
    for (const auto* worker : input.candidates) {
        const auto load = worker->counters->in_flight.load(std::memory_order_relaxed);
        least = std::min(least, load);
        most = std::max(most, load);
    }
    return static_cast<std::uint64_t>(most - least) > input.settings.balance_abs_threshold &&
           static_cast<double>(most) > input.settings.balance_rel_threshold * static_cast<double>(least);
}

}  // namespace smg::routing
