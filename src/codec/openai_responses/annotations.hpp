#pragma once
/// Sources of a text. Here a `url_citation` is flat, in the conversation it is spelled as Chat does: `{"type","url_citation":{…}}`.
#include <string>
#include <string_view>
#include <vector>

#include "codec/conversation.hpp"
#include "codec/json_tree.hpp"

namespace smg::codec::responses {

/// One annotation in Chat's spelling; kinds that Chat does not know stay as they are.
[[nodiscard]] RawJson chat_annotation(JsonNode annotation);
/// A list of them, as JSON; empty when there are none.
[[nodiscard]] RawJson chat_annotations(JsonNode list);

/// The annotations that a text's citations become here, each as JSON: OpenAI's own, and web sources of others, which stand for the
/// first `length` code points of their text when they do not say where they stand. Kinds without a form here are left out.
[[nodiscard]] std::vector<std::string> wire_annotations(std::string_view citations, Origin origin, std::size_t length);

/// Unicode code points of UTF-8 text.
[[nodiscard]] std::size_t code_points(std::string_view utf8);

}  // namespace smg::codec::responses
