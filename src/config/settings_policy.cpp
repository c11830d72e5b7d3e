#include "config/settings_policy.hpp"

#include "base/ascii.hpp"
#include "config/apply.hpp"

namespace smg::config {
namespace {

constexpr auto config = &Draft::config;
constexpr auto policy = &Config::policy_settings;
constexpr std::int64_t most = 1LL << 53;

constexpr std::string_view policies =
    "cache_aware, round_robin, weighted_round_robin, random, power_of_two, least_load, least_latency, least_cost, prefix_hash, "
    "consistent_hashing, manual, bucket, passthrough";

Checked take_policy(Draft& draft, const Values& values) {
    const auto& name = values.front();
    for (const auto& known : split_list(policies, ',')) {
        if (!iequals(name, known)) continue;
        draft.config.policy = known;
        return std::nullopt;
    }
    return Problem{name, "is not one of " + std::string(policies)};
}

}  // namespace

std::vector<Setting> policy_settings() {
    using std::chrono::seconds;
    Setting eviction{"eviction-interval", Kind::single, "S", "120", "", {}};
    eviction.support = Support::no_effect;
    eviction.reason = "what was used longest ago makes room whenever room is needed";
    return {
        {"policy", Kind::single, "POLICY", "cache_aware", "who serves: " + std::string(policies), take_policy},
        {"balance-abs-threshold", Kind::single, "N", "64", "cache_aware, bucket: how many more requests than the least loaded worker one may have",
         whole<config, policy, &PolicySettings::balance_abs_threshold>(0, most)},
        {"balance-rel-threshold", Kind::single, "FACTOR", "1.5", "and how many times as many, before the least loaded one is taken",
         decimal<config, policy, &PolicySettings::balance_rel_threshold>(1, 1e6, "a number from 1 to 1000000")},
        {"cache-threshold", Kind::single, "SHARE", "0.3", "cache_aware: how much of a text a worker must have seen to be given it",
         decimal<config, policy, &PolicySettings::cache_threshold>(0, 1, "a number from 0 to 1")},
        {"max-tree-size", Kind::single, "BYTES", "67108864", "cache_aware: memory for the beginnings of texts",
         whole<config, policy, &PolicySettings::max_tree_size>(4096, most)},
        std::move(eviction),
        {"prefix-token-count", Kind::single, "N", "256", "prefix_hash: how many tokens of a text count, four bytes each",
         whole<config, policy, &PolicySettings::prefix_token_count>(1, 1'000'000)},
        {"prefix-hash-load-factor", Kind::single, "FACTOR", "1.25", "prefix_hash: how much of its fair share of the load a worker may have",
         decimal<config, policy, &PolicySettings::prefix_hash_load_factor>(1, 1000, "a number from 1 to 1000")},
        {"assignment-mode", Kind::single, "MODE", "random", "manual: who gets a new routing key: random, min_load or min_group",
         one_of<AssignmentMode, config, policy, &PolicySettings::assignment_mode>(
             {{"random", AssignmentMode::random}, {"min_load", AssignmentMode::min_load}, {"min_group", AssignmentMode::min_group}})},
        {"max-idle-secs", Kind::single, "S", "14400", "manual: how long an unused routing key keeps its worker",
         time<seconds, config, policy, &PolicySettings::max_idle>(1, 31536000)},
        {"routing-key-override", Kind::toggle, "", "false", "whatever the policy, X-SMG-Routing-Key keeps its worker",
         flag<config, policy, &PolicySettings::routing_key_override>()},
    };
}

}  // namespace smg::config
