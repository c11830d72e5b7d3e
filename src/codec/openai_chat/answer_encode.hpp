#pragma once
/// What whole answers and chunks of a stream share. Internal to this codec.
#include <string>
#include <string_view>

#include "codec/codec.hpp"
#include "codec/json_writer.hpp"

namespace smg::codec::chat {

/// `chatcmpl-…`: the provider's own id when it is Chat's, else its letters behind the prefix.
[[nodiscard]] std::string completion_id(std::string_view native, Origin origin, const ClientView& view);

/// An entry of `reasoning_details`: what must come back for a signed thought to be replayed. Always in an envelope, OpenAI's own too: Chat has no
/// place for what its Responses encrypt, and Chat is what every other vendor speaks.
void write_reasoning_detail(JsonWriter& json, const ReasoningPart& part, Origin origin, std::size_t index);

/// `extra_content.google.thought_signature`, Google's own convention on its compatible endpoint (recorded).
void write_thought_signature(JsonWriter& json, std::string_view signature);

/// The entries of `annotations` that a text's citations become, without the brackets: Chat's own verbatim (also
/// when another codec has put them into Chat's shape), Anthropic's web sources mapped with their place (code points) in the content;
/// others have no Chat form. True when something was written.
bool write_annotations(JsonWriter& json, std::string_view citations, Origin origin, std::size_t start, std::size_t end);

/// Valid JSON text as it may stand in a line of a stream: without line ends, and without what some clients take for one.
[[nodiscard]] std::string one_line(std::string_view json);

/// Unicode code points of UTF-8 text.
[[nodiscard]] std::size_t code_points(std::string_view utf8);

/// An image of an answer (Gemini's image models), as OpenRouter spells it.
void write_answer_image(JsonWriter& json, const MediaPart& part, std::size_t index);

}  // namespace smg::codec::chat
