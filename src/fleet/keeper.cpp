#include "fleet/keeper.hpp"

#include <boost/asio/co_spawn.hpp>
#include <random>

#include "telemetry/log.hpp"

namespace smg::fleet {

namespace {

double random_share() {
    static thread_local std::minstd_rand generator{std::random_device{}()};
    return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
}

void report(const std::exception_ptr& thrown, const std::string& id) {
    if (!thrown) return;
    std::string what = "unknown";
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& exception) { what = exception.what(); } catch (...) {
    }
    telemetry::log_event(telemetry::Level::error, "the watch over a worker ended by a bug", {{"worker", id}, {"what", what}});
}

}  // namespace

Keeper::Keeper(std::shared_ptr<Surroundings> surroundings, std::string worker_id)
    : surroundings_(std::move(surroundings)), id_(std::move(worker_id)), timer_(surroundings_->loop.context()), spread_(random_share()) {}

void Keeper::start() {
    surroundings_->active.fetch_add(1);
    auto ended = [self = shared_from_this()](std::exception_ptr thrown) {
        report(thrown, self->id_);
        self->done_ = true;
        auto& around = *self->surroundings_;
        const std::lock_guard lock(around.mutex);
        if (around.active.fetch_sub(1) == 1) around.ended.notify_all();
    };
    net::asio::co_spawn(surroundings_->loop.executor(), run(shared_from_this()), std::move(ended));
}

void Keeper::notice(const workers::WorkerPtr& worker) {
    const bool other_task = !worker || !worker_ || worker->spec != worker_->spec || worker->status == workers::Status::draining;
    if (other_task && round_) round_->request();
    woken_ = true;
    timer_.cancel();
}

void Keeper::want_list() {
    history_.list_wanted = true;
    woken_ = true;
    timer_.cancel();
}

void Keeper::stop() {
    stopping_ = true;
    if (round_) round_->request();
    timer_.cancel();
}

net::Awaitable<void> Keeper::run(std::shared_ptr<Keeper> self) {
    auto& around = *self->surroundings_;
    while (!self->stopping_) {
        self->woken_ = false;
        self->worker_ = around.registry.snapshot()->by_id(self->id_);
        if (!self->worker_) break;
        const auto now = std::chrono::steady_clock::now();
        self->history_.observe(*self->worker_, now);
        const auto next = next_task(*self->worker_, self->history_, around.options.cadence, self->health(), self->spread_);
        if (next.task == Task::nothing || next.at > now) {
            co_await self->sleep_until(next.at);
            continue;
        }
        self->round_ = std::make_unique<net::Cancellation>();
        co_await self->act(next.task);
        self->round_.reset();
    }
}

net::Awaitable<void> Keeper::sleep_until(net::TimePoint when) {
    if (woken_ || stopping_) co_return;
    timer_.expires_at(when);
    (void)co_await timer_.async_wait(net::as_value);
}

net::Awaitable<void> Keeper::act(Task task) {
    switch (task) {
        case Task::nothing: break;
        case Task::enrol: co_await enrol(); break;
        case Task::check:
            if (worker_->external()) {
                co_await check_external();
            } else {
                co_await check_local();
            }
            break;
        case Task::relist: co_await relist(); break;
        case Task::recheck_key: co_await recheck_key(); break;
        case Task::restore: restore(); break;
        case Task::drain: drain(); break;
    }
}

Result<upstream::Peer> Keeper::peer() const { return peer_of(*worker_, surroundings_->options.proxies); }

HealthRules Keeper::health() const { return health_rules(*worker_->spec, surroundings_->options.health, surroundings_->options.breaker); }

const Secret* Keeper::admin_key() const {
    // On nobody's host but the provider's own: else whoever may register a worker could have the key sent to himself.
    const auto owner = surroundings_->registry.catalog().of_host(worker_->identity.url.host);
    if (!worker_->identity.url.tls || !owner || !providers::same_provider(*owner, worker_->provider())) return nullptr;
    for (const auto& each : surroundings_->options.admin_keys)
        if (each.provider == owner->name && !each.key.empty()) return &each.key;
    return nullptr;
}

void Keeper::note_list() {
    const auto now = std::chrono::steady_clock::now();
    history_.last_list = now;
    history_.list_wanted = false;
    worker_->counters->list_asked_ns.store(std::chrono::nanoseconds(now.time_since_epoch()).count(), std::memory_order_relaxed);
}

net::Awaitable<ListOutcome> Keeper::list(bool may_use_admin_key) {
    const auto to = peer();
    if (!to) co_return ListOutcome(to.error());
    note_list();
    auto options = surroundings_->options.list;
    if (worker_->ready() || worker_->status == workers::Status::not_ready) {  // then it is a check
        options.timeouts.first_byte = std::min(options.timeouts.first_byte, health().timeout);
        options.timeouts.connect = std::min(options.timeouts.connect, health().timeout);
    }
    if (const auto* admin = may_use_admin_key ? admin_key() : nullptr) {
        auto worker = worker_;
        auto where = *to;
        auto key = *admin;
        auto outcome = co_await fetch_models_with_key(surroundings_->pool, std::move(worker), std::move(where), std::move(key), options, *round_);
        if (outcome.ok()) co_return outcome;
    }
    auto worker = worker_;
    auto where = *to;
    auto key = worker_->spec->api_key;
    auto outcome = co_await fetch_models_with_key(surroundings_->pool, std::move(worker), std::move(where), std::move(key), options, *round_);
    co_return outcome;
}

net::Awaitable<ProbeOutcome> Keeper::probe(bool want_list) {
    auto to = peer();
    if (!to) co_return ProbeOutcome(false, to.error().message, nullptr);
    ProbeOptions options;
    options.endpoint = surroundings_->options.health.endpoint;
    options.timeout = health().timeout;
    options.want_list = want_list;
    options.list = surroundings_->options.list;
    if (want_list) note_list();
    history_.last_check = std::chrono::steady_clock::now();
    auto worker = worker_;
    auto outcome = co_await probe_local(surroundings_->pool, std::move(worker), std::move(*to), std::move(options), *round_);
    co_return outcome;
}

bool Keeper::needs_no_list(const ListOutcome& outcome) const {
    if (outcome.error && outcome.error->failure == Failure::not_supported) return true;  // the provider has no list call
    if (!worker_->declares_models()) return false;
    // A restricted key may chat and not list; an endpoint may have no list at all.
    return outcome.status == 403 || outcome.status == 404 || outcome.status == 405 || outcome.status == 501;
}

}  // namespace smg::fleet
