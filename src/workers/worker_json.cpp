#include "workers/worker_json.hpp"

#include <algorithm>
#include <set>

#include "workers/breakers.hpp"
#include "workers/spec_json.hpp"

namespace smg::workers {

using nlohmann::json;

namespace {

/// Marked, so that a client that puts back what it got does not declare them.
json discovered_json(const providers::ListedModel& model) {
    json out = {{"id", model.id}, {"discovered", true}};
    if (!model.display_name.empty()) out["display_name"] = model.display_name;
    if (model.context_length != 0) out["context_length"] = model.context_length;
    if (model.max_output_tokens != 0) out["max_output_tokens"] = model.max_output_tokens;
    return out;
}

json models_json(const Worker& worker, const json& declared) {
    if (worker.declares_models()) return declared;
    json models = json::array();
    if (worker.discovered)
        for (const auto& model : *worker.discovered) models.push_back(discovered_json(model));
    return models;
}

std::string first_model(const Worker& worker) {
    if (worker.declares_models()) return worker.spec->models->empty() ? "unknown" : worker.spec->models->front().id;
    return worker.discovered && !worker.discovered->empty() ? worker.discovered->front().id : "unknown";
}

/// The worst of the worker's breakers; those that are not closed also by model.
json breaker_json(const Breakers& breakers) {
    const auto worst = breakers.worst();
    json out = {{"state", name_of(worst.state)}, {"consecutive_failures", worst.consecutive_failures}};
    for (const auto& each : breakers.shown())
        if (each.state != BreakerState::closed) out["models"][each.model] = name_of(each.state);
    return out;
}

json job_json(const JobStatus& job) {
    return {
        {"job_type", job.job_type}, {"worker_url", job.worker_url}, {"status", job.status}, {"message", job.message}, {"timestamp", job.timestamp}};
}

}  // namespace

json worker_to_json(const Worker& worker) {
    json out = spec_to_json(*worker.spec);
    out["id"] = worker.id;
    out["model_id"] = first_model(worker);
    if (worker.cause != Cause::configuration) out["provider"] = worker.provider().name;
    out["models"] = models_json(worker, out.contains("models") ? out["models"] : json::array());
    out["is_healthy"] = worker.ready();
    out["status"] = name_of(worker.status);
    if (!worker.status_reason.empty()) out["status_reason"] = worker.status_reason;
    out["load"] = worker.counters->in_flight.load();
    out["circuit_breaker"] = breaker_json(*worker.counters->breakers);
    if (worker.job) out["job_status"] = job_json(*worker.job);
    return out;
}

json workers_to_json(const Snapshot& snapshot, std::string_view model) {
    std::vector<WorkerPtr> shown = snapshot.workers();
    if (!model.empty()) {
        shown.clear();
        for (const auto& serving : snapshot.resolve(model).servings) shown.push_back(serving.worker);
    }
    json list = json::array();
    std::set<std::string> models;
    std::int64_t load = 0, healthy = 0;
    for (const auto& worker : shown) {
        list.push_back(worker_to_json(*worker));
        for (const auto& entry : list.back()["models"]) models.insert(entry.is_string() ? entry.get<std::string>() : entry["id"].get<std::string>());
        load += worker->counters->in_flight.load();
        healthy += worker->ready() ? 1 : 0;
    }
    return {{"total", shown.size()},
            {"stats",
             {{"total_workers", shown.size()},
              {"healthy_workers", healthy},
              {"total_models", models.size()},
              {"total_load", load},
              {"regular_count", shown.size()},
              {"prefill_count", 0},
              {"decode_count", 0}}},
            {"workers", std::move(list)}};
}

}  // namespace smg::workers
