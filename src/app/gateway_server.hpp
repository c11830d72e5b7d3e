#pragma once
/// The composition root: everything that makes one running gateway, built in order and taken down in reverse.
#include <memory>
#include <string>
#include <vector>

#include "admin/control_plane.hpp"
#include "app/memory_watch.hpp"
#include "base/result.hpp"
#include "fleet/registrar.hpp"
#include "fleet/registry_watch.hpp"
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
    /// Binds the listeners and registers the configured workers. Errors (a port in use, an unreadable certificate, a bad worker) name what is
    /// wrong; nothing runs then.
    [[nodiscard]] static Result<std::unique_ptr<GatewayServer>> create(config::Config config);
    ~GatewayServer();
    GatewayServer(const GatewayServer&) = delete;
    GatewayServer& operator=(const GatewayServer&) = delete;

    /// Begins to serve.
    void start();
    /// `http://127.0.0.1:30000`, one for each address.
    [[nodiscard]] std::vector<std::string> urls() const;
    [[nodiscard]] std::vector<std::string> metrics_urls() const;
    [[nodiscard]] std::uint16_t port() const noexcept { return listener_->port(); }
    [[nodiscard]] std::uint16_t metrics_port() const noexcept { return metrics_listener_ ? metrics_listener_->port() : 0; }
    [[nodiscard]] workers::Registry& registry() noexcept { return *registry_; }
    [[nodiscard]] const telemetry::Metrics& metrics() const noexcept { return *metrics_; }

    /// Readiness says 503 and answers say `connection: close`; new connections are still taken, until load balancers have noticed.
    void begin_drain();
    /// No new connection; idle ones are closed.
    void stop_accepting();
    /// Requests that have not ended yet.
    [[nodiscard]] std::int64_t open_requests() const noexcept { return service_.requests.load(); }
    /// Ends everything; open requests are cut off.
    void stop();

private:
    explicit GatewayServer(config::Config config);
    [[nodiscard]] Result<void> build();
    [[nodiscard]] Result<void> build_workers();
    [[nodiscard]] Result<void> build_upstream();
    [[nodiscard]] Result<void> build_listeners();
    void build_endpoints();
    void feed_gauges(telemetry::GaugeSink& sink) const;
    [[nodiscard]] gateway::GatewayOptions gateway_options();

    const config::Config config_;
    std::unique_ptr<telemetry::Metrics> metrics_;
    std::unique_ptr<telemetry::Prices> prices_;
    std::unique_ptr<workers::Registry> registry_;
    std::unique_ptr<net::EventLoops> loops_;
    std::unique_ptr<upstream::Pools> pools_;
    std::unique_ptr<fleet::RegistryWatch> watch_;
    std::unique_ptr<fleet::Registrar> registrar_;
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
