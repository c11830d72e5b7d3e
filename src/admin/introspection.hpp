#pragma once
/// What the gateway is doing and by what it was told to: `/inflight`, `/get_loads`, `/config`, `/log_level`. Pure but for the log's level.
#include "admin/request.hpp"
#include "smg/config.hpp"
#include "telemetry/open_requests.hpp"
#include "workers/snapshot.hpp"

namespace smg::admin {

/// `?limit=`, how many open requests are shown: 1000 unless it says otherwise, 10000 at most.
[[nodiscard]] Result<std::size_t> inflight_limit(const std::string& query);
/// `{"count", "requests": [{"request_id", "phase", "age_ms", "worker", "bytes_in", "bytes_out", …}]}`, the oldest first, at most `limit`.
[[nodiscard]] Response inflight(telemetry::OpenRequestsView view, std::size_t limit);

/// `{"workers": [{"worker": url, "load": n, …}]}`: requests under way on each, as the reference answers it.
[[nodiscard]] Response worker_loads(const workers::Snapshot& snapshot);

/// `{"settings": {name: {"value", "source"}}, "aliases", "tenants", "workers", …}` without any secret: of those it is told that they are set.
[[nodiscard]] Response effective_config(const config::Config& config);

/// `{"level": "info"}`.
[[nodiscard]] Response shown_log_level();
/// Body `{"level": "debug"}`; the answer is the new one. 400 for anything else.
[[nodiscard]] Response change_log_level(const Request& request);

}  // namespace smg::admin
