#include <algorithm>

#include "simulator/openai_chat.hpp"
#include "simulator/openai_shared.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

std::string text_of(const Json& content) {
    if (content.is_string()) return content.get<std::string>();
    std::string text;
    if (content.is_array())
        for (const auto& part : content) text += text_member(part, "text");
    return text;
}

void take_attachments(const Json& content, Prompt& prompt) {
    if (!content.is_array()) return;
    for (const auto& part : content) {
        const auto type = text_member(part, "type");
        if (type == "image_url") prompt.attachments.push_back(attachment_of("image", text_member(part["image_url"], "url")));
        if (type == "file") prompt.attachments.push_back(attachment_of("file", text_member(part["file"], "file_data")));
        if (type != "input_audio") continue;
        const auto bytes = base64_decode(text_member(part["input_audio"], "data"));
        prompt.attachments.push_back({"audio", "audio/" + text_member(part["input_audio"], "format"), bytes ? bytes->size() : 0, {}});
    }
}

/// The name of the tool whose call had this id.
std::string called(const Json& messages, const std::string& id) {
    for (const auto& message : messages)
        for (const auto& call : member(message, "tool_calls"))
            if (text_member(call, "id") == id) return text_member(call[text_member(call, "type")], "name");
    return "tool";
}

void take_messages(const Json& messages, Prompt& prompt) {
    for (const auto& message : messages) {
        const auto role = text_member(message, "role");
        const auto text = text_of(member(message, "content"));
        if (role == "tool") prompt.results.push_back({called(messages, text_member(message, "tool_call_id")), text});
        if (role == "function") prompt.results.push_back({text_member(message, "name"), text});
        if (role == "assistant") prompt.results.clear();
        if (role != "user") continue;
        prompt.results.clear();
        prompt.attachments.clear();
        prompt.user_text = text;
        take_attachments(message["content"], prompt);
    }
}

void take_tools(const Json& body, Prompt& prompt) {
    for (const auto& tool : member(body, "tools")) {
        const auto type = text_member(tool, "type");
        prompt.tools.push_back({text_member(tool[type], "name"), member(tool[type], "parameters"), type == "custom"});
    }
    for (const auto& function : member(body, "functions"))
        prompt.tools.push_back({text_member(function, "name"), member(function, "parameters"), false});
    const auto& parallel = member(body, "parallel_tool_calls");
    prompt.parallel = !(parallel.is_boolean() && !parallel.get<bool>()) && !has(body, "functions");
    const auto& choice = has(body, "tool_choice") ? member(body, "tool_choice") : member(body, "function_call");
    if (choice == "none") prompt.choice = ToolChoice::none;
    if (choice == "required") prompt.choice = ToolChoice::required;
    if (!choice.is_object()) return;
    prompt.choice = ToolChoice::required;
    const auto type = text_member(choice, "type");
    if (type == "allowed_tools") {
        if (text_member(choice["allowed_tools"], "mode") == "auto") prompt.choice = ToolChoice::automatic;
        for (const auto& tool : choice["allowed_tools"]["tools"])
            prompt.only_tools.push_back(text_member(member(tool, text_member(tool, "type")), "name"));
    } else {
        prompt.only_tools.push_back(text_member(type.empty() ? choice : choice[type], "name"));
    }
}

}  // namespace

Prompt chat_prompt(const Json& body, const Model& model, Flavour flavour) {
    Prompt prompt;
    prompt.provider = flavour == Flavour::xai ? "xAI" : "OpenAI";
    prompt.model = model.id;
    take_messages(body["messages"], prompt);
    take_tools(body, prompt);
    const auto& format = member(body, "response_format");
    if (text_member(format, "type") == "json_schema") prompt.schema = format["json_schema"]["schema"];
    prompt.json_object = text_member(format, "type") == "json_object";
    auto effort = text_member(body, "reasoning_effort");
    if (effort.empty() && flavour == Flavour::openai) effort = model.default_effort;
    prompt.reasons = model.reasons && effort != "none" && effort != "minimal";
    prompt.reasoning_counts = flavour == Flavour::openai;
    for (const auto* name : {"max_tokens", "max_completion_tokens"})
        if (const auto& most = member(body, name); most.is_number()) prompt.max_tokens = most.get<std::uint64_t>();
    const auto& stop = member(body, "stop");
    if (stop.is_string()) prompt.stops.push_back(stop.get<std::string>());
    if (stop.is_array()) prompt.stops = stop.get<std::vector<std::string>>();
    prompt.prompt_tokens = tokens_of(dump(body["messages"])) + tokens_of(has(body, "tools") ? dump(body["tools"]) : std::string());
    // A long prompt that continues a conversation was there before, all but its end (OpenAI caches in steps of 128 from 1024 on).
    const auto& messages = body["messages"];
    const bool continues = std::any_of(messages.begin(), messages.end(), [](const Json& m) { return text_member(m, "role") == "assistant"; });
    if (continues && prompt.prompt_tokens >= 1024) prompt.repeated_tokens = (prompt.prompt_tokens - 128) / 128 * 128;
    prompt.steering = parse_steering(prompt.user_text);
    return prompt;
}

}  // namespace smg::simulator
