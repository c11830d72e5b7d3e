/// The configuration as the gateway wants it, and what it tells of workers, to whom it concerns.
#include <algorithm>
#include <ctime>

#include "app/gateway_server.hpp"
#include "fleet/schedule.hpp"
#include "telemetry/log.hpp"
#include "workers/policy.hpp"

namespace smg::app {
namespace {

routing::CallerKeys caller_keys_of(config::CallerKeys keys) {
    switch (keys) {
        case config::CallerKeys::prefer: return routing::CallerKeys::prefer;
        case config::CallerKeys::require: return routing::CallerKeys::require;
        case config::CallerKeys::ignore: break;
    }
    return routing::CallerKeys::ignore;
}

routing::ModelsFanout fanout_of(config::ModelsFanout fanout) {
    switch (fanout) {
        case config::ModelsFanout::all: return routing::ModelsFanout::all;
        case config::ModelsFanout::matched: return routing::ModelsFanout::matched;
        case config::ModelsFanout::off: break;
    }
    return routing::ModelsFanout::off;
}

bool same(const config::Tenant& a, const config::Tenant& b) {
    const auto same_key = [](const Secret& left, const Secret& right) { return left.reveal() == right.reveal(); };
    return a.name == b.name && std::equal(a.keys.begin(), a.keys.end(), b.keys.begin(), b.keys.end(), same_key) && a.models == b.models &&
           a.requests_per_minute == b.requests_per_minute && a.tokens_per_minute == b.tokens_per_minute && a.priority == b.priority;
}

/// A tenant that has not changed keeps its budgets, as far as they are spent.
std::vector<gateway::TenantPtr> tenants_of(const config::Config& config, const std::vector<gateway::TenantPtr>& before) {
    std::vector<gateway::TenantPtr> all;
    for (const auto& wanted : config.tenants) {
        const auto known = std::find_if(before.begin(), before.end(), [&wanted](const auto& each) { return same(each->settings(), wanted); });
        all.push_back(known == before.end() ? std::make_shared<gateway::Tenant>(wanted) : *known);
    }
    return all;
}

}  // namespace

gateway::GatewayOptions GatewayServer::gateway_options(const config::Config& config) {
    gateway::GatewayOptions options;
    options.route.policy = *workers::policy_named(config.policy);
    options.route.caller_keys = caller_keys_of(config.caller_keys);
    options.route.settings = config.policy_settings;
    if (!config.api_key.empty()) options.access.keys.push_back(config.api_key);
    options.access.tenants = tenants_of(config, gateway_ ? gateway_->options().access.tenants : std::vector<gateway::TenantPtr>());
    if (config.trust_tenant_header) options.access.tenant_header = config.tenant_header;
    options.admission = config.admission;
    options.access.insecure_open = config.insecure_open;
    options.proxies = config.proxies;
    options.connect_timeout = config.connect_timeout;
    options.request_timeout = config.request_timeout;
    options.first_byte_timeout = config.first_byte_timeout;
    options.idle_timeout = config.idle_timeout;
    options.keep_alive = config.sse_keepalive;
    options.models_fanout = fanout_of(config.models_fanout);
    options.models_timeout = config.models_timeout;
    options.retry = config.retry;
    options.breaker = config.breaker;
    options.hedge = config.hedge;
    options.on_retry = [this](std::string_view endpoint, int attempt, double pause) { metrics_->count_retry(endpoint, attempt, pause); };
    options.on_retries_exhausted = [this](std::string_view endpoint) { metrics_->count_retries_exhausted(endpoint); };
    options.on_worker_error = [this](std::string_view failure) { metrics_->count_worker_error(failure); };
    options.on_hedged = [this](std::string_view endpoint, bool won) { metrics_->count_hedge(endpoint, won); };
    for (const auto& [model, others] : config.fallbacks) options.fallbacks.emplace(model, others);
    options.on_key_refused = [this](const workers::Worker& worker, int status) {
        const auto reason = "the provider refused the stored key with status " + std::to_string(status);
        const auto applied = registry_->apply(worker.id, workers::StatusEvent::key_refused, reason, std::time(nullptr), nullptr, worker.spec.get());
        if (applied) telemetry::log_event(telemetry::Level::warn, "stored key refused", {{"worker", worker.label()}, {"status", status}});
    };
    // Passive health of external workers: local ones are asked at their health endpoint.
    options.on_unreachable = [this, health = config.health, breaker = config.breaker](const workers::Worker& worker, std::uint32_t in_row) {
        const auto rules = fleet::health_rules(*worker.spec, health, breaker);
        if (!worker.external() || !rules.enabled || in_row < rules.failure_threshold) return;
        const auto reason = "no connection, " + std::to_string(in_row) + " times in a row";
        const auto applied = registry_->apply(worker.id, workers::StatusEvent::unhealthy, reason, std::time(nullptr), nullptr, worker.spec.get());
        if (applied) telemetry::log_event(telemetry::Level::warn, "worker is unreachable", {{"worker", worker.label()}});
        if (health.remove_unhealthy) (void)registrar_->drain(worker.id, workers::Departure::unhealthy);
    };
    options.on_missed_list = [this](const workers::Worker& worker) { registrar_->refresh(worker); };
    return options;
}

}  // namespace smg::app
