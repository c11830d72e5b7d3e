#pragma once
/// The pieces of a Messages request, read into a conversation. Internal to this codec.
#include "codec/anthropic_messages/fields.hpp"

namespace smg::codec::messages {

bool read_tools(Fields& fields, JsonNode node, const Path& path, std::vector<Tool>& out);
/// `tool_choice`, and the parallel switch that stands in it.
bool read_tool_choice(Fields& fields, JsonNode node, const Path& path, Conversation& out);

}  // namespace smg::codec::messages
