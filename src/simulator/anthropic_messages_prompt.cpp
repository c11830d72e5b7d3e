#include <algorithm>

#include "simulator/anthropic_messages.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

std::string text_of(const Json& content) {
    if (content.is_string()) return content.get<std::string>();
    std::string text;
    if (content.is_array())
        for (const auto& block : content) text += text_member(block, "text");
    return text;
}

Attachment attachment_of(const Json& block) {
    const auto& source = block["source"];
    const auto kind = text_member(block, "type") == "image" ? "image" : "file";
    const auto type = text_member(source, "type");
    if (type == "base64") {
        const auto bytes = base64_decode(text_member(source, "data"));
        return {kind, text_member(source, "media_type"), bytes ? bytes->size() : 0, {}};
    }
    if (type == "text") return {kind, text_member(source, "media_type"), text_member(source, "data").size(), {}};
    return {kind, {}, 0, type == "url" ? text_member(source, "url") : text_member(source, "file_id")};
}

std::string called(const Json& messages, const std::string& id) {
    for (const auto& message : messages)
        if (message["content"].is_array())
            for (const auto& block : message["content"])
                if (text_member(block, "type") == "tool_use" && text_member(block, "id") == id) return text_member(block, "name");
    return "tool";
}

GivenResult result_of(const Json& messages, const Json& block) {
    const auto& content = member(block, "content");
    GivenResult result{called(messages, text_member(block, "tool_use_id")), text_of(content)};
    if (!content.is_array()) return result;
    for (const auto& each : content)
        if (const auto type = text_member(each, "type"); type == "image" || type == "document") result.attachments.push_back(attachment_of(each));
    return result;
}

void take_user_turn(const Json& messages, const Json& content, Prompt& prompt) {
    const auto text = text_of(content);
    if (!text.empty()) {
        prompt.user_text = text;
        prompt.attachments.clear();
    }
    if (!content.is_array()) return;
    for (const auto& block : content) {
        const auto type = text_member(block, "type");
        if (type == "tool_result") prompt.results.push_back(result_of(messages, block));
        if (type == "image" || type == "document") prompt.attachments.push_back(attachment_of(block));
    }
}

void take_tools(const Json& body, Prompt& prompt) {
    for (const auto& tool : member(body, "tools"))
        if (has(tool, "input_schema")) prompt.tools.push_back({text_member(tool, "name"), tool["input_schema"], false});
    const auto& choice = member(body, "tool_choice");
    const auto type = text_member(choice, "type");
    if (type == "none") prompt.choice = ToolChoice::none;
    if (type == "any" || type == "tool") prompt.choice = ToolChoice::required;
    if (type == "tool") prompt.only_tools.push_back(text_member(choice, "name"));
    prompt.parallel = !flag_member(choice, "disable_parallel_tool_use");
}

}  // namespace

Prompt messages_prompt(const Json& body, const Model& model) {
    Prompt prompt;
    prompt.provider = "Anthropic";
    prompt.model = model.id;
    const auto& messages = body["messages"];
    for (const auto& message : messages) {
        prompt.results.clear();
        if (text_member(message, "role") == "user") take_user_turn(messages, message["content"], prompt);
    }
    take_tools(body, prompt);
    const auto& format = member(member(body, "output_config"), "format");
    if (!format.is_null()) prompt.schema = format["schema"];
    const auto thinking = text_member(member(body, "thinking"), "type");
    prompt.reasons = thinking == "enabled" || thinking == "adaptive";
    if (const auto& most = member(body, "max_tokens"); most.is_number()) prompt.max_tokens = most.get<std::uint64_t>();
    if (has(body, "stop_sequences")) prompt.stops = body["stop_sequences"].get<std::vector<std::string>>();
    const auto counted = [&](const char* name) { return has(body, name) ? tokens_of(dump(body[name])) : 0; };
    prompt.prompt_tokens = counted("system") + counted("messages") + counted("tools");
    // What stands before a marker was there at the conversation's last turn.
    const bool continues = std::any_of(messages.begin(), messages.end(), [](const Json& m) { return text_member(m, "role") == "assistant"; });
    if (continues && dump(body).find("\"cache_control\"") != std::string::npos) prompt.repeated_tokens = prompt.prompt_tokens / 2;
    prompt.steering = parse_steering(prompt.user_text);
    return prompt;
}

}  // namespace smg::simulator
