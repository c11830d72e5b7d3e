#include "app/gateway_server.hpp"

#include <unistd.h>

#include <algorithm>
#include <random>
#include <thread>
#include <utility>

#include "app/address_rule.hpp"
#include "app/endpoints.hpp"
#include "app/inflight.hpp"
#include "app/log_level.hpp"
#include "config/reload.hpp"
#include "config/values.hpp"
#include "fleet/dynamic_workers.hpp"
#include "smg/version.hpp"
#include "telemetry/access_log.hpp"
#include "telemetry/log.hpp"
#include "telemetry/process_metrics.hpp"
#include "workers/policy.hpp"

namespace smg::app {
namespace {

constexpr auto close_time = std::chrono::seconds(5);
constexpr auto trace_time = std::chrono::seconds(2);

server::Limits limits_of(const config::Config& config) {
    server::Limits limits;
    limits.max_body_bytes = config.max_payload_size;
    limits.max_upload_bytes = config.max_upload_size;
    limits.max_buffered_bytes = config.max_buffered_bytes;
    limits.max_connections = config.max_connections;
    limits.head_timeout = config.head_timeout;
    limits.body_timeout = config.body_timeout;
    return limits;
}

server::CorsRules cors_of(const config::Config& config) {
    server::CorsRules rules;
    rules.origins = config.cors_allowed_origins;
    return rules;
}

workers::Registry::Aliases aliases_of(const config::Config& config) {
    workers::Registry::Aliases aliases;
    for (const auto& [alias, model] : config.aliases) aliases.emplace(alias, model);
    return aliases;
}

/// Two processes, and one before and after a restart, are not to choose alike.
std::uint64_t seed_of(const config::Config& config) {
    std::random_device system;
    return config.random_seed.value_or(std::uint64_t{system()} << 32U | system());
}

}  // namespace

GatewayServer::GatewayServer(config::Config config, Inheritance inherited)
    : config_(std::move(config)), shown_config_(config_), inherited_(std::move(inherited)) {}

GatewayServer::~GatewayServer() { stop(); }

Result<std::unique_ptr<GatewayServer>> GatewayServer::create(config::Config config, Inheritance inherited) {
    std::unique_ptr<GatewayServer> made(new GatewayServer(std::move(config), std::move(inherited)));
    if (auto built = made->build(); !built) return tl::unexpected(built.error());
    if (auto bound = made->build_listeners(); !bound) return tl::unexpected(bound.error());
    if (auto opened = made->open_store(); !opened) return tl::unexpected(opened.error());
    if (auto registered = made->register_workers(); !registered) return tl::unexpected(registered.error());
    return made;
}

Result<void> GatewayServer::check(config::Config config) {
    GatewayServer tried(std::move(config), {});
    if (auto built = tried.build(); !built) return built;
    if (auto tls = tried.make_tls(); !tls) return tl::unexpected(tls.error());
    return tried.register_workers();
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
    watching_loop_ = std::make_unique<net::EventLoops>(1);
    service_.open_requests = std::vector<telemetry::OpenRequests>(loops_->size());
    if (auto made = build_workers(); !made) return made;
    if (auto made = build_upstream(); !made) return made;
    watch_ = std::make_unique<fleet::RegistryWatch>(*loops_, *registry_);
    registrar_ = std::make_unique<fleet::Registrar>(*loops_, *registry_, *pools_, registrar_options());
    static_workers_ = std::make_unique<StaticWorkers>(*registry_);
    gateway_ = std::make_unique<gateway::Gateway>(*loops_, *registry_, *pools_, *watch_, gateway_options(config_), seed_of(config_));
    if (auto made = build_control_plane(); !made) return made;
    if (auto made = build_traces(); !made) return made;
    build_endpoints();
    metrics_->on_scrape([this](telemetry::GaugeSink& sink) { feed_gauges(sink); });
    return {};
}

fleet::RegistrarOptions GatewayServer::registrar_options() {
    fleet::RegistrarOptions options(config_);
    options.on_registration = [this](const workers::Worker& worker, bool registered) {
        metrics_->worker_registered(worker.source, registered ? "success" : "failed");
    };
    options.on_health_check = [this](bool passed) { metrics_->count_health_check(passed); };
    options.on_gone = [this](const workers::Worker& worker) { metrics_->worker_deregistered(worker.source, workers::name_of(worker.departure)); };
    return options;
}

Result<void> GatewayServer::open_store() {
    if (config_.state_path.empty()) return {};
    auto opened = fleet::Store::open(config_.state_path, config_.state_key, *registry_);
    if (!opened) return tl::unexpected(opened.error());
    store_ = std::move(*opened);
    control_plane_->set_store(*store_);
    return {};
}

Result<void> GatewayServer::register_workers() {
    const auto wanted = list_static_workers(config_, registry_->catalog());
    if (!wanted) return tl::unexpected(wanted.error());
    if (auto registered = static_workers_->register_first(*wanted); !registered) return registered;
    if (store_)
        if (auto restored = store_->restore(); !restored) return restored;
    if (auto taken = register_predecessors(); !taken) return taken;
    static_workers_->register_environment(*wanted);
    return {};
}

Result<void> GatewayServer::register_predecessors() {
    if (inherited_.workers < 0) return {};
    std::string text;
    char buffer[4096];
    for (ssize_t count = 0; (count = ::read(inherited_.workers, buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(count));
    ::close(inherited_.workers);
    const auto workers = fleet::stored_workers_from(text);
    if (!workers) return tl::unexpected(workers.error());
    fleet::restore_workers(*registry_, *workers, "api");
    return {};
}

void GatewayServer::freeze_workers() {
    control_plane_->set_frozen(true);
    if (store_) store_->close();
}

Result<void> GatewayServer::thaw_workers() {
    if (store_)
        if (auto opened = store_->reopen(); !opened) return opened;
    control_plane_->set_frozen(false);
    return {};
}

std::string GatewayServer::workers_to_hand_over() const { return fleet::to_text(fleet::dynamic_workers(*registry_->snapshot())); }

Result<void> GatewayServer::build_control_plane() {
    admin::ControlPlaneOptions control(config_);
    control.draining = [this] { return service_.draining.load(); };
    control.effective_config = [this] { return shown_config_.get(); };
    control.open_requests = [this](net::EventLoop& loop, std::size_t limit) { return app::open_requests(*loops_, service_, loop, limit); };
    auto rule = make_address_rule(config_.allow_upstream);
    if (!rule) return tl::unexpected(rule.error());
    control.workers.address_rule = std::move(*rule);
    auto access = access_rules(config_);
    if (!access) return tl::unexpected(access.error());
    control.access = std::move(*access);
    control_plane_ = std::make_unique<admin::ControlPlane>(*registry_, *registrar_, *watch_, std::move(control));
    return {};
}

Result<GatewayServer::Reloaded> GatewayServer::reload(const config::Config& wanted) {
    // Everything that can be wrong is found out first.
    auto catalog = make_catalog(wanted);
    if (!catalog) return tl::unexpected(catalog.error());
    auto next = config::applicable(config_, wanted);
    const auto workers = list_static_workers(next, **catalog);
    if (!workers) return tl::unexpected(workers.error());
    auto access = access_rules(next);
    if (!access) return tl::unexpected(access.error());
    if (!config::same_vendors(config_, next))
        if (auto taken = registry_->set_catalog(std::move(*catalog)); !taken) return tl::unexpected(taken.error());
    Reloaded outcome;
    outcome.need_restart = config::needing_restart(config_, wanted);
    if (next.log_level != config_.log_level) telemetry::set_log_level(log_level_of(next.log_level));
    config_ = std::move(next);
    shown_config_.replace(config_);
    service_.limits.replace(limits_of(config_));
    service_.cors.replace(cors_of(config_));
    gateway_->set_options(gateway_options(config_));
    control_plane_->set_access(std::move(*access));
    registrar_->set_options(fleet::RegistrarOptions(config_));
    registry_->set_aliases(aliases_of(config_));
    outcome.workers = static_workers_->apply(*workers, *registrar_);
    return outcome;
}

Result<void> GatewayServer::build_workers() {
    auto catalog = make_catalog(config_);
    if (!catalog) return tl::unexpected(catalog.error());
    registry_ = std::make_unique<workers::Registry>(std::move(*catalog), aliases_of(config_));
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
    watching_pools_ = std::make_unique<upstream::Pools>(*watching_loop_, environment);
    // Where workers may stand says nothing of who issues tokens.
    environment.address_rule = nullptr;
    issuer_pools_ = std::make_unique<upstream::Pools>(*watching_loop_, environment);
    return {};
}

Result<void> GatewayServer::build_traces() {
    auto target = TraceTarget::parse(config_.otlp_traces_endpoint);
    if (!target)
        return fail(target.error().failure,
                    "--otlp-traces-endpoint: " + config::shown(config_.otlp_traces_endpoint) + " " + target.error().message, "otlp_traces_endpoint");
    if (!config_.enable_trace) return {};
    auto& loop = (*watching_loop_)[0];
    trace_exporter_ = std::make_unique<TraceExporter>(loop, watching_pools_->of(loop), std::move(*target), version);
    service_.on_traced = [this](telemetry::TracedRequest traced) { trace_exporter_->add(std::move(traced)); };
    return {};
}

void GatewayServer::build_endpoints() {
    scraper_ = std::make_unique<Scraper>(*metrics_, (*watching_loop_)[0],
                                         [this](net::EventLoop& loop) { return request_ages(*loops_, service_, loop); });
    add_data_plane(service_.endpoints, *gateway_);
    add_control_plane(service_.endpoints, *control_plane_, *scraper_);
    add_probes(service_.endpoints, *control_plane_);
    service_.limits.replace(limits_of(config_));
    service_.cors.replace(cors_of(config_));
    service_.request_id_headers = config_.request_id_headers;
    service_.log_bodies = config_.log_bodies;
    service_.on_finished = [this](telemetry::RequestRecord& record) {
        telemetry::settle_cost(record, *prices_);
        telemetry::log_request(record);
        metrics_->record(record);
    };
    add_metrics(metrics_service_.endpoints, *scraper_);
    add_probes(metrics_service_.endpoints, *control_plane_);
    add_probes(probe_service_.endpoints, *control_plane_);
}

void GatewayServer::start() {
    start_accepting();
    start_without_accepting();
}

void GatewayServer::start_accepting() {
    listener_->start();
    metrics_listener_->start();
    if (probe_listener_) probe_listener_->start();
}

void GatewayServer::start_without_accepting() {
    if (std::exchange(running_, true)) return;
    if (config_.max_memory != 0) {
        memory_watch_ = std::make_unique<MemoryWatch>((*loops_)[0], config_.max_memory, service_.overloaded, telemetry::resident_bytes);
        memory_watch_->start();
    }
    registrar_->start();
    loops_->start();
    watching_loop_->start();
    if (trace_exporter_) trace_exporter_->start();
}

bool GatewayServer::settled() const {
    const auto snapshot = registry_->snapshot();
    const auto& all = snapshot->workers();
    return std::none_of(all.begin(), all.end(), [](const auto& worker) { return worker->status == workers::Status::pending; });
}

void GatewayServer::begin_drain() { service_.draining = true; }

void GatewayServer::stop_accepting() { listener_->stop_accepting(); }

bool GatewayServer::stopped_accepting() const { return listener_->stopped_accepting(); }

void GatewayServer::stop_accepting_anything() {
    for (auto* listener : {listener_.get(), metrics_listener_.get(), probe_listener_.get()})
        if (listener != nullptr) listener->stop_accepting();
}

void GatewayServer::close_idle() { listener_->close_idle(); }

void GatewayServer::stop() {
    if (!std::exchange(running_, false)) return;
    service_.draining = true;
    registrar_->stop();
    for (const auto& keys : issuer_keys_) keys->stop();
    // Sessions end on their own threads: what they hold belongs to the pools and the loops, which go afterwards.
    for (auto* listener : {listener_.get(), metrics_listener_.get(), probe_listener_.get()})
        if (listener != nullptr) listener->close(close_time);
    registrar_->wait_stopped(close_time);
    loops_->stop();
    // What the last requests left is sent, as long as the collector takes it at once.
    if (trace_exporter_) trace_exporter_->stop();
    for (const auto until = std::chrono::steady_clock::now() + trace_time; trace_exporter_ && !trace_exporter_->stopped();) {
        if (std::chrono::steady_clock::now() > until) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    wait_for_issuers();
    watching_loop_->stop();
}

}  // namespace smg::app
