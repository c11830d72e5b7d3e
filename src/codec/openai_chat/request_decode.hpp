#pragma once
/// The pieces of a Chat Completions request, read into a conversation. Internal to this codec.
#include <string>
#include <unordered_map>

#include "codec/conversation.hpp"
#include "codec/openai_common/fields.hpp"

namespace smg::codec::chat {

/// `messages`: each becomes one turn. Remembers the calls seen, so that a tool result learns its function's name.
class MessageReader {
public:
    explicit MessageReader(Fields& fields) : fields_(fields) {}
    bool read(JsonNode messages, const Path& path, std::vector<Turn>& out);

private:
    bool message(JsonNode node, const Path& path, Turn& turn);
    bool assistant(JsonNode node, const Path& path, Turn& turn);
    bool tool(JsonNode node, const Path& path, Turn& turn);
    bool content(JsonNode node, const Path& path, Turn& turn);
    bool tool_calls(JsonNode node, const Path& path, Turn& turn);
    bool legacy_call(JsonNode node, const Path& path, Turn& turn);

    Fields& fields_;
    std::unordered_map<std::string, std::string> names_;  ///< call id → function name
    std::size_t legacy_calls_ = 0;
};

/// One content part of a user, system or tool message, or of an assistant's (whose unknown kinds are kept as opaque).
bool read_part(Fields& fields, JsonNode node, const Path& path, Role role, Part& out);
/// Reads what an assistant message carries beside its content: reasoning in its vendors' spellings. Also used on answers.
void read_reasoning(JsonNode message, std::vector<Part>& out);
/// One entry of `reasoning_details` of this gateway's own kinds (`thinking`, `redacted`), taken out of its envelope.
[[nodiscard]] ReasoningPart detail_part(JsonNode entry);
/// `extra_content.google.thought_signature` of a message or a tool call; empty when absent.
[[nodiscard]] std::string_view thought_signature(JsonNode node);
/// Splits `data:image/png;base64,…` into media type and base64 text. False when it is not a base64 data URL.
bool split_data_url(std::string_view url, std::string& media_type, std::string& data);

bool read_tools(Fields& fields, JsonNode node, const Path& path, std::vector<Tool>& out);
bool read_functions(Fields& fields, JsonNode node, const Path& path, std::vector<Tool>& out);
bool read_tool_choice(Fields& fields, JsonNode node, const Path& path, std::optional<ToolChoice>& out);
bool read_function_call(Fields& fields, JsonNode node, const Path& path, std::optional<ToolChoice>& out);
bool read_response_format(Fields& fields, JsonNode node, const Path& path, std::optional<ResponseFormat>& out);

}  // namespace smg::codec::chat
