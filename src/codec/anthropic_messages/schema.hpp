#pragma once
/// JSON Schemas as Anthropic accepts them.
#include <optional>
#include <string>
#include <string_view>

#include "codec/conversation.hpp"

namespace smg::codec::messages {

/// A tool's `input_schema`: the same bytes where they are acceptable. An absent schema is the object without properties, a missing
/// root `type` is added. Nothing when the root can be no object, or is a choice of schemas, which the API refuses.
[[nodiscard]] std::optional<RawJson> tool_schema(std::string_view schema);

/// A schema for structured output.
struct OutputSchema {
    RawJson json;
    bool closed_map = false;  ///< an object that may have had any members can now have only those that are named
};

/// Every object is closed (`additionalProperties: false`), `oneOf` becomes `anyOf`, and keywords that the API refuses move into the
/// description as words, as Anthropic's SDKs do. Values keep their source text.
[[nodiscard]] OutputSchema output_schema(std::string_view schema);

}  // namespace smg::codec::messages
