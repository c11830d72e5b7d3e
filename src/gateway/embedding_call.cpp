#include "gateway/embedding_call.hpp"

#include <utility>

#include "gateway/adapt.hpp"
#include "gateway/failure.hpp"
#include "gateway/usage_reader.hpp"
#include "upstream/whole_answer.hpp"

namespace smg::gateway {
namespace {

using providers::ApiFormat;

constexpr std::size_t longest_answer = 256 * 1024 * 1024;
constexpr std::string_view batch_method = ":batchEmbedContents";

}  // namespace

EmbeddingCall::EmbeddingCall(Gateway& gateway, ApiFormat format, ClientRequest& request, ClientResponse& response)
    : Dispatch(gateway, request, response, call_), call_(format, request) {}

Result<void> EmbeddingCall::read() {
    if (auto done = read_call(call_); !done) return done;
    fallbacks_ = FallbackModels(call_, gateway_.options(), *gateway_.snapshot(request_.loop));
    return {};
}

void EmbeddingCall::describe(routing::RouteRequest& wanted) const {
    wanted.model = call_.model;
    if (fallbacks_.withholds_key()) wanted.caller_key = Secret();
}

bool EmbeddingCall::single() const { return call_.format == ApiFormat::gemini && !request_.path.ends_with(batch_method); }

Result<void> EmbeddingCall::adapt(UpstreamRequest& out) {
    const auto& worker = *choice_->worker;
    const auto& provider = worker.provider();
    if (!provider.offers(providers::Operation::embeddings))
        return fail(Failure::invalid_request, "the model '" + call_.model + "' is served by " + provider.name + ", which has no embeddings", "model");
    out.format = provider.format;
    out.same_format = out.format == call_.format;
    const providers::Ask ask(providers::Operation::embeddings, choice_->upstream_model);
    auto target = provider.target(worker.identity.url, ask, worker.spec->query);
    if (!target) return tl::unexpected(target.error());
    out.target = std::move(*target);
    if (out.same_format && single()) out.target.replace(out.target.find(batch_method), batch_method.size(), ":embedContent");
    out.body = call_.body();
    if (!out.same_format) {
        if (auto translated = translate(out); !translated) return translated;
    } else if (call_.format != ApiFormat::gemini && choice_->upstream_model != call_.scan.model) {
        out.own_body = apply_splices(call_.body(), {replace_model(call_.scan, choice_->upstream_model)});
        out.body = out.own_body;
    }
    out.fields.add("content-type", "application/json");
    out.fields.add("accept", "application/json");
    add_worker_headers(call_, request_.head.fields, *choice_, out.same_format, out.fields);
    return {};
}

Result<void> EmbeddingCall::translate(UpstreamRequest& out) {
    if (!wanted_) {
        auto read = call_.format == ApiFormat::gemini ? codec::decode_gemini_embedding_request(call_.body(), single())
                                                      : codec::decode_openai_embedding_request(call_.body());
        if (!read) return tl::unexpected(read.error());
        wanted_ = std::move(*read);
    }
    codec::Target target;
    target.model = choice_->upstream_model;
    target.strict = call_.strict;
    auto encoded = out.format == ApiFormat::gemini ? codec::encode_gemini_embedding_request(*wanted_, target)
                                                   : codec::encode_openai_embedding_request(*wanted_, target);
    if (!encoded) return tl::unexpected(encoded.error());
    out.own_body = std::move(encoded->body);
    out.body = out.own_body;
    out.adjustments = std::move(encoded->adjustments);
    return {};
}

net::Awaitable<void> EmbeddingCall::relay(upstream::Exchange& exchange, const UpstreamRequest& sent) {
    auto head = success_head(exchange, sent);
    if (fallbacks_.in_use()) head.fields.set("x-smg-fallback-model", call_.model);
    if (sent.same_format) {
        UsageReader usage(sent.format);
        co_await pass_body(exchange, std::move(head), &usage);
        co_return;
    }
    auto body = co_await upstream::read_rest(exchange, longest_answer);
    if (request_.cancellation.requested()) co_return response_.abandon();
    auto answer = !body                              ? Result<codec::EmbeddingAnswer>(tl::unexpected(body.error()))
                  : sent.format == ApiFormat::gemini ? codec::decode_gemini_embeddings(*body, *wanted_)
                                                     : codec::decode_openai_embeddings(*body);
    if (answer && answer->vectors.size() != wanted_->inputs.size())
        answer = fail(Failure::upstream_error, "the provider answered " + std::to_string(wanted_->inputs.size()) + " inputs with " +
                                                   std::to_string(answer->vectors.size()) + " embeddings");
    if (!answer) {
        Error error(answer.error().failure, answer.error().message);
        const auto kind = body ? workers::FailureClass::malformed : class_inside_body(error);
        co_await fail_answer(kind, std::move(error));
        co_return;
    }
    note_usage(answer->usage);
    request_.record.first_output_at();
    head.fields.set("content-type", "application/json");
    const auto text = call_.format == ApiFormat::gemini ? codec::encode_gemini_embeddings(*answer, *wanted_)
                                                        : codec::encode_openai_embeddings(*answer, *wanted_, choice_->upstream_model);
    co_await response_.respond(std::move(head), text);
}

}  // namespace smg::gateway
