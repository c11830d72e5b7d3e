#pragma once
/// Parts of an answer, written as content blocks. Internal to this codec.
#include <string>

#include "codec/conversation.hpp"
#include "codec/json_writer.hpp"

namespace smg::codec::messages {

/// How much of the answer is Anthropic's own, and whether it is whole.
struct AnswerView {
    bool same_format = false;  ///< members without a name are written back
    bool complete = true;      ///< false: cut by a limit, so arguments may break off
};

/// False when the part has no place in a message, and nothing was written.
bool write_answer_block(JsonWriter& json, const Part& part, const AnswerView& view);

/// A call's own signature has no place at a `tool_use`: it goes into a block of `redacted_thinking` right before it, in an envelope.
/// False when the call has none, and nothing was written.
bool write_call_signature(JsonWriter& json, const ToolCallPart& call);

/// What is said in the place of an image of an answer (Gemini's image models): a message holds none.
[[nodiscard]] std::string words_for(const MediaPart& part);

/// What stands for a signature on another provider's thinking; never empty.
[[nodiscard]] std::string foreign_signature(const ReasoningPart& part);

}  // namespace smg::codec::messages
