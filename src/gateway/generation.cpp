#include "gateway/generation.hpp"

#include <charconv>
#include <ctime>
#include <utility>

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
    view.legacy_functions = decoded_ && decoded_->legacy_functions;
    view.request = decoded_ ? &*decoded_ : nullptr;
    return view;
}

Result<void> Generation::read() {
    if (auto done = read_call(call_); !done) return done;
    find_holder();
    fallbacks_ = FallbackModels(call_, gateway_.options());
    return {};
}

void Generation::find_holder() {
    if (call_.format != ApiFormat::openai_responses || !call_.target_worker.empty()) return;
    // What a response continues is held by the worker that made it.
    const auto holder = gateway_.bindings().find(call_.scan.previous_response_id);
    if (!holder.empty() && gateway_.snapshot(request_.loop)->by_spelling(holder)) call_.target_worker = holder;
}

void Generation::describe(routing::RouteRequest& wanted) const {
    wanted.model = call_.model;
    for (const auto* name : {"messages", "contents", "input"})
        if (const auto* member = call_.scan.member(name)) wanted.prompt = value_text(*member, call_.body());
    if (fallbacks_.withholds_key()) wanted.caller_key = Secret();
}

bool Generation::describe_others() {
    if (!fallbacks_.advance(*gateway_.snapshot(request_.loop), call_)) return false;
    if (decoded_) decoded_->model = call_.model;
    return true;
}

http::ResponseHead Generation::answer_head(const upstream::Exchange& exchange, const UpstreamRequest& sent) const {
    auto head = success_head(exchange, sent);
    if (fallbacks_.in_use()) head.fields.set("x-smg-fallback-model", call_.model);
    return head;
}

std::string_view Generation::hedged_model() const {
    // What is bound to one worker's state, or goes on when nobody listens, is asked for once.
    const bool bound = !call_.target_worker.empty() || !call_.scan.previous_response_id.empty() || call_.scan.member("conversation") != nullptr;
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
    if (call_.scan.previous_response_id.empty()) return false;
    return head.status == 404 || error.code == "previous_response_not_found";
}

net::Awaitable<void> Generation::relay(upstream::Exchange& exchange, const UpstreamRequest& sent) {
    const auto type = exchange.head().fields.get("content-type");
    if (http::is_event_stream(type) && call_.stream) {
        co_await relay_stream(exchange, sent);
    } else if (!type.empty() && !http::is_json(type)) {
        Error error(Failure::upstream_error, "the provider answered with '" + std::string(type) + "' where JSON was expected");
        if (call_.stream) {
            lose_answer(workers::FailureClass::malformed, as_provider_error(error));
            co_return;
        }
        co_await refuse(std::move(error));
    } else if (sent.same_format && !response_.started()) {
        stop_keep_alives();
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
    if (array) {  // the provider was asked for events nevertheless
        stream = json_array_stream(std::move(stream));
        head.fields.set("content-type", "application/json");
    }
    if (!head.fields.contains("cache-control")) head.fields.add("cache-control", "no-cache");
    relay_.on_output([this] { worker_answered(); });
    const auto end = co_await relay_.pump(exchange, *stream, std::move(head));
    if (end == StreamRelay::End::before_output) {
        lose_answer(relay_.loss().kind, relay_.loss().error);
        co_return;
    }
    auto& record = request_.record;
    const bool whole = end == StreamRelay::End::complete;
    record.usage = token_counts(stream->usage(), stream->charges(), whole);
    if (!whole && !stream->usage().any() && stream->output_seen()) record.usage = estimated_counts(call_.body().size(), stream->output_pieces());
    bind_answer(stream->answer_id());
    if (end == StreamRelay::End::client_left) {
        response_.abandon();
    } else if (end == StreamRelay::End::complete) {
        record.outcome = telemetry::Outcome::complete;
    } else {
        record.outcome = end == StreamRelay::End::cut ? telemetry::Outcome::upstream_cut : telemetry::Outcome::error;
        record.error_code = stream->error() ? code_of(*stream->error()) : error_code(Failure::upstream_error);
    }
}

net::Awaitable<void> Generation::translate_unary(upstream::Exchange& exchange, const UpstreamRequest& sent) {
    auto body = co_await upstream::read_rest(exchange, longest_translated_answer);
    if (request_.cancellation.requested()) co_return response_.abandon();
    auto answer = body ? providers::codec_of(sent.format).decode_response(*body, sent.memo) : Result<codec::Answer>(tl::unexpected(body.error()));
    if (!answer) {
        Error error(answer.error().failure, answer.error().message);
        if (body) error = Error(Failure::upstream_error, "the provider's answer could not be read: " + answer.error().message);
        co_await refuse(std::move(error));
        co_return;
    }
    Charges charges;
    take_charges(charges, answer->native_usage);
    if (charges.service_tier.empty()) take_service_tier(charges, answer->service_tier);
    note_usage(answer->usage, charges);
    request_.record.first_output_at();
    auto head = answer_head(exchange, sent);
    head.fields.set("content-type", "application/json");
    const auto text = call_.codec().encode_response(*answer, client_view());
    co_await response_.respond(std::move(head), text);
}

void Generation::see_front(std::string_view front) {
    // Both providers write the id first: `{"id":"resp_…"`.
    if (call_.format == ApiFormat::openai_responses) bind_answer(first_id(front));
}

void Generation::bind_answer(std::string_view id) {
    if (call_.format == ApiFormat::openai_responses && choice_->worker->provider().quirks.responses)
        gateway_.bindings().remember(id, choice_->worker->id);
}

net::Awaitable<void> Generation::end_begun(const codec::ProviderError& error) {
    auto ended = relay_.end_with(error);
    co_await std::move(ended);
}

}  // namespace smg::gateway
