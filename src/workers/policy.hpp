#pragma once
/// The names of the routing policies: a worker's `labels.policy` and the `--policy` flag use them; `routing/` has the rules.
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace smg::workers {

enum class PolicyKind {
    round_robin,
    weighted_round_robin,
    random,
    power_of_two,
    least_load,
    least_cost,
    cache_aware,
    consistent_hashing,
    passthrough,
    least_latency,
    prefix_hash,
    manual,
    bucket,
};
[[nodiscard]] std::string_view name_of(PolicyKind kind) noexcept;
/// Errors list the allowed names.
[[nodiscard]] Result<PolicyKind> policy_named(std::string_view name, std::string_view param = "policy");

}  // namespace smg::workers
