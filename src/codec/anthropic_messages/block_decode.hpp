#pragma once
/// Content blocks, read into parts: those of requests, of answers, and of tool results. Internal to this codec.
#include "codec/anthropic_messages/fields.hpp"

namespace smg::codec::messages {

/// One content block. A type without a part of its own (server tools, search results, whatever comes) is kept whole as an OpaquePart.
bool read_block(Fields& fields, JsonNode node, const Path& path, Part& out);

/// `content` of a message or of `system`: a string or blocks.
bool read_content(Fields& fields, JsonNode node, const Path& path, Turn& turn);

}  // namespace smg::codec::messages
