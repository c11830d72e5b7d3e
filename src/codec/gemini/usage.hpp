#pragma once
/// `usageMetadata` and the conversation's arithmetic: Gemini counts tool-use prompts and thoughts beside prompt and candidates;
/// prompt + toolUse + candidates + thoughts = total in every recording.
#include "codec/conversation.hpp"
#include "codec/json_tree.hpp"
#include "codec/json_writer.hpp"

namespace smg::codec::google {

/// Nothing in it for a chunk that holds only the kind of traffic.
[[nodiscard]] Usage read_usage(JsonNode metadata);
/// Writes the object; `native`, of an answer that was Gemini's own, verbatim.
void write_usage(JsonWriter& json, const Usage& usage, const RawJson& native);
/// Known fields of `update` replace those of `usage`.
void merge_usage(Usage& usage, const Usage& update);

/// `serviceTier` in the words of the conversation: `standard` is `default`.
[[nodiscard]] std::string read_tier(JsonNode metadata);

}  // namespace smg::codec::google
