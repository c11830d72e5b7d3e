#pragma once
/// The pieces of a generateContent request, read into a conversation. Internal to this codec.
#include <string>
#include <vector>

#include "codec/conversation.hpp"
#include "codec/gemini/fields.hpp"

namespace smg::codec::google {

/// `contents`: each becomes one turn. Remembers the open calls, so that a response without an id finds its call by its name.
class ContentReader {
public:
    explicit ContentReader(Fields& fields) : fields_(fields) {}
    bool read(JsonNode contents, const Path& path, std::vector<Turn>& out);
    /// `systemInstruction`, as a system turn.
    bool read_system(JsonNode content, const Path& path, Turn& turn);

private:
    struct OpenCall {
        std::string id, name;
    };
    bool content(JsonNode node, const Path& path, Turn& turn);
    bool parts(JsonNode node, const Path& path, Turn& turn);
    bool check(JsonNode part, const Path& path);
    bool check_call(JsonNode call, const Path& path);
    bool check_result(JsonNode result, const Path& path);
    bool check_media(JsonNode media, const Path& path, std::string_view content);
    void link(ToolCallPart& call);
    void link(ToolResultPart& result);
    std::string next_id() { return "call_" + std::to_string(++calls_); }

    Fields& fields_;
    std::vector<OpenCall> open_;
    std::size_t calls_ = 0;
};

bool read_tools(Fields& fields, JsonNode node, const Path& path, std::vector<Tool>& out);
/// `toolConfig`; what of it has no name in the conversation goes to `unknown` under its full name.
bool read_tool_config(Fields& fields, JsonNode node, const Path& path, Conversation& out);
/// `generationConfig`, likewise.
bool read_generation_config(Fields& fields, JsonNode node, const Path& path, Conversation& out);

}  // namespace smg::codec::google
