#include "gateway/dispatch.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <utility>

#include "fleet/peer.hpp"
#include "gateway/provider_error.hpp"
#include "gateway/usage_reader.hpp"
#include "providers/headers.hpp"
#include "upstream/whole_answer.hpp"

namespace smg::gateway {
namespace {

constexpr std::size_t longest_error = 1024 * 1024;
constexpr const char* shutting_down = "the gateway is shutting down";
/// Where the counts of a unary answer stand: providers write them last.
constexpr std::size_t usage_tail = 8 * 1024;

bool is_encoded(const http::Fields& fields) {
    const auto encoding = trim(fields.get("content-encoding"));
    return !encoding.empty() && !iequals(encoding, "identity");
}

/// Another worker, with another key or at another place, may answer where this one did not (contract section 7).
bool is_retryable(const http::ResponseHead& head, const codec::ProviderError& error, bool stored_key) {
    switch (head.status) {
        case 408:
        case 429:
        case 500:
        case 502:
        case 503:
        case 504:
        case 529: return !iequals(head.fields.get("x-should-retry"), "false");
        case 409: return iequals(head.fields.get("x-should-retry"), "true");
        default: return stored_key && (error.status == 401 || head.status == 402 || head.status == 403);
    }
}

telemetry::KeySource key_source_of(routing::KeySource source) {
    switch (source) {
        case routing::KeySource::stored: return telemetry::KeySource::stored;
        case routing::KeySource::caller: return telemetry::KeySource::caller;
        case routing::KeySource::none: break;
    }
    return telemetry::KeySource::none;
}

std::string_view last_bytes(std::string_view text) { return text.substr(text.size() - std::min(text.size(), usage_tail)); }

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
    const bool admitted = co_await admit();
    if (!admitted) co_return;
    begin();
    co_await serve();
    const auto& usage = request_.record.usage;
    reservation_.used(static_cast<double>(usage.input.value_or(0) + usage.output.value_or(0)));
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
    auto place = co_await gateway_.admission().enter(request_.loop, priority, request_.cancellation);
    record.admission = place ? telemetry::Admission::allowed : telemetry::Admission::rejected;
    if (!place) {
        retry_after_ = Admission::retry_after;
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
    const auto expected = estimated_tokens(request_.payload_size()) + static_cast<double>(most_output_tokens());
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
        if (answers_itself(0)) {
            co_await answer_itself();
            co_return;
        }
        const auto ended = co_await attempt();
        if (ended == Attempt::answered) co_return;
        tried_.push_back(choice_->worker->id);
        if (ended == Attempt::unreachable) refusal_.reset();  // the last word counts
    }
}

routing::RouteRequest Dispatch::route_request() const {
    routing::RouteRequest wanted;
    wanted.caller_key = options_.credentials.caller_key;
    wanted.stored_keys_allowed = options_.credentials.stored_keys_allowed;
    wanted.target_worker = options_.target_worker;
    wanted.affinity_key = options_.affinity_key;
    wanted.client_address = request_.record.client;
    wanted.tried = tried_;
    wanted.now = workers::Clock::now();
    describe(wanted);
    return wanted;
}

net::Awaitable<bool> Dispatch::choose() {
    const auto give_up_at = std::chrono::steady_clock::now() + gateway_.options().pending_wait;
    for (;;) {
        const auto wanted = route_request();
        const auto snapshot = gateway_.snapshot(request_.loop);
        auto chosen = routing::choose(*snapshot, gateway_.policy_state(), gateway_.options().route, wanted);
        if (chosen) {
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
        if (describe_others()) continue;
        if (!tried_.empty() && refusal_) {
            co_await send_refusal();
            co_return false;
        }
        retry_after_ = no_route.retry_after;
        auto error = !tried_.empty() && unreachable_ ? *unreachable_ : std::move(no_route.error);
        co_await refuse(std::move(error));
        co_return false;
    }
}

void Dispatch::note_choice() {
    auto& record = request_.record;
    const auto& worker = *choice_->worker;
    record.routed_at();
    record.connected = record.sent = record.first_byte = {};  // they were of the attempt before
    record.attempts = ++attempts_;
    record.router_type = worker.router_type();
    record.backend_type = worker.backend_type();
    record.provider = worker.provider().name;
    record.worker = worker.label();
    record.model_sent = choice_->upstream_model;
    record.model_known = choice_->basis == workers::Basis::declared || choice_->basis == workers::Basis::discovered;
    record.key_source = key_source_of(choice_->key_source);
    if (choice_->missed_lists && gateway_.options().on_missed_list) gateway_.options().on_missed_list(worker);
}

upstream::Timeouts Dispatch::timeouts() const {
    const auto& options = gateway_.options();
    const auto& own = choice_->worker->spec->http_pool;
    const auto seconds = [](double value) { return std::chrono::duration_cast<net::Duration>(std::chrono::duration<double>(value)); };
    upstream::Timeouts limits;
    auto whole = own.timeout_secs ? seconds(*own.timeout_secs) : options.request_timeout;
    if (options_.timeout) whole = std::min(whole, *options_.timeout);
    limits.connect = std::min(own.connect_timeout_secs ? seconds(*own.connect_timeout_secs) : options.connect_timeout, whole);
    limits.first_byte = streaming() ? std::min(whole, options.first_byte_timeout) : whole;
    limits.idle = streaming() ? options.idle_timeout : whole;
    limits.total = streaming() ? net::Duration::max() : whole;
    return limits;
}

net::Awaitable<Dispatch::Attempt> Dispatch::attempt() {
    UpstreamRequest sent;
    auto peer = fleet::peer_of(*choice_->worker, gateway_.options().proxies);
    auto adapted = peer ? adapt(sent) : Result<void>(tl::unexpected(peer.error()));
    if (!adapted) {
        co_await refuse(std::move(adapted.error()));
        co_return Attempt::answered;
    }
    const workers::InFlight in_flight(choice_->worker->counters);
    const auto head = head_text(*peer, sent);
    upstream::Exchange exchange(gateway_.pool(request_.loop), std::move(*peer), timeouts(), request_.cancellation);
    auto& record = request_.record;
    exchange.tell_moments(record.connected, record.sent);
    auto started = co_await exchange.start(head, sent.body);
    if (exchange.progress() != upstream::Exchange::Progress::not_connected) {
        record.connected_at(exchange.connected_at());
        record.sent_at(exchange.sent_at());
    }
    if (request_.cancellation.requested()) {
        Error leaving(Failure::service_unavailable, shutting_down);
        co_await refuse(std::move(leaving));
        co_return Attempt::answered;
    }
    if (!started) record.attempt_failed(record.worker, error_code(started.error().failure));
    if (!started && exchange.progress() == upstream::Exchange::Progress::not_connected) {
        unreachable_ = started.error();
        co_return Attempt::unreachable;  // nobody has seen the request: another worker may have it
    }
    if (!started) {
        co_await refuse(started.error());
        co_return Attempt::answered;
    }
    record.first_byte_at();
    record.upstream_status = exchange.head().status;
    record.upstream_request_id = providers::upstream_request_id(choice_->worker->provider(), exchange.head().fields);
    const auto ended = co_await answer(exchange, sent);
    co_return ended;
}

net::Awaitable<Dispatch::Attempt> Dispatch::answer(upstream::Exchange& exchange, const UpstreamRequest& sent) {
    const auto& head = exchange.head();
    if (is_encoded(head.fields)) {
        Error error(Failure::upstream_error, "the provider answered with a content-encoding although none was asked for");
        co_await refuse(std::move(error));
    } else if (head.status >= 400 && answers_itself(head.status)) {
        co_await answer_itself();
    } else if (head.status >= 300 || head.status < 200) {
        const auto ended = co_await answer_error(exchange, sent);
        co_return ended;
    } else {
        co_await relay(exchange, sent);
    }
    co_return Attempt::answered;
}

net::Awaitable<Dispatch::Attempt> Dispatch::answer_error(upstream::Exchange& exchange, const UpstreamRequest& sent) {
    auto body = co_await upstream::read_rest(exchange, longest_error);
    if (request_.cancellation.requested()) {
        response_.abandon();
        co_return Attempt::answered;
    }
    auto head = exchange.head();
    if (head.status < 400) head.status = 502;  // redirects are not followed, and nothing else of that kind is an answer
    const ProviderAnswer stated{head, body ? std::string_view(*body) : std::string_view(), sent.format};
    refusal_.emplace();
    refusal_->error = providers::codec_of(sent.format).decode_error(stated.head.status, stated.body);
    refusal_->reply = provider_error_answer(request_.shape, sent.same_format, *choice_, stated, request_.request_id, std::time(nullptr));
    note_refusal(head, refusal_->error);
    request_.record.attempt_failed(request_.record.worker, std::to_string(exchange.head().status));
    const bool stored = choice_->key_source == routing::KeySource::stored;
    const bool elsewhere = is_retryable(head, refusal_->error, stored) || may_differ_elsewhere(head, refusal_->error);
    if (attempts_ < gateway_.options().max_attempts && elsewhere) co_return Attempt::refused;
    co_await send_refusal();
    co_return Attempt::answered;
}

void Dispatch::note_refusal(const http::ResponseHead& head, const codec::ProviderError& error) {
    const auto& worker = *choice_->worker;
    // What a caller's own key runs into says nothing about the worker.
    if (choice_->key_source != routing::KeySource::stored) return;
    const auto wait = retry_after_of(head.fields, error);
    if (error.status == 429 && wait > 0 && !error.should_not_retry)
        worker.counters->cool_until(workers::Clock::now() + std::chrono::milliseconds(std::llround(std::min(wait, 3600.0) * 1000)));
    if ((error.status == 401 || head.status == 402) && gateway_.options().on_key_refused) gateway_.options().on_key_refused(worker, head.status);
}

net::Awaitable<void> Dispatch::send_refusal() {
    request_.record.error_code = code_of(refusal_->error);
    request_.record.outcome = telemetry::Outcome::error;
    if (response_.started()) {
        co_await end_begun(refusal_->error);
        co_return;
    }
    // The gateway's own attempts are spent: an SDK's would multiply them.
    if (attempts_ > 1) refusal_->reply.head.fields.set("x-should-retry", "false");
    co_await send_reply(std::move(refusal_->reply));
}

net::Awaitable<void> Dispatch::refuse(Error error) {
    if (request_.cancellation.requested() && !request_.expelled) co_return response_.abandon();
    request_.record.error_code = error_code(error.failure);
    request_.record.outcome = error.failure == Failure::upstream_timeout ? telemetry::Outcome::timeout : telemetry::Outcome::error;
    if (response_.started()) {
        const auto stated = as_provider_error(error);
        co_await end_begun(stated);
        co_return;
    }
    auto reply = error_reply(request_.shape, error, request_.request_id);
    if (retry_after_.count() > 0) reply.head.fields.set("retry-after", std::to_string((retry_after_.count() + 999) / 1000));
    co_await send_reply(std::move(reply));
}

net::Awaitable<void> Dispatch::answer_itself() { co_return; }

net::Awaitable<void> Dispatch::end_begun(const codec::ProviderError&) {
    response_.abandon();
    co_return;
}

net::Awaitable<void> Dispatch::send_reply(Reply reply) {
    stop_keep_alives();
    request_.record.error_code = reply.head.fields.get("x-smg-error-code");
    add_own_headers(reply.head.fields, nullptr);
    const auto body = std::move(reply.body);
    co_await response_.respond(std::move(reply.head), body);
}

void Dispatch::add_own_headers(http::Fields& fields, const codec::Adjustments* adjustments) const {
    fields.set("x-request-id", request_.request_id);
    // Where Anthropic's SDKs look for it; Anthropic's own stays.
    if (request_.shape == ErrorShape::anthropic && !fields.contains("request-id")) fields.add("request-id", request_.request_id);
    if (!choice_) return;
    fields.set("x-smg-worker", choice_->worker->label());
    fields.set("x-smg-provider", choice_->worker->provider().name);
    fields.set("x-smg-attempts", std::to_string(attempts_));
    if (choice_->key_source != routing::KeySource::none) fields.set("x-smg-key-source", std::string(routing::name_of(choice_->key_source)));
    if (adjustments == nullptr || adjustments->empty()) return;
    std::string adjusted;
    for (const auto& name : adjustments->names()) adjusted += (adjusted.empty() ? "" : ",") + name;
    fields.set("x-smg-adjusted-params", std::move(adjusted));
}

http::ResponseHead Dispatch::success_head(const upstream::Exchange& exchange, const UpstreamRequest& sent) const {
    const auto& upstream = exchange.head();
    http::ResponseHead head;
    head.status = sent.same_format ? upstream.status : 200;
    head.fields = providers::response_headers(choice_->worker->provider(), upstream.fields, sent.same_format, std::time(nullptr));
    add_own_headers(head.fields, &sent.adjustments);
    return head;
}

void Dispatch::note_usage(const codec::Usage& usage) { request_.record.usage = token_counts(usage); }

net::Awaitable<void> Dispatch::pass_body(upstream::Exchange& exchange, http::ResponseHead head, UsageReader* usage) {
    if (exchange.complete()) {
        co_await response_.respond(std::move(head), {});
        co_return;
    }
    auto piece = co_await exchange.read();
    if (request_.cancellation.requested()) co_return response_.abandon();
    if (!piece) {
        co_await refuse(piece.error());
        co_return;
    }
    request_.record.first_output_at();
    if (piece->end) {
        // The view dies with the next suspension: the counts are read first.
        see_front(piece->data);
        if (usage != nullptr) usage->take_tail(last_bytes(piece->data));
        if (usage != nullptr) note_usage(usage->usage());
        co_await response_.respond(std::move(head), piece->data);
        co_return;
    }
    std::string tail;
    const auto& framing = exchange.framing();
    response_.start(std::move(head), framing.kind == http::BodyKind::sized ? std::optional(framing.length) : std::nullopt);
    see_front(piece->data);
    for (;;) {
        const bool last = piece->end;
        tail.append(last_bytes(piece->data));
        if (tail.size() > usage_tail) tail.erase(0, tail.size() - usage_tail);
        if (!response_.send(piece->data)) {
            const auto code = co_await response_.flush();
            if (code) co_return response_.abandon();
        }
        if (last) break;
        piece = co_await exchange.read();
        if (!piece || request_.cancellation.requested()) {
            request_.record.outcome = request_.cancellation.requested() ? telemetry::Outcome::unknown : telemetry::Outcome::upstream_cut;
            co_return response_.abandon();
        }
    }
    if (usage != nullptr) usage->take_tail(tail);
    if (usage != nullptr) note_usage(usage->usage());
    co_await response_.finish();
}

}  // namespace smg::gateway
