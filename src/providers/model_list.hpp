#pragma once
/// Reading model lists: what OpenAI's shape and its many dialects have in common.
#include <cstdint>
#include <string_view>

#include "codec/json_tree.hpp"
#include "providers/provider.hpp"

namespace smg::providers {

/// OpenAI's shape: `{"object":"list","data":[{"id","object","created","owned_by"}]}`, with the limits that vendors add under names of their own;
/// a bare array (Together) and `{"models":[…]}` too. Follows `has_more` and `last_id` where a vendor pages.
[[nodiscard]] Result<ModelsPage> parse_openai_models(const Provider& self, std::string_view body);

/// Parses the body into `tree`; an upstream_error that names the provider when it is no JSON object (or array).
[[nodiscard]] Result<codec::JsonNode> parse_list_body(const Provider& self, codec::JsonTree& tree, std::string_view body);

/// A non-negative number under the first of these names that has one; else 0.
[[nodiscard]] std::uint64_t first_count(codec::JsonNode object, std::initializer_list<std::string_view> names);

}  // namespace smg::providers
