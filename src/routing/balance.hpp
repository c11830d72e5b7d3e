#pragma once
/// Whether loads are so uneven that keeping a conversation's cache warm is worth less than a free worker.
#include "routing/policy.hpp"

namespace smg::routing {

/// The contract's rule: max - min > `--balance-abs-threshold`, and max > `--balance-rel-threshold` times min.
[[nodiscard]] bool out_of_balance(const PolicyInput& input) noexcept;

}  // namespace smg::routing
