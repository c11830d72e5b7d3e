#include <algorithm>

#include "simulator/openai_shared.hpp"
#include "simulator/responses.hpp"
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

void take_attachments(const Json& content, std::vector<Attachment>& attachments) {
    if (!content.is_array()) return;
    for (const auto& part : content) {
        const auto type = text_member(part, "type");
        if (type != "input_image" && type != "input_file") continue;
        const std::string kind = type == "input_image" ? "image" : "file";
        for (const auto* name : {"image_url", "file_data", "file_url", "file_id"}) {
            if (!has(part, name)) continue;
            attachments.push_back(attachment_of(kind, text_member(part, name)));
            break;
        }
    }
}

std::string called(const Json& items, const std::string& call_id) {
    for (const auto& item : items)
        if (text_member(item, "call_id") == call_id && has(item, "name")) return text_member(item, "name");
    return "tool";
}

void take_items(const Json& items, Prompt& prompt) {
    for (const auto& item : items) {
        const auto type = text_member(item, "type");
        if (type == "function_call_output" || type == "custom_tool_call_output") {
            prompt.results.push_back({called(items, text_member(item, "call_id")), text_of(member(item, "output"))});
            take_attachments(member(item, "output"), prompt.results.back().attachments);
            continue;
        }
        const auto role = text_member(item, "role");
        if (role == "user" || role == "assistant" || has(item, "call_id")) prompt.results.clear();
        if (role != "user") continue;
        prompt.attachments.clear();
        prompt.user_text = text_of(member(item, "content"));
        take_attachments(member(item, "content"), prompt.attachments);
    }
}

void take_choice(const Json& choice, Prompt& prompt) {
    if (choice == "none") prompt.choice = ToolChoice::none;
    if (choice == "required") prompt.choice = ToolChoice::required;
    if (!choice.is_object()) return;
    prompt.choice = ToolChoice::required;
    if (text_member(choice, "type") == "allowed_tools") {
        if (text_member(choice, "mode") == "auto") prompt.choice = ToolChoice::automatic;
        for (const auto& tool : choice["tools"]) prompt.only_tools.push_back(text_member(tool, "name"));
    } else if (has(choice, "name")) {
        prompt.only_tools.push_back(text_member(choice, "name"));
    } else {
        prompt.choice = ToolChoice::automatic;  // a hosted tool, which this provider does not run
    }
}

}  // namespace

Prompt responses_prompt(const ResponsesRequest& request) {
    const auto& body = request.body;
    Prompt prompt;
    prompt.provider = request.flavour == Flavour::xai ? "xAI" : "OpenAI";
    prompt.model = request.model->id;
    take_items(request.items, prompt);
    for (const auto& tool : member(body, "tools"))
        if (const auto type = text_member(tool, "type"); type == "function" || type == "custom")
            prompt.tools.push_back({text_member(tool, "name"), member(tool, "parameters"), type == "custom"});
    const auto& parallel = member(body, "parallel_tool_calls");
    prompt.parallel = !(parallel.is_boolean() && !parallel.get<bool>());
    take_choice(member(body, "tool_choice"), prompt);
    const auto& format = member(member(body, "text"), "format");
    if (text_member(format, "type") == "json_schema") prompt.schema = format["schema"];
    prompt.json_object = text_member(format, "type") == "json_object";
    const auto effort = effort_of(request);
    prompt.reasons = request.model->reasons && effort != "none" && effort != "minimal";
    if (const auto& most = member(body, "max_output_tokens"); most.is_number()) prompt.max_tokens = most.get<std::uint64_t>();
    prompt.prompt_tokens = tokens_of(dump(request.items)) + tokens_of(text_member(body, "instructions"));
    if (has(body, "tools") && !body["tools"].empty()) prompt.prompt_tokens += tokens_of(dump(body["tools"]));
    // As in Chat Completions: a long prompt that continues a conversation was there before, all but its end.
    const bool continues = std::any_of(request.items.begin(), request.items.end(), [](const Json& item) {
        return text_member(item, "role") == "assistant" || text_member(item, "type") == "function_call";
    });
    if (continues && prompt.prompt_tokens >= 1024) prompt.repeated_tokens = (prompt.prompt_tokens - 128) / 128 * 128;
    prompt.steering = parse_steering(prompt.user_text);
    return prompt;
}

}  // namespace smg::simulator
