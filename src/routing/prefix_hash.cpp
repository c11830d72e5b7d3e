#include <algorithm>
#include <cmath>
#include <numeric>

#include "routing/policy.hpp"
#include "routing/prefix_match.hpp"
#include "routing/rendezvous.hpp"

namespace smg::routing {
/// Texts that begin alike go to one worker, unless it has more than its fair share of the load times a factor: then to the next in their order
/// ("Consistent Hashing with Bounded Loads", arXiv:1608.01350).
std::size_t prefix_hash(const PolicyInput& input, PolicyState& state) {
    auto& branches = state.prefix_hash_branches;
    if (input.prompt.empty()) {
        branches.count("no_prefix");
        return least_load(input, state);
    }
    const auto loads = [&](std::size_t index) { return input.candidates[index]->counters->in_flight.load(std::memory_order_relaxed); };
    std::int64_t total = 0;
    for (std::size_t i = 0; i < input.candidates.size(); ++i) total += loads(i);
    const auto fair = static_cast<double>(total + 1) / static_cast<double>(input.candidates.size());
    const auto most = std::ceil(input.settings.prefix_hash_load_factor * fair);
    const auto order = rendezvous_order(input, hashed_prefix(input.prompt, input.settings));
    const auto fits = std::find_if(order.begin(), order.end(), [&](std::size_t index) { return static_cast<double>(loads(index)) + 1 <= most; });
    branches.count(fits == order.begin() ? "home" : "overflow");
    return fits == order.end() ? order.front() : *fits;
}

}  // namespace smg::routing
