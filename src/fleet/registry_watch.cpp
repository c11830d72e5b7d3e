#include "fleet/registry_watch.hpp"

#include <algorithm>
#include <mutex>
#include <vector>

namespace smg::fleet {

/// What the waiting coroutines and the registry's listener have in common. `waiters` of a loop are touched by that loop's thread alone; the
/// listener, on whatever thread, reads how many there are.
struct RegistryWatch::Shared {
    struct PerLoop {
        std::vector<Waiter*> waiters;
        std::size_t count = 0;  ///< guarded by the mutex
        bool posted = false;    ///< a wake-up is on its way; guarded by the mutex
    };

    Shared(net::EventLoops& event_loops, workers::Registry& watched) : loops(event_loops), registry(watched), per_loop(event_loops.size()) {}

    void on_change(const std::shared_ptr<Shared>& self);
    void wake(std::size_t index);

    net::EventLoops& loops;
    workers::Registry& registry;
    std::mutex mutex;
    std::vector<PerLoop> per_loop;
};

/// One coroutine that waits. Registered for as long as it lives.
class RegistryWatch::Waiter {
public:
    Waiter(std::shared_ptr<Shared> shared, net::EventLoop& loop) : timer(loop.context()), shared_(std::move(shared)), index_(loop.index()) {
        auto& place = shared_->per_loop[index_];
        place.waiters.push_back(this);
        const std::lock_guard lock(shared_->mutex);
        ++place.count;
    }
    ~Waiter() {
        auto& place = shared_->per_loop[index_];
        std::erase(place.waiters, this);
        const std::lock_guard lock(shared_->mutex);
        --place.count;
    }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    net::asio::steady_timer timer;

private:
    std::shared_ptr<Shared> shared_;
    std::size_t index_;
};

void RegistryWatch::Shared::on_change(const std::shared_ptr<Shared>& self) {
    // The version was raised before this lock, and a waiter looks at the version after it has counted itself under the same lock: so
    // either it sees the new version or it is seen here.
    const std::lock_guard lock(mutex);
    for (std::size_t i = 0; i < per_loop.size(); ++i) {
        if (per_loop[i].count == 0 || per_loop[i].posted) continue;
        per_loop[i].posted = true;
        loops[i].post([self, i] { self->wake(i); });
    }
}

void RegistryWatch::Shared::wake(std::size_t index) {
    {
        const std::lock_guard lock(mutex);
        per_loop[index].posted = false;
    }
    for (auto* waiter : per_loop[index].waiters) waiter->timer.cancel();
}

RegistryWatch::RegistryWatch(net::EventLoops& loops, workers::Registry& registry) : shared_(std::make_shared<Shared>(loops, registry)) {
    registry.on_change([watching = std::weak_ptr<Shared>(shared_)] {
        if (const auto shared = watching.lock()) shared->on_change(shared);
    });
}

RegistryWatch::~RegistryWatch() = default;

net::Awaitable<bool> RegistryWatch::changed(net::EventLoop& loop, std::uint64_t seen_version, net::Duration timeout,
                                            net::Cancellation& cancellation) {
    const auto shared = shared_;
    if (shared->registry.version() != seen_version) co_return true;
    if (cancellation.requested() || timeout <= net::Duration::zero()) co_return false;
    Waiter waiter(shared, loop);
    if (shared->registry.version() != seen_version) co_return true;
    const auto now = std::chrono::steady_clock::now();
    waiter.timer.expires_at(timeout < net::TimePoint::max() - now ? now + timeout : net::TimePoint::max());
    const net::Cancellation::Hook hook(cancellation, [&waiter] { waiter.timer.cancel(); });
    (void)co_await waiter.timer.async_wait(net::as_value);
    // A wake-up that was under way before this waiter came may end its wait early: only a version that moved counts.
    while (shared->registry.version() == seen_version && !cancellation.requested() && waiter.timer.expiry() > std::chrono::steady_clock::now())
        (void)co_await waiter.timer.async_wait(net::as_value);
    co_return shared->registry.version() != seen_version;
}

}  // namespace smg::fleet
