#include "routing/crowd.hpp"

#include <algorithm>

#include "routing/prefix_match.hpp"
#include "routing/rendezvous.hpp"

namespace smg::routing {

using workers::Look;
using workers::PolicyKind;

namespace {

Look keyed(std::string_view key, std::size_t width = Look::few) { return {stable_hash(key, 3), true, width}; }

}  // namespace

Look look_for(PolicyKind policy, PolicyState& state, const RouteOptions& options, const RouteRequest& request) {
    for (const std::string_view key : {std::string_view(request.routing_key), std::string_view(request.affinity_key)})
        if (!key.empty()) return keyed(key);
    if (policy == PolicyKind::passthrough) return {};
    if (policy == PolicyKind::consistent_hashing) {
        const auto caller = request.caller_key.empty() ? std::string_view(request.forwarded_for) : request.caller_key.reveal();
        if (!caller.empty()) return keyed(caller);
    }
    // Many may begin alike, and they share the load.
    if (policy == PolicyKind::prefix_hash && !request.prompt.empty()) return keyed(hashed_prefix(request.prompt, options.settings), Look::wide);
    // Load and latency are as good among a few as among all; the cheapest is cheapest of as many as can be.
    return {state.random(), false, policy == PolicyKind::least_cost ? Look::wide : Look::few};
}

void add_who_know(const workers::Snapshot& snapshot, PolicyState& state, const RouteOptions& options, const RouteRequest& request,
                  workers::Resolution& resolution) {
    if (resolution.policy.value_or(options.policy) != PolicyKind::cache_aware || !request.affinity_key.empty()) return;
    const auto match = prefix_match(state, options.settings, request.model, request.prompt);
    for (const auto tag : match.workers) {
        if (tag == PrefixTable::nobody) continue;
        const auto worker = snapshot.by_sequence(sequence_of(tag));
        auto& there = resolution.servings;
        if (!worker || std::any_of(there.begin(), there.end(), [&](const auto& serving) { return serving.worker == worker; })) continue;
        for (auto& serving : snapshot.resolve(request.model, worker.get()).servings) there.push_back(std::move(serving));
    }
}

}  // namespace smg::routing
