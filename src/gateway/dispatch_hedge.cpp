/// Hedging: a second worker is asked beside a slow one, and the first to answer is relayed (docs/reliability.md).
#include <utility>

#include "gateway/dispatch.hpp"
#include "gateway/hedge_race.hpp"

namespace smg::gateway {

std::optional<net::Duration> Dispatch::hedge_after() const {
    const auto& options = gateway_.options();
    if (!options.hedge.enabled || attempts_.count() != 1) return std::nullopt;
    const auto model = hedged_model();
    if (model.empty()) return std::nullopt;
    // A routing key that is kept by hand holds its worker, as state would.
    const bool sticky = options.route.settings.routing_key_override && !options_.routing_key.empty();
    if (sticky || choice_->policy == workers::PolicyKind::manual) return std::nullopt;
    if (workers::retry_rules(choice_->worker->spec->resilience, options.retry).max_sends < 2) return std::nullopt;
    return gateway_.first_byte_times().p95(model, streaming());
}

void Dispatch::note_first_byte() {
    const auto& record = request_.record;
    if (!gateway_.options().hedge.enabled || record.upstream_status < 200 || record.upstream_status >= 300) return;
    if (const auto model = hedged_model(); !model.empty())
        gateway_.first_byte_times().sample(model, streaming(), record.first_byte - record.routed);
}

ContestantPtr Dispatch::second_contestant(const Contestant& first) {
    auto wanted = route_request();
    wanted.tried.push_back(first.choice.worker->id);
    const auto snapshot = gateway_.snapshot(request_.loop);
    auto chosen = routing::choose(*snapshot, gateway_.policy_state(), gateway_.options().route, wanted);
    // Who pays is not for a hedge to change.
    if (!chosen || chosen->key_source != first.choice.key_source) return nullptr;
    const auto rules = workers::breaker_rules(chosen->worker->spec->resilience, gateway_.options().breaker);
    workers::BreakerPass pass(chosen->worker->counters->breakers, chosen->upstream_model, rules, wanted.now);
    if (pass.refused() || pass.is_trial()) return nullptr;  // a trial that is given up proves nothing
    if (!gateway_.hedge_budget().take()) return nullptr;
    if (!gateway_.retry_budget().take(wanted.now)) {
        gateway_.hedge_budget().give_back();
        return nullptr;
    }
    return std::make_shared<Contestant>(std::move(*chosen), std::move(pass));
}

Result<void> Dispatch::equip(Contestant& one) {
    auto peer = prepare(one.sent);
    if (!peer) return tl::unexpected(std::move(peer.error()));
    if (request_.trace) one.span = request_.trace->current;
    one.head = head_text(*peer, one.sent);
    one.exchange.emplace(gateway_.pool(request_.loop), std::move(*peer), timeouts(), one.cancellation);
    one.exchange->ask_before_resending([this] { return gateway_.retry_budget().take(workers::Clock::now()); });
    return {};
}

void Dispatch::turn(Contestant& from, Contestant& to) {
    if (&from == &to) return;
    from.pass = std::move(pass_);
    pass_ = std::move(to.pass);
    choice_ = to.choice;
    request_.record.routed_at(to.began);
    if (request_.trace) request_.trace->current = to.span;
    show_choice();
}

void Dispatch::note_outrun(Contestant& loser, bool was_first) {
    loser.pass.release();  // being slow is no failure
    attempts_.outrun();
    request_.record.attempt_failed(loser.choice.worker->label(), "hedge");
    if (request_.trace) request_.trace->attempt_outrun(loser.span);
    if (!was_first) return;
    // It would have taken at least as long: without it the times would tell of quick answers alone.
    const auto now = workers::Clock::now();
    gateway_.first_byte_times().sample(hedged_model(), streaming(), now - loser.began);
    loser.choice.worker->counters->first_byte.sample(std::chrono::duration<double>(now - loser.began).count(), now);
}

net::Awaitable<Dispatch::Attempt> Dispatch::attempt_hedged(net::Duration patience) {
    auto first = std::make_shared<Contestant>(*choice_, workers::BreakerPass());
    if (auto ready = equip(*first); !ready) {
        pass_.release();
        co_await refuse(std::move(ready.error()));
        co_return Attempt::answered;
    }
    first->exchange->tell_moments(request_.record.connected, request_.record.sent);
    HedgeRace race(request_.loop, request_.cancellation);
    race.enter(first);
    auto ended = co_await race.next(first->began + patience);
    if (!ended && !request_.cancellation.requested()) {
        if (const auto second = second_contestant(*first)) {
            turn(*first, *second);
            const auto ready = equip(*second);
            turn(*second, *first);
            if (ready) {
                attempts_.begin();
                race.enter(second);
            } else {
                gateway_.hedge_budget().give_back();
            }
        }
    }
    const auto decided = co_await decide(race, first, std::move(ended));
    co_return decided;
}

net::Awaitable<Dispatch::Attempt> Dispatch::decide(HedgeRace& race, ContestantPtr first, ContestantPtr ended) {
    auto chosen = first;
    const auto endpoint = request_.record.endpoint;
    const bool hedged = attempts_.count() > 1;
    const auto report = [&](bool won) {
        if (hedged && gateway_.options().on_hedged) gateway_.options().on_hedged(endpoint, won);
    };
    for (;;) {
        if (!ended) ended = co_await race.next(net::TimePoint::max());
        turn(*chosen, *ended);
        chosen = ended;
        const auto other = race.remaining();
        const bool decisive = !other || ended->succeeded();
        if (other && decisive) {
            co_await race.withdraw(other);
            note_outrun(*other, other == first);
        }
        if (decisive) report(chosen != first && ended->succeeded());
        auto started = std::move(*ended->started);
        const auto outcome = co_await conclude(*ended->exchange, ended->sent, std::move(started));
        if (decisive) co_return outcome;
        // It failed while the other is still under way. What the first was told of the request itself holds for both.
        const bool told = outcome == Attempt::failed && chosen == first && refusal_.has_value();
        if (outcome == Attempt::answered || told) {
            co_await race.withdraw(other);
            note_outrun(*other, other == first);
            report(false);
            co_return outcome;
        }
        ended->exchange.reset();
        ended->in_flight.release();
        ended.reset();
    }
}

}  // namespace smg::gateway
