#include <optional>

#include "routing/balance.hpp"
#include "routing/policy.hpp"
#include "routing/prefix_match.hpp"
#include "routing/rendezvous.hpp"

namespace smg::routing {
namespace {

/// The less loaded of those whose cache holds enough of the text.
std::optional<std::size_t> knows_it(const PolicyInput& input, const PrefixTable::Match& match) {
    std::optional<std::size_t> best;
    std::int64_t least = INT64_MAX;
    for (std::size_t i = 0; i < input.candidates.size(); ++i) {
        const auto tag = tag_of(input.candidates[i]->sequence);
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
    const auto known = uneven ? std::nullopt : knows_it(input, prefix_match(state, input.settings, input.model, input.prompt));
    const auto chosen = known ? *known : least_load(input, state);
    note_prefix(state, input.settings, input.model, input.prompt, tag_of(input.candidates[chosen]->sequence), input.now);
    return chosen;
}

}  // namespace smg::routing
