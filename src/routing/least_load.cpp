#include "routing/policy.hpp"

namespace smg::routing {

std::size_t least_load(const PolicyInput& input, PolicyState& state) {
    const auto count = input.candidates.size();
    const auto load = [&](std::size_t index) {
        const auto& worker = *input.candidates[index];
        return static_cast<double>(worker.counters->in_flight.load(std::memory_order_relaxed)) / worker.spec->weight;
    };
    // Idle workers are all equal: begin anywhere, so that a trickle of requests is shared too.
    const std::size_t start = count == 1 ? 0 : state.random() % count;
    std::size_t best = start;
    double least = load(start);
    for (std::size_t step = 1; step < count; ++step) {
        const auto index = (start + step) % count;
        if (const auto its = load(index); its < least) {
            least = its;
            best = index;
        }
    }
    return best;
}

}  // namespace smg::routing
