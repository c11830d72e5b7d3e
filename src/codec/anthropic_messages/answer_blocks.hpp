#pragma once
/// Parts of an answer, written as content blocks. Internal to this codec.
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

}  // namespace smg::codec::messages
