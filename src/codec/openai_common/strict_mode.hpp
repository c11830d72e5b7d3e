#pragma once
/// OpenAI's strict mode for the arguments of functions, which has rules of its own for schemas.
/// Source: platform.openai.com/docs/guides/structured-outputs, "Supported schemas".
#include <string_view>

#include "codec/conversation.hpp"

namespace smg::codec::openai {

/// Every object, at any depth, closes itself (`additionalProperties: false`) and requires each of its properties; nothing is combined but by `anyOf`,
/// and that not at the root. A text that is no schema of an object fits nowhere.
[[nodiscard]] bool fits_strict_mode(std::string_view schema);

/// The client's tool is strict by Anthropic's rules, which let properties be left out, and OpenAI would refuse the whole request for it.
[[nodiscard]] bool is_too_loose(const Conversation& conversation, const Tool& tool);

}  // namespace smg::codec::openai
