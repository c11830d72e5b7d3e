#include "gateway/generation.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <utility>

#include "fleet/peer.hpp"
#include "gateway/provider_error.hpp"
#include "gateway/usage_reader.hpp"
#include "http/media_type.hpp"
#include "http/writer.hpp"
#include "providers/headers.hpp"
#include "upstream/whole_answer.hpp"

namespace smg::gateway {
namespace {

constexpr std::size_t longest_error = 1024 * 1024;
constexpr std::size_t longest_translated_answer = 64 * 1024 * 1024;
/// Where the counts of a unary answer stand: providers write them last.
constexpr std::size_t usage_tail = 8 * 1024;

std::int64_t unix_now() { return static_cast<std::int64_t>(std::time(nullptr)); }

std::string request_text(const upstream::Peer& peer, const UpstreamRequest& request) {
    http::RequestHead head;
    head.method = "POST";
    head.target = request.target;
    std::string text;
    text.reserve(1024);
    if (!http::append_request_head(text, head)) return {};
    http::append_field(text, "host", peer.authority());
    for (const auto& field : request.fields) http::append_field(text, field.name, field.value);
    http::append_field(text, "content-length", std::to_string(request.body.size()));
    text += "\r\n";
    return text;
}

bool is_encoded(const http::Fields& fields) {
    const auto encoding = trim(fields.get("content-encoding"));
    return !encoding.empty() && !iequals(encoding, "identity");
}

/// Another worker, with another key or at another place, may answer where this one did not (contract section 7).
bool may_differ_elsewhere(const http::ResponseHead& head, const codec::ProviderError& error, bool stored_key) {
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

}  // namespace

Generation::Generation(Gateway& gateway, providers::ApiFormat format, ClientRequest& request, ClientResponse& response)
    : gateway_(gateway), request_(request), response_(response), call_(format, request), relay_(request, response, gateway.options().keep_alive) {}

codec::ClientView Generation::client_view() const {
    codec::ClientView view;
    view.model = call_.model;
    view.request_id = request_.request_id;
    view.now = unix_now();
    view.include_usage = call_.scan.include_usage;
    view.legacy_functions = decoded_ && decoded_->legacy_functions;
    return view;
}

net::Awaitable<void> Generation::run() {
    auto access = check_access(request_, gateway_.options().access);
    auto read = access ? read_call(call_) : Result<void>(tl::unexpected(access.error()));
    if (!read) {
        co_await refuse(std::move(read.error()));
        co_return;
    }
    call_.credentials = std::move(*access);
    if (call_.stream && (call_.sse || call_.format != providers::ApiFormat::gemini)) {
        http::ResponseHead early;
        early.status = 200;
        early.fields.add("content-type", "text/event-stream");
        early.fields.add("cache-control", "no-cache");
        add_own_headers(early.fields, nullptr);
        relay_.keep_alive_from_now(call_.codec().stream_encoder(client_view()), std::move(early));
    }
    for (;;) {
        const bool chosen = co_await choose();
        if (!chosen) co_return;
        const auto ended = co_await attempt();
        if (ended == Attempt::answered) co_return;
        tried_.push_back(choice_->worker->id);
        if (ended == Attempt::unreachable) refusal_.reset();  // the last word counts
    }
}

routing::RouteRequest Generation::route_request() const {
    routing::RouteRequest wanted;
    wanted.model = call_.model;
    wanted.caller_key = call_.credentials.caller_key;
    wanted.stored_keys_allowed = call_.credentials.stored_keys_allowed;
    wanted.target_worker = call_.target_worker;
    wanted.affinity_key = call_.affinity_key;
    wanted.client_address = request_.record.client;
    wanted.tried = tried_;
    wanted.now = workers::Clock::now();
    return wanted;
}

net::Awaitable<bool> Generation::choose() {
    const auto give_up_at = std::chrono::steady_clock::now() + gateway_.options().pending_wait;
    const auto wanted = route_request();
    for (;;) {
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

void Generation::note_choice() {
    auto& record = request_.record;
    const auto& worker = *choice_->worker;
    record.routed_at();
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

upstream::Timeouts Generation::timeouts() const {
    const auto& options = gateway_.options();
    const auto& own = choice_->worker->spec->http_pool;
    const auto seconds = [](double value) { return std::chrono::duration_cast<net::Duration>(std::chrono::duration<double>(value)); };
    upstream::Timeouts limits;
    auto whole = own.timeout_secs ? seconds(*own.timeout_secs) : options.request_timeout;
    if (call_.timeout) whole = std::min(whole, *call_.timeout);
    limits.connect = std::min(own.connect_timeout_secs ? seconds(*own.connect_timeout_secs) : options.connect_timeout, whole);
    limits.first_byte = call_.stream ? std::min(whole, options.first_byte_timeout) : whole;
    limits.idle = call_.stream ? options.idle_timeout : whole;
    limits.total = call_.stream ? net::Duration::max() : whole;
    return limits;
}

net::Awaitable<Generation::Attempt> Generation::attempt() {
    UpstreamRequest sent;
    auto peer = fleet::peer_of(*choice_->worker, gateway_.options().proxies);
    auto adapted = peer ? adapt(call_, *choice_, decoded_, sent) : Result<void>(tl::unexpected(peer.error()));
    if (!adapted) {
        co_await refuse(std::move(adapted.error()));
        co_return Attempt::answered;
    }
    const workers::InFlight in_flight(choice_->worker->counters);
    const auto head = request_text(*peer, sent);
    upstream::Exchange exchange(gateway_.pool(request_.loop), std::move(*peer), timeouts(), request_.cancellation);
    auto started = co_await exchange.start(head, sent.body);
    auto& record = request_.record;
    if (exchange.progress() != upstream::Exchange::Progress::not_connected) {
        record.connected_at(exchange.connected_at());
        record.sent_at(exchange.sent_at());
    }
    if (request_.cancellation.requested()) {
        response_.abandon();
        co_return Attempt::answered;
    }
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

net::Awaitable<Generation::Attempt> Generation::answer(upstream::Exchange& exchange, const UpstreamRequest& sent) {
    const auto& head = exchange.head();
    const auto type = head.fields.get("content-type");
    if (is_encoded(head.fields)) {
        Error error(Failure::upstream_error, "the provider answered with a content-encoding although none was asked for");
        co_await refuse(std::move(error));
    } else if (head.status >= 300 || head.status < 200) {
        const auto ended = co_await answer_error(exchange, sent);
        co_return ended;
    } else if (http::is_event_stream(type) && call_.stream) {
        co_await answer_stream(exchange, sent);
    } else if (!type.empty() && !http::is_json(type)) {
        Error error(Failure::upstream_error, "the provider answered with '" + std::string(type) + "' where JSON was expected");
        co_await refuse(std::move(error));
    } else if (sent.same_format && !response_.started()) {
        co_await pass_unary(exchange);
    } else {
        co_await translate_unary(exchange, sent);
    }
    co_return Attempt::answered;
}

void Generation::add_own_headers(http::Fields& fields, const UpstreamRequest* sent) const {
    fields.set("x-request-id", request_.request_id);
    if (!choice_) return;
    fields.set("x-smg-worker", choice_->worker->label());
    fields.set("x-smg-provider", choice_->worker->provider().name);
    fields.set("x-smg-attempts", std::to_string(attempts_));
    if (choice_->key_source != routing::KeySource::none) fields.set("x-smg-key-source", std::string(routing::name_of(choice_->key_source)));
    if (sent == nullptr || sent->adjustments.empty()) return;
    std::string adjusted;
    for (const auto& name : sent->adjustments.names()) adjusted += (adjusted.empty() ? "" : ",") + name;
    fields.set("x-smg-adjusted-params", std::move(adjusted));
}

http::ResponseHead Generation::success_head(const upstream::Exchange& exchange, const UpstreamRequest& sent) const {
    const auto& upstream = exchange.head();
    http::ResponseHead head;
    head.status = sent.same_format ? upstream.status : 200;
    head.fields = providers::response_headers(choice_->worker->provider(), upstream.fields, sent.same_format, unix_now());
    add_own_headers(head.fields, &sent);
    return head;
}

void Generation::note_usage(const codec::Usage& usage) { request_.record.usage = token_counts(usage, choice_->worker->provider()); }

net::Awaitable<void> Generation::answer_stream(upstream::Exchange& exchange, const UpstreamRequest& sent) {
    auto head = success_head(exchange, sent);
    std::unique_ptr<AnswerStream> stream;
    if (sent.same_format) {
        stream = passing_stream(call_.format, client_view(), sent.usage_injected);
    } else {
        stream = translating_stream(choice_->worker->provider().codec(), sent.memo, call_.codec(), client_view());
        if (!call_.sse && call_.format == providers::ApiFormat::gemini) stream = json_array_stream(std::move(stream));
        head.fields.set("content-type", call_.sse || call_.format != providers::ApiFormat::gemini ? "text/event-stream" : "application/json");
    }
    if (!head.fields.contains("cache-control")) head.fields.add("cache-control", "no-cache");
    const auto end = co_await relay_.pump(exchange, *stream, std::move(head));
    auto& record = request_.record;
    note_usage(stream->usage());
    if (end == StreamRelay::End::client_left) {
        response_.abandon();
    } else if (end == StreamRelay::End::complete) {
        record.outcome = telemetry::Outcome::complete;
    } else {
        record.outcome = end == StreamRelay::End::cut ? telemetry::Outcome::upstream_cut : telemetry::Outcome::error;
        record.error_code = stream->error() ? code_of(*stream->error()) : error_code(Failure::upstream_error);
    }
}

net::Awaitable<void> Generation::pass_unary(upstream::Exchange& exchange) {
    UpstreamRequest passed;
    passed.same_format = true;
    auto head = success_head(exchange, passed);
    auto piece = co_await exchange.read();
    if (request_.cancellation.requested()) co_return response_.abandon();
    if (!piece) {
        co_await refuse(piece.error());
        co_return;
    }
    request_.record.first_output_at();
    UsageReader usage(call_.format);
    if (piece->end) {
        // The view dies with the next suspension: the counts are read first.
        usage.take_tail(piece->data.substr(piece->data.size() - std::min(piece->data.size(), usage_tail)));
        note_usage(usage.usage());
        co_await response_.respond(std::move(head), piece->data);
        co_return;
    }
    std::string tail;
    const auto& framing = exchange.framing();
    response_.start(std::move(head), framing.kind == http::BodyKind::sized ? std::optional(framing.length) : std::nullopt);
    for (;;) {
        const bool last = piece->end;
        tail.append(piece->data.substr(piece->data.size() - std::min(piece->data.size(), usage_tail)));
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
    usage.take_tail(tail);
    note_usage(usage.usage());
    co_await response_.finish();
}

net::Awaitable<void> Generation::translate_unary(upstream::Exchange& exchange, const UpstreamRequest& sent) {
    auto body = co_await upstream::read_rest(exchange, longest_translated_answer);
    if (request_.cancellation.requested()) co_return response_.abandon();
    auto answer = body ? choice_->worker->provider().codec().decode_response(*body, sent.memo) : Result<codec::Answer>(tl::unexpected(body.error()));
    if (!answer) {
        Error error(answer.error().failure, answer.error().message);
        if (body) error = Error(Failure::upstream_error, "the provider's answer could not be read: " + answer.error().message);
        co_await refuse(std::move(error));
        co_return;
    }
    note_usage(answer->usage);
    request_.record.first_output_at();
    auto head = success_head(exchange, sent);
    head.fields.set("content-type", "application/json");
    const auto text = call_.codec().encode_response(*answer, client_view());
    co_await response_.respond(std::move(head), text);
}

net::Awaitable<Generation::Attempt> Generation::answer_error(upstream::Exchange& exchange, const UpstreamRequest& sent) {
    auto body = co_await upstream::read_rest(exchange, longest_error);
    if (request_.cancellation.requested()) {
        response_.abandon();
        co_return Attempt::answered;
    }
    auto head = exchange.head();
    if (head.status < 400) head.status = 502;  // redirects are not followed, and nothing else of that kind is an answer
    const ProviderAnswer stated{head, body ? std::string_view(*body) : std::string_view()};
    refusal_.emplace();
    refusal_->error = choice_->worker->provider().codec().decode_error(stated.head.status, stated.body);
    refusal_->reply = provider_error_answer(request_.shape, sent.same_format, *choice_, stated, request_.request_id, unix_now());
    note_refusal(head, refusal_->error);
    const bool stored = choice_->key_source == routing::KeySource::stored;
    if (attempts_ < gateway_.options().max_attempts && may_differ_elsewhere(head, refusal_->error, stored)) co_return Attempt::refused;
    co_await send_refusal();
    co_return Attempt::answered;
}

void Generation::note_refusal(const http::ResponseHead& head, const codec::ProviderError& error) {
    const auto& worker = *choice_->worker;
    // What a caller's own key runs into says nothing about the worker.
    if (choice_->key_source != routing::KeySource::stored) return;
    const auto wait = retry_after_of(head.fields, error);
    if (error.status == 429 && wait > 0 && !error.should_not_retry)
        worker.counters->cool_until(workers::Clock::now() + std::chrono::milliseconds(std::llround(std::min(wait, 3600.0) * 1000)));
    if ((error.status == 401 || head.status == 402) && gateway_.options().on_key_refused) gateway_.options().on_key_refused(worker, head.status);
}

net::Awaitable<void> Generation::send_refusal() {
    request_.record.error_code = code_of(refusal_->error);
    request_.record.outcome = telemetry::Outcome::error;
    if (response_.started()) {
        co_await relay_.end_with(refusal_->error);
        co_return;
    }
    // The gateway's own attempts are spent: an SDK's would multiply them.
    if (attempts_ > 1) refusal_->reply.head.fields.set("x-should-retry", "false");
    co_await send_reply(std::move(refusal_->reply));
}

net::Awaitable<void> Generation::refuse(Error error) {
    if (request_.cancellation.requested()) co_return response_.abandon();
    request_.record.error_code = error_code(error.failure);
    request_.record.outcome = error.failure == Failure::upstream_timeout ? telemetry::Outcome::timeout : telemetry::Outcome::error;
    if (response_.started()) {
        co_await relay_.end_with(as_provider_error(error));
        co_return;
    }
    auto reply = error_reply(request_.shape, error, request_.request_id);
    if (retry_after_.count() > 0) reply.head.fields.set("retry-after", std::to_string((retry_after_.count() + 999) / 1000));
    co_await send_reply(std::move(reply));
}

net::Awaitable<void> Generation::send_reply(Reply reply) {
    relay_.stop_keep_alives();
    request_.record.error_code = reply.head.fields.get("x-smg-error-code");
    add_own_headers(reply.head.fields, nullptr);
    const auto body = std::move(reply.body);
    co_await response_.respond(std::move(reply.head), body);
}

}  // namespace smg::gateway
