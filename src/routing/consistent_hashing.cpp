#include "routing/policy.hpp"
#include "routing/rendezvous.hpp"

namespace smg::routing {

std::size_t consistent_hashing(const PolicyInput& input, PolicyState& state) {
    auto& branches = state.consistent_hashing_branches;
    if (!input.routing_key.empty()) return branches.count("routing_key"), rendezvous(input, input.routing_key);
    if (!input.caller_identity.empty()) return branches.count("caller"), rendezvous(input, input.caller_identity);
    branches.count("random");
    return random_choice(input, state);
}

}  // namespace smg::routing
