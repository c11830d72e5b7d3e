#include "routing/policy.hpp"

namespace smg::routing {

std::size_t power_of_two(const PolicyInput& input, PolicyState& state) {
    const auto count = input.candidates.size();
    if (count == 1) return 0;
    const std::size_t first = state.random() % count;
    std::size_t second = state.random() % (count - 1);
    if (second >= first) ++second;  // two different ones, each pair equally likely
    const auto load = [&](std::size_t index) { return input.candidates[index]->counters->in_flight.load(std::memory_order_relaxed); };
    return load(second) < load(first) ? second : first;
}

}  // namespace smg::routing
