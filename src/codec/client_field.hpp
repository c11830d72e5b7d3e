#pragma once
/// What a client calls a place in its own request, whatever format it is being written in: for errors about what cannot be written.
#include <cstddef>
#include <string>

#include "codec/conversation.hpp"

namespace smg::codec {

/// A part: `messages[2].content[0]`, `messages[3].tool_calls[1]`, `contents[2].parts[0]`, `input[4].content[1]`, `input[5]`.
[[nodiscard]] std::string client_field(const Conversation& conversation, std::size_t turn, std::size_t part);
/// The arguments of the call that the part is: `messages[3].tool_calls[1].function.arguments`, `messages[1].content[2].input`.
[[nodiscard]] std::string arguments_field(const Conversation& conversation, std::size_t turn, std::size_t part);
/// Where the result that the part is names its call: `messages[4].tool_call_id`, `messages[2].content[0].tool_use_id`.
[[nodiscard]] std::string call_id_field(const Conversation& conversation, std::size_t turn, std::size_t part);
/// What stands at `index` in the content of the result that the part is: `messages[4].content[1]`, `messages[2].content[0].content[1]`.
[[nodiscard]] std::string result_content_field(const Conversation& conversation, std::size_t turn, std::size_t part, std::size_t index);

}  // namespace smg::codec
