#pragma once
/// Anthropic's tools that the client runs: their definitions on the wire have no schema, as Claude knows them by heart. Other models are
/// told what they take. Source: Anthropic's tool reference (bash, text editor, memory).
#include <string_view>

#include "codec/conversation.hpp"

namespace smg::codec::messages {

/// Fills in description and schema for a type such as `bash_20250124`. False for any other tool, which is left as it is.
bool describe_client_tool(std::string_view type, Tool& tool);

}  // namespace smg::codec::messages
