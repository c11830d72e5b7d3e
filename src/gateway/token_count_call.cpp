#include "gateway/token_count_call.hpp"

#include <utility>

#include "base/ascii.hpp"
#include "gateway/foreign_reasoning.hpp"
#include "gateway/token_count.hpp"
#include "upstream/whole_answer.hpp"

namespace smg::gateway {
namespace {

using providers::ApiFormat;

constexpr std::size_t longest_answer = 1024 * 1024;

/// The body as the codec of the format reads a generation request: Messages wants `max_tokens`, Gemini's count may be wrapped.
std::string as_generation(const Call& call) {
    if (call.format == ApiFormat::anthropic_messages && call.scan.member("max_tokens") == nullptr && !call.scan.object_empty)
        return apply_splices(call.body(), {{{call.scan.object_begin, call.scan.object_begin}, R"("max_tokens":1,)"}});
    if (call.format == ApiFormat::gemini)
        for (const auto* const name : {"generateContentRequest", "generate_content_request"})
            if (const auto* const wrapped = call.scan.member(name)) return std::string(value_text(*wrapped, call.body()));
    return call.body();
}

}  // namespace

TokenCountCall::TokenCountCall(Gateway& gateway, ApiFormat format, ClientRequest& request, ClientResponse& response)
    : Dispatch(gateway, request, response, call_), call_(format, request) {}

Result<void> TokenCountCall::read() {
    auto done = read_call(call_);
    call_.stream = request_.record.streaming = false;
    if (done) fallbacks_ = FallbackModels(call_, gateway_.options(), *gateway_.snapshot(request_.loop));
    return done;
}

void TokenCountCall::describe(routing::RouteRequest& wanted) const {
    wanted.model = call_.model;
    if (fallbacks_.withholds_key()) wanted.caller_key = Secret();
}

bool TokenCountCall::describe_others() {
    if (!fallbacks_.advance(*gateway_.snapshot(request_.loop), call_)) return false;
    if (decoded_) decoded_->model = call_.model;
    return true;
}

Result<const codec::Conversation*> TokenCountCall::conversation() {
    if (!decoded_) {
        auto decoded = call_.codec().decode_request(as_generation(call_));
        if (!decoded) return tl::unexpected(decoded.error());
        decoded_ = std::move(*decoded);
        decoded_->model = call_.model;
        decoded_->max_tokens.clear();
        decoded_->stream = false;
    }
    return &*decoded_;
}

bool TokenCountCall::answers_itself() const { return !choice_->worker->provider().offers(providers::Operation::count_tokens); }

bool TokenCountCall::answers_instead_of(int status, const codec::ProviderError& error) const {
    if (status == 405 || status == 501) return true;
    // Whoever has no such path says so without a word of the model.
    const auto words = ascii_lower(error.message);
    return status == 404 && words.find("model") == std::string::npos && words.find(ascii_lower(choice_->upstream_model)) == std::string::npos;
}

net::Awaitable<void> TokenCountCall::answer_itself() {
    const auto read = conversation();
    if (!read) {
        co_await refuse(read.error());
        co_return;
    }
    http::ResponseHead head;
    head.status = 200;
    head.fields.add("content-type", "application/json");
    add_own_headers(head.fields, nullptr);
    head.fields.set("x-smg-estimated", "true");
    if (fallbacks_.in_use()) head.fields.set("x-smg-fallback-model", call_.model);
    const auto text = write_count(call_.format, estimate_tokens(**read));
    co_await response_.respond(std::move(head), text);
}

Result<void> TokenCountCall::adapt(UpstreamRequest& out) {
    const auto& worker = *choice_->worker;
    const auto& provider = worker.provider();
    out.format = counting_format(provider);
    out.same_format = out.format == call_.format;
    const providers::Ask ask(providers::Operation::count_tokens, choice_->upstream_model);
    auto target = provider.target(worker.identity.url, ask, worker.spec->query);
    if (!target) return tl::unexpected(target.error());
    out.target = std::move(*target);
    auto body = write_body(out);
    if (!body) return body;
    out.fields.add("content-type", "application/json");
    out.fields.add("accept", "application/json");
    add_worker_headers(call_, request_.head.fields, *choice_, out.same_format, out.fields);
    return {};
}

Result<void> TokenCountCall::write_body(UpstreamRequest& out) {
    const auto& provider = choice_->worker->provider();
    const bool sealed = call_.may_hold_envelope;
    if (!out.same_format || (sealed && call_.format != ApiFormat::openai_responses)) return encode_body(out);
    std::vector<Splice> splices;
    if (sealed) splices = cut_foreign_reasoning(call_.format, call_.scan, call_.body(), {provider, choice_->upstream_model});
    if (call_.format != ApiFormat::gemini && choice_->upstream_model != call_.scan.model)
        splices.push_back(replace_model(call_.scan, choice_->upstream_model));
    out.body = call_.body();
    if (splices.empty()) return {};
    out.own_body = apply_splices(call_.body(), std::move(splices));
    out.body = out.own_body;
    return {};
}

Result<void> TokenCountCall::encode_body(UpstreamRequest& out) {
    const auto read = conversation();
    if (!read) return tl::unexpected(read.error());
    codec::Target aim;
    aim.model = choice_->upstream_model;
    aim.capabilities = choice_->worker->capabilities(choice_->upstream_model);
    auto encoded = providers::codec_of(out.format).encode_request(**read, aim);
    if (!encoded) return tl::unexpected(encoded.error());
    out.own_body = count_request(out.format, encoded->body, choice_->upstream_model);
    out.body = out.own_body;
    return {};
}

net::Awaitable<void> TokenCountCall::relay(upstream::Exchange& exchange, const UpstreamRequest& sent) {
    auto head = success_head(exchange, sent);
    if (fallbacks_.in_use()) head.fields.set("x-smg-fallback-model", call_.model);
    if (sent.same_format) {
        co_await pass_body(exchange, std::move(head), nullptr);
        co_return;
    }
    const auto body = co_await upstream::read_rest(exchange, longest_answer);
    if (request_.cancellation.requested()) co_return response_.abandon();
    const auto count = body ? read_count(sent.format, *body) : std::nullopt;
    if (!count) {
        co_await answer_itself();
        co_return;
    }
    head.fields.set("content-type", "application/json");
    const auto text = write_count(call_.format, *count);
    co_await response_.respond(std::move(head), text);
}

}  // namespace smg::gateway
