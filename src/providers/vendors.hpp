#pragma once
/// Vendors that are data alone.
#include <vector>

#include "providers/catalog.hpp"

namespace smg::providers {

/// Groq, OpenRouter, DeepSeek, Mistral, Together, Ollama, Azure OpenAI; then the engines that operators run: vLLM, SGLang.
[[nodiscard]] std::vector<Provider> built_in_vendors();

/// A vendor of the configuration as a provider. Errors name the key below `providers.`: `acme.native`.
[[nodiscard]] Result<Provider> provider_of(const VendorSpec& spec);

}  // namespace smg::providers
