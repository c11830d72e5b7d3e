/// Whatever speaks OpenAI's Chat Completions: vendors and engines that need no code of their own.
#include "providers/model_list.hpp"
#include "providers/provider.hpp"

namespace smg::providers {

Provider openai_compatible() {
    Provider provider;
    provider.name = "openai-compatible";
    provider.aliases = {"openai_compatible", "compatible"};
    provider.paths = {"/chat/completions", "/responses", "/completions", "/embeddings", "", "/models", "/models/{model}"};
    provider.request_headers = {{"idempotency-key"}, {"x-stainless-*"}};
    provider.private_response_headers = {"*-organization", "*-organization-id", "*-project", "*-workspace-id"};
    provider.parse_models = parse_openai_models;
    return provider;
}

}  // namespace smg::providers
