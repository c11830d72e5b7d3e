#pragma once
/// `GET /v1/models` with a caller's own token: whom it is shown to (contract section 5).
#include <string_view>
#include <vector>

#include "workers/snapshot.hpp"

namespace smg::routing {

enum class ModelsFanout { all, matched, off };  ///< `--models-fanout`

struct FanoutPlan {
    /// Healthy external workers, each URL once, in order of creation; all may be asked at the same time.
    std::vector<workers::WorkerPtr> workers;
    /// The token's form names one provider, and `workers` are that provider's: if all refuse, its error is the answer. Null for an
    /// unknown form: then it is the registry's union.
    providers::ProviderPtr known;
};

/// A placeholder, and fan-out switched off, give an empty plan. Pure; any thread.
[[nodiscard]] FanoutPlan plan_models_fanout(const workers::Snapshot& snapshot, std::string_view token, ModelsFanout mode);

}  // namespace smg::routing
