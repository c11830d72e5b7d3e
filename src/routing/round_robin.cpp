#include "routing/policy.hpp"

namespace smg::routing {

std::size_t round_robin(const PolicyInput& input, PolicyState& state) { return state.turn(input.model) % input.candidates.size(); }

}  // namespace smg::routing
