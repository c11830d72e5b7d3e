#pragma once
/// A policy picks one of several equal candidates.
#include <cstddef>
#include <string_view>
#include <vector>

#include "routing/policy_state.hpp"
#include "smg/config.hpp"
#include "workers/policy.hpp"
#include "workers/snapshot.hpp"

namespace smg::routing {

/// What a policy may look at. The views outlive the call.
struct PolicyInput {
    const std::vector<const workers::Worker*>& candidates;  ///< at least one, in order of creation
    std::string_view model;
    std::string_view affinity_key;     ///< empty: none
    std::string_view caller_identity;  ///< the caller's own credential, else whom `x-forwarded-for` names; empty: unknown
    const config::PolicySettings& settings;
    std::string_view routing_key = {};  ///< `X-SMG-Routing-Key` alone
    std::string_view prompt = {};       ///< the request's text, or its beginning, as it stands in the body; empty: the policy does not ask for it
    std::uint64_t request_bytes = 0;    ///< length of the body
    workers::Clock::time_point now{};
};

/// An index into the candidates.
using Policy = std::size_t (*)(const PolicyInput& input, PolicyState& state);

// One file each.
[[nodiscard]] std::size_t round_robin(const PolicyInput& input, PolicyState& state);
[[nodiscard]] std::size_t weighted_round_robin(const PolicyInput& input, PolicyState& state);
[[nodiscard]] std::size_t random_choice(const PolicyInput& input, PolicyState& state);
[[nodiscard]] std::size_t power_of_two(const PolicyInput& input, PolicyState& state);
[[nodiscard]] std::size_t least_load(const PolicyInput& input, PolicyState& state);
[[nodiscard]] std::size_t least_cost(const PolicyInput& input, PolicyState& state);
[[nodiscard]] std::size_t cache_aware(const PolicyInput& input, PolicyState& state);
[[nodiscard]] std::size_t consistent_hashing(const PolicyInput& input, PolicyState& state);
[[nodiscard]] std::size_t least_latency(const PolicyInput& input, PolicyState& state);
[[nodiscard]] std::size_t prefix_hash(const PolicyInput& input, PolicyState& state);
[[nodiscard]] std::size_t manual(const PolicyInput& input, PolicyState& state);
[[nodiscard]] std::size_t bucket(const PolicyInput& input, PolicyState& state);
[[nodiscard]] std::size_t passthrough(const PolicyInput& input, PolicyState& state);

[[nodiscard]] Policy policy_of(workers::PolicyKind kind) noexcept;

}  // namespace smg::routing
