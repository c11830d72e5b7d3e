#pragma once
/// Tools and settings as this format spells them, in a request and where a response repeats them. Internal to this codec.
#include <functional>
#include <string>
#include <string_view>

#include "codec/codec.hpp"
#include "codec/json_writer.hpp"

namespace smg::codec::responses {

/// The name under which a tool of the client is sent.
using NameOf = std::function<const std::string&(const std::string&)>;

/// One tool. `native`: it was read from this format, and its members are written back; else `strict` is said, whose absence means yes here.
void write_tool(JsonWriter& json, const Tool& tool, const std::string& name, bool native);
/// The value of `tool_choice`.
void write_tool_choice(JsonWriter& json, const Conversation& conversation, const ToolChoice& choice, const NameOf& name_of);
/// The value of `text.format`.
void write_text_format(JsonWriter& json, const ResponseFormat& format, bool native);

/// Members with this prefix, without it; with an empty one those without a dot.
void write_members(JsonWriter& json, const std::vector<std::pair<std::string, RawJson>>& members, std::string_view prefix = {});

}  // namespace smg::codec::responses
