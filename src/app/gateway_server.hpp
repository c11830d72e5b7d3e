#pragma once
/// The composition root: everything that makes one running gateway, built in order and taken down in reverse.
#include <memory>
#include <string>
#include <vector>

#include "admin/control_plane.hpp"
#include "app/inheritance.hpp"
#include "app/memory_watch.hpp"
#include "app/scrape.hpp"
#include "app/static_workers.hpp"
#include "app/trace_exporter.hpp"
#include "base/published.hpp"
#include "base/result.hpp"
#include "fleet/registrar.hpp"
#include "fleet/registry_watch.hpp"
#include "fleet/store.hpp"
#include "gateway/gateway.hpp"
#include "net/event_loop.hpp"
#include "server/listener.hpp"
#include "smg/config.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/prices.hpp"
#include "upstream/pools.hpp"
#include "workers/registry.hpp"

namespace smg::app {

/// Its functions are called from one thread, which is none of the loops'.
class GatewayServer {
public:
    /// Binds the listeners (or takes the inherited ones) and registers the workers: configured ones, those of the store, a predecessor's. Errors
    /// (a port in use, an unreadable certificate, a bad worker, a store that another process holds) name what is wrong; nothing runs then.
    [[nodiscard]] static Result<std::unique_ptr<GatewayServer>> create(config::Config config, Inheritance inherited = {});
    ~GatewayServer();
    GatewayServer(const GatewayServer&) = delete;
    GatewayServer& operator=(const GatewayServer&) = delete;

    /// Whether such a gateway could be made: all but the listeners and the store, which a running one may hold.
    [[nodiscard]] static Result<void> check(config::Config config);

    /// Begins to serve.
    void start();
    /// In two steps (`start` may be the second): workers are examined first, clients served when they are ready.
    void start_without_accepting();
    void start_accepting();
    /// No worker's registration is under way.
    [[nodiscard]] bool settled() const;

    // For a successor.
    /// Nothing of the workers changes any more, and the store is free for another process.
    void freeze_workers();
    [[nodiscard]] Result<void> thaw_workers();
    [[nodiscard]] bool keeps_state() const noexcept { return store_ != nullptr; }
    /// The dynamic workers, keys among them (`fleet::to_text`).
    [[nodiscard]] std::string workers_to_hand_over() const;
    /// Name (see `Inheritance`) and descriptor of each.
    [[nodiscard]] std::vector<std::pair<std::string, int>> listening_sockets() const;
    /// `http://127.0.0.1:30000`, one for each address.
    [[nodiscard]] std::vector<std::string> urls() const;
    [[nodiscard]] std::vector<std::string> metrics_urls() const;
    /// Of `--health-check-port`; empty without it.
    [[nodiscard]] std::vector<std::string> probe_urls() const;
    [[nodiscard]] std::uint16_t port() const noexcept { return listener_->port(); }
    [[nodiscard]] std::uint16_t metrics_port() const noexcept { return metrics_listener_ ? metrics_listener_->port() : 0; }
    [[nodiscard]] workers::Registry& registry() noexcept { return *registry_; }
    [[nodiscard]] gateway::Gateway& gateway() noexcept { return *gateway_; }
    [[nodiscard]] const telemetry::Metrics& metrics() const noexcept { return *metrics_; }

    /// What a reload came to.
    struct Reloaded {
        StaticWorkers::Changes workers;
        std::vector<std::string> need_restart;  ///< settings that differ and stay as they were
    };
    /// Applies what of `wanted` a running process can, while requests go on. An error (a bad worker) changes nothing.
    [[nodiscard]] Result<Reloaded> reload(const config::Config& wanted);

    /// Readiness says 503 and answers say `connection: close`; new connections are still taken, until load balancers have noticed.
    void begin_drain();
    /// No new connection of clients.
    void stop_accepting();
    /// That has come to pass, and `open_connections` counts all that were accepted.
    [[nodiscard]] bool stopped_accepting() const;
    /// Nor of those who read metrics or probe.
    void stop_accepting_anything();
    /// Connections without a request are closed.
    void close_idle();
    [[nodiscard]] std::int64_t open_connections() const noexcept { return service_.connections.load(); }
    /// Requests that have not ended yet.
    [[nodiscard]] std::int64_t open_requests() const noexcept { return service_.requests.load(); }
    /// Ends everything; open requests are cut off.
    void stop();

private:
    GatewayServer(config::Config config, Inheritance inherited);
    [[nodiscard]] Result<void> build();
    [[nodiscard]] Result<void> open_store();
    [[nodiscard]] Result<void> register_workers();
    [[nodiscard]] Result<void> register_predecessors();
    [[nodiscard]] Result<void> build_control_plane();
    /// Keys of an issuer that is the same as before stay. Failure: an issuer's URL that is none.
    [[nodiscard]] Result<admin::AccessRules> access_rules(const config::Config& config);
    void wait_for_issuers() const;
    [[nodiscard]] fleet::RegistrarOptions registrar_options();
    [[nodiscard]] Result<void> build_workers();
    [[nodiscard]] Result<void> build_upstream();
    [[nodiscard]] Result<void> build_traces();
    [[nodiscard]] Result<void> build_listeners();
    [[nodiscard]] Result<std::shared_ptr<net::asio::ssl::context>> make_tls() const;
    void build_endpoints();
    void feed_gauges(telemetry::GaugeSink& sink) const;
    [[nodiscard]] gateway::GatewayOptions gateway_options(const config::Config& config);

    config::Config config_;
    Published<config::Config> shown_config_;  ///< as it stands now, for those who ask on other threads
    const Inheritance inherited_;
    std::unique_ptr<telemetry::Metrics> metrics_;
    std::unique_ptr<telemetry::Prices> prices_;
    std::unique_ptr<workers::Registry> registry_;
    std::unique_ptr<net::EventLoops> loops_;
    std::unique_ptr<net::EventLoops> watching_loop_;  ///< one, for metrics and probes: a long scrape keeps nobody's request waiting
    std::unique_ptr<upstream::Pools> pools_;
    std::unique_ptr<upstream::Pools> watching_pools_;  ///< of that loop: to collectors
    std::unique_ptr<upstream::Pools> issuer_pools_;    ///< of that loop: to those who issue tokens
    config::JwtSettings issuer_;                       ///< whose keys the last of these are
    std::vector<std::shared_ptr<admin::IssuerKeys>> issuer_keys_;
    std::unique_ptr<TraceExporter> trace_exporter_;    ///< null: nothing is traced
    std::unique_ptr<fleet::RegistryWatch> watch_;
    std::unique_ptr<fleet::Registrar> registrar_;
    std::unique_ptr<StaticWorkers> static_workers_;
    std::unique_ptr<fleet::Store> store_;  ///< null without `--state`
    std::unique_ptr<Scraper> scraper_;
    std::unique_ptr<gateway::Gateway> gateway_;
    std::unique_ptr<admin::ControlPlane> control_plane_;
    server::Service service_;          ///< the data plane's listener
    server::Service metrics_service_;  ///< the metrics' own
    server::Service probe_service_;    ///< `--health-check-port`
    std::unique_ptr<server::Listener> listener_;
    std::unique_ptr<server::Listener> metrics_listener_;
    std::unique_ptr<server::Listener> probe_listener_;
    std::unique_ptr<MemoryWatch> memory_watch_;  ///< null: memory has no limit
    bool running_ = false;
};

}  // namespace smg::app
