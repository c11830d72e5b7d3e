#include "workers/registry.hpp"

#include <algorithm>

#include "workers/reexamine.hpp"
#include "workers/worker_id.hpp"

namespace smg::workers {

namespace {

constexpr std::size_t npos = static_cast<std::size_t>(-1);

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
    : catalog_(std::move(catalog)), new_id_(new_id ? std::move(new_id) : random_uuid), aliases_(std::make_shared<const Aliases>(std::move(aliases))) {
    current_ = std::make_shared<const Snapshot>(std::vector<WorkerPtr>(), catalog_, aliases_, 0);
}

SnapshotPtr Registry::snapshot() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

std::size_t Registry::index_of(std::string_view id) const {
    const auto& workers = current_->workers();
    for (std::size_t i = 0; i < workers.size(); ++i)
        if (workers[i]->id == id) return i;
    return npos;
}

void Registry::publish(std::vector<WorkerPtr> workers) {
    const auto version = version_.load(std::memory_order_relaxed) + 1;
    current_ = std::make_shared<const Snapshot>(std::move(workers), catalog_, aliases_, version, current_.get());
    version_.store(version, std::memory_order_release);
}

void Registry::notify() const {
    for (const auto& listener : listeners_) listener();
}

RegistryResult<WorkerPtr> Registry::add(WorkerSpec spec, std::string source, std::int64_t now, std::string fixed_id) {
    auto identity = identify(spec, *catalog_);
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
    auto identity = identify(without_provider, *catalog_);
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
        auto workers = current_->workers();
        if (const auto same = current_->by_url_and_name(worker->identity.url_key, worker->spec->name)) {
            if (same->status == Status::pending)
                return refuse(RegistryFailure::create_in_progress, "a worker with this url and name is being registered: " + same->id);
            if (same->status != Status::failed)
                return refuse(RegistryFailure::already_exists,
                              "a worker with this url and name exists: " + same->id + "; another one of the same url needs a `name` of its own");
            worker->id = same->id;
            worker->sequence = same->sequence;
            worker->version = same->version + 1;
            worker->counters = same->counters;
            if (!same_key(*same->spec, *worker->spec)) worker->counters->end_pause();
            begin(*worker);
            workers[index_of(same->id)] = worker;
        } else {
            if (!fixed_id.empty() && index_of(fixed_id) != npos)
                return refuse(RegistryFailure::already_exists, "a worker with this id exists: " + fixed_id);
            worker->id = fixed_id.empty() ? new_id_() : std::move(fixed_id);
            worker->sequence = next_sequence_++;
            worker->counters = std::make_shared<Counters>();
            begin(*worker);
            workers.push_back(worker);
        }
        publish(std::move(workers));
    }
    notify();
    return WorkerPtr(std::move(worker));
}

template <typename Change>
RegistryResult<WorkerPtr> Registry::change(std::string_view id, Change apply_to) {
    std::shared_ptr<Worker> worker;
    {
        const std::lock_guard lock(mutex_);
        const auto index = index_of(id);
        if (index == npos) return not_found(id);
        auto workers = current_->workers();
        worker = std::make_shared<Worker>(*workers[index]);
        if (auto error = apply_to(*worker)) return tl::unexpected(std::move(*error));
        ++worker->version;
        workers[index] = worker;
        publish(std::move(workers));
    }
    notify();
    return WorkerPtr(std::move(worker));
}

RegistryResult<WorkerPtr> Registry::update(std::string_view id, WorkerSpec spec, bool rediscover, std::int64_t now, std::uint64_t expected_version,
                                           std::string source) {
    auto identity = identify(spec, *catalog_);
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

RegistryResult<WorkerPtr> Registry::drain(std::string_view id, std::int64_t now) {
    return change(id, [&](Worker& worker) -> std::optional<RegistryError> {
        const auto changed = next(worker.status, worker.cause, StatusEvent::drain);
        worker.status = changed.status;
        worker.cause = changed.cause;
        if (changed.changed) worker.job = job("RemoveWorker", worker, "processing", "", now);
        return std::nullopt;
    });
}

RegistryResult<WorkerPtr> Registry::remove(std::string_view id) {
    WorkerPtr removed;
    {
        const std::lock_guard lock(mutex_);
        const auto index = index_of(id);
        if (index == npos) return not_found(id);
        auto workers = current_->workers();
        removed = workers[index];
        workers.erase(workers.begin() + static_cast<std::ptrdiff_t>(index));
        publish(std::move(workers));
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

void Registry::set_aliases(Aliases aliases) {
    {
        const std::lock_guard lock(mutex_);
        aliases_ = std::make_shared<const Aliases>(std::move(aliases));
        publish(current_->workers());
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
