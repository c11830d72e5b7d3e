#pragma once
/// Token counts between Chat's spelling and the conversation's arithmetic.
#include <string>

#include "codec/conversation.hpp"
#include "codec/json_tree.hpp"
#include "codec/json_writer.hpp"

namespace smg::codec::chat {

/// Reads a `usage` object. xAI counts reasoning beside `completion_tokens`, not within: told by the sum, it is added
/// (recorded: 361 + 26 + 235 = 622). Counts that are absent, negative or no integers stay unknown.
[[nodiscard]] Usage read_usage(JsonNode usage);

/// Writes a `usage` object. `native` is the provider's own Chat object: it is written verbatim when it says the same, so that its
/// details (audio, prediction and price) survive; empty when the answer came in another format.
void write_usage(JsonWriter& json, const Usage& usage, const RawJson& native);

/// Takes over each known count of `update`; a count never adds to an earlier one.
void merge_usage(Usage& usage, const Usage& update);

}  // namespace smg::codec::chat
