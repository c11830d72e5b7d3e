#pragma once
/// Calls as the provider names and wraps them, turned back into what the client defined.
#include <string>
#include <string_view>

#include "codec/codec.hpp"
#include "codec/json_tree.hpp"

namespace smg::codec::chat {

/// A call's arguments: a string's contents; the JSON text of an object, which some engines send instead; else empty.
[[nodiscard]] std::string argument_text(JsonNode node);

/// The client's name of a tool that was renamed on its way to the provider.
[[nodiscard]] const std::string& client_tool_name(const RequestMemo& memo, const std::string& name);

/// The `input` of a custom tool that travelled as a function; the whole text when it is not wrapped as it should be.
[[nodiscard]] std::string unwrapped_input(const std::string& arguments);

/// Gives a whole call its client-side name, kind and arguments.
void client_call(const RequestMemo& memo, ToolCallPart& call);

/// An id for a call that came without one: unique within the conversation, of the letters that every provider takes.
[[nodiscard]] std::string made_up_id(std::string_view answer_id, std::int64_t choice, std::size_t call);

}  // namespace smg::codec::chat
