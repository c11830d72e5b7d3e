#include "workers/policy.hpp"

#include <array>

#include "base/ascii.hpp"

namespace smg::workers {

namespace {

constexpr auto kinds = std::to_array<PolicyKind>({PolicyKind::round_robin, PolicyKind::weighted_round_robin, PolicyKind::random,
                                                  PolicyKind::power_of_two, PolicyKind::least_load, PolicyKind::least_cost, PolicyKind::cache_aware,
                                                  PolicyKind::consistent_hashing, PolicyKind::passthrough, PolicyKind::least_latency,
                                                  PolicyKind::prefix_hash, PolicyKind::manual, PolicyKind::bucket});

}  // namespace

std::string_view name_of(PolicyKind kind) noexcept {
    switch (kind) {
        case PolicyKind::round_robin: return "round_robin";
        case PolicyKind::weighted_round_robin: return "weighted_round_robin";
        case PolicyKind::random: return "random";
        case PolicyKind::power_of_two: return "power_of_two";
        case PolicyKind::least_load: return "least_load";
        case PolicyKind::least_cost: return "least_cost";
        case PolicyKind::cache_aware: return "cache_aware";
        case PolicyKind::consistent_hashing: return "consistent_hashing";
        case PolicyKind::passthrough: return "passthrough";
        case PolicyKind::least_latency: return "least_latency";
        case PolicyKind::prefix_hash: return "prefix_hash";
        case PolicyKind::manual: return "manual";
        case PolicyKind::bucket: return "bucket";
    }
    return "cache_aware";
}

Result<PolicyKind> policy_named(std::string_view name, std::string_view param) {
    for (const auto kind : kinds)
        if (iequals(name, name_of(kind))) return kind;
    std::string allowed;
    for (const auto kind : kinds) allowed += (allowed.empty() ? "" : ", ") + std::string(name_of(kind));
    return fail(Failure::invalid_request, "policy `" + std::string(name.substr(0, 64)) + "` is not known; allowed: " + allowed,
                std::string(param));
}

}  // namespace smg::workers
