#pragma once
/// The pieces of a Responses request, read into a conversation. Internal to this codec.
#include <string>
#include <unordered_map>

#include "codec/conversation.hpp"
#include "codec/openai_common/fields.hpp"
#include "codec/openai_responses/item_decode.hpp"

namespace smg::codec::responses {

/// Framing of a text that was spelled in another way than as an item.
inline constexpr std::string_view from_instructions = "instructions";  ///< it is the member `instructions`
inline constexpr std::string_view from_input_text = "input";           ///< `input` was one string

/// `instructions` and `input`. What the model said (reasoning, messages, calls) in a row becomes one assistant turn, the results of tools in
/// a row become one tool turn, every other message a turn of its own. Remembers the calls seen, so that a result learns its tool's name.
class InputReader {
public:
    InputReader(Fields& fields, std::vector<Turn>& out) : fields_(fields), out_(out) {}
    bool instructions(JsonNode node, const Path& path);
    bool input(JsonNode node, const Path& path);

private:
    bool item(JsonNode node, const Path& path);
    bool message(JsonNode node, const Path& path);
    bool assistant_message(JsonNode node, const Path& path);
    bool call(JsonNode node, const Path& path, std::string_view type);
    bool reasoning(JsonNode node, const Path& path);
    bool result(JsonNode node, const Path& path, std::string_view type);
    Turn& turn_of(Role role);  ///< the last turn when it has that role, else a new one

    Fields& fields_;
    std::vector<Turn>& out_;
    ItemReader items_{Origin::openai, nullptr};
    std::unordered_map<std::string, std::string> names_;  ///< call id → name
};

/// One content part of a user, system or developer message, or of a tool's output.
bool read_content(Fields& fields, JsonNode node, const Path& path, Role role, Part& out);

bool read_tools(Fields& fields, JsonNode node, const Path& path, std::vector<Tool>& out);
/// A choice that only this API knows (a hosted tool) is left to the caller: `out` then stays empty.
bool read_tool_choice(Fields& fields, JsonNode node, const Path& path, std::optional<ToolChoice>& out);
/// The member `text`: format and verbosity.
bool read_text_settings(Fields& fields, JsonNode node, const Path& path, Conversation& out);
/// The member `reasoning`.
bool read_reasoning_settings(Fields& fields, JsonNode node, const Path& path, Conversation& out);

}  // namespace smg::codec::responses
