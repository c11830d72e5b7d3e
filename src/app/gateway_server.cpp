#include "app/gateway_server.hpp"

#include <ctime>
#include <map>
#include <utility>

#include "app/address_rule.hpp"
#include "app/endpoints.hpp"
#include "app/inflight.hpp"
#include "app/static_workers.hpp"
#include "smg/version.hpp"
#include "telemetry/access_log.hpp"
#include "telemetry/log.hpp"
#include "telemetry/process_metrics.hpp"
#include "workers/policy.hpp"

namespace smg::app {
namespace {

constexpr auto close_time = std::chrono::seconds(5);

std::vector<std::string> hosts_of(const std::vector<std::string>& configured) {
    return configured.empty() ? std::vector<std::string>{"localhost"} : configured;
}

/// An error of a listener, with the flags that it comes from.
Result<void> naming(std::string_view flags, Result<void> bound) {
    if (!bound) bound.error().message += " (" + std::string(flags) + ")";
    return bound;
}

std::vector<std::string> urls_of(const server::Listener& listener, bool tls) {
    std::vector<std::string> urls;
    for (const auto& endpoint : listener.endpoints()) {
        const auto address = endpoint.address().to_string();
        urls.push_back(std::string(tls ? "https://" : "http://") + (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" +
                       std::to_string(endpoint.port()));
    }
    return urls;
}

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

}  // namespace

GatewayServer::GatewayServer(config::Config config) : config_(std::move(config)) {}

GatewayServer::~GatewayServer() { stop(); }

Result<std::unique_ptr<GatewayServer>> GatewayServer::create(config::Config config) {
    std::unique_ptr<GatewayServer> made(new GatewayServer(std::move(config)));
    if (auto built = made->build(); !built) return tl::unexpected(built.error());
    return made;
}

Result<void> GatewayServer::build() {
    if (auto policy = workers::policy_named(config_.policy, "--policy"); !policy) return tl::unexpected(policy.error());
    telemetry::MetricsOptions options;
    options.duration_buckets = config_.prometheus_duration_buckets;
    options.max_models = config_.metrics_max_models;
    options.version = version;
    metrics_ = std::make_unique<telemetry::Metrics>(std::move(options));
    auto prices = telemetry::load_prices(config_.prices_path);
    if (!prices) return fail(prices.error().failure, "--prices: " + prices.error().message);
    prices_ = std::make_unique<telemetry::Prices>(std::move(*prices));
    loops_ = std::make_unique<net::EventLoops>(std::max(1U, config_.threads));
    service_.open_requests = std::vector<telemetry::OpenRequests>(loops_->size());
    if (auto made = build_workers(); !made) return made;
    if (auto made = build_upstream(); !made) return made;
    watch_ = std::make_unique<fleet::RegistryWatch>(*loops_, *registry_);
    registrar_ = std::make_unique<fleet::Registrar>(*loops_, *registry_, *pools_, fleet::RegistrarOptions(config_));
    gateway_ = std::make_unique<gateway::Gateway>(*loops_, *registry_, *pools_, *watch_, gateway_options());
    admin::ControlPlaneOptions control(config_);
    control.draining = [this] { return service_.draining.load(); };
    control.effective_config = [this] { return config_; };
    control.open_requests = [this](net::EventLoop& loop, std::size_t limit) { return app::open_requests(*loops_, service_, loop, limit); };
    auto rule = make_address_rule(config_.allow_upstream);
    if (!rule) return tl::unexpected(rule.error());
    control.workers.address_rule = std::move(*rule);
    control_plane_ = std::make_unique<admin::ControlPlane>(*registry_, *registrar_, *watch_, std::move(control));
    build_endpoints();
    metrics_->on_scrape([this](telemetry::GaugeSink& sink) { feed_gauges(sink); });
    if (auto bound = build_listeners(); !bound) return bound;
    return register_static_workers(config_, *registry_);
}

Result<void> GatewayServer::build_workers() {
    auto catalog = make_catalog(config_);
    if (!catalog) return tl::unexpected(catalog.error());
    workers::Registry::Aliases aliases;
    for (const auto& [alias, model] : config_.aliases) aliases.emplace(alias, model);
    registry_ = std::make_unique<workers::Registry>(std::move(*catalog), std::move(aliases));
    return {};
}

Result<void> GatewayServer::build_upstream() {
    upstream::Environment environment;
    environment.dns = std::make_shared<net::DnsCache>();
    auto tls = net::TlsClientContext::create(config_.upstream_ca_path);
    if (!tls) return tl::unexpected(tls.error());
    environment.tls = std::move(*tls);
    auto rule = make_address_rule(config_.allow_upstream);
    if (!rule) return tl::unexpected(rule.error());
    environment.address_rule = std::move(*rule);
    pools_ = std::make_unique<upstream::Pools>(*loops_, environment);
    return {};
}

gateway::GatewayOptions GatewayServer::gateway_options() {
    gateway::GatewayOptions options;
    options.route.policy = *workers::policy_named(config_.policy);
    options.route.caller_keys = caller_keys_of(config_.caller_keys);
    options.route.balance_abs_threshold = config_.policy_settings.balance_abs_threshold;
    options.route.balance_rel_threshold = config_.policy_settings.balance_rel_threshold;
    if (!config_.api_key.empty()) options.access.keys.push_back(config_.api_key);
    for (const auto& tenant : config_.tenants) options.access.tenants.push_back(std::make_shared<gateway::Tenant>(tenant));
    if (config_.trust_tenant_header) options.access.tenant_header = config_.tenant_header;
    options.admission = config_.admission;
    options.access.insecure_open = config_.insecure_open;
    options.proxies = config_.proxies;
    options.connect_timeout = config_.connect_timeout;
    options.request_timeout = config_.request_timeout;
    options.first_byte_timeout = config_.first_byte_timeout;
    options.idle_timeout = config_.idle_timeout;
    options.keep_alive = config_.sse_keepalive;
    options.models_fanout = fanout_of(config_.models_fanout);
    options.models_timeout = config_.models_timeout;
    options.max_attempts = config_.retry.enabled ? config_.retry.max_attempts : 1;
    options.on_key_refused = [this](const workers::Worker& worker, int status) {
        const auto reason = "the provider refused the stored key with status " + std::to_string(status);
        const auto applied = registry_->apply(worker.id, workers::StatusEvent::key_refused, reason, std::time(nullptr), nullptr, worker.spec.get());
        if (applied) telemetry::log_event(telemetry::Level::warn, "stored key refused", {{"worker", worker.label()}, {"status", status}});
    };
    options.on_missed_list = [this](const workers::Worker& worker) { registrar_->refresh(worker); };
    return options;
}

void GatewayServer::build_endpoints() {
    add_data_plane(service_.endpoints, *gateway_);
    add_control_plane(service_.endpoints, *control_plane_, *metrics_);
    add_probes(service_.endpoints, *control_plane_);
    service_.limits.max_body_bytes = config_.max_payload_size;
    service_.limits.max_upload_bytes = config_.max_upload_size;
    service_.limits.max_buffered_bytes = config_.max_buffered_bytes;
    service_.limits.max_connections = config_.max_connections;
    service_.limits.head_timeout = config_.head_timeout;
    service_.limits.body_timeout = config_.body_timeout;
    service_.request_id_headers = config_.request_id_headers;
    service_.log_bodies = config_.log_bodies;
    service_.on_finished = [this](telemetry::RequestRecord& record) {
        telemetry::settle_cost(record, prices_->here());
        telemetry::log_request(record);
        metrics_->record(record);
    };
    add_metrics(metrics_service_.endpoints, *metrics_);
    add_probes(metrics_service_.endpoints, *control_plane_);
    add_probes(probe_service_.endpoints, *control_plane_);
}

Result<void> GatewayServer::build_listeners() {
    std::shared_ptr<net::asio::ssl::context> tls;
    if (!config_.tls_cert_path.empty()) {
        auto made = net::make_tls_server_context(config_.tls_cert_path, config_.tls_key_path, config_.tls_client_ca_path);
        if (!made) return tl::unexpected(made.error());
        tls = std::move(*made);
    }
    listener_ = std::make_unique<server::Listener>(*loops_, service_, tls);
    if (auto bound = listener_->listen(hosts_of(config_.hosts), config_.port); !bound) return naming("--host, --port", std::move(bound));
    metrics_listener_ = std::make_unique<server::Listener>(*loops_, metrics_service_, nullptr);
    const auto& metrics_hosts = config_.prometheus_hosts.empty() ? config_.hosts : config_.prometheus_hosts;
    if (auto bound = metrics_listener_->listen(hosts_of(metrics_hosts), config_.prometheus_port); !bound)
        return naming("--prometheus-host, --prometheus-port", std::move(bound));
    if (!config_.health_check_port) return {};
    probe_listener_ = std::make_unique<server::Listener>(*loops_, probe_service_, nullptr);
    return naming("--host, --health-check-port", probe_listener_->listen(hosts_of(config_.hosts), *config_.health_check_port));
}

void GatewayServer::start() {
    listener_->start();
    metrics_listener_->start();
    if (probe_listener_) probe_listener_->start();
    if (config_.max_memory != 0) {
        memory_watch_ = std::make_unique<MemoryWatch>((*loops_)[0], config_.max_memory, service_.overloaded, telemetry::resident_bytes);
        memory_watch_->start();
    }
    registrar_->start();
    loops_->start();
    running_ = true;
}

std::vector<std::string> GatewayServer::urls() const { return urls_of(*listener_, !config_.tls_cert_path.empty()); }
std::vector<std::string> GatewayServer::metrics_urls() const { return urls_of(*metrics_listener_, false); }

void GatewayServer::begin_drain() { service_.draining = true; }

void GatewayServer::stop_accepting() { listener_->drain(); }

void GatewayServer::stop() {
    if (!std::exchange(running_, false)) return;
    service_.draining = true;
    registrar_->stop();
    // Sessions end on their own threads: what they hold belongs to the pools and the loops, which go afterwards.
    for (auto* listener : {listener_.get(), metrics_listener_.get(), probe_listener_.get()})
        if (listener != nullptr) listener->close(close_time);
    registrar_->wait_stopped(close_time);
    loops_->stop();
}

void GatewayServer::feed_gauges(telemetry::GaugeSink& sink) const {
    sink.http_connections_active(service_.connections.load());
    sink.upstream_pool_connections("active", pools_->counters().active.load());
    sink.upstream_pool_connections("idle", pools_->counters().idle.load());
    std::map<std::string, std::int64_t> serving;
    const auto snapshot = registry_->snapshot();
    for (const auto& worker : snapshot->workers()) {
        sink.worker_health(worker->label(), worker->ready());
        sink.worker_requests_active(worker->label(), worker->counters->in_flight.load());
        if (!worker->ready()) continue;
        if (worker->spec->models)
            for (const auto& card : *worker->spec->models) ++serving[card.id];
        else if (worker->discovered)
            for (const auto& model : *worker->discovered) ++serving[model.id];
    }
    for (const auto& [model, count] : serving) sink.worker_pool_size("regular", "http", model, count);
}

}  // namespace smg::app
