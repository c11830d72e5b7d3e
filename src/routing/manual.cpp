#include <algorithm>

#include "routing/policy.hpp"

namespace smg::routing {
namespace {

std::size_t first_assignment(const PolicyInput& input, PolicyState& state) {
    using config::AssignmentMode;
    if (input.settings.assignment_mode == AssignmentMode::min_load) return least_load(input, state);
    if (input.settings.assignment_mode == AssignmentMode::random) return random_choice(input, state);
    const auto keys = state.sticky_keys.keys_of_workers();
    const auto count = [&](const workers::Worker* worker) {
        const auto found = keys.find(worker->id);
        return found == keys.end() ? 0U : found->second;
    };
    const auto& all = input.candidates;
    const auto fewest = std::min_element(all.begin(), all.end(), [&](const auto* a, const auto* b) { return count(a) < count(b); });
    return static_cast<std::size_t>(std::distance(all.begin(), fewest));
}

}  // namespace

/// A routing key keeps the worker that it was given first, as long as that one can serve it.
std::size_t manual(const PolicyInput& input, PolicyState& state) {
    auto& branches = state.manual_branches;
    if (input.routing_key.empty()) {
        branches.count("no_key");
        return random_choice(input, state);
    }
    const auto& all = input.candidates;
    const auto id = state.sticky_keys.find(input.routing_key, input.now, input.settings.max_idle);
    const auto held = std::find_if(all.begin(), all.end(), [&id](const auto* worker) { return worker->id == id; });
    if (!id.empty() && held != all.end()) {
        branches.count("hit");
        return static_cast<std::size_t>(std::distance(all.begin(), held));
    }
    branches.count(id.empty() ? "assigned" : "moved");
    const auto chosen = first_assignment(input, state);
    state.sticky_keys.assign(input.routing_key, all[chosen]->id, input.now);
    return chosen;
}

}  // namespace smg::routing
