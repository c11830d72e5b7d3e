#pragma once
/// The control plane's door: routes, access, answers. It does not know the server.
#include <functional>
#include <string>

#include "admin/access.hpp"
#include "admin/introspection.hpp"
#include "admin/request.hpp"
#include "admin/workers_api.hpp"
#include "base/published.hpp"
#include "smg/config.hpp"

namespace smg::admin {

struct ControlPlaneOptions {
    ControlPlaneOptions() = default;
    /// What the flags say.
    explicit ControlPlaneOptions(const config::Config& config);

    AccessRules access;
    WorkerRules workers;
    bool enable_igw = false;
    std::function<bool()> draining;  ///< shutting down? Any thread; may be empty
    /// The oldest open requests of each loop, so many at most; asked on the loop that it is given. Empty: nobody knows.
    std::function<net::Awaitable<telemetry::OpenRequestsView>(net::EventLoop&, std::size_t limit)> open_requests;
    std::function<config::Config()> effective_config;  ///< what counts now. Any thread; empty: not told
};

/// All functions may run on any loop at the same time. What it was given outlives it.
class ControlPlane {
public:
    ControlPlane(workers::Registry& registry, fleet::Registrar& registrar, fleet::RegistryWatch& watch, ControlPlaneOptions options);

    /// Where workers are kept over a restart. Before the control plane is shared; it outlives it.
    void set_store(fleet::Store& store) { workers_.set_store(store); }
    /// While it is so, workers can be looked at and not changed. Any thread.
    void set_frozen(bool frozen) noexcept { workers_.set_frozen(frozen); }
    /// From now on. Any thread.
    void set_access(AccessRules access) { access_.replace(std::move(access)); }

    /// By the path: `/workers`, `/workers/{id}`, `/inflight`, `/get_loads`, `/config`, `/log_level`, `/health`, `/liveness`, `/readiness`; else 404.
    [[nodiscard]] net::Awaitable<Response> handle(Request request);

    /// `/workers`.
    [[nodiscard]] net::Awaitable<Response> workers_collection(Request request);
    /// `/workers/{id}`.
    [[nodiscard]] net::Awaitable<Response> worker_item(Request request, std::string id);
    /// `/inflight`, `/get_loads`, `/config`, `/log_level`.
    [[nodiscard]] net::Awaitable<Response> introspection(Request request);
    /// `/health` and `/liveness`.
    [[nodiscard]] Response health() const;
    /// `/readiness`.
    [[nodiscard]] Response readiness() const;
    /// For other things under control-plane rules (`/metrics` on the main port). Waits only for keys of an issuer of tokens.
    [[nodiscard]] net::Awaitable<tl::expected<Caller, Response>> authorise(const Request& request) const;

private:
    [[nodiscard]] net::Awaitable<Response> list_open(Request request);
    [[nodiscard]] Response log_level(const Request& request, const Caller& caller) const;
    void note(const Request& request, const Response& response, const std::string& id, const Caller& caller) const;
    [[nodiscard]] net::Awaitable<Response> item(const Request& request, std::string id, const Caller& caller);

    workers::Registry& registry_;
    ControlPlaneOptions options_;
    Published<AccessRules> access_;
    WorkersApi workers_;
};

}  // namespace smg::admin
