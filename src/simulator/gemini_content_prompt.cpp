#include <algorithm>

#include "simulator/gemini_content.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

void take_attachment(const Json& part, std::vector<Attachment>& attachments) {
    if (has(part, "inlineData")) {
        const auto bytes = base64_decode_any(text_member(part["inlineData"], "data"));
        const auto type = text_member(part["inlineData"], "mimeType");
        const auto kind = type.starts_with("image/") ? "image" : type.starts_with("audio/") ? "audio" : "file";
        attachments.push_back({kind, type, bytes ? bytes->size() : 0, {}});
    }
    if (has(part, "fileData")) {
        const auto kind = text_member(part["fileData"], "mimeType").starts_with("image/") ? "image" : "file";
        attachments.push_back({kind, text_member(part["fileData"], "mimeType"), 0, text_member(part["fileData"], "fileUri")});
    }
}

GivenResult result_of(const Json& given) {
    const auto& response = given["response"];
    // A tool's plain text travels as a member; an object is what it is.
    auto text = text_member(response, "output");
    if (text.empty()) text = text_member(response, "result");
    GivenResult result{text_member(given, "name"), text.empty() ? dump(response) : text};
    for (const auto& part : member(given, "parts")) take_attachment(part, result.attachments);
    return result;
}

void take_user_parts(const Json& parts, Prompt& prompt) {
    std::string text;
    std::vector<Attachment> attachments;
    for (const auto& part : parts) {
        text += text_member(part, "text");
        take_attachment(part, attachments);
        if (has(part, "functionResponse")) prompt.results.push_back(result_of(part["functionResponse"]));
    }
    // What a tool found stands beside its answer for models before Gemini 3.
    if (!prompt.results.empty()) {
        for (auto& attachment : attachments) prompt.results.back().attachments.push_back(std::move(attachment));
        attachments.clear();
    }
    if (text.empty()) return;
    prompt.user_text = text;
    prompt.attachments = std::move(attachments);
}

void take_tools(const Json& body, Prompt& prompt) {
    for (const auto& tool : member(body, "tools"))
        for (const auto& function : member(tool, "functionDeclarations")) {
            const auto& schema = has(function, "parametersJsonSchema") ? function["parametersJsonSchema"] : member(function, "parameters");
            prompt.tools.push_back({text_member(function, "name"), schema, false});
        }
    const auto& calling = member(member(body, "toolConfig"), "functionCallingConfig");
    const auto mode = text_member(calling, "mode");
    if (mode == "NONE") prompt.choice = ToolChoice::none;
    if (mode == "ANY") prompt.choice = ToolChoice::required;
    for (const auto& name : member(calling, "allowedFunctionNames")) prompt.only_tools.push_back(name.get<std::string>());
}

}  // namespace

Prompt content_prompt(const Json& body, const Model& model) {
    Prompt prompt;
    prompt.provider = "Gemini";
    prompt.model = model.id;
    const auto& contents = body["contents"];
    for (const auto& content : contents) {
        prompt.results.clear();
        if (text_member(content, "role") != "model") take_user_parts(content["parts"], prompt);
    }
    take_tools(body, prompt);
    const auto& config = member(body, "generationConfig");
    if (has(config, "responseJsonSchema")) prompt.schema = config["responseJsonSchema"];
    if (has(config, "responseSchema")) prompt.schema = config["responseSchema"];
    prompt.json_object = text_member(config, "responseMimeType") == "application/json" && !prompt.schema;
    const auto& budget = member(member(config, "thinkingConfig"), "thinkingBudget");
    prompt.reasons = model.reasons && !(budget.is_number() && budget.get<std::int64_t>() == 0);
    if (const auto& most = member(config, "maxOutputTokens"); most.is_number()) prompt.max_tokens = most.get<std::uint64_t>();
    if (has(config, "stopSequences")) prompt.stops = config["stopSequences"].get<std::vector<std::string>>();
    const auto counted = [&](const char* name) { return has(body, name) ? tokens_of(dump(body[name])) : 0; };
    prompt.prompt_tokens = counted("systemInstruction") + counted("contents") + counted("tools");
    const bool continues = std::any_of(contents.begin(), contents.end(), [](const Json& content) { return text_member(content, "role") == "model"; });
    if (continues && prompt.prompt_tokens >= 2048) prompt.repeated_tokens = prompt.prompt_tokens / 2;
    prompt.steering = parse_steering(prompt.user_text);
    return prompt;
}

}  // namespace smg::simulator
