#pragma once
/// `/workers` (contract section 3): registers, shows, changes and removes workers. Who may is decided before (`access.hpp`).
#include <functional>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "admin/access.hpp"
#include "admin/request.hpp"
#include "fleet/registrar.hpp"
#include "fleet/registry_watch.hpp"
#include "workers/registry.hpp"

namespace smg::admin {

/// What a worker may be.
struct WorkerRules {
    config::Proxies proxies;
    /// Further narrowing of what may be connected to; may be empty. Names are judged when they are connected to, addresses here already.
    std::function<bool(const net::asio::ip::address&)> address_rule;
    bool audit = true;  ///< a log line for each change
};

/// Holds references; its functions may run on any loop at the same time.
class WorkersApi {
public:
    WorkersApi(workers::Registry& registry, fleet::Registrar& registrar, fleet::RegistryWatch& watch, WorkerRules rules);

    /// `POST /workers[?wait=SECONDS]`.
    [[nodiscard]] net::Awaitable<Response> create(const Request& request, const Caller& caller);
    /// `GET /workers[?model=ID]`.
    [[nodiscard]] Response list(const Request& request) const;
    /// `GET /workers/{id}`.
    [[nodiscard]] Response show(const std::string& spelled) const;
    /// `PUT /workers/{id}`.
    [[nodiscard]] Response replace(const Request& request, const std::string& id, const Caller& caller);
    /// `PATCH /workers/{id}`.
    [[nodiscard]] Response patch(const Request& request, const std::string& id, const Caller& caller);
    /// `DELETE /workers/{id}`.
    [[nodiscard]] Response remove(const Request& request, const std::string& spelled, const Caller& caller);

private:
    void note(const Request& request, const Response& response, const std::string& id, const workers::WorkerPtr& worker, const Caller& caller) const;
    using SpecChange = Result<workers::WorkerSpec> (*)(const workers::WorkerSpec&, const nlohmann::json&, const providers::Catalog&);

    /// Whatever is wrong with it that can be known before it is examined; reads the key file.
    [[nodiscard]] Result<void> complete(workers::WorkerSpec& spec) const;
    [[nodiscard]] tl::expected<workers::WorkerPtr, Response> add(const Request& request);
    [[nodiscard]] net::Awaitable<Response> wait_for(const Request& request, workers::WorkerPtr added, net::Duration limit);
    /// The id of the worker that is spelled by its id or by a name that no other has; else what was spelled.
    [[nodiscard]] std::string id_of(const std::string& spelled) const;
    [[nodiscard]] Response change(const Request& request, const std::string& spelled, const Caller& caller, SpecChange make);
    [[nodiscard]] tl::expected<workers::WorkerPtr, Response> try_change(const nlohmann::json& body, const std::string& id, SpecChange make);

    workers::Registry& registry_;
    fleet::Registrar& registrar_;
    fleet::RegistryWatch& watch_;
    WorkerRules rules_;
};

}  // namespace smg::admin
