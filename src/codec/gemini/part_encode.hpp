#pragma once
/// Parts as Gemini spells them, as far as requests and answers agree. Internal to this codec.
#include <string>
#include <string_view>

#include "codec/conversation.hpp"
#include "codec/gemini/fields.hpp"
#include "codec/json_writer.hpp"

namespace smg::codec::google {

/// Which of a part's private members may be written.
struct PartRules {
    bool same_format = false;  ///< it came in this format: its unknown members go back
    bool signatures = false;   ///< its signatures are Gemini's own
};

/// Writes the kept members of one object: those whose names begin with `prefix` and have no further dot, without the prefix.
void write_unknown(JsonWriter& json, const Members& members, std::string_view prefix = {});

void write_text(JsonWriter& json, const TextPart& part, const PartRules& rules);
void write_thought(JsonWriter& json, const ReasoningPart& part, const PartRules& rules);
/// `inlineData` or `fileData`; a file id is taken for a URI.
void write_media(JsonWriter& json, const MediaPart& part, std::string_view media_type, const PartRules& rules);
/// `args`: a JSON object.
void write_call(JsonWriter& json, const ToolCallPart& part, std::string_view name, std::string_view args, std::string_view signature, bool with_id,
                const PartRules& rules);

/// A call's arguments as the object that `args` must be: nothing becomes `{}`, another value `{"value":…}`, text that is no JSON
/// is kept under `_raw`; what a custom tool was given, under `input`. False in `valid` for text that is no JSON.
[[nodiscard]] std::string args_object(const ToolCallPart& part, bool& valid);

/// A part of an answer for a client. What Gemini has no name for is left out.
void write_answer_part(JsonWriter& json, const Part& part, const PartRules& rules);

}  // namespace smg::codec::google
