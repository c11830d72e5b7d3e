#include "routing/models_fanout.hpp"

#include <set>

namespace smg::routing {

namespace {

/// A refused stored key does not matter here: the caller's token is shown, not the stored one.
bool is_healthy(const workers::Worker& worker) {
    return worker.ready() ||
           ((worker.status == workers::Status::not_ready || worker.status == workers::Status::failed) && worker.cause == workers::Cause::key_refused);
}

}  // namespace

FanoutPlan plan_models_fanout(const workers::Snapshot& snapshot, std::string_view token, ModelsFanout mode) {
    FanoutPlan plan;
    const auto form = snapshot.catalog().classify_key(token);
    if (mode == ModelsFanout::off || form.kind == providers::KeyForm::Kind::absent) return plan;
    const bool known = form.kind == providers::KeyForm::Kind::known;
    if (known) plan.known = snapshot.catalog().find(form.provider);
    if (!known && mode == ModelsFanout::matched) return plan;
    std::set<std::string_view> urls;
    for (const auto& worker : snapshot.workers()) {
        if (!worker->external() || !is_healthy(*worker)) continue;
        if (known && worker->provider().name != form.provider) continue;
        if (urls.insert(worker->identity.url_key).second) plan.workers.push_back(worker);
    }
    return plan;
}

}  // namespace smg::routing
