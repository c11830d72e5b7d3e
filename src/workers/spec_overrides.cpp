#include "workers/spec_overrides.hpp"

namespace smg::workers {

using nlohmann::json;

namespace {

void read_health(JsonReader& reader, HealthOverrides& health) {
    reader.seconds("timeout_secs", health.timeout_secs);
    reader.seconds("check_interval_secs", health.check_interval_secs);
    reader.count("success_threshold", health.success_threshold, 1);
    reader.count("failure_threshold", health.failure_threshold, 1);
    reader.flag("disable_health_check", health.disable_health_check);
    reader.seconds("drain_settle_secs", health.drain_settle_secs);
}

void read_status_codes(JsonReader& reader, std::optional<std::vector<int>>& out) {
    const auto* list = reader.take("retryable_status_codes");
    if (!list) return;
    if (!list->is_array()) return reader.refuse("retryable_status_codes", "must be an array of HTTP statuses");
    std::vector<int> codes;
    for (const auto& code : *list) {
        if (!code.is_number_integer() || code.get<std::int64_t>() < 400 || code.get<std::int64_t>() > 599)
            return reader.refuse("retryable_status_codes", "must hold statuses from 400 to 599 alone");
        codes.push_back(code.get<int>());
    }
    out = std::move(codes);
}

void read_resilience(JsonReader& reader, ResilienceOverrides& resilience) {
    reader.count("max_retries", resilience.max_retries);
    reader.count("initial_backoff_ms", resilience.initial_backoff_ms);
    reader.count("max_backoff_ms", resilience.max_backoff_ms);
    double multiplier = 0, jitter = -1;
    reader.number("backoff_multiplier", 1, 100, multiplier);
    if (multiplier >= 1) resilience.backoff_multiplier = multiplier;
    reader.number("jitter_factor", 0, 1, jitter);
    if (jitter >= 0) resilience.jitter_factor = jitter;
    reader.flag("disable_retry", resilience.disable_retry);
    reader.count("cb_failure_threshold", resilience.cb_failure_threshold, 1);
    reader.count("cb_success_threshold", resilience.cb_success_threshold, 1);
    reader.seconds("cb_timeout_secs", resilience.cb_timeout_secs);
    reader.seconds("cb_window_secs", resilience.cb_window_secs);
    reader.flag("disable_circuit_breaker", resilience.disable_circuit_breaker);
    read_status_codes(reader, resilience.retryable_status_codes);
}

void read_pool(JsonReader& reader, PoolOverrides& pool) {
    reader.count("pool_max_idle_per_host", pool.pool_max_idle_per_host);
    reader.seconds("pool_idle_timeout_secs", pool.pool_idle_timeout_secs);
    reader.seconds("timeout_secs", pool.timeout_secs);
    reader.seconds("connect_timeout_secs", pool.connect_timeout_secs);
}

template <typename T>
void put(json& out, const char* name, const std::optional<T>& value) {
    if (value) out[name] = *value;
}

json health_json(const HealthOverrides& health) {
    json out = json::object();
    put(out, "timeout_secs", health.timeout_secs);
    put(out, "check_interval_secs", health.check_interval_secs);
    put(out, "success_threshold", health.success_threshold);
    put(out, "failure_threshold", health.failure_threshold);
    put(out, "disable_health_check", health.disable_health_check);
    put(out, "drain_settle_secs", health.drain_settle_secs);
    return out;
}

json resilience_json(const ResilienceOverrides& resilience) {
    json out = json::object();
    put(out, "max_retries", resilience.max_retries);
    put(out, "initial_backoff_ms", resilience.initial_backoff_ms);
    put(out, "max_backoff_ms", resilience.max_backoff_ms);
    put(out, "backoff_multiplier", resilience.backoff_multiplier);
    put(out, "jitter_factor", resilience.jitter_factor);
    put(out, "disable_retry", resilience.disable_retry);
    put(out, "cb_failure_threshold", resilience.cb_failure_threshold);
    put(out, "cb_success_threshold", resilience.cb_success_threshold);
    put(out, "cb_timeout_secs", resilience.cb_timeout_secs);
    put(out, "cb_window_secs", resilience.cb_window_secs);
    put(out, "disable_circuit_breaker", resilience.disable_circuit_breaker);
    put(out, "retryable_status_codes", resilience.retryable_status_codes);
    return out;
}

json pool_json(const PoolOverrides& pool) {
    json out = json::object();
    put(out, "pool_max_idle_per_host", pool.pool_max_idle_per_host);
    put(out, "pool_idle_timeout_secs", pool.pool_idle_timeout_secs);
    put(out, "timeout_secs", pool.timeout_secs);
    put(out, "connect_timeout_secs", pool.connect_timeout_secs);
    return out;
}

}  // namespace

void read_overrides(JsonReader& reader, WorkerSpec& spec) {
    reader.object("health", [&](JsonReader& inner) { read_health(inner, spec.health); });
    reader.object("resilience", [&](JsonReader& inner) { read_resilience(inner, spec.resilience); });
    reader.object("http_pool", [&](JsonReader& inner) { read_pool(inner, spec.http_pool); });
}

void write_overrides(const WorkerSpec& spec, json& out) {
    if (auto health = health_json(spec.health); !health.empty()) out["health"] = std::move(health);
    if (auto resilience = resilience_json(spec.resilience); !resilience.empty()) out["resilience"] = std::move(resilience);
    if (auto pool = pool_json(spec.http_pool); !pool.empty()) out["http_pool"] = std::move(pool);
}

}  // namespace smg::workers
