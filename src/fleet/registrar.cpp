#include "fleet/registrar.hpp"

#include <ctime>
#include <map>
#include <utility>

#include "fleet/keeper.hpp"

namespace smg::fleet {

RegistrarOptions::RegistrarOptions(const config::Config& config)
    : health(config.health), breaker(config.breaker), proxies(config.proxies), admin_keys(config.admin_keys) {
    list.timeouts.connect = config.connect_timeout;
}

/// Everything but the counters of the surroundings is touched on the loop's thread alone.
struct Registrar::State : std::enable_shared_from_this<State> {
    explicit State(std::shared_ptr<Surroundings> shared) : surroundings(std::move(shared)) {}

    /// Runs `work` on the loop, if there still is a registrar.
    template <typename Work>
    void post(Work work) {
        surroundings->loop.post([weak = weak_from_this(), work] {
            if (const auto state = weak.lock()) work(*state);
        });
    }
    /// The registry has changed, on whatever thread: once for any number of changes that the loop has not yet seen.
    void wake() {
        if (!started.load() || surroundings->stopping.load() || posted.exchange(true)) return;
        post([](State& state) { state.reconcile(); });
    }
    void reconcile();
    /// The worker is new (`before` null) or has changed.
    void attend(const workers::Worker* before, const workers::WorkerPtr& worker);
    void leave(const workers::Worker& worker);
    void note_registration(const workers::Worker* before, const workers::Worker& now) const;
    void end_all();

    const std::shared_ptr<Surroundings> surroundings;
    std::atomic<bool> started{false};
    std::atomic<bool> posted{false};
    std::atomic<bool> all_told{false};  ///< `stop` has reached every keeper
    std::map<std::string, std::shared_ptr<Keeper>, std::less<>> keepers;
    workers::SnapshotPtr seen;  ///< what the keepers know; held, so that no other worker comes to lie at an address of it
};

void Registrar::State::reconcile() {
    posted = false;
    if (surroundings->stopping) return;
    const auto before = std::exchange(seen, surroundings->registry.snapshot());
    static const std::vector<workers::WorkerPtr> nobody;
    const auto& known = before ? before->workers() : nobody;
    // Both are in order of creation, so that one walk over pointers finds what differs, however many there are.
    auto each = known.begin();
    for (const auto& worker : seen->workers()) {
        for (; each != known.end() && (*each)->sequence < worker->sequence; ++each) leave(**each);
        const bool is_known = each != known.end() && (*each)->sequence == worker->sequence;
        const auto* earlier = is_known ? (each++)->get() : nullptr;
        if (earlier != worker.get()) attend(earlier, worker);
    }
    for (; each != known.end(); ++each) leave(**each);
}

void Registrar::State::attend(const workers::Worker* before, const workers::WorkerPtr& worker) {
    auto& keeper = keepers[worker->id];
    if (keeper && !keeper->done()) {
        keeper->notice(worker);
    } else {
        keeper = std::make_shared<Keeper>(surroundings, worker->id);
        keeper->start();
    }
    note_registration(before, *worker);
}

void Registrar::State::leave(const workers::Worker& worker) {
    const auto keeper = keepers.find(worker.id);
    // One that came back under its id has its keeper already.
    if (keeper == keepers.end() || seen->by_id(worker.id)) return;
    keeper->second->notice(nullptr);
    keepers.erase(keeper);
}

void Registrar::State::note_registration(const workers::Worker* before, const workers::Worker& now) const {
    using workers::Status;
    const auto& tell = surroundings->options.on_registration;
    const bool was_open = before == nullptr || before->status == Status::pending;
    if (!tell || !was_open || now.status == Status::pending || now.status == Status::draining) return;
    tell(now, now.status != Status::failed);
}

void Registrar::State::end_all() {
    for (const auto& [id, keeper] : keepers) keeper->stop();
    keepers.clear();
    seen.reset();
    const std::lock_guard lock(surroundings->mutex);
    all_told = true;
    surroundings->ended.notify_all();
}

Registrar::Registrar(net::EventLoops& loops, workers::Registry& registry, upstream::Pools& pools, RegistrarOptions options)
    : state_(std::make_shared<State>(std::make_shared<Surroundings>(loops[0], registry, pools.of(loops[0]), std::move(options)))) {
    registry.on_change([watching = std::weak_ptr<State>(state_)] {
        if (const auto state = watching.lock()) state->wake();
    });
}

Registrar::~Registrar() { stop(); }

void Registrar::start() {
    state_->started = true;
    state_->wake();
}

void Registrar::set_options(RegistrarOptions options) {
    state_->post([options = std::move(options)](State& state) {
        auto& current = state.surroundings->options;
        current.health = options.health;
        current.breaker = options.breaker;
        current.proxies = options.proxies;
        current.admin_keys = options.admin_keys;
        current.list = options.list;
    });
}

void Registrar::stop() {
    if (state_->surroundings->stopping.exchange(true)) return;
    // The state is held by the task: keepers are to be destroyed on their own thread.
    state_->surroundings->loop.post([state = state_] { state->end_all(); });
}

bool Registrar::stopped() const noexcept { return state_->all_told && state_->surroundings->active == 0; }

bool Registrar::wait_stopped(std::chrono::milliseconds limit) {
    std::unique_lock lock(state_->surroundings->mutex);
    return state_->surroundings->ended.wait_for(lock, limit, [this] { return stopped(); });
}

workers::RegistryResult<workers::WorkerPtr> Registrar::drain(std::string_view id, workers::Departure why) {
    auto& registry = state_->surroundings->registry;
    const auto before = registry.snapshot()->by_id(id);
    auto drained = registry.drain(id, std::time(nullptr), why);
    if (!drained || !before) return drained;
    const bool never_served = before->status == workers::Status::pending || before->status == workers::Status::failed;
    if (!never_served || before->counters->in_flight.load() > 0) return drained;
    if (const auto removed = registry.remove(id))
        state_->post([gone = *removed](State& state) {
            if (state.surroundings->options.on_gone) state.surroundings->options.on_gone(*gone);
        });
    return drained;
}

void Registrar::refresh(const workers::Worker& worker) {
    if (worker.external() && !worker.spec->has_key()) return;
    const auto now = std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
    const auto pause = std::chrono::nanoseconds(state_->surroundings->options.cadence.missed_list).count();
    auto asked = worker.counters->list_asked_ns.load(std::memory_order_relaxed);
    if (asked != 0 && now - asked < pause) return;
    if (!worker.counters->list_asked_ns.compare_exchange_strong(asked, now, std::memory_order_relaxed)) return;
    state_->post([id = worker.id](State& state) {
        if (const auto keeper = state.keepers.find(id); keeper != state.keepers.end()) keeper->second->want_list();
    });
}

}  // namespace smg::fleet
