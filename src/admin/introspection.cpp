#include "admin/introspection.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "http/target.hpp"
#include "telemetry/log.hpp"
#include "telemetry/redact.hpp"

namespace smg::admin {

using nlohmann::json;

namespace {

constexpr std::size_t usual_limit = 1000;
constexpr std::size_t largest_limit = 10'000;

json row_of(const telemetry::OpenRequest& open) {
    json row = {{"request_id", telemetry::redact(open.request_id)},
                {"phase", open.phase},
                {"age_ms", std::chrono::duration_cast<std::chrono::milliseconds>(open.age).count()},
                {"method", telemetry::redact(open.method)},
                {"path", open.path},
                {"client", open.client},
                {"bytes_in", open.bytes_in},
                {"bytes_out", open.bytes_out}};
    // A client may have put anything where a model's name belongs.
    if (!open.model.empty()) row["model"] = telemetry::redact(open.model.substr(0, 256));
    if (!open.tenant.empty()) row["tenant"] = open.tenant;
    if (open.worker.empty()) return row;
    row["provider"] = open.provider;
    row["worker"] = open.worker;
    row["attempts"] = open.attempts;
    row["streaming"] = open.streaming;
    return row;
}

json tenant_row(const config::Tenant& tenant) {
    json row = {{"name", tenant.name}, {"keys", tenant.keys.size()}, {"models", tenant.models}};
    constexpr std::array<std::string_view, config::priority_classes> priorities{"high", "normal", "low"};
    row["priority"] = priorities[static_cast<std::size_t>(tenant.priority)];
    if (tenant.requests_per_minute) row["requests_per_minute"] = *tenant.requests_per_minute;
    if (tenant.tokens_per_minute) row["tokens_per_minute"] = *tenant.tokens_per_minute;
    return row;
}

json provider_keys_of(const std::vector<config::ProviderKey>& keys) {
    json rows = json::array();
    for (const auto& key : keys) rows.push_back({{"provider", key.provider}, {"source", key.source}});
    return rows;
}

json settings_of(const config::Config& config) {
    json settings = json::object();
    for (const auto& setting : config.settings) {
        json value = setting.values;
        if (setting.values.size() == 1) value = telemetry::redact(setting.values.front());
        if (setting.values.empty()) value = nullptr;
        settings[setting.name] = {{"value", std::move(value)}, {"source", setting.source}};
    }
    return settings;
}

}  // namespace

Result<std::size_t> inflight_limit(const std::string& query) {
    const auto text = http::query_parameter(query, "limit");
    if (!text) return usual_limit;
    std::size_t limit = 0;
    const auto [end, code] = std::from_chars(text->data(), text->data() + text->size(), limit);
    if (code != std::errc() || end != text->data() + text->size() || limit < 1 || limit > largest_limit)
        return fail(Failure::invalid_request, "limit must be a whole number from 1 to 10000", "limit");
    return limit;
}

Response inflight(telemetry::OpenRequestsView view, std::size_t limit) {
    auto& open = view.requests;
    std::stable_sort(open.begin(), open.end(), [](const auto& a, const auto& b) { return a.age > b.age; });
    if (open.size() > limit) open.erase(open.begin() + static_cast<std::ptrdiff_t>(limit), open.end());
    json rows = json::array();
    for (const auto& each : open) rows.push_back(row_of(each));
    return json_response(200, {{"count", view.count}, {"requests", std::move(rows)}});
}

Response worker_loads(const workers::Snapshot& snapshot) {
    json rows = json::array();
    for (const auto& worker : snapshot.workers())
        rows.push_back({{"worker", worker->spec->url},
                        {"worker_id", worker->id},
                        {"name", worker->spec->name},
                        {"backend_type", worker->backend_type()},
                        {"healthy", worker->ready()},
                        {"load", worker->counters->in_flight.load()}});
    return json_response(200, {{"workers", std::move(rows)}});
}

Response effective_config(const config::Config& config) {
    json tenants = json::array(), workers = json::array(), vendors = json::array(), keys = json::array();
    for (const auto& tenant : config.tenants) tenants.push_back(tenant_row(tenant));
    // What a worker of the file is, `GET /workers` shows; here stands where it comes from.
    for (const auto& worker : config.workers) workers.push_back({{"source", worker.where}});
    for (const auto& vendor : config.vendors) vendors.push_back({{"name", vendor.name}, {"hosts", vendor.hosts}, {"source", vendor.where}});
    for (const auto& key : config.control_plane_keys) keys.push_back({{"id", key.id}, {"name", key.name}, {"role", key.admin ? "admin" : "user"}});
    json aliases = json::object();
    for (const auto& [alias, model] : config.aliases) aliases[alias] = model;
    return json_response(200, {{"precedence", {"flag", "environment", "file", "default"}},
                               {"settings", settings_of(config)},
                               {"aliases", std::move(aliases)},
                               {"tenants", std::move(tenants)},
                               {"workers", std::move(workers)},
                               {"providers", std::move(vendors)},
                               {"control_plane_keys", std::move(keys)},
                               {"provider_keys", provider_keys_of(config.provider_keys)},
                               {"admin_keys", provider_keys_of(config.admin_keys)}});
}

Response shown_log_level() { return json_response(200, {{"level", telemetry::to_string(telemetry::log_level())}}); }

Response change_log_level(const Request& request) {
    const auto body = json::parse(request.body, nullptr, false);
    const auto* wanted = body.is_object() && body.size() == 1 && body.contains("level") ? body["level"].get_ptr<const std::string*>() : nullptr;
    const auto level = wanted != nullptr ? telemetry::level_named(*wanted) : std::nullopt;
    if (!level) return error_response(400, "BAD_REQUEST", R"(the body must be {"level": "trace", "debug", "info", "warn" or "error"})");
    telemetry::set_log_level(*level);
    return shown_log_level();
}

}  // namespace smg::admin
