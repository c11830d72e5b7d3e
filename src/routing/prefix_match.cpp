#include "routing/prefix_match.hpp"

#include <chrono>

#include "routing/rendezvous.hpp"

namespace smg::routing {
namespace {

std::uint64_t tree_of(std::string_view model) { return stable_hash(model, 1); }

}  // namespace

PrefixTable::Match prefix_match(PolicyState& state, const config::PolicySettings& settings, std::string_view model, std::string_view prompt) {
    if (prompt.size() < PrefixTable::node_bytes) return {};
    const auto match = state.prefixes(settings.max_tree_size).find(tree_of(model), prompt);
    const bool enough = static_cast<double>(match.bytes) > settings.cache_threshold * static_cast<double>(match.of);
    return enough ? match : PrefixTable::Match{};
}

void note_prefix(PolicyState& state, const config::PolicySettings& settings, std::string_view model, std::string_view prompt, std::uint32_t tag,
                 std::chrono::steady_clock::time_point now) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    state.prefixes(settings.max_tree_size).note(tree_of(model), prompt, tag, static_cast<std::uint32_t>(seconds));
}

std::string_view hashed_prefix(std::string_view prompt, const config::PolicySettings& settings) {
    constexpr std::size_t bytes_a_token = 4;
    return prompt.substr(0, settings.prefix_token_count * bytes_a_token);
}

}  // namespace smg::routing
