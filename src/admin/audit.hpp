#pragma once
/// One log line for each change made, or tried, through the control plane: who, what, to which worker, and what came of it. Never a key.
#include <string>

#include "admin/access.hpp"
#include "admin/request.hpp"
#include "workers/worker.hpp"

namespace smg::admin {

/// `worker` may be null: there is none, or not yet. `id`: as the path has it; empty for a `POST`.
void audit(const Request& request, const Response& response, const std::string& id, const workers::WorkerPtr& worker, const Caller& caller);

}  // namespace smg::admin
