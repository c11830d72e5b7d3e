#pragma once
/// Token counts between this format's spelling and the conversation's arithmetic, which is the same: `input_tokens` includes what was
/// cached, `output_tokens` the reasoning (xAI's too, unlike its Chat endpoint; recorded).
#include "codec/conversation.hpp"
#include "codec/json_tree.hpp"
#include "codec/json_writer.hpp"

namespace smg::codec::responses {

/// Counts that are absent, negative or no integers stay unknown.
[[nodiscard]] Usage read_usage(JsonNode usage);

/// Writes a `usage` object, or null when nothing is known. `native` is the provider's own object of this format: it is written verbatim
/// when it says the same, so that its details (xAI's price) survive; empty when the answer came in another format.
void write_usage(JsonWriter& json, const Usage& usage, const RawJson& native);

/// Takes over each known count of `update`; a count never adds to an earlier one.
void merge_usage(Usage& usage, const Usage& update);

}  // namespace smg::codec::responses
