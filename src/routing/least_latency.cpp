#include <limits>

#include "routing/policy.hpp"

namespace smg::routing {

/// The lowest of latency times requests under way. A worker that has never answered is tried, but by one request at a time.
std::size_t least_latency(const PolicyInput& input, PolicyState& state) {
    const auto count = input.candidates.size();
    const auto cost = [&](std::size_t index) {
        const auto& counters = *input.candidates[index]->counters;
        const auto under_way = static_cast<double>(counters.in_flight.load(std::memory_order_relaxed));
        const auto latency = counters.first_byte.value(input.now);
        if (latency == 0) return under_way == 0 ? 0.0 : std::numeric_limits<double>::max() / 2;
        return latency * (under_way + 1);
    };
    const std::size_t start = count == 1 ? 0 : state.random() % count;
    std::size_t best = start;
    double least = cost(start);
    for (std::size_t step = 1; step < count; ++step) {
        const auto index = (start + step) % count;
        if (const auto its = cost(index); its < least) {
            least = its;
            best = index;
        }
    }
    return best;
}

}  // namespace smg::routing
