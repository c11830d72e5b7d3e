#pragma once
/// What load balancers and orchestrators ask. Open to everybody: no secrets, no names.
#include "admin/request.hpp"
#include "workers/snapshot.hpp"

namespace smg::admin {

/// `GET /health`, `GET /liveness`: the process answers.
[[nodiscard]] Response liveness();

struct ReadinessRules {
    bool enable_igw = false;  ///< ready without workers: they come later
    bool draining = false;    ///< shutting down
};
/// `GET /readiness`: `{"status","healthy_workers","total_workers","reason"?}`, 503 while nothing should be sent here.
[[nodiscard]] Response readiness(const workers::Snapshot& snapshot, ReadinessRules rules);

}  // namespace smg::admin
