#pragma once
/// Gemini's own schema dialect (a subset of OpenAPI 3.0: `parameters`, `responseSchema`) and what other formats read.
#include "codec/conversation.hpp"
#include "codec/json_tree.hpp"

namespace smg::codec::google {

/// The dialect as JSON Schema: type names in lower case, `nullable` as a type `null`, counts as numbers, without the keywords that
/// JSON Schema does not know. Source: Google's API reference, Schema.
[[nodiscard]] RawJson to_json_schema(JsonNode schema);

}  // namespace smg::codec::google
