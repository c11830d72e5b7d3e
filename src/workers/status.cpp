#include "workers/status.hpp"

namespace smg::workers {

std::string_view name_of(Status status) noexcept {
    switch (status) {
        case Status::pending: return "pending";
        case Status::ready: return "ready";
        case Status::not_ready: return "not_ready";
        case Status::failed: return "failed";
        case Status::draining: return "draining";
    }
    return "pending";
}

std::string_view name_of(Departure departure) noexcept {
    switch (departure) {
        case Departure::deleted: return "deleted";
        case Departure::reload: return "reload";
        case Departure::unhealthy: return "unhealthy";
    }
    return "deleted";
}

StatusChange next(Status status, Cause cause, StatusEvent event) noexcept {
    const StatusChange stays{status, cause, false};
    const auto to = [&](Status target, Cause why) { return StatusChange{target, why, target != status || why != cause}; };
    if (status == Status::draining) return stays;
    switch (event) {
        case StatusEvent::drain: return to(Status::draining, Cause::none);
        case StatusEvent::registered: return to(Status::ready, Cause::none);
        case StatusEvent::register_failed:
            // A worker in service is not thrown out because its list could not be read again: health and its key decide on that.
            return status == Status::pending || status == Status::failed ? to(Status::failed, Cause::discovery) : stays;
        case StatusEvent::register_refused:
            return status == Status::pending || status == Status::failed ? to(Status::failed, Cause::key_refused) : stays;
        case StatusEvent::retry_started: return status == Status::failed ? to(Status::pending, Cause::none) : stays;
        case StatusEvent::unhealthy:
            // A refused key stays the reason: it tells the operator more, and a caller's own key may still pass.
            return status == Status::ready ? to(Status::not_ready, Cause::health) : stays;
        case StatusEvent::key_refused:
            return status == Status::ready || status == Status::not_ready ? to(Status::not_ready, Cause::key_refused) : stays;
        case StatusEvent::recovered: return status == Status::not_ready ? to(Status::ready, Cause::none) : stays;
    }
    return stays;
}

}  // namespace smg::workers
