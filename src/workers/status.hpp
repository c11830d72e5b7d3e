#pragma once
/// The life of a worker as a state machine without I/O: `status = next(status, event)`.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smg::workers {

enum class Status {
    pending,    ///< registered, not yet examined
    ready,      ///< takes requests
    not_ready,  ///< was ready; health, or a refused stored key, took it out; re-checked
    failed,     ///< registration did not succeed; tried again with backoff
    draining,   ///< deleted; open requests finish
};
[[nodiscard]] std::string_view name_of(Status status) noexcept;

/// Why a worker is not_ready or failed; decides what a caller is told.
enum class Cause {
    none,
    health,
    key_refused,
    discovery,
    configuration,  ///< what its spec names is not there, `[providers.NAME]` of the file: nothing can be tried until the spec changes
};

/// Why a worker is draining: the `reason` of smg_discovery_deregistrations_total.
enum class Departure {
    deleted,    ///< by the control plane
    reload,     ///< the configuration names it no longer
    unhealthy,  ///< `--remove-unhealthy-workers`
};
[[nodiscard]] std::string_view name_of(Departure departure) noexcept;

enum class StatusEvent {
    registered,        ///< discovery or the first health check succeeded, or nothing needed checking
    register_failed,   ///< discovery failed
    register_refused,  ///< it failed because the stored key got 401, 402 or 403
    retry_started,     ///< a failed registration is being tried again
    unhealthy,         ///< the failure threshold was reached
    key_refused,       ///< the stored key got 401, 402 or 403
    recovered,         ///< healthy again, or the key is accepted again
    drain,
};

struct StatusChange {
    Status status;
    Cause cause;
    bool changed;  ///< false: the event means nothing in that state
};
/// Total: an event that means nothing in a state leaves it as it is. `draining` is final.
[[nodiscard]] StatusChange next(Status status, Cause cause, StatusEvent event) noexcept;

/// What a background job last did, as `GET /workers/{id}` shows it.
struct JobStatus {
    std::string job_type;  ///< `AddWorker`, `UpdateWorker`, `RemoveWorker`
    std::string worker_url;
    std::string status;          ///< `pending`, `processing`, `failed`, `completed`
    std::string message;         ///< why it failed, in words an operator can act on; no secret
    std::int64_t timestamp = 0;  ///< Unix seconds
};

}  // namespace smg::workers
