#include "gateway/dispatch.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "gateway/pause.hpp"
#include "gateway/usage_reader.hpp"
#include "gateway/worker_words.hpp"

namespace smg::gateway {
namespace {

telemetry::KeySource key_source_of(routing::KeySource source) {
    switch (source) {
        case routing::KeySource::stored: return telemetry::KeySource::stored;
        case routing::KeySource::caller: return telemetry::KeySource::caller;
        case routing::KeySource::none: break;
    }
    return telemetry::KeySource::none;
}

/// The client, as the first of the proxies names it.
std::string first_hop(std::string_view forwarded_for) { return std::string(trim(forwarded_for.substr(0, forwarded_for.find(',')))); }

}  // namespace

Dispatch::Dispatch(Gateway& gateway, ClientRequest& request, ClientResponse& response, CallOptions& options)
    : gateway_(gateway), request_(request), response_(response), options_(options) {}

net::Awaitable<void> Dispatch::run() {
    auto access = check_access(request_, gateway_.options().access);
    auto ready = access ? read() : Result<void>(tl::unexpected(access.error()));
    if (!ready) {
        co_await refuse(std::move(ready.error()));
        co_return;
    }
    options_.credentials = std::move(*access);
    began_ = workers::Clock::now();
    const bool admitted = co_await admit();
    if (!admitted) co_return;
    gateway_.retry_budget().count_request(request_.loop.index(), workers::Clock::now());
    if (gateway_.options().hedge.enabled && !hedged_model().empty()) gateway_.hedge_budget().count_request(gateway_.options().hedge.max_share);
    begin();
    co_await serve();
    reservation_.used(tokens_taken());
}

double Dispatch::estimated_input() const {
    const bool form = istarts_with(request_.head.fields.get("content-type"), "multipart/");
    return form || !takes_tokens() ? 0 : estimated_tokens(request_.payload_size());
}

double Dispatch::tokens_taken() const {
    if (!takes_tokens()) return 0;
    const auto& record = request_.record;
    const auto& usage = record.usage;
    if (usage.basis != telemetry::UsageBasis::none) return static_cast<double>(usage.input.value_or(0) + usage.output.value_or(0));
    const bool answered = record.upstream_status >= 200 && record.upstream_status < 300;
    // Who left while the worker was at it has had its work all the same.
    const bool left = request_.cancellation.requested() && record.upstream_status == 0 && telemetry::RequestRecord::passed(record.sent);
    return answered || left ? estimated_input() : 0;
}

net::Awaitable<bool> Dispatch::admit() {
    const auto& tenant = options_.credentials.tenant;
    auto allowed = tenant ? admit_tenant(*tenant) : Result<void>();
    if (!allowed) {
        co_await refuse(std::move(allowed.error()));
        co_return false;
    }
    auto& record = request_.record;
    const auto priority = tenant ? tenant->settings().priority : config::Priority::normal;
    auto place = co_await gateway_.admission().enter(request_.loop, priority, request_.cancellation, time_left());
    record.admission = place ? telemetry::Admission::allowed : telemetry::Admission::rejected;
    if (!place) {
        if (place.error().failure != Failure::upstream_timeout) retry_after_ = Admission::retry_after;
        co_await refuse(std::move(place.error()));
        co_return false;
    }
    record.admitted_at();
    place_ = std::move(*place);
    co_return true;
}

Result<void> Dispatch::admit_tenant(Tenant& tenant) {
    auto& record = request_.record;
    record.tenant = tenant.name();
    routing::RouteRequest wanted;
    describe(wanted);
    // What passes raw names its model where nobody looks.
    const bool raw = wanted.model.empty();
    if (tenant.is_restricted() && (raw || !tenant.may_use(wanted.model)))
        return fail(Failure::forbidden,
                    raw ? "the tenant " + tenant.name() + " may use certain models alone, which a raw path cannot tell"
                        : "the tenant " + tenant.name() + " may not use the model " + wanted.model,
                    raw ? "" : "model");
    const auto expected = estimated_input() + static_cast<double>(most_output_tokens());
    retry_after_ = tenant.reserve(expected, std::chrono::steady_clock::now());
    record.admission = retry_after_.count() > 0 ? telemetry::Admission::rejected : telemetry::Admission::allowed;
    if (retry_after_.count() > 0)
        return fail(Failure::rate_limit_exceeded, "the tenant " + tenant.name() + " has used up its requests or tokens a minute");
    reservation_ = TokenReservation(options_.credentials.tenant, expected);
    return {};
}

net::Awaitable<void> Dispatch::serve() {
    for (;;) {
        const bool chosen = co_await choose();
        if (!chosen) co_return;
        if (answers_itself()) {
            co_await answer_itself();
            co_return;
        }
        const auto ended = co_await attempt();
        if (ended == Attempt::answered) co_return;
        if (request_.cancellation.requested()) {
            Error leaving(Failure::service_unavailable, shutting_down);
            co_await refuse(std::move(leaving));
            co_return;
        }
        if (ended == Attempt::lost) continue;
        co_await tell();
        co_return;
    }
}

routing::RouteRequest Dispatch::route_request() const {
    routing::RouteRequest wanted;
    wanted.caller_key = options_.credentials.caller_key;
    wanted.stored_keys_allowed = options_.credentials.stored_keys_allowed;
    wanted.target_worker = options_.target_worker;
    wanted.affinity_key = options_.affinity_key;
    wanted.routing_key = options_.routing_key;
    wanted.request_bytes = request_.payload_size();
    wanted.forwarded_for = first_hop(request_.head.fields.get("x-forwarded-for"));
    wanted.tried = attempts_.tried();
    wanted.tried.insert(wanted.tried.end(), skipped_.begin(), skipped_.end());
    wanted.now = workers::Clock::now();
    describe(wanted);
    return wanted;
}

net::Awaitable<bool> Dispatch::choose() {
    const auto give_up_at = std::chrono::steady_clock::now() + std::min(gateway_.options().pending_wait, time_left());
    skipped_.clear();
    for (;;) {
        const auto wanted = route_request();
        const auto snapshot = gateway_.snapshot(request_.loop);
        auto chosen = routing::choose(*snapshot, gateway_.policy_state(), gateway_.options().route, wanted);
        if (chosen) {
            const auto& worker = *chosen->worker;
            const auto rules = workers::breaker_rules(worker.spec->resilience, gateway_.options().breaker);
            pass_ = workers::BreakerPass(worker.counters->breakers, chosen->upstream_model, rules, wanted.now);
            if (pass_.refused()) {  // somebody else has just taken the trial
                skipped_.push_back(worker.id);
                continue;
            }
            if (!may_send(wanted.now)) {
                pass_.release();
                co_await tell();
                co_return false;
            }
            paid_ = false;
            choice_ = std::move(*chosen);
            note_choice();
            co_return true;
        }
        auto& no_route = chosen.error();
        const auto left = give_up_at - std::chrono::steady_clock::now();
        if (no_route.pending && left > net::Duration::zero()) {
            const auto seen = snapshot->version();
            co_await gateway_.watch().changed(request_.loop, seen, left, request_.cancellation);
            if (!request_.cancellation.requested()) continue;
        }
        // Another model's being unknown is no answer to who asked for this one.
        if (!own_no_route_) own_no_route_ = no_route;
        if (describe_others()) {
            attempts_.start_anew();  // a worker may serve the others too
            skipped_.clear();
            continue;
        }
        const auto length = pause_for(no_route);
        // Nobody waits for what will not be sent.
        if (length && may_send(workers::Clock::now())) {
            paused_ += *length;
            const bool there = co_await pause(request_.loop, *length, request_.cancellation);
            attempts_.next_round();
            skipped_.clear();
            if (there) continue;
        }
        if (refusal_ || unreachable_) {  // more than nobody being there
            co_await tell();
            co_return false;
        }
        note_nobody(snapshot->catalog(), wanted.model);
        auto& told = no_route.error.failure == Failure::model_not_found ? *own_no_route_ : no_route;
        retry_after_ = told.retry_after;
        auto error = std::move(told.error);
        if (no_route.pending && time_left() <= net::Duration::zero()) {
            retry_after_ = std::chrono::milliseconds(0);
            error = Error(Failure::upstream_timeout, "the time of this request ended while its worker was being registered");
        }
        co_await refuse(std::move(error));
        co_return false;
    }
}

bool Dispatch::may_send(workers::Clock::time_point now) {
    if (!attempts_.sent_before() || paid_) return true;
    paid_ = gateway_.retry_budget().take(now);
    spent_ = spent_ || !paid_;
    return paid_;
}

bool Dispatch::count_resend() {
    const auto& options = gateway_.options();
    const auto rules = workers::retry_rules(choice_->worker->spec->resilience, options.retry);
    if (attempts_.sends() + 1 >= rules.max_sends || !gateway_.retry_budget().take(workers::Clock::now())) return false;
    attempts_.resent();
    request_.record.attempts = attempts_.count();
    request_.record.attempt_failed(choice_->worker->label(), "connection_closed");
    if (options.on_retry) options.on_retry(request_.record.endpoint, attempts_.count() - 1, 0);
    return true;
}

std::optional<net::Duration> Dispatch::pause_for(const routing::NoRoute& no_route) const {
    if (request_.cancellation.requested()) return std::nullopt;
    const auto& options = gateway_.options();
    // Without a choice so far, the rules of the worker whose pause ends first; a spent account is not waited for.
    const auto* worker = no_route.cooling ? no_route.cooling.get() : choice_ ? choice_->worker.get() : nullptr;
    if (worker == nullptr) return std::nullopt;
    const auto rules = workers::retry_rules(worker->spec->resilience, options.retry);
    std::optional<net::Duration> resting;
    if (no_route.cooling && no_route.error.failure == Failure::rate_limit_exceeded) {
        // Those who waited together are not to come back together.
        const double spread = 1 + rules.jitter * gateway_.policy_state().chance();
        resting = std::chrono::duration_cast<net::Duration>(no_route.retry_after * spread);
    }
    return attempts_.until_next_round(workers::Clock::now(), resting, rules, time_left());
}

void Dispatch::note_nobody(const providers::Catalog& catalog, std::string_view model) {
    auto& record = request_.record;
    if (!record.router_type.empty()) return;
    const auto named = catalog.of_model(model);
    record.router_type = named ? std::string_view(named->router_type) : "http";
    record.backend_type = named ? "external" : "regular";
}

void Dispatch::note_choice() {
    auto& record = request_.record;
    attempts_.begin();
    record.routed_at();
    record.connected = record.sent = record.first_byte = {};  // they were of the attempt before
    show_choice();
    const auto paused = std::chrono::duration<double>(std::exchange(paused_, net::Duration::zero()));
    if (attempts_.count() > 1 && gateway_.options().on_retry) gateway_.options().on_retry(record.endpoint, attempts_.count() - 1, paused.count());
    if (choice_->missed_lists && gateway_.options().on_missed_list) gateway_.options().on_missed_list(*choice_->worker);
}

void Dispatch::show_choice() {
    auto& record = request_.record;
    const auto& worker = *choice_->worker;
    record.attempts = attempts_.count();
    record.router_type = worker.router_type();
    record.backend_type = worker.backend_type();
    record.provider = worker.provider().name;
    record.worker = worker.label();
    record.model_sent = choice_->upstream_model;
    record.model_known = choice_->basis == workers::Basis::declared || choice_->basis == workers::Basis::discovered;
    record.key_source = key_source_of(choice_->key_source);
    record.policy = workers::name_of(choice_->policy);
    secrets_ = secrets_of(*choice_);
    if (request_.unlogged == nullptr) return;
    request_.unlogged->insert(request_.unlogged->end(), secrets_.words().begin(), secrets_.words().end());
}

}  // namespace smg::gateway
