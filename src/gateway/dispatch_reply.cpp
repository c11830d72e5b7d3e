/// What the client gets of a request: refusals, headers, and bodies that pass as they are.
#include <algorithm>
#include <ctime>
#include <utility>

#include "gateway/body_tail.hpp"
#include "gateway/dispatch.hpp"
#include "gateway/failure.hpp"
#include "gateway/provider_error.hpp"
#include "gateway/usage_reader.hpp"
#include "gateway/worker_words.hpp"
#include "providers/headers.hpp"

namespace smg::gateway {
namespace {

constexpr std::string_view json_space = " \t\r\n";

/// Whether a JSON text that begins so and ends so lacks its end. What stops behind an inner bracket of the same kind is not seen.
bool stops_early(char first, std::string_view tail) {
    const auto end = tail.find_last_not_of(json_space);
    const char last = end == std::string_view::npos ? '\0' : tail[end];
    return (first == '{' && last != '}') || (first == '[' && last != ']');
}

char first_of(std::string_view text) {
    const auto begun = text.find_first_not_of(json_space);
    return begun == std::string_view::npos ? '\0' : text[begun];
}

}  // namespace

net::Awaitable<void> Dispatch::tell() {
    if (request_.cancellation.requested() && !request_.expelled) co_return response_.abandon();  // nobody waits for it any more
    // The gateway's own attempts are spent: an SDK's would multiply them.
    if ((attempts_.count() > 1 || spent_) && gateway_.options().on_retries_exhausted)
        gateway_.options().on_retries_exhausted(request_.record.endpoint);
    if (refusal_) {
        co_await send_refusal();
    } else {
        auto error = unreachable_ ? *unreachable_ : Error(Failure::service_unavailable, "no worker answered");
        co_await refuse(std::move(error));
    }
}

net::Awaitable<void> Dispatch::send_refusal() {
    request_.record.error_code = code_of(refusal_->error);
    request_.record.outcome = refusal_->timed_out ? telemetry::Outcome::timeout : telemetry::Outcome::error;
    if (response_.started()) {
        co_await end_begun(refusal_->error);
        co_return;
    }
    if (attempts_.count() > 1 || spent_) refusal_->reply.head.fields.set("x-should-retry", "false");
    co_await send_reply(std::move(refusal_->reply));
}

net::Awaitable<void> Dispatch::refuse(Error error) {
    if (request_.cancellation.requested() && !request_.expelled) co_return response_.abandon();
    if (relaying_ && !erred_ && error.failure == Failure::upstream_timeout) erred_ = workers::FailureClass::timed_out;
    if (relaying_ && !erred_ && error.failure == Failure::upstream_error) erred_ = workers::FailureClass::malformed;
    if (relaying_) secrets_.cut_out(error.message);  // it may quote what could not be read
    request_.record.error_code = error_code(error.failure);
    const bool too_slow = error.failure == Failure::upstream_timeout || error.failure == Failure::request_timeout;
    request_.record.outcome = too_slow ? telemetry::Outcome::timeout : telemetry::Outcome::error;
    if (response_.started()) {
        const auto stated = as_provider_error(error);
        co_await end_begun(stated);
        co_return;
    }
    auto reply = error_reply(request_.shape, error, request_.request_id);
    if (attempts_.count() > 1 || spent_) reply.head.fields.set("x-should-retry", "false");
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
    fields.set("x-smg-attempts", std::to_string(attempts_.count()));
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
    hide(secrets_, head.fields);
    add_own_headers(head.fields, &sent.adjustments);
    return head;
}

void Dispatch::note_usage(const codec::Usage& usage, const Charges& charges) { request_.record.usage = token_counts(usage, charges); }

net::Awaitable<void> Dispatch::pass_body(upstream::Exchange& exchange, http::ResponseHead head, UsageReader* usage) {
    std::string_view whole;
    if (!exchange.complete()) {
        auto piece = co_await exchange.read();
        if (request_.cancellation.requested()) co_return response_.abandon();
        if (!piece) {
            Error error = std::move(piece.error());
            const auto kind = class_inside_body(error);
            co_await fail_answer(kind, std::move(error));
            co_return;
        }
        if (!piece->end) {
            auto rest = pass_pieces(exchange, std::move(head), *piece, usage);
            co_await std::move(rest);
            co_return;
        }
        whole = piece->data;
    }
    const bool empty = whole.empty();
    const bool broken = usage != nullptr && stops_early(first_of(whole), whole);
    if (needs_answer() && (empty || broken)) {
        Error error(Failure::upstream_error, empty ? "the provider answered without a body" : "the provider's answer stops in the middle");
        co_await fail_answer(workers::FailureClass::malformed, std::move(error));
        co_return;
    }
    if (broken) answer_failed(workers::FailureClass::malformed);
    if (!empty) request_.record.first_output_at();
    // The view dies with the next suspension: the counts are read first.
    see_piece(whole, true);
    if (usage != nullptr && !empty) usage->take_tail(BodyTail::last_bytes(whole));
    if (usage != nullptr && !empty) note_usage(usage->usage(), usage->charges());
    std::string memory;
    const auto shown = hide_in_errors(secrets_, whole, memory);
    co_await response_.respond(std::move(head), shown);
}

net::Awaitable<void> Dispatch::pass_pieces(upstream::Exchange& exchange, http::ResponseHead head, upstream::Piece first, UsageReader* usage) {
    Result<upstream::Piece> piece(first);
    request_.record.first_output_at();
    const auto& framing = exchange.framing();
    BodyTail tail(framing);
    response_.start(std::move(head), framing.kind == http::BodyKind::sized ? std::optional(framing.length) : std::nullopt);
    const char opening = first_of(piece->data);
    std::string memory;
    for (bool front = true;; front = false) {
        const bool last = piece->end;
        see_piece(piece->data, front);
        tail.add(piece->data);
        // A length that has been told holds.
        const auto shown = framing.kind == http::BodyKind::sized ? piece->data : hide_in_errors(secrets_, piece->data, memory);
        if (!response_.send(shown)) {
            const auto code = co_await response_.flush();
            if (code) co_return response_.abandon();
        }
        if (last) break;
        piece = co_await exchange.read();
        if (request_.cancellation.requested()) co_return response_.abandon();
        if (!piece) {
            note_cut(class_inside_body(piece.error()));
            co_return response_.abandon();
        }
    }
    if (usage != nullptr) usage->take_tail(tail.text());
    if (usage != nullptr) note_usage(usage->usage(), usage->charges());
    if (usage != nullptr && stops_early(opening, tail.text())) note_cut(workers::FailureClass::cut);
    co_await response_.finish();
}

void Dispatch::note_cut(workers::FailureClass kind) noexcept {
    answer_failed(kind);
    request_.record.outcome = kind == workers::FailureClass::timed_out ? telemetry::Outcome::timeout : telemetry::Outcome::upstream_cut;
}

}  // namespace smg::gateway
