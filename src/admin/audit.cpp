#include "admin/audit.hpp"

#include "telemetry/log.hpp"

namespace smg::admin {

void audit(const Request& request, const Response& response, const std::string& id, const workers::WorkerPtr& worker, const Caller& caller) {
    // A registered URL has no user info: a spec that has any is refused.
    telemetry::log_event(telemetry::Level::info, "control plane",
                         {{"method", request.method},
                          {"path", request.path.substr(0, 128)},
                          {"worker", worker ? worker->id : id.substr(0, 64)},
                          {"url", worker ? worker->spec->url : std::string()},
                          {"outcome", response.status},
                          {"caller", caller.name},
                          {"peer", request.peer.to_string()}});
}

}  // namespace smg::admin
