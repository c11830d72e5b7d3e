#include "gateway/adapt.hpp"

#include <utility>
#include <vector>

#include "codec/foreign_state.hpp"
#include "codec/reasoning_envelope.hpp"
#include "gateway/foreign_reasoning.hpp"
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
    const Reader reader{provider, choice.upstream_model};
    if (call.may_hold_envelope || may_hold_foreign_signature(call.format, call.body(), reader))
        splices = cut_foreign_reasoning(call.format, call.scan, call.body(), reader);
    if (call.format != providers::ApiFormat::gemini && choice.upstream_model != call.scan.model)
        splices.push_back(replace_model(call.scan, choice.upstream_model));
    if (call.format == providers::ApiFormat::openai_chat) {
        if (!provider.quirks.engine_sampling_fields)
            for (auto& splice : remove_members(call.scan, engine_only_fields)) splices.push_back(std::move(splice));
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
    if (auto read = decode(call, decoded); !read) return read;
    auto& conversation = decoded.conversation;
    if (out.format != call.format)
        if (auto readable = codec::check_foreign_state(*conversation); !readable) return tl::unexpected(readable.error());
    codec::Target target;
    target.model = choice.upstream_model;
    target.capabilities = choice.worker->capabilities(choice.upstream_model);
    target.strict = call.strict;
    auto encoded = providers::codec_of(out.format).encode_request(*conversation, target);
    if (!encoded) return tl::unexpected(encoded.error());
    if (conversation->turns.size() > 1) {
        conversation->turns.erase(conversation->turns.begin() + 1, conversation->turns.end());
        decoded.whole = false;
    }
    out.own_body = std::move(encoded->body);
    out.body = out.own_body;
    out.memo = std::move(encoded->memo);
    out.adjustments = std::move(encoded->adjustments);
    return {};
}

}  // namespace

Result<void> decode(const Call& call, DecodedRequest& decoded) {
    if (decoded.whole) return {};
    auto conversation = call.codec().decode_request(call.body());
    if (!conversation) return tl::unexpected(conversation.error());
    decoded.conversation = std::move(*conversation);
    decoded.conversation->model = call.model;
    decoded.conversation->stream = call.stream;
    decoded.whole = true;
    return {};
}

providers::ApiFormat upstream_format(const Call& call, const providers::Provider& provider, std::string_view upstream_model) {
    using providers::ApiFormat;
    if (!provider.quirks.responses) return provider.format;
    if (call.format == ApiFormat::openai_responses) return ApiFormat::openai_responses;
    const auto* const tools = call.scan.member("tools");
    if (tools == nullptr || !provider.tools_need_responses(upstream_model)) return provider.format;
    // Without reasoning, Chat takes the tools.
    const auto* const effort = call.scan.member("reasoning_effort");
    const bool unreasoned = call.format == ApiFormat::openai_chat && effort != nullptr && value_text(*effort, call.body()) == R"("none")";
    return unreasoned || value_text(*tools, call.body()) == "[]" ? provider.format : ApiFormat::openai_responses;
}

void add_worker_headers(const CallOptions& options, const http::Fields& callers, const routing::Choice& choice, bool same_format, http::Fields& out) {
    const auto& worker = *choice.worker;
    const auto& spec = *worker.spec;
    out.set("accept-encoding", "identity");
    out.set("user-agent", "smg/" SMG_VERSION);
    const bool callers_key = choice.key_source == routing::KeySource::caller;
    const providers::Passage passage{.same_format = same_format, .callers_key = callers_key};
    providers::add_request_headers(worker.provider(), callers, passage, out);
    for (const auto& [name, value] : spec.headers) out.set(name, value.reveal());
    const bool bearer = callers_key && options.credentials.was_bearer && same_format;
    providers::set_credential(worker.provider(), spec.auth ? &*spec.auth : nullptr, choice.key, bearer, out);
}

Result<void> adapt(const Call& call, const routing::Choice& choice, DecodedRequest& decoded, UpstreamRequest& out) {
    const auto& worker = *choice.worker;
    const auto& provider = worker.provider();
    out.format = upstream_format(call, provider, choice.upstream_model);
    const auto operation = out.format == providers::ApiFormat::openai_responses ? providers::Operation::responses : providers::Operation::chat;
    const providers::Ask ask(operation, choice.upstream_model, call.stream);
    auto target = provider.target(worker.identity.url, ask, worker.spec->query);
    if (!target) return tl::unexpected(target.error());
    out.target = std::move(*target);
    out.same_format = out.format == call.format;
    // Another provider's reasoning is cut out of OpenAI's formats; the codecs of the others know what must come in its place, and write the request
    // anew. The answer passes all the same.
    const bool cuttable = call.format == providers::ApiFormat::openai_chat || call.format == providers::ApiFormat::openai_responses;
    if (out.same_format && (cuttable || !call.may_hold_envelope || !codec::holds_envelope(call.body(), call.codec().name()))) {
        pass_body(call, choice, out);
    } else if (auto translated = translate_body(call, choice, decoded, out); !translated) {
        return translated;
    }
    out.fields.reserve(16);
    out.fields.add("content-type", "application/json");
    out.fields.add("accept", call.stream ? "text/event-stream" : "application/json");
    add_worker_headers(call, call.request.head.fields, choice, out.same_format, out.fields);
    return {};
}

}  // namespace smg::gateway
