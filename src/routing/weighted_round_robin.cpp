#include "routing/policy.hpp"

namespace smg::routing {

std::size_t weighted_round_robin(const PolicyInput& input, PolicyState& state) {
    std::vector<std::string_view> ids;
    std::vector<double> weights;
    for (const auto* worker : input.candidates) {
        ids.emplace_back(worker->id);
        weights.push_back(worker->spec->weight);
    }
    return state.weighted_turn(input.model, ids, weights);
}

}  // namespace smg::routing
