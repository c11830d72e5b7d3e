#include "fleet/store.hpp"

#include <algorithm>
#include <set>

#include "fleet/dynamic_workers.hpp"
#include "telemetry/log.hpp"

namespace smg::fleet {
namespace {

using telemetry::Level;
using telemetry::log_event;

}  // namespace

/// One coroutine that waits, on its loop's thread.
struct Store::Waiter {
    explicit Waiter(net::EventLoop& event_loop) : loop(event_loop), timer(event_loop.context(), net::asio::steady_timer::time_point::max()) {}
    net::EventLoop& loop;
    net::asio::steady_timer timer;
    std::optional<Result<void>> outcome;
};

Result<std::unique_ptr<Store>> Store::open(std::string path, Secret key, workers::Registry& registry) {
    auto file = StoreFile::open(path, key);
    if (!file) return tl::unexpected(file.error());
    std::unique_ptr<Store> store(new Store(std::move(path), std::move(key), registry));
    store->start(std::move(*file));
    return store;
}

Store::~Store() { close(); }

void Store::start(std::unique_ptr<StoreFile> file) {
    file_ = std::move(file);
    open_ = true;
    thread_ = std::thread([this] { run(); });
}

bool Store::is_open() const {
    const std::lock_guard lock(mutex_);
    return open_;
}

void Store::close() {
    {
        const std::lock_guard lock(mutex_);
        open_ = false;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
    file_.reset();
}

Result<void> Store::reopen() {
    if (is_open()) return {};
    auto file = StoreFile::open(path_, key_);
    if (!file) return tl::unexpected(file.error());
    start(std::move(*file));
    return {};
}

Result<void> Store::restore() {
    auto stored = file_->read();
    if (!stored) return tl::unexpected(stored.error());
    restore_workers(registry_, *stored, "store");
    log_event(Level::info, "state", {{"file", path_}, {"workers", stored->size()}});
    return {};
}

bool Store::enqueue(std::string id, std::shared_ptr<Waiter> waiter) {
    {
        const std::lock_guard lock(mutex_);
        if (!open_) return false;
        queue_.push_back({std::move(id), std::move(waiter)});
    }
    wake_.notify_one();
    return true;
}

net::Awaitable<Result<void>> Store::keep(net::EventLoop& loop, std::string id) {
    auto waiter = std::make_shared<Waiter>(loop);
    if (!enqueue(std::move(id), waiter))
        co_return fail(Failure::service_unavailable, "the store is closed: the gateway is being replaced or stopped");
    while (!waiter->outcome) (void)co_await waiter->timer.async_wait(net::as_value);
    co_return *waiter->outcome;
}

void Store::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return !queue_.empty() || !open_; });
        if (queue_.empty()) return;
        const auto batch = std::exchange(queue_, {});
        lock.unlock();
        const auto written = write(batch);
        for (const auto& each : batch)
            each.waiter->loop.post([waiter = each.waiter, written] {
                waiter->outcome = written;
                waiter->timer.cancel();
            });
        lock.lock();
    }
}

Result<void> Store::write(const std::vector<Waiting>& batch) {
    // What is written is what the registry says now, not what it said when somebody asked: two changes of one worker cannot overtake each other.
    const auto snapshot = registry_.snapshot();
    std::set<std::string> ids;
    for (const auto& each : batch) ids.insert(each.id);
    std::vector<workers::WorkerPtr> there;
    std::vector<StoreChange> changes, gone;
    for (const auto& id : ids) {
        if (auto worker = snapshot->by_id(id))
            there.push_back(std::move(worker));
        else
            gone.push_back({id, std::nullopt});
    }
    std::sort(there.begin(), there.end(), [](const auto& a, const auto& b) { return a->sequence < b->sequence; });
    for (const auto& worker : there) changes.push_back({worker->id, spec_to_keep(*worker)});
    changes.insert(changes.end(), gone.begin(), gone.end());
    auto written = file_->write(changes);
    if (!written) log_event(Level::error, "the store cannot be written", {{"reason", written.error().message}});
    return written;
}

}  // namespace smg::fleet
