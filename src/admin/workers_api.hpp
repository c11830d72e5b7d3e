#pragma once
/// `/workers` (contract section 3): registers, shows, changes and removes workers. Who may is decided before (`access.hpp`).
#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "admin/access.hpp"
#include "admin/request.hpp"
#include "fleet/registrar.hpp"
#include "fleet/registry_watch.hpp"
#include "fleet/store.hpp"
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

    /// Where workers are put before their change is acknowledged. Before this is shared; it outlives it.
    void set_store(fleet::Store& store) { store_ = &store; }
    /// While it is so, nothing can be changed. Any thread.
    void set_frozen(bool frozen) noexcept { frozen_ = frozen; }

    /// `POST /workers[?wait=SECONDS]`.
    [[nodiscard]] net::Awaitable<Response> create(const Request& request, const Caller& caller);
    /// `GET /workers[?model=ID]`.
    [[nodiscard]] Response list(const Request& request) const;
    /// `GET /workers/{id}`.
    [[nodiscard]] Response show(const std::string& spelled) const;
    /// `PUT /workers/{id}`.
    [[nodiscard]] net::Awaitable<Response> replace(const Request& request, std::string id, const Caller& caller);
    /// `PATCH /workers/{id}`.
    [[nodiscard]] net::Awaitable<Response> patch(const Request& request, std::string id, const Caller& caller);
    /// `DELETE /workers/{id}`.
    [[nodiscard]] net::Awaitable<Response> remove(const Request& request, std::string spelled, const Caller& caller);

private:
    void note(const Request& request, const Response& response, const std::string& id, const workers::WorkerPtr& worker, const Caller& caller) const;
    using SpecChange = Result<workers::WorkerSpec> (*)(const workers::WorkerSpec&, const nlohmann::json&, const providers::Catalog&);

    /// Whatever is wrong with it that can be known before it is examined; reads the key file.
    [[nodiscard]] Result<void> complete(workers::WorkerSpec& spec) const;
    [[nodiscard]] tl::expected<workers::WorkerPtr, Response> add(const Request& request);
    [[nodiscard]] net::Awaitable<Response> wait_for(const Request& request, workers::WorkerPtr added, net::Duration limit);
    /// The id of the worker that is spelled by its id or by a name that no other has; else what was spelled.
    [[nodiscard]] std::string id_of(const std::string& spelled) const;
    /// A worker before and after a change.
    struct Changed {
        Changed(workers::WorkerPtr was, workers::WorkerPtr is) : before(std::move(was)), after(std::move(is)) {}
        workers::WorkerPtr before;
        workers::WorkerPtr after;
    };
    [[nodiscard]] net::Awaitable<Response> change(const Request& request, std::string spelled, const Caller& caller, SpecChange make);
    [[nodiscard]] tl::expected<Changed, Response> try_change(const nlohmann::json& body, const std::string& id, SpecChange make);
    /// Why nothing can be changed now; nothing: it can.
    [[nodiscard]] std::optional<Response> refuse_changes() const;
    /// Puts on the disk what has become of the worker; an answer when that failed.
    [[nodiscard]] net::Awaitable<std::optional<Response>> keep(const Request& request, std::string id);

    workers::Registry& registry_;
    fleet::Registrar& registrar_;
    fleet::RegistryWatch& watch_;
    WorkerRules rules_;
    fleet::Store* store_ = nullptr;  ///< null: a restart forgets them
    std::atomic<bool> frozen_{false};
};

}  // namespace smg::admin
