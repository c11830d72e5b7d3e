/// One attempt of a request: it is sent to the chosen worker, its answer is relayed, or its failure is taken note of.
#include <algorithm>
#include <cmath>
#include <ctime>
#include <utility>

#include "fleet/peer.hpp"
#include "gateway/dispatch.hpp"
#include "gateway/failure.hpp"
#include "gateway/provider_error.hpp"
#include "gateway/worker_words.hpp"
#include "providers/headers.hpp"
#include "upstream/whole_answer.hpp"
#include "workers/reexamine.hpp"

namespace smg::gateway {
namespace {

constexpr std::size_t longest_error = 1024 * 1024;
/// A provider that asks for more is believed for this long.
constexpr double longest_cooling = 3600;

bool is_encoded(const http::Fields& fields) {
    const auto encoding = trim(fields.get("content-encoding"));
    return !encoding.empty() && !iequals(encoding, "identity");
}

}  // namespace

net::Duration Dispatch::time_left() const {
    auto whole = gateway_.options().request_timeout;
    if (choice_)
        if (const auto& own = choice_->worker->spec->http_pool.timeout_secs)
            whole = std::chrono::duration_cast<net::Duration>(std::chrono::duration<double>(*own));
    if (options_.timeout) whole = std::min(whole, *options_.timeout);
    return whole - (workers::Clock::now() - began_);
}

upstream::Timeouts Dispatch::timeouts() const {
    const auto& options = gateway_.options();
    const auto& own = choice_->worker->spec->http_pool;
    const auto seconds = [](double value) { return std::chrono::duration_cast<net::Duration>(std::chrono::duration<double>(value)); };
    upstream::Timeouts limits;
    const auto left = time_left();
    limits.connect = std::min(own.connect_timeout_secs ? seconds(*own.connect_timeout_secs) : options.connect_timeout, left);
    limits.first_byte = streaming() ? std::min(left, options.first_byte_timeout) : left;
    limits.idle = streaming() ? options.idle_timeout : left;
    limits.total = streaming() ? net::Duration::max() : left;
    return limits;
}

void Dispatch::begin_attempt_span(const upstream::Peer& peer, UpstreamRequest& sent) {
    telemetry::AttemptSpan attempt;
    attempt.worker = choice_->worker->label();
    attempt.provider = choice_->worker->provider().name;
    attempt.model = choice_->upstream_model;
    attempt.server = peer.host;
    attempt.port = peer.port;
    sent.fields.set("traceparent", request_.trace->begin_attempt(std::move(attempt)));
    if (request_.trace->state.empty()) sent.fields.erase("tracestate");
}

Result<upstream::Peer> Dispatch::prepare(UpstreamRequest& sent) {
    auto peer = fleet::peer_of(*choice_->worker, gateway_.options().proxies);
    if (!peer) return peer;
    if (auto adapted = adapt(sent); !adapted) return tl::unexpected(std::move(adapted.error()));
    if (time_left() <= net::Duration::zero()) return fail(Failure::upstream_timeout, "the time of this request is over");
    if (request_.trace) begin_attempt_span(*peer, sent);
    return peer;
}

net::Awaitable<Dispatch::Attempt> Dispatch::attempt() {
    if (const auto patience = hedge_after()) {
        const auto ended = co_await attempt_hedged(*patience);
        co_return ended;
    }
    UpstreamRequest sent;
    auto peer = prepare(sent);
    if (!peer) {
        pass_.release();
        co_await refuse(std::move(peer.error()));
        co_return Attempt::answered;
    }
    const workers::InFlight in_flight(choice_->worker->counters);
    auto head = head_text(*peer, sent);
    upstream::Exchange exchange(gateway_.pool(request_.loop), std::move(*peer), timeouts(), request_.cancellation);
    exchange.tell_moments(request_.record.connected, request_.record.sent);
    exchange.ask_before_resending([this] { return count_resend(); });
    auto started = co_await exchange.start(head, sent.body);
    // A stream may be open for an hour: what has been sent is not held until then.
    std::string().swap(head);
    sent.was_sent();
    const auto ended = co_await conclude(exchange, sent, std::move(started));
    co_return ended;
}

net::Awaitable<Dispatch::Attempt> Dispatch::conclude(upstream::Exchange& exchange, const UpstreamRequest& sent, Result<void> started) {
    auto& record = request_.record;
    const bool connected = exchange.progress() != upstream::Exchange::Progress::not_connected;
    if (connected) {
        record.connected_at(exchange.connected_at());
        record.sent_at(exchange.sent_at());
        choice_->worker->counters->unreachable_in_row.store(0, std::memory_order_relaxed);
    }
    if (request_.cancellation.requested()) {
        pass_.release();
        Error leaving(Failure::service_unavailable, shutting_down);
        co_await refuse(std::move(leaving));
        co_return Attempt::answered;
    }
    if (!started) {
        refusal_.reset();  // the last word counts
        unreachable_ = started.error();
        if (started.error().failure == Failure::service_unavailable) pass_.release();  // the gateway's own limit
        co_return lose(class_of(exchange, started.error()), {});
    }
    record.first_byte_at();
    // A refusal is quick: it says nothing of how long an answer takes.
    if (exchange.head().status < 400) {
        auto& counters = *choice_->worker->counters;
        counters.first_byte.sample(std::chrono::duration<double>(record.first_byte - exchange.sent_at()).count(), record.first_byte);
        counters.succeeded();
    }
    record.upstream_status = exchange.head().status;
    if (request_.trace) request_.trace->attempt_answered(record.upstream_status);
    record.upstream_request_id = providers::upstream_request_id(choice_->worker->provider(), exchange.head().fields);
    if (secrets_.told_by(record.upstream_request_id)) record.upstream_request_id = {};
    note_first_byte();
    const auto ended = co_await answer(exchange, sent);
    co_return ended;
}

net::Awaitable<Dispatch::Attempt> Dispatch::answer(upstream::Exchange& exchange, const UpstreamRequest& sent) {
    const auto& head = exchange.head();
    if (is_encoded(head.fields)) {
        note_for_worker(workers::rule_of(workers::FailureClass::malformed), {});
        Error error(Failure::upstream_error, "the provider answered with a content-encoding although none was asked for");
        co_await refuse(std::move(error));
        co_return Attempt::answered;
    }
    if (head.status >= 300 || head.status < 200) {
        const auto refused = co_await answer_error(exchange, sent);
        co_return refused;
    }
    const auto relayed = co_await relay_success(exchange, sent);
    co_return relayed;
}

net::Awaitable<Dispatch::Attempt> Dispatch::relay_success(upstream::Exchange& exchange, const UpstreamRequest& sent) {
    lost_answer_.reset();
    erred_.reset();
    relaying_ = true;
    co_await relay(exchange, sent);
    relaying_ = false;
    if (lost_answer_) {
        if (request_.cancellation.requested()) co_return Attempt::lost;
        unreachable_.reset();
        refusal_.emplace();
        refusal_->error = std::move(lost_answer_->error);
        hide(secrets_, refusal_->error);
        refusal_->timed_out = lost_answer_->kind == workers::FailureClass::timed_out;
        refusal_->reply = lost_answer_reply(sent);
        LossFacts facts;
        if (refusal_->error.retry_after_seconds >= 0) facts.wait = refusal_->error.retry_after_seconds;
        co_return lose(lost_answer_->kind, facts);
    }
    if (request_.cancellation.requested()) {
        pass_.release();
    } else if (erred_) {
        note_for_worker(workers::rule_of(*erred_), {});
    } else {
        pass_.success(workers::Clock::now());
    }
    co_return Attempt::answered;
}

Reply Dispatch::lost_answer_reply(const UpstreamRequest& sent) const {
    const auto& theirs = request_.record.upstream_request_id;
    // A Messages client reads Anthropic's own id, in the body and in its header.
    const bool own = !theirs.empty() && request_.shape == ErrorShape::anthropic && sent.same_format;
    auto reply = provider_error_reply(request_.shape, refusal_->error, code_of(refusal_->error), own ? theirs : request_.request_id);
    if (own) reply.head.fields.set("request-id", theirs);
    if (!theirs.empty()) reply.head.fields.set("x-smg-upstream-request-id", theirs);
    return reply;
}

net::Awaitable<void> Dispatch::fail_answer(workers::FailureClass kind, Error error) {
    if (streaming()) {
        lose_answer(kind, as_provider_error(error));
        co_return;
    }
    erred_ = kind;
    co_await refuse(std::move(error));
}

void Dispatch::lose_answer(workers::FailureClass kind, codec::ProviderError error) { lost_answer_ = LostAnswer{kind, std::move(error)}; }

net::Awaitable<Dispatch::Attempt> Dispatch::answer_error(upstream::Exchange& exchange, const UpstreamRequest& sent) {
    auto body = co_await upstream::read_rest(exchange, longest_error);
    if (request_.cancellation.requested()) {
        response_.abandon();
        co_return Attempt::answered;
    }
    auto head = exchange.head();
    if (head.status < 400) head.status = 502;  // redirects are not followed, and nothing else of that kind is an answer
    const ProviderAnswer stated{head, body ? std::string_view(*body) : std::string_view(), sent.format};
    unreachable_.reset();
    refusal_.emplace();
    auto& error = refusal_->error;
    error = stated_error(stated, std::time(nullptr));
    if (answers_instead_of(head.status, error)) {
        refusal_.reset();
        pass_.success(workers::Clock::now());
        co_await answer_itself();
        co_return Attempt::answered;
    }
    refusal_->reply = provider_error_answer(request_.shape, sent.same_format, *choice_, stated, request_.request_id, std::time(nullptr));
    LossFacts facts;
    facts.status = head.status;
    facts.should_retry = should_retry(head.fields);
    facts.wait = stated_wait(head.fields, error, std::time(nullptr));
    facts.may_differ_elsewhere = may_differ_elsewhere(head, error);
    const auto kind = class_of(head.status, error, sent.format, facts.wait.has_value());
    hide(secrets_, error);
    co_return lose(kind, facts);
}

Dispatch::Attempt Dispatch::lose(workers::FailureClass kind, const LossFacts& facts) {
    const auto& rule = workers::rule_of(kind);
    const auto& options = gateway_.options();
    const auto& own = choice_->worker->spec->resilience;
    note_for_worker(rule, facts);
    request_.record.attempt_failed(request_.record.worker, facts.status != 0 ? std::to_string(facts.status) : std::string(rule.name));
    if (request_.trace) request_.trace->end_attempt(facts.status, rule.name);
    workers::FailureFacts known;
    known.kind = kind;
    known.status = facts.status;
    known.stream = streaming();
    known.callers_key = choice_->key_source == routing::KeySource::caller;
    known.timed_out_before = attempts_.timed_out_before();
    known.should_retry = facts.should_retry;
    Attempts::Loss loss;
    loss.worker = choice_->worker->id;
    loss.verdict = workers::verdict_of(known, own.retryable_status_codes ? &*own.retryable_status_codes : nullptr);
    if (facts.may_differ_elsewhere) loss.verdict.elsewhere = true;
    loss.sent = kind != workers::FailureClass::unreachable;
    loss.timed_out = kind == workers::FailureClass::timed_out;
    loss.stated_wait = facts.wait;
    loss.rules = workers::retry_rules(own, options.retry);
    const bool wished = loss.verdict.elsewhere;
    const bool again = attempts_.lost(loss, workers::Clock::now(), gateway_.policy_state().chance());
    if (wished && !again) spent_ = loss.rules.max_sends > 1;
    return again ? Attempt::lost : Attempt::failed;
}

void Dispatch::note_for_worker(const workers::FailureRule& rule, const LossFacts& facts) {
    const auto& options = gateway_.options();
    const auto& worker = *choice_->worker;
    const auto now = workers::Clock::now();
    worker.counters->failures[static_cast<std::size_t>(rule.kind)].fetch_add(1, std::memory_order_relaxed);
    switch (rule.breaker) {
        case workers::BreakerEffect::failure: pass_.failure(now); break;
        case workers::BreakerEffect::success: pass_.success(now); break;
        case workers::BreakerEffect::none: pass_.release(); break;
    }
    if (rule.breaker != workers::BreakerEffect::success && options.on_worker_error) options.on_worker_error(rule.name);
    if (rule.kind == workers::FailureClass::unreachable) {
        const auto in_row = worker.counters->unreachable_in_row.fetch_add(1, std::memory_order_relaxed) + 1;
        if (options.on_unreachable) options.on_unreachable(worker, in_row);
    }
    // What a caller's own key runs into says nothing about the worker's.
    if (choice_->key_source == routing::KeySource::caller) return;
    const auto current = gateway_.snapshot(request_.loop)->by_id(worker.id);
    if (current && !workers::same_key(*current->spec, *worker.spec)) return;  // it was said of a key that has been replaced meanwhile
    const double pause = std::min(facts.wait.value_or(rule.default_pause), longest_cooling);
    if (rule.cools && pause > 0) {
        worker.counters->cooled_by_quota = rule.kind == workers::FailureClass::quota;
        worker.counters->cool_until(now + std::chrono::milliseconds(std::llround(pause * 1000)));
    } else if (rule.avoids) {
        worker.counters->avoid(now);
    }
    const bool refused = rule.kind == workers::FailureClass::credential || facts.status == 402;
    if (refused && choice_->key_source == routing::KeySource::stored && options.on_key_refused)
        options.on_key_refused(worker, facts.status == 0 ? 401 : facts.status);
}

}  // namespace smg::gateway
