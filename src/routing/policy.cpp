#include "routing/policy.hpp"

namespace smg::routing {

Policy policy_of(workers::PolicyKind kind) noexcept {
    using workers::PolicyKind;
    switch (kind) {
        case PolicyKind::round_robin: return round_robin;
        case PolicyKind::weighted_round_robin: return weighted_round_robin;
        case PolicyKind::random: return random_choice;
        case PolicyKind::power_of_two: return power_of_two;
        case PolicyKind::least_load: return least_load;
        case PolicyKind::least_cost: return least_cost;
        case PolicyKind::cache_aware: return cache_aware;
        case PolicyKind::consistent_hashing: return consistent_hashing;
        case PolicyKind::passthrough: return passthrough;
        case PolicyKind::least_latency: return least_latency;
        case PolicyKind::prefix_hash: return prefix_hash;
        case PolicyKind::manual: return manual;
        case PolicyKind::bucket: return bucket;
    }
    return cache_aware;
}

}  // namespace smg::routing
