#pragma once
/// WorkerInfo: a worker as the control plane shows it. Never a secret.
#include <nlohmann/json.hpp>
#include <string_view>

#include "workers/snapshot.hpp"

namespace smg::workers {

/// `{id, model_id, …spec without secrets, provider, models, is_healthy, status, status_reason?, load, circuit_breaker, job_status?}`.
[[nodiscard]] nlohmann::json worker_to_json(const Worker& worker);

/// `{"workers":[…],"total":n,"stats":{…}}`; `model` filters by what can serve it, empty: all.
[[nodiscard]] nlohmann::json workers_to_json(const Snapshot& snapshot, std::string_view model = {});

}  // namespace smg::workers
