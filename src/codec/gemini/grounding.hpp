#pragma once
/// `groundingMetadata` as the URL citations that other formats know.
#include <string_view>

#include "codec/conversation.hpp"
#include "codec/json_tree.hpp"

namespace smg::codec::google {

/// A JSON array of Chat's `annotations` for `text`, all of the answer's text joined; empty when the metadata cites nothing. Google's
/// indices count bytes, Chat's count code points.
[[nodiscard]] RawJson read_grounding(JsonNode metadata, std::string_view text);

}  // namespace smg::codec::google
