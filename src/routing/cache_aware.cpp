#include <algorithm>

#include "routing/policy.hpp"
#include "routing/rendezvous.hpp"

namespace smg::routing {

namespace {

bool out_of_balance(const PolicyInput& input) {
    std::int64_t least = INT64_MAX, most = 0;
    for (const auto* worker : input.candidates) {
        const auto load = worker->counters->in_flight.load(std::memory_order_relaxed);
        least = std::min(least, load);
        most = std::max(most, load);
    }
    return static_cast<std::uint64_t>(most - least) > input.balance_abs_threshold &&
           static_cast<double>(most) > input.balance_rel_threshold * static_cast<double>(least);
}

}  // namespace

/// A session stays with its worker, whose prompt cache knows it; what has no session goes where there is room.
std::size_t cache_aware(const PolicyInput& input, PolicyState& state) {
    if (input.affinity_key.empty() || out_of_balance(input)) return least_load(input, state);
    return rendezvous(input, input.affinity_key);
}

}  // namespace smg::routing
