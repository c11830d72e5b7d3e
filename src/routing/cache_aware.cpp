#include <optional>

#include "routing/balance.hpp"
#include "routing/policy.hpp"
#include "routing/rendezvous.hpp"

namespace smg::routing {
namespace {

/// A worker as the table knows it.
std::uint32_t tag_of(const workers::Worker& worker) noexcept { return static_cast<std::uint32_t>(worker.sequence) + 1; }

/// The less loaded of those whose cache holds the most of the text, if it holds enough.
std::optional<std::size_t> knows_it(const PolicyInput& input, const PrefixTable::Match& match) {
    if (static_cast<double>(match.bytes) <= input.settings.cache_threshold * static_cast<double>(match.of)) return std::nullopt;
    std::optional<std::size_t> best;
    std::int64_t least = INT64_MAX;
    for (std::size_t i = 0; i < input.candidates.size(); ++i) {
        const auto tag = tag_of(*input.candidates[i]);
        if (tag != match.workers[0] && tag != match.workers[1]) continue;
        const auto load = input.candidates[i]->counters->in_flight.load(std::memory_order_relaxed);
        if (best && load >= least) continue;
        best = i;
        least = load;
    }
    return best;
}

}  // namespace

/// A session stays with its worker, whose prompt cache knows it; without one, a text goes where its beginning has been seen; else where there
/// is room.
std::size_t cache_aware(const PolicyInput& input, PolicyState& state) {
    const bool uneven = out_of_balance(input);
    if (!input.affinity_key.empty()) return uneven ? least_load(input, state) : rendezvous(input, input.affinity_key);
    if (input.prompt.size() < PrefixTable::node_bytes) return least_load(input, state);
    const auto tree = stable_hash(input.model, 1);
    auto& table = state.prefixes(input.settings.max_tree_size);
    const auto known = uneven ? std::nullopt : knows_it(input, table.find(tree, input.prompt));
    const auto chosen = known ? *known : least_load(input, state);
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(input.now.time_since_epoch()).count();
    table.note(tree, input.prompt, tag_of(*input.candidates[chosen]), static_cast<std::uint32_t>(now));
    return chosen;
}

}  // namespace smg::routing
