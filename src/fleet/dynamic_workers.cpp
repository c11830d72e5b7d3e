#include "fleet/dynamic_workers.hpp"

#include <ctime>
#include <nlohmann/json.hpp>

#include "fleet/key_file.hpp"
#include "telemetry/log.hpp"
#include "workers/spec_json.hpp"

namespace smg::fleet {
namespace {

using nlohmann::json;
using telemetry::Level;
using telemetry::log_event;

/// `without_provider`: all but the provider, whatever it is.
Result<workers::WorkerSpec> spec_of(const StoredWorker& stored, const providers::Catalog& catalog, bool without_provider = false) {
    auto body = workers::parse_body(stored.spec);
    if (!body) return tl::unexpected(body.error());
    if (without_provider) body->erase("provider");
    auto spec = workers::spec_from_json(*body, catalog);
    if (!spec || spec->api_key_file.empty()) return spec;
    // Without its file the worker is registered all the same: its keeper lets it fail, visibly, and looks for the file again.
    if (const auto loaded = load_key_file(*spec); !loaded)
        log_event(Level::warn, "the key of a stored worker cannot be read", {{"worker", stored.id}, {"reason", loaded.error().message}});
    return spec;
}

/// The provider that the spec names is gone from the configuration, or is another one now. The worker stays, to be seen and to be mended.
void keep_visible(workers::Registry& registry, const StoredWorker& stored, const std::string& source, const Error& why) {
    if (why.param != "provider") return;
    auto spec = spec_of(stored, registry.catalog(), true);
    if (!spec) return;
    spec->provider = json::parse(stored.spec).value("provider", "");
    (void)registry.add_unusable(std::move(*spec), source, why.message, std::time(nullptr), stored.id);
}

}  // namespace

std::optional<std::string> spec_to_keep(const workers::Worker& worker) {
    const bool dynamic = worker.source == "api" || worker.source == "store";
    if (!dynamic || worker.status == workers::Status::draining) return std::nullopt;
    return workers::spec_to_json_with_secrets(*worker.spec).dump();
}

std::vector<StoredWorker> dynamic_workers(const workers::Snapshot& snapshot) {
    std::vector<StoredWorker> all;
    for (const auto& worker : snapshot.workers())
        if (auto spec = spec_to_keep(*worker)) all.push_back({worker->id, std::move(*spec)});
    return all;
}

void restore_workers(workers::Registry& registry, const std::vector<StoredWorker>& stored, const std::string& source) {
    for (const auto& each : stored) {
        auto spec = spec_of(each, registry.catalog());
        if (!spec) {
            log_event(Level::error, "a stored worker cannot be registered", {{"worker", each.id}, {"reason", spec.error().message}});
            keep_visible(registry, each, source, spec.error());
            continue;
        }
        const auto url = spec->url;
        const auto added = registry.add(std::move(*spec), source, std::time(nullptr), each.id);
        if (!added)
            log_event(Level::warn, "a stored worker gives way to one of the configuration",
                      {{"worker", each.id}, {"url", url}, {"reason", added.error().message}});
    }
}

std::string to_text(const std::vector<StoredWorker>& workers) {
    auto all = json::array();
    for (const auto& each : workers) all.push_back({{"id", each.id}, {"spec", each.spec}});
    return all.dump();
}

Result<std::vector<StoredWorker>> stored_workers_from(const std::string& text) {
    const auto all = json::parse(text, nullptr, false);
    if (!all.is_array()) return fail(Failure::internal_error, "the predecessor's workers cannot be read");
    std::vector<StoredWorker> workers;
    for (const auto& each : all) {
        if (!each.is_object() || !each.contains("id") || !each.contains("spec") || !each["id"].is_string() || !each["spec"].is_string())
            return fail(Failure::internal_error, "the predecessor's workers cannot be read");
        workers.push_back({each["id"].get<std::string>(), each["spec"].get<std::string>()});
    }
    return workers;
}

}  // namespace smg::fleet
