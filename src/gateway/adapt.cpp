#include "gateway/adapt.hpp"

#include <utility>
#include <vector>

#include "providers/headers.hpp"

namespace smg::gateway {
namespace {

/// Sampling and template fields of inference engines, which the hosted providers refuse; the reference gateway takes the same ones out.
const std::vector<std::string_view> engine_only_fields = {"request_id",
                                                          "priority",
                                                          "top_k",
                                                          "min_p",
                                                          "min_tokens",
                                                          "regex",
                                                          "ebnf",
                                                          "stop_token_ids",
                                                          "no_stop_trim",
                                                          "ignore_eos",
                                                          "continue_final_message",
                                                          "skip_special_tokens",
                                                          "lora_path",
                                                          "session_params",
                                                          "separate_reasoning",
                                                          "stream_reasoning",
                                                          "chat_template_kwargs",
                                                          "return_hidden_states",
                                                          "repetition_penalty",
                                                          "sampling_seed"};

void pass_body(const Call& call, const routing::Choice& choice, UpstreamRequest& out) {
    std::vector<Splice> splices;
    const auto& provider = choice.worker->provider();
    if (call.format != providers::ApiFormat::gemini && choice.upstream_model != call.scan.model)
        splices.push_back(replace_model(call.scan, choice.upstream_model));
    if (call.format == providers::ApiFormat::openai_chat) {
        if (!provider.quirks.engine_sampling_fields)
            for (auto& splice : remove_members(call.scan, call.body(), engine_only_fields)) splices.push_back(std::move(splice));
        if (call.stream && choice.worker->takes_stream_usage_option()) {
            if (auto splice = ask_for_usage(call.scan, call.body())) {
                splices.push_back(std::move(*splice));
                out.usage_injected = true;
            }
        }
    }
    out.body = call.body();
    if (splices.empty()) return;
    out.own_body = apply_splices(call.body(), std::move(splices));
    out.body = out.own_body;
}

Result<void> translate_body(const Call& call, const routing::Choice& choice, DecodedRequest& decoded, UpstreamRequest& out) {
    if (!decoded) {
        auto conversation = call.codec().decode_request(call.body());
        if (!conversation) return tl::unexpected(conversation.error());
        decoded = std::move(*conversation);
        decoded->model = call.model;
        decoded->stream = call.stream;
    }
    codec::Target target;
    target.model = choice.upstream_model;
    target.capabilities = choice.worker->capabilities(choice.upstream_model);
    target.strict = call.strict;
    auto encoded = choice.worker->provider().codec().encode_request(*decoded, target);
    if (!encoded) return tl::unexpected(encoded.error());
    out.own_body = std::move(encoded->body);
    out.body = out.own_body;
    out.memo = std::move(encoded->memo);
    out.adjustments = std::move(encoded->adjustments);
    return {};
}

void add_headers(const Call& call, const routing::Choice& choice, UpstreamRequest& out) {
    const auto& worker = *choice.worker;
    const auto& spec = *worker.spec;
    auto& fields = out.fields;
    fields.reserve(16);
    fields.add("content-type", "application/json");
    fields.add("accept", call.stream ? "text/event-stream" : "application/json");
    fields.add("accept-encoding", "identity");
    fields.add("user-agent", "smg/" SMG_VERSION);
    const bool callers_key = choice.key_source == routing::KeySource::caller;
    const providers::Passage passage{.same_format = out.same_format, .callers_key = callers_key};
    providers::add_request_headers(worker.provider(), call.request.head.fields, passage, fields);
    for (const auto& [name, value] : spec.headers) fields.set(name, value.reveal());
    const bool bearer = callers_key && call.credentials.was_bearer && out.same_format;
    providers::set_credential(worker.provider(), spec.auth ? &*spec.auth : nullptr, choice.key, bearer, fields);
}

}  // namespace

Result<void> adapt(const Call& call, const routing::Choice& choice, DecodedRequest& decoded, UpstreamRequest& out) {
    const auto& worker = *choice.worker;
    const auto& provider = worker.provider();
    const providers::Ask ask(providers::Operation::chat, choice.upstream_model, call.stream);
    auto target = provider.target(worker.identity.url, ask, worker.spec->query);
    if (!target) return tl::unexpected(target.error());
    out.target = std::move(*target);
    // A JSON array of answers (Gemini without alt=sse) is written by the encoder: the provider is always asked for events.
    out.same_format = provider.format == call.format && (!call.stream || call.sse);
    if (out.same_format) {
        pass_body(call, choice, out);
    } else if (auto translated = translate_body(call, choice, decoded, out); !translated) {
        return translated;
    }
    add_headers(call, choice, out);
    return {};
}

}  // namespace smg::gateway
