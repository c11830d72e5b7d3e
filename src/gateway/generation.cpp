#include "gateway/generation.hpp"

#include <charconv>
#include <ctime>
#include <utility>
#include <vector>

#include "codec/stop_sequences.hpp"
#include "gateway/adapt.hpp"
#include "gateway/bare_json.hpp"
#include "gateway/failure.hpp"
#include "gateway/provider_error.hpp"
#include "gateway/usage_reader.hpp"
#include "http/media_type.hpp"
#include "upstream/whole_answer.hpp"

namespace smg::gateway {
namespace {

using providers::ApiFormat;

constexpr std::size_t longest_translated_answer = 64 * 1024 * 1024;

/// Of a stream that the gateway writes itself: what stands between it and the client (nginx, for one) is not to hold it back.
void set_stream_fields(http::Fields& fields) {
    fields.set("content-type", "text/event-stream; charset=utf-8");
    fields.set("cache-control", "no-cache");
    fields.set("x-accel-buffering", "no");
}

}  // namespace

Generation::Generation(Gateway& gateway, ApiFormat format, ClientRequest& request, ClientResponse& response)
    : Dispatch(gateway, request, response, call_), call_(format, request), relay_(request, response, gateway.options().keep_alive) {}

codec::ClientView Generation::client_view() const {
    codec::ClientView view;
    view.model = call_.model;
    view.request_id = request_.request_id;
    view.now = std::time(nullptr);
    view.include_usage = call_.scan.include_usage;
    const auto& asked = decoded_.conversation;
    view.legacy_functions = asked && asked->legacy_functions;
    view.request = asked ? &*asked : nullptr;
    return view;
}

Result<void> Generation::read() {
    if (auto done = read_call(call_); !done) return done;
    find_holder();
    fallbacks_ = FallbackModels(call_, gateway_.options(), *gateway_.snapshot(request_.loop));
    return {};
}

void Generation::find_holder() {
    if (!call_.target_worker.empty()) return;
    if (!call_.scan.previous_response_id.empty() && bind_to_holder(call_.scan.previous_response_id)) return;
    std::string reasoning;
    if (call_.format == ApiFormat::openai_responses)
        reasoning = latest_reasoning(call_.body());
    else if (call_.may_hold_envelope && decode(call_, decoded_))  // whatever is wrong with it will be told in its turn
        reasoning = latest_reasoning(*decoded_.conversation);
    carries_reasoning_ = !reasoning.empty();
    if (carries_reasoning_ && bind_to_holder(reasoning)) return;
    if (!gateway_.bindings().holds_files()) return;
    (void)each_file(call_.body(), [this](std::string_view id) {
        carries_file_ = true;
        return bind_to_holder(id);
    });
}

bool Generation::bind_to_holder(std::string_view id) {
    const auto holder = gateway_.bindings().find(id);
    if (holder.empty()) return false;
    const auto& snapshot = gateway_.snapshot(request_.loop);
    const auto worker = snapshot->by_id(holder);
    // A client may have changed to another provider's model since.
    if (!worker || snapshot->resolve(call_.model, worker.get()).servings.empty()) return false;
    call_.target_worker = holder;
    return true;
}

void Generation::describe(routing::RouteRequest& wanted) const {
    wanted.model = call_.model;
    for (const auto* name : {"messages", "contents", "input"})
        if (const auto* member = call_.scan.member(name)) wanted.prompt = value_text(*member, call_.body());
    if (fallbacks_.withholds_key()) wanted.caller_key = Secret();
}

bool Generation::describe_others() {
    if (!fallbacks_.advance(*gateway_.snapshot(request_.loop), call_)) return false;
    if (decoded_.conversation) decoded_.conversation->model = call_.model;
    return true;
}

http::ResponseHead Generation::answer_head(const upstream::Exchange& exchange, const UpstreamRequest& sent) const {
    auto head = success_head(exchange, sent);
    if (fallbacks_.in_use()) head.fields.set("x-smg-fallback-model", call_.model);
    return head;
}

std::string_view Generation::hedged_model() const {
    // What is bound to one worker's state, or goes on when nobody listens, is asked for once.
    const bool bound = carries_reasoning_ || carries_file_ || !call_.target_worker.empty() ||
                       !call_.scan.previous_response_id.empty() || call_.scan.member("conversation") != nullptr;
    const auto* const background = call_.scan.member("background");
    const bool goes_on = background != nullptr && value_text(*background, call_.body()) == "true";
    return bound || goes_on ? std::string_view() : std::string_view(call_.model);
}

std::uint64_t Generation::most_output_tokens() const {
    for (const auto* name : {"max_completion_tokens", "max_output_tokens", "max_tokens"}) {
        const auto* member = call_.scan.member(name);
        if (member == nullptr) continue;
        const auto text = value_text(*member, call_.body());
        std::uint64_t count = 0;
        if (std::from_chars(text.data(), text.data() + text.size(), count).ec == std::errc()) return count;
    }
    return 0;
}

void Generation::begin() {
    if (!call_.stream || (call_.format == ApiFormat::gemini && !call_.sse)) return;
    http::ResponseHead early;
    early.status = 200;
    set_stream_fields(early.fields);
    add_own_headers(early.fields, nullptr);
    relay_.keep_alive_from_now(call_.codec().stream_encoder(client_view()), std::move(early));
}

bool Generation::may_differ_elsewhere(const http::ResponseHead& head, const codec::ProviderError& error) const {
    if (!call_.target_worker.empty()) return false;  // it is known who holds the state
    if (!call_.scan.previous_response_id.empty() && (head.status == 404 || error.code == "previous_response_not_found")) return true;
    const bool unreadable = error.code == "invalid_encrypted_content" || error.message.find("encrypted content") != std::string::npos;
    if (carries_reasoning_ && unreadable) return true;
    return carries_file_ && head.status == 404;
}

net::Awaitable<void> Generation::relay(upstream::Exchange& exchange, const UpstreamRequest& sent) {
    const auto type = exchange.head().fields.get("content-type");
    if (exchange.complete()) {
        Error error(Failure::upstream_error, "the provider answered without a body");
        co_await fail_answer(workers::FailureClass::malformed, std::move(error));
    } else if (call_.stream && (type.empty() || http::is_event_stream(type) || http::is_json(type))) {
        // Not every provider names what it sends: whether these are events, the stream will see.
        co_await relay_stream(exchange, sent);
    } else if (!type.empty() && !http::is_json(type)) {
        Error error(Failure::upstream_error, "the provider answered with '" + std::string(type) + "' where JSON was expected");
        co_await fail_answer(workers::FailureClass::malformed, std::move(error));
    } else if (sent.same_format) {
        UsageReader usage(sent.format);
        auto head = answer_head(exchange, sent);
        co_await pass_body(exchange, std::move(head), &usage);
    } else {
        co_await translate_unary(exchange, sent);
    }
}

net::Awaitable<void> Generation::relay_stream(upstream::Exchange& exchange, const UpstreamRequest& sent) {
    auto head = answer_head(exchange, sent);
    const bool array = !call_.sse && call_.format == ApiFormat::gemini;
    std::unique_ptr<AnswerStream> stream;
    if (sent.same_format) {
        stream = passing_stream(call_.format, client_view(), sent.usage_injected);
    } else {
        stream = translating_stream(providers::codec_of(sent.format), sent.memo, call_.codec(), client_view());
        set_stream_fields(head.fields);
    }
    if (!secrets_.empty()) stream = hiding_stream(std::move(stream), secrets_);
    if (array) stream = json_array_stream(std::move(stream));  // the provider was asked for events nevertheless
    if (array || !http::is_event_stream(head.fields.get("content-type")))
        head.fields.set("content-type", array ? "application/json" : "text/event-stream");
    if (!head.fields.contains("cache-control")) head.fields.add("cache-control", "no-cache");
    const auto request_bytes = call_.body().size();
    const bool needed = decoded_.conversation.has_value();  // by who writes the answer
    relay_.on_output([this, needed] {
        worker_answered();
        // Nobody else will be asked: what was asked is not held as long as the stream is open.
        if (needed) return;
        call_.scan.members = std::vector<RequestScan::Member>();  // which show where things stand in the body
        std::string().swap(request_.body);
        request_.head.fields = http::Fields();
    });
    const auto end = co_await relay_.pump(exchange, *stream, std::move(head));
    if (end == StreamRelay::End::before_output) {
        lose_answer(relay_.loss().kind, relay_.loss().error);
        co_return;
    }
    auto& record = request_.record;
    const bool whole = end == StreamRelay::End::complete && !stream->ended_early();
    record.usage = token_counts(stream->usage(), stream->charges(), whole);
    const bool said = stream->output_seen() || stream->ended_early();
    if (!whole && said) estimate_missing(record.usage, request_bytes, stream->output(), stream->counted_output());
    bind_answer(stream->answer_id());
    bind_reasoning(stream->reasoning_keys());
    if (end == StreamRelay::End::client_left) {
        response_.abandon();
    } else if (end == StreamRelay::End::complete) {
        record.outcome = telemetry::Outcome::complete;
    } else if (end == StreamRelay::End::timed_out) {
        note_cut(workers::FailureClass::timed_out);
        record.error_code = error_code(Failure::upstream_timeout);
    } else if (end == StreamRelay::End::cut) {
        note_cut(workers::FailureClass::cut);
        record.error_code = error_code(Failure::upstream_error);
    } else {
        record.outcome = telemetry::Outcome::error;
        record.error_code = stream->error() ? code_of(*stream->error()) : error_code(Failure::upstream_error);
        answer_failed(stream->error() ? class_of(0, *stream->error()) : workers::FailureClass::cut);
    }
}

net::Awaitable<void> Generation::translate_unary(upstream::Exchange& exchange, const UpstreamRequest& sent) {
    auto body = co_await upstream::read_rest(exchange, longest_translated_answer);
    if (request_.cancellation.requested()) co_return response_.abandon();
    auto text = body ? in_clients_format(*body, sent) : Result<std::string>(tl::unexpected(body.error()));
    if (!text) {
        if (auto stated = body ? stated_error(providers::codec_of(sent.format), *body) : std::nullopt) {
            const auto kind = class_of(0, *stated);
            co_return lose_answer(kind, std::move(*stated));
        }
        Error error = text.error();
        const auto kind = body ? workers::FailureClass::malformed : class_inside_body(error);
        co_await fail_answer(kind, std::move(error));
        co_return;
    }
    request_.record.first_output_at();
    auto head = answer_head(exchange, sent);
    head.fields.set("content-type", "application/json");
    co_await response_.respond(std::move(head), *text);
}

Result<std::string> Generation::in_clients_format(std::string& body, const UpstreamRequest& sent) {
    auto answer = providers::codec_of(sent.format).decode_response(body, sent.memo);
    if (!answer) return fail(Failure::upstream_error, "the provider's answer could not be read: " + answer.error().message);
    std::string().swap(body);  // as long as the text that is written next
    if (!sent.memo.stop.empty()) codec::end_at_stop_sequence(*answer, sent.memo.stop);
    if (sent.format == ApiFormat::openai_responses) bind_reasoning(reasoning_keys(*answer));
    Charges charges;
    take_charges(charges, answer->native_usage);
    if (charges.service_tier.empty()) take_service_tier(charges, answer->service_tier);
    note_usage(answer->usage, charges);
    return call_.codec().encode_response(*answer, client_view());
}

void Generation::see_piece(std::string_view piece, bool first) {
    if (call_.format != ApiFormat::openai_responses) return;
    if (first) bind_answer(first_id(piece));  // both providers write the id first: `{"id":"resp_…"`
    const auto known = reasoning_.keys().size();
    reasoning_.read(piece);
    if (reasoning_.keys().size() > known) bind_reasoning(reasoning_.keys());
}

void Generation::bind_answer(std::string_view id) {
    if (call_.format == ApiFormat::openai_responses && choice_->worker->provider().quirks.responses)
        gateway_.bindings().remember(id, choice_->worker->id);
}

void Generation::bind_reasoning(const std::vector<std::string>& keys) {
    for (const auto& key : keys) gateway_.bindings().remember(key, choice_->worker->id);
}

net::Awaitable<void> Generation::end_begun(const codec::ProviderError& error) {
    auto ended = relay_.end_with(error);
    co_await std::move(ended);
}

}  // namespace smg::gateway
