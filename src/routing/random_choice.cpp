#include "routing/policy.hpp"

namespace smg::routing {

std::size_t random_choice(const PolicyInput& input, PolicyState& state) { return state.random() % input.candidates.size(); }

}  // namespace smg::routing
