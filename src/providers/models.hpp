#pragma once
/// What a provider's model list says about its models.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "codec/codec.hpp"

namespace smg::providers {

/// One model as its provider lists it.
struct ListedModel {
    std::string id;            ///< as a request names it; Gemini's without `models/`
    std::int64_t created = 0;  ///< Unix seconds; 0: not told
    std::string owned_by;
    std::string display_name;               ///< empty: not told
    std::uint64_t context_length = 0;       ///< input tokens; 0: not told
    std::uint64_t max_output_tokens = 0;    ///< 0: not told
    /// What else the provider says of it in its own list's shape, verbatim: Anthropic's `lifecycle` and `capabilities`, Gemini's `version`.
    std::vector<std::pair<std::string, codec::RawJson>> stated;
    std::vector<std::string> methods;       ///< Gemini's `supportedGenerationMethods`; empty elsewhere
    codec::ModelCapabilities capabilities;  ///< the dated table's, overridden by what the list says
};

/// One page of a list. A list is read by asking `Provider::models_query("")`, then with each page's `next`, until it is empty.
struct ModelsPage {
    std::vector<ListedModel> models;
    std::string next;  ///< query string without `?` that fetches the following page; empty after the last
};

}  // namespace smg::providers
