#include "routing/policy.hpp"
#include "routing/rendezvous.hpp"

namespace smg::routing {

std::size_t consistent_hashing(const PolicyInput& input, PolicyState& state) {
    const auto key = input.affinity_key.empty() ? input.caller_identity : input.affinity_key;
    return key.empty() ? random_choice(input, state) : rendezvous(input, key);
}

}  // namespace smg::routing
