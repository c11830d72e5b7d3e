#pragma once
/// One Gemini part (of a request's content or of an answer's) as a part of the conversation. Lenient: what has the wrong type is
/// absent; requests are checked before, answers are taken as they come. Internal to this codec.
#include "codec/conversation.hpp"
#include "codec/json_tree.hpp"

namespace smg::codec::google {

/// Never fails: a part of no known kind is kept whole. A call without an id has an empty one, and `native_id` false.
[[nodiscard]] Part read_part(JsonNode node);

/// The kind of media that a MIME type names; what is no picture, sound or film is a document.
[[nodiscard]] MediaPart::Kind media_kind(std::string_view media_type);

/// Whether a URI can be read by Gemini itself: its own files, Cloud Storage, YouTube.
[[nodiscard]] bool is_readable_uri(std::string_view uri);

}  // namespace smg::codec::google
