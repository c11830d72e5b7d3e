#include "workers/registry.hpp"

#include <algorithm>

#include "workers/reexamine.hpp"
#include "workers/worker_id.hpp"

namespace smg::workers {

namespace {

auto refuse(RegistryFailure failure, std::string message, std::string param = {}) {
    return tl::unexpected<RegistryError>(RegistryError(failure, std::move(message), std::move(param)));
}

auto not_found(std::string_view id) { return refuse(RegistryFailure::not_found, "no worker has the id " + std::string(id.substr(0, 64))); }

JobStatus job(std::string_view type, const Worker& worker, std::string_view status, std::string message, std::int64_t now) {
    return {std::string(type), worker.spec->url, std::string(status), std::move(message), now};
}

/// Nothing can be asked before a caller brings a key: ready at once.
bool needs_no_examination(const Worker& worker) { return worker.external() && !worker.spec->has_key() && worker.spec->api_key_file.empty(); }

/// Pending or, for bring-your-own workers, ready.
void start(Worker& worker, std::string_view job_type, std::int64_t now) {
    worker.cause = Cause::none;
    worker.status_reason.clear();
    if (needs_no_examination(worker)) {
        worker.status = Status::ready;
        worker.job.reset();
    } else {
        worker.status = Status::pending;
        worker.job = job(job_type, worker, "pending", "", now);
    }
}

std::optional<RegistryError> changed_since(const Worker& worker, const WorkerSpec* examined) {
    if (!examined || worker.spec.get() == examined) return std::nullopt;
    return RegistryError(RegistryFailure::create_in_progress, "the worker was changed in the meantime");
}

}  // namespace

std::string_view error_code(RegistryFailure failure) noexcept {
    switch (failure) {
        case RegistryFailure::bad_request: return "BAD_REQUEST";
        case RegistryFailure::not_found: return "WORKER_NOT_FOUND";
        case RegistryFailure::already_exists: return "WORKER_ALREADY_EXISTS";
        case RegistryFailure::create_in_progress: return "WORKER_CREATE_IN_PROGRESS";
    }
    return "BAD_REQUEST";
}

int http_status(RegistryFailure failure) noexcept {
    switch (failure) {
        case RegistryFailure::bad_request: return 400;
        case RegistryFailure::not_found: return 404;
        case RegistryFailure::already_exists:
        case RegistryFailure::create_in_progress: return 409;
    }
    return 400;
}

Registry::Registry(std::shared_ptr<const providers::Catalog> catalog, Aliases aliases, std::function<std::string()> new_id)
    : catalogs_{std::move(catalog)}, current_catalog_(catalogs_.back().get()), new_id_(new_id ? std::move(new_id) : random_uuid) {
    auto shared = std::make_shared<const Aliases>(std::move(aliases));
    current_ = std::make_shared<const Snapshot>(std::vector<WorkerPtr>(), catalogs_.back(), std::move(shared), 0);
}

SnapshotPtr Registry::snapshot() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

void Registry::publish(SnapshotPtr next) {
    current_ = std::move(next);
    version_.store(current_->version(), std::memory_order_release);
}

void Registry::notify() const {
    for (const auto& listener : listeners_) listener();
}

RegistryResult<WorkerPtr> Registry::add(WorkerSpec spec, std::string source, std::int64_t now, std::string fixed_id) {
    auto identity = identify(spec, catalog());
    if (!identity) return refuse(RegistryFailure::bad_request, identity.error().message, identity.error().param);
    auto worker = std::make_shared<Worker>();
    worker->spec = std::make_shared<const WorkerSpec>(std::move(spec));
    worker->identity = std::move(*identity);
    worker->source = std::move(source);
    return insert(
        std::move(worker), [now](Worker& added) { start(added, "AddWorker", now); }, std::move(fixed_id));
}

RegistryResult<WorkerPtr> Registry::add_unusable(WorkerSpec spec, std::string source, std::string reason, std::int64_t now, std::string fixed_id) {
    auto without_provider = spec;
    without_provider.provider.clear();
    auto identity = identify(without_provider, catalog());
    if (!identity) return refuse(RegistryFailure::bad_request, identity.error().message, identity.error().param);
    auto worker = std::make_shared<Worker>();
    worker->spec = std::make_shared<const WorkerSpec>(std::move(spec));
    worker->identity = std::move(*identity);
    worker->source = std::move(source);
    const auto fail_at_once = [&reason, now](Worker& added) {
        added.status = Status::failed;
        added.cause = Cause::configuration;
        added.status_reason = reason;
        added.job = job("AddWorker", added, "failed", reason, now);
    };
    return insert(std::move(worker), fail_at_once, std::move(fixed_id));
}

RegistryResult<WorkerPtr> Registry::insert(std::shared_ptr<Worker> worker, const std::function<void(Worker&)>& begin, std::string fixed_id) {
    worker->version = 1;
    {
        const std::lock_guard lock(mutex_);
        if (const auto same = current_->by_url_and_name(worker->identity.url_key, worker->spec->name)) {
            if (same->status == Status::pending)
                return refuse(RegistryFailure::create_in_progress, "a worker with this url and name is being registered: " + same->id);
            if (same->status != Status::failed)
                return refuse(RegistryFailure::already_exists,
                              "a worker with this url and name exists: " + same->id + "; another one of the same url needs a `name` of its own");
            worker->id = same->id;
            worker->sequence = same->sequence;
            worker->name_is_anothers = same->name_is_anothers;
            worker->version = same->version + 1;
            worker->counters = same->counters;
            if (!same_key(*same->spec, *worker->spec)) worker->counters->end_pause();
            begin(*worker);
            publish(current_->with_replaced(worker));
        } else {
            if (!fixed_id.empty() && current_->by_id(fixed_id))
                return refuse(RegistryFailure::already_exists, "a worker with this id exists: " + fixed_id);
            worker->id = fixed_id.empty() ? new_id_() : std::move(fixed_id);
            worker->sequence = next_sequence_++;
            worker->name_is_anothers = current_->by_name(worker->spec->name) != nullptr;
            worker->counters = std::make_shared<Counters>();
            begin(*worker);
            publish(current_->with_added(worker));
        }
    }
    notify();
    return WorkerPtr(std::move(worker));
}

template <typename Change>
RegistryResult<WorkerPtr> Registry::change(std::string_view id, Change apply_to) {
    std::shared_ptr<Worker> worker;
    {
        const std::lock_guard lock(mutex_);
        const auto before = current_->by_id(id);
        if (!before) return not_found(id);
        worker = std::make_shared<Worker>(*before);
        if (auto error = apply_to(*worker)) return tl::unexpected(std::move(*error));
        ++worker->version;
        publish(current_->with_replaced(worker));
    }
    notify();
    return WorkerPtr(std::move(worker));
}

RegistryResult<WorkerPtr> Registry::update(std::string_view id, WorkerSpec spec, bool rediscover, std::int64_t now, std::uint64_t expected_version,
                                           std::string source) {
    auto identity = identify(spec, catalog());
    if (!identity) return refuse(RegistryFailure::bad_request, identity.error().message, identity.error().param);
    return change(id, [&](Worker& worker) -> std::optional<RegistryError> {
        if (worker.status == Status::draining) return RegistryError(RegistryFailure::not_found, "the worker is being removed");
        if (expected_version != 0 && worker.version != expected_version)
            return RegistryError(RegistryFailure::create_in_progress, "the worker was changed in the meantime; try again");
        if (!same_key(*worker.spec, spec)) worker.counters->end_pause();
        worker.spec = std::make_shared<const WorkerSpec>(std::move(spec));
        worker.identity = std::move(*identity);
        if (!source.empty()) worker.source = std::move(source);
        if (rediscover || needs_no_examination(worker)) {
            worker.discovered.reset();
            start(worker, "UpdateWorker", now);
        }
        return std::nullopt;
    });
}

RegistryResult<WorkerPtr> Registry::drain(std::string_view id, std::int64_t now, Departure why) {
    return change(id, [&](Worker& worker) -> std::optional<RegistryError> {
        const auto changed = next(worker.status, worker.cause, StatusEvent::drain);
        worker.status = changed.status;
        worker.cause = changed.cause;
        if (changed.changed) {
            worker.job = job("RemoveWorker", worker, "processing", "", now);
            worker.departure = why;
        }
        return std::nullopt;
    });
}

RegistryResult<WorkerPtr> Registry::remove(std::string_view id) {
    WorkerPtr removed;
    {
        const std::lock_guard lock(mutex_);
        removed = current_->by_id(id);
        if (!removed) return not_found(id);
        publish(current_->without(id));
    }
    notify();
    return removed;
}

RegistryResult<WorkerPtr> Registry::apply(std::string_view id, StatusEvent event, std::string reason, std::int64_t now,
                                          std::shared_ptr<const std::vector<providers::ListedModel>> models, const WorkerSpec* examined) {
    return change(id, [&](Worker& worker) -> std::optional<RegistryError> {
        if (auto stale = changed_since(worker, examined)) return stale;
        const auto changed = next(worker.status, worker.cause, event);
        worker.status = changed.status;
        worker.cause = changed.cause;
        if (models && (event == StatusEvent::registered || event == StatusEvent::recovered)) worker.discovered = std::move(models);
        // A repeated event of the same kind brings newer words, also where the status stays.
        const bool unregistered = event == StatusEvent::register_failed || event == StatusEvent::register_refused;
        const bool bad = unregistered || event == StatusEvent::unhealthy || event == StatusEvent::key_refused;
        if (changed.changed || (bad && worker.status != Status::ready)) worker.status_reason = bad ? reason : std::string();
        if (worker.status == Status::ready)
            worker.job.reset();
        else if (unregistered && worker.status == Status::failed)
            worker.job = job("AddWorker", worker, "failed", reason, now);
        else if (event == StatusEvent::retry_started && changed.changed)
            worker.job = job("AddWorker", worker, "processing", std::move(reason), now);
        return std::nullopt;
    });
}

RegistryResult<WorkerPtr> Registry::set_models(std::string_view id, std::shared_ptr<const std::vector<providers::ListedModel>> models,
                                               const WorkerSpec* examined) {
    return change(id, [&](Worker& worker) -> std::optional<RegistryError> {
        if (auto stale = changed_since(worker, examined)) return stale;
        worker.discovered = std::move(models);
        return std::nullopt;
    });
}

Result<void> Registry::set_catalog(std::shared_ptr<const providers::Catalog> catalog) {
    {
        const std::lock_guard lock(mutex_);
        std::vector<WorkerPtr> workers;
        for (const auto& before : current_->workers()) {
            auto identity = identify(*before->spec, *catalog);
            // Workers of the configuration were looked at with it: this one is about to leave, as what it was.
            const bool leaves = before->status == Status::draining || before->source == "file" || before->source == "flag";
            if (!identity && !leaves)
                return fail(Failure::invalid_request, "worker " + before->label() + ": " + identity.error().message, identity.error().param);
            if (!identity) {
                workers.push_back(before);
                continue;
            }
            auto worker = std::make_shared<Worker>(*before);
            worker->identity = std::move(*identity);
            ++worker->version;
            workers.push_back(std::move(worker));
        }
        catalogs_.push_back(catalog);
        current_catalog_.store(catalog.get(), std::memory_order_release);
        publish(current_->with_catalog(std::move(catalog), std::move(workers)));
    }
    notify();
    return {};
}

void Registry::set_aliases(Aliases aliases) {
    {
        const std::lock_guard lock(mutex_);
        publish(current_->with_aliases(std::make_shared<const Aliases>(std::move(aliases))));
    }
    notify();
}

const SnapshotPtr& SnapshotCache::get() {
    if (const auto version = registry_->version(); version != seen_ || !snapshot_) {
        snapshot_ = registry_->snapshot();
        seen_ = snapshot_->version();
    }
    return snapshot_;
}

}  // namespace smg::workers
