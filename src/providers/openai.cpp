/// OpenAI. Patterns, paths and headers: contract section 2 and OpenAI's API reference; model habits: seen and documented until November 2026.
#include "base/ascii.hpp"
#include "providers/model_list.hpp"
#include "providers/model_version.hpp"
#include "providers/provider.hpp"

namespace smg::providers {

namespace {

using codec::ModelCapabilities;
using Thinking = ModelCapabilities::Thinking;

/// A fine-tuned model has the habits of the model that it was tuned from: `ft:gpt-4o-mini-2024-07-18:org::id`.
std::string_view base_model(std::string_view model) {
    if (!istarts_with(model, "ft:")) return model;
    model.remove_prefix(3);
    return model.substr(0, model.find(':'));
}

bool is_o_series(std::string_view model) { return model.size() > 1 && ascii_lower(model[0]) == 'o' && model[1] >= '0' && model[1] <= '9'; }
bool has(std::string_view model, std::string_view word) { return model.find(word) != std::string_view::npos; }

std::vector<std::string> gpt5_efforts(const ModelVersion& version, const std::string& model) {
    if (has(model, "-pro") && version < ModelVersion{5, 2}) return {"high"};
    if (version < ModelVersion{5, 1}) return {"minimal", "low", "medium", "high"};
    if (version >= ModelVersion{5, 2} || has(model, "codex-max")) return {"none", "low", "medium", "high", "xhigh"};
    return {"none", "low", "medium", "high"};
}

ModelCapabilities reasoning_model(std::uint64_t max_output, std::vector<std::string> efforts) {
    ModelCapabilities capabilities;
    capabilities.max_output_tokens = max_output;
    capabilities.thinking = Thinking::adaptive;
    capabilities.efforts = std::move(efforts);
    capabilities.thinking_can_be_disabled = false;
    capabilities.sampling_locked = true;
    capabilities.stop_sequences = false;
    return capabilities;
}

ModelCapabilities gpt5(const ModelVersion& version, const std::string& model) {
    auto capabilities = reasoning_model(128000, gpt5_efforts(version, model));
    capabilities.thinking_can_be_disabled = !capabilities.efforts.empty() && capabilities.efforts.front() == "none";
    // 5.1 to 5.5 do not reason unless asked to, and then take sampling fields; 5.6 reasons by default.
    capabilities.sampling_locked = version < ModelVersion{5, 1} || version >= ModelVersion{5, 6};
    capabilities.cache_breakpoints = version >= ModelVersion{5, 6};
    return capabilities;
}

ModelCapabilities plain_model(std::uint64_t max_output, bool structured) {
    ModelCapabilities capabilities;
    capabilities.max_output_tokens = max_output;
    capabilities.thinking = Thinking::none;
    capabilities.structured_outputs = structured;
    return capabilities;
}

ModelCapabilities table(std::string_view name) {
    const auto model = ascii_lower(base_model(name));
    const auto version = version_in(model).value_or(ModelVersion{});
    if (is_o_series(model))
        return reasoning_model(has(model, "o1-preview") ? 32768 : has(model, "o1-mini") ? 65536 : 100000, {"low", "medium", "high"});
    if (model.starts_with("codex-")) return reasoning_model(128000, {"low", "medium", "high"});
    if (model.starts_with("chatgpt-4o") || model.starts_with("gpt-4o")) return plain_model(16384, true);
    if (model.starts_with("gpt-4.1")) return plain_model(32768, true);
    if (model.starts_with("gpt-4.5")) return plain_model(16384, true);
    if (model.starts_with("gpt-4-turbo") || has(model, "-preview")) return plain_model(4096, false);
    if (model.starts_with("gpt-4")) return plain_model(8192, false);
    if (model.starts_with("gpt-3.5")) return plain_model(4096, false);
    if (has(model, "-chat")) return plain_model(16384, true);  // gpt-5-chat-latest
    if (model.starts_with("gpt-") && version.major >= 5) return gpt5(version, model);
    return ModelCapabilities();
}

/// Function tools on Chat are a 400 from gpt-5.4 on ("Function tools with reasoning_effort are not supported … use /v1/responses").
bool chat_refuses_tools(std::string_view name) {
    const auto model = ascii_lower(base_model(name));
    return model.starts_with("gpt-") && !has(model, "-chat") && version_in(model).value_or(ModelVersion{}) >= ModelVersion{5, 4};
}

std::vector<std::string> patterns() {
    std::vector<std::string> all{"gpt-*", "o#*",       "chatgpt-*", "codex-*",  "text-embedding-*", "dall-e-*",
                                 "tts-*", "whisper-*", "omni-*",    "davinci*", "babbage*"};
    for (std::size_t i = 0, n = all.size(); i < n; ++i) all.push_back("ft:" + all[i]);
    return all;
}

}  // namespace

Provider openai() {
    Provider provider;
    provider.name = "openai";
    provider.origin = codec::Origin::openai;
    provider.first_party = true;
    provider.hosts = {"api.openai.com"};
    provider.model_patterns = patterns();
    provider.key_prefixes = {"sk-proj-", "sk-svcacct-", "sk-admin-"};
    provider.key_marks = {"T3BlbkFJ"};
    provider.paths = {"/chat/completions", "/responses", "/completions", "/embeddings", "/responses/input_tokens", "/models", "/models/{model}"};
    provider.request_headers = {{"openai-beta"},
                                {"idempotency-key"},
                                {"x-stainless-*"},
                                {"x-client-request-id"},
                                {"openai-organization", true, false},
                                {"openai-project", true, false}};
    provider.private_response_headers = {"openai-organization", "openai-project"};
    provider.quirks.stream_usage_option = true;
    provider.quirks.responses = true;
    provider.quirks.engine_sampling_fields = false;
    provider.parse_models = parse_openai_models;
    provider.table = table;
    provider.chat_refuses_tools = chat_refuses_tools;
    return provider;
}

}  // namespace smg::providers
