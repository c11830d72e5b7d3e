#pragma once
/// How `cache_aware` and `prefix_hash` look at the beginning of a text.
#include <string_view>

#include "routing/policy_state.hpp"
#include "smg/config.hpp"

namespace smg::routing {

/// A worker (by its order of creation) as the prefix table knows it.
[[nodiscard]] constexpr std::uint32_t tag_of(std::uint64_t sequence) noexcept { return static_cast<std::uint32_t>(sequence) + 1; }
[[nodiscard]] constexpr std::uint64_t sequence_of(std::uint32_t tag) noexcept { return std::uint64_t{tag} - 1; }

/// Who has seen the most of the text; nobody when that is not above the threshold.
[[nodiscard]] PrefixTable::Match prefix_match(PolicyState& state, const config::PolicySettings& settings, std::string_view model,
                                              std::string_view prompt);
/// They see it now.
void note_prefix(PolicyState& state, const config::PolicySettings& settings, std::string_view model, std::string_view prompt, std::uint32_t tag,
                 std::chrono::steady_clock::time_point now);

/// What `prefix_hash` hashes: the first tokens, of four bytes where no tokenizer is.
[[nodiscard]] std::string_view hashed_prefix(std::string_view prompt, const config::PolicySettings& settings);

}  // namespace smg::routing
