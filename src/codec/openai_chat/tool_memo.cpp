#include "codec/openai_chat/tool_memo.hpp"

namespace smg::codec::chat {

std::string argument_text(JsonNode node) {
    if (node.is_object()) return std::string(node.raw());
    return std::string(node.text());
}

const std::string& client_tool_name(const RequestMemo& memo, const std::string& name) {
    const auto found = memo.tool_names.find(name);
    return found == memo.tool_names.end() ? name : found->second;
}

std::string unwrapped_input(const std::string& arguments) {
    JsonTree tree;
    const auto parsed = tree.parse(arguments);
    if (parsed && (*parsed)["input"].is_string()) return std::string((*parsed)["input"].text());
    return arguments;
}

void client_call(const RequestMemo& memo, ToolCallPart& call) {
    call.name = client_tool_name(memo, call.name);
    if (call.kind == ToolCallPart::Kind::custom || !memo.custom_tools.contains(call.name)) return;
    call.kind = ToolCallPart::Kind::custom;
    call.arguments = unwrapped_input(call.arguments);
}

std::string made_up_id(std::string_view answer_id, std::int64_t choice, std::size_t call) {
    std::string id = "call_";
    for (const char c : answer_id.substr(0, 24)) {
        const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (word) id += c;
    }
    return id + "_" + std::to_string(choice) + "_" + std::to_string(call);
}

}  // namespace smg::codec::chat
