#pragma once
/// The set of workers. Writers (admin, fleet) change it under a lock; readers take a snapshot and never wait for I/O.
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "workers/snapshot.hpp"

namespace smg::workers {

/// What a change of the registry is refused for; the control plane's codes.
enum class RegistryFailure { bad_request, not_found, already_exists, create_in_progress };
struct RegistryError {
    RegistryError(RegistryFailure what, std::string text, std::string field = {})
        : failure(what), message(std::move(text)), param(std::move(field)) {}
    RegistryFailure failure;
    std::string message;
    std::string param;
};
/// `BAD_REQUEST`, `WORKER_NOT_FOUND`, `WORKER_ALREADY_EXISTS`, `WORKER_CREATE_IN_PROGRESS`.
[[nodiscard]] std::string_view error_code(RegistryFailure failure) noexcept;
[[nodiscard]] int http_status(RegistryFailure failure) noexcept;

template <typename T>
using RegistryResult = tl::expected<T, RegistryError>;

class Registry {
public:
    using Aliases = Snapshot::Aliases;
    /// `new_id` makes worker ids; the default makes random UUIDs (version 4).
    explicit Registry(std::shared_ptr<const providers::Catalog> catalog, Aliases aliases = {}, std::function<std::string()> new_id = {});

    /// Any thread. The snapshot stays valid and unchanged as long as it is held.
    [[nodiscard]] SnapshotPtr snapshot() const;
    /// Grows with every change; lets an event loop keep its snapshot until it is stale.
    [[nodiscard]] std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }
    /// As of now. Catalogs that were replaced live on as long as the registry.
    [[nodiscard]] const providers::Catalog& catalog() const noexcept { return *current_catalog_.load(std::memory_order_acquire); }

    /// Called after every change, on the thread that made it, outside the lock. Register before the registry is shared.
    void on_change(std::function<void()> listener) { listeners_.push_back(std::move(listener)); }

    // Each of these swaps in one new snapshot. `now` is Unix seconds, for `job_status`.

    /// A new pending worker. The same URL and name: already_exists, create_in_progress while the other is pending; over a failed one it
    /// replaces it and keeps its id. `fixed_id` (a stored worker's) may be empty.
    RegistryResult<WorkerPtr> add(WorkerSpec spec, std::string source, std::int64_t now, std::string fixed_id = {});
    /// A worker of before whose provider is not to be had now: failed with this reason, and left alone until its spec changes. Its spec keeps
    /// the provider's name. Errors as `add`.
    RegistryResult<WorkerPtr> add_unusable(WorkerSpec spec, std::string source, std::string reason, std::int64_t now, std::string fixed_id = {});
    /// `PUT` and `PATCH` have made `spec` of the current one; `expected_version` guards against a change in between (0: do not care).
    /// A changed key or `models` makes an external worker pending again when it must discover anew (`rediscover`).
    /// `source`: who says so from now on; empty: as before.
    RegistryResult<WorkerPtr> update(std::string_view id, WorkerSpec spec, bool rediscover, std::int64_t now, std::uint64_t expected_version = 0,
                                     std::string source = {});
    /// Draining: no new request. `remove` ends it.
    RegistryResult<WorkerPtr> drain(std::string_view id, std::int64_t now, Departure why = Departure::deleted);
    RegistryResult<WorkerPtr> remove(std::string_view id);

    /// The state machine's event, with the reason that people read. `models` (maybe null) replaces the discovered list on `registered` and
    /// `recovered` when it is not null. Unknown ids: not_found (the worker was deleted meanwhile). `examined` (maybe null): what was found out
    /// holds for this spec; create_in_progress, and no change, when the worker has got another since.
    RegistryResult<WorkerPtr> apply(std::string_view id, StatusEvent event, std::string reason, std::int64_t now,
                                    std::shared_ptr<const std::vector<providers::ListedModel>> models = nullptr,
                                    const WorkerSpec* examined = nullptr);
    /// A refreshed list, without a change of status. `examined` as above.
    RegistryResult<WorkerPtr> set_models(std::string_view id, std::shared_ptr<const std::vector<providers::ListedModel>> models,
                                         const WorkerSpec* examined = nullptr);
    /// The providers, after a reload: every worker is one of those now, with the status that it had. An error when one of them would be
    /// none any more: then nothing has changed.
    Result<void> set_catalog(std::shared_ptr<const providers::Catalog> catalog);
    /// The gateway's aliases, after a reload.
    void set_aliases(Aliases aliases);

private:
    RegistryResult<WorkerPtr> insert(std::shared_ptr<Worker> worker, const std::function<void(Worker&)>& begin, std::string fixed_id);
    void publish(SnapshotPtr next);  // the lock is held
    void notify() const;
    template <typename Change>
    RegistryResult<WorkerPtr> change(std::string_view id, Change apply_to);

    std::vector<std::shared_ptr<const providers::Catalog>> catalogs_;  ///< guarded by the mutex
    std::atomic<const providers::Catalog*> current_catalog_;
    std::function<std::string()> new_id_;
    std::vector<std::function<void()>> listeners_;
    mutable std::mutex mutex_;
    SnapshotPtr current_;
    std::uint64_t next_sequence_ = 0;
    std::atomic<std::uint64_t> version_{0};
};

/// A reader's own copy of the snapshot, refreshed when the registry has moved on: no lock and no shared reference count on the data path.
/// One per event loop; not for sharing.
class SnapshotCache {
public:
    explicit SnapshotCache(const Registry& registry) : registry_(&registry) {}
    [[nodiscard]] const SnapshotPtr& get();

private:
    const Registry* registry_;
    SnapshotPtr snapshot_;
    std::uint64_t seen_ = ~std::uint64_t{0};
};

}  // namespace smg::workers
