#include "admin/issuer_keys.hpp"

#include <boost/asio/co_spawn.hpp>
#include <mutex>
#include <optional>
#include <utility>

#include "telemetry/log.hpp"

namespace smg::admin {

struct IssuerKeys::State {
    State(net::EventLoop& its_home, Fetch its_fetch, Clock its_clock)
        : home(its_home), fetch(std::move(its_fetch)), clock(std::move(its_clock)), ended(its_home.context(), net::TimePoint::max()) {}

    /// With the mutex held: is it time to fetch for the sake of this key?
    [[nodiscard]] bool due(const std::string& key_id, net::TimePoint now) const {
        if (stopping) return false;
        if (!keys) return !attempted || now - *attempted >= pause_without_keys;
        if (now - fetched >= lifetime) return now - *attempted >= pause;
        return !keys->holds(key_id) && (!looked || now - *looked >= pause);
    }
    /// True: this caller is to fetch.
    [[nodiscard]] bool begin(const std::string& key_id) {
        const std::lock_guard lock(mutex);
        const auto now = clock();
        if (!due(key_id, now)) return false;
        if (keys && now - fetched < lifetime) looked = now;
        attempted = now;
        fetching = true;
        return true;
    }
    void take(Result<JwkSet> got) {
        if (!got) {
            if (!stopping) telemetry::log_event(telemetry::Level::warn, "the issuer's keys cannot be fetched", {{"reason", got.error().message}});
            return;
        }
        telemetry::log_event(telemetry::Level::debug, "the issuer's keys are fetched", {{"keys", got->keys().size()}});
        const std::lock_guard lock(mutex);
        fetched = clock();
        keys = std::make_shared<const JwkSet>(std::move(*got));
    }

    net::EventLoop& home;
    const Fetch fetch;
    const Clock clock;
    net::Cancellation cancellation;  ///< the home loop's
    net::asio::steady_timer ended;   ///< likewise: never due; cancelled whenever a fetch has ended
    mutable std::mutex mutex;        ///< for what follows
    std::shared_ptr<const JwkSet> keys;
    net::TimePoint fetched{};
    std::optional<net::TimePoint> attempted;  ///< the last fetch, however it went
    std::optional<net::TimePoint> looked;     ///< the last fetch for a key that was not there
    bool fetching = false;
    std::atomic<bool> stopping{false};
};

IssuerKeys::IssuerKeys(net::EventLoop& home, Fetch fetch, Clock clock)
    : state_(std::make_shared<State>(home, std::move(fetch), std::move(clock))) {}

net::Awaitable<std::shared_ptr<const JwkSet>> IssuerKeys::with(std::string key_id) {
    const auto state = state_;
    {
        const std::lock_guard lock(state->mutex);
        const bool there = state->keys && state->keys->holds(key_id);
        if (!state->due(key_id, state->clock()) && (there || !state->fetching)) co_return state->keys;
    }
    auto refreshing = refresh(state, std::move(key_id));
    (void)co_await net::asio::co_spawn(state->home.executor(), std::move(refreshing), net::as_value);
    const std::lock_guard lock(state->mutex);
    co_return state->keys;
}

net::Awaitable<void> IssuerKeys::refresh(std::shared_ptr<State> state, std::string key_id) {
    // Whether a fetch is under way changes on this loop alone.
    while (state->fetching) (void)co_await state->ended.async_wait(net::as_value);
    if (!state->begin(key_id)) co_return;
    struct Ending {
        explicit Ending(State& its_state) : state(its_state) {}
        ~Ending() {
            {
                const std::lock_guard lock(state.mutex);
                state.fetching = false;
            }
            state.ended.cancel();
        }
        State& state;
    };
    const Ending ending(*state);
    auto fetching = state->fetch(state->cancellation);
    auto got = co_await std::move(fetching);
    state->take(std::move(got));
}

void IssuerKeys::stop() {
    state_->stopping = true;
    state_->home.post([state = state_] { state->cancellation.request(); });
}

bool IssuerKeys::idle() const {
    const std::lock_guard lock(state_->mutex);
    return !state_->fetching;
}

}  // namespace smg::admin
