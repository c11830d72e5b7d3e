#include <algorithm>

#include "routing/policy.hpp"

namespace smg::routing {

std::size_t least_cost(const PolicyInput& input, PolicyState& state) {
    double lowest = input.candidates.front()->spec->cost;
    for (const auto* worker : input.candidates) lowest = std::min(lowest, worker->spec->cost);
    std::vector<const workers::Worker*> cheapest;
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < input.candidates.size(); ++i)
        if (input.candidates[i]->spec->cost <= lowest) {
            cheapest.push_back(input.candidates[i]);
            indices.push_back(i);
        }
    const PolicyInput among{cheapest, input.model, input.affinity_key, input.caller_identity, input.settings};
    return indices[least_load(among, state)];
}

}  // namespace smg::routing
