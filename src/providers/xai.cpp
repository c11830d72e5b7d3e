/// xAI: OpenAI's Chat and Responses with habits of its own. Contract section 2; xAI's documentation and recordings until November 2026.
#include "base/ascii.hpp"
#include "providers/model_list.hpp"
#include "providers/model_version.hpp"
#include "providers/provider.hpp"

namespace smg::providers {

namespace {

using codec::ModelCapabilities;
using Thinking = ModelCapabilities::Thinking;

/// Reasoning models refuse `stop` and both penalties (docs.x.ai/docs/guides/reasoning, November 2026): all from 4 on that are not named otherwise.
bool reasons(std::string_view model) {
    if (!model.starts_with("grok-") || model.find("non-reasoning") != std::string_view::npos) return false;
    return model.starts_with("grok-3-mini") || model.starts_with("grok-code") || version_in(model).value_or(ModelVersion{}) >= ModelVersion{4, 0};
}

/// `reasoning_effort` is an error for most Grok models, reasoning or not: "adaptive" here means that the field is understood.
ModelCapabilities table(std::string_view name) {
    const auto model = ascii_lower(name);
    ModelCapabilities capabilities;
    capabilities.stop_sequences = capabilities.penalties = !reasons(model);
    if (model.starts_with("grok-3-mini")) {
        capabilities.thinking = Thinking::adaptive;
        capabilities.thinking_can_be_disabled = false;
        capabilities.efforts = {"low", "high"};
    } else if (version_in(model).value_or(ModelVersion{}) >= ModelVersion{4, 3} && version_in(model)->minor < 10) {
        capabilities.thinking = Thinking::adaptive;  // 4.3 on; grok-4.20 is older than its number
        capabilities.efforts = {"none", "low", "medium", "high"};
    } else if (model.starts_with("grok-")) {
        capabilities.thinking = Thinking::none;
    }
    return capabilities;
}

}  // namespace

Provider xai() {
    Provider provider;
    provider.name = "xai";
    provider.aliases = {"grok", "x.ai", "x-ai"};
    provider.origin = codec::Origin::xai;
    provider.first_party = true;
    provider.hosts = {"api.x.ai"};
    provider.model_patterns = {"grok-*"};
    provider.key_prefixes = {"xai-"};
    provider.paths = {"/chat/completions", "/responses", "/completions", "/embeddings", "", "/models", "/models/{model}"};
    provider.request_headers = {{"x-grok-conv-id", false, false}, {"idempotency-key"}, {"x-stainless-*"}};
    provider.private_response_headers = {"x-team-id", "x-organization-id"};
    provider.quirks.stream_usage_option = true;
    provider.quirks.engine_sampling_fields = false;
    provider.quirks.responses = true;
    provider.quirks.string_errors = true;
    provider.parse_models = parse_openai_models;
    provider.table = table;
    return provider;
}

}  // namespace smg::providers
