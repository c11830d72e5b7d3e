#include "admin/probes.hpp"

#include <nlohmann/json.hpp>

namespace smg::admin {

namespace {

std::string reason_against(const workers::Snapshot& snapshot, ReadinessRules rules) {
    if (rules.draining) return "the gateway is shutting down";
    if (rules.enable_igw || snapshot.ready_count() > 0) return {};
    return snapshot.workers().empty() ? "no workers are registered" : "no worker is healthy";
}

}  // namespace

Response liveness() { return text_response(200, "OK"); }

Response readiness(const workers::Snapshot& snapshot, ReadinessRules rules) {
    const auto reason = reason_against(snapshot, rules);
    nlohmann::json body = {{"status", reason.empty() ? "ready" : "not ready"},
                           {"healthy_workers", snapshot.ready_count()},
                           {"total_workers", snapshot.workers().size()}};
    if (!reason.empty()) body["reason"] = reason;
    return json_response(reason.empty() ? 200 : 503, body);
}

}  // namespace smg::admin
