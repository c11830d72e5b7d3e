#pragma once
/// Rendezvous hashing: each key has its own order of the workers, so that only the keys of a worker that goes move, and evenly.
#include <cstdint>
#include <string_view>
#include <vector>

#include "routing/policy.hpp"

namespace smg::routing {

/// The same key and candidates give the same index, in every process of this version. Shares follow the workers' weights.
[[nodiscard]] std::size_t rendezvous(const PolicyInput& input, std::string_view key);

/// All of them, in the key's order.
[[nodiscard]] std::vector<std::size_t> rendezvous_order(const PolicyInput& input, std::string_view key);

/// FNV-1a over the bytes, mixed; `seed` tells uses apart.
[[nodiscard]] std::uint64_t stable_hash(std::string_view bytes, std::uint64_t seed) noexcept;

}  // namespace smg::routing
