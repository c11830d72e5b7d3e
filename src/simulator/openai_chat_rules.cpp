#include <algorithm>

#include "base/ascii.hpp"
#include "simulator/openai_chat.hpp"
#include "simulator/openai_shared.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

using Found = std::optional<Refusal>;

/// Members that a reasoning model of OpenAI refuses.
Found reasoning_model_refusal(const Json& body, bool reasons) {
    if (has(body, "max_tokens")) return unsupported("max_tokens", "Use 'max_completion_tokens' instead.");
    for (const auto* name : {"presence_penalty", "frequency_penalty"})
        if (const auto& value = member(body, name); value.is_number() && value.get<double>() != 0) return unsupported(name);
    for (const auto* name : {"logit_bias", "stop"})
        if (has(body, name)) return unsupported(name);
    if (!reasons) return std::nullopt;  // told not to reason, it samples as others do
    const auto& temperature = member(body, "temperature");
    if (temperature.is_number() && temperature.get<double>() != 1)
        return Refusal{
            400,
            "Unsupported value: 'temperature' does not support " + temperature.dump() + " with this model. Only the default (1) value is supported.",
            "temperature", "unsupported_value"};
    const auto& top_p = member(body, "top_p");
    if (top_p.is_number() && top_p.get<double>() != 1) return unsupported("top_p");
    if (has(body, "top_logprobs")) return unsupported("top_logprobs");
    if (flag_member(body, "logprobs")) return unsupported("logprobs");
    return std::nullopt;
}

Found effort_refusal(const Json& body, const Model& model) {
    const auto effort = text_member(body, "reasoning_effort");
    if (effort.empty()) return std::nullopt;
    if (model.efforts.empty()) return Refusal{400, "Unrecognized request argument supplied: reasoning_effort", {}, {}};
    if (std::find(model.efforts.begin(), model.efforts.end(), effort) != model.efforts.end()) return std::nullopt;
    std::string supported;
    for (const auto& each : model.efforts) supported += (supported.empty() ? "'" : ", '") + each + "'";
    return Refusal{
        400, "Unsupported value: 'reasoning_effort' does not support '" + effort + "' with this model. Supported values are: " + supported + ".",
        "reasoning_effort", "unsupported_value"};
}

/// What Grok's reasoning models refuse: the three that its documentation names, and an effort where none can be set.
Found xai_refusal(const Json& body, const Model& model) {
    if (model.reasons)
        for (const auto* name : {"presence_penalty", "frequency_penalty", "stop"})
            if (has(body, name)) return Refusal{400, "Model " + model.id + " does not support parameter " + name + ".", name, {}};
    const auto effort = text_member(body, "reasoning_effort");
    if (effort.empty()) return std::nullopt;
    if (std::find(model.efforts.begin(), model.efforts.end(), effort) == model.efforts.end())
        return Refusal{400, "Model " + model.id + " does not support parameter reasoningEffort.", "reasoning_effort", {}};
    return std::nullopt;
}

Found tools_refusal(const Json& body) {
    const auto& tools = member(body, "tools");
    if (!tools.is_array()) {
        for (const auto* name : {"tool_choice", "parallel_tool_calls"})
            if (has(body, name) && member(body, name) != "none")
                return Refusal{
                    400, std::string("Invalid value for '") + name + "': '" + name + "' is only allowed when 'tools' are specified.", name, {}};
        return std::nullopt;
    }
    std::vector<std::string> names;
    for (std::size_t i = 0; i < tools.size(); ++i) {
        const auto type = text_member(tools[i], "type");
        const auto& inner = member(tools[i], type);
        names.push_back(text_member(inner, "name"));
        if (auto found = function_refusal(inner, "tools[" + std::to_string(i) + "]." + type)) return found;
    }
    const auto& choice = member(body, "tool_choice");
    const auto type = text_member(choice, "type");
    const auto wanted = text_member(member(choice, type), "name");
    if (!wanted.empty() && std::find(names.begin(), names.end(), wanted) == names.end())
        return Refusal{
            400, "Invalid value for 'tool_choice': no tool named '" + wanted + "' was specified in the 'tools' parameter.", "tool_choice", {}};
    return std::nullopt;
}

Found format_refusal(const Json& body) {
    const auto& format = member(body, "response_format");
    const auto type = text_member(format, "type");
    if (type == "json_object" && !contains_word(dump(member(body, "messages")), "json"))
        return Refusal{400, "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.", "messages", {}};
    if (type != "json_schema") return std::nullopt;
    const auto& schema = member(format, "json_schema");
    const auto name = text_member(schema, "name");
    if (!is_name(name))
        return Refusal{400,
                       "Invalid 'response_format.json_schema.name': string does not match pattern. Expected a string that matches the pattern "
                       "'^[a-zA-Z0-9_-]+$'.",
                       "response_format.json_schema.name", "invalid_value"};
    if (!has(schema, "schema"))
        return Refusal{400, "Missing required parameter: 'response_format.json_schema.schema'.", "response_format.json_schema.schema",
                       "missing_required_parameter"};
    if (flag_member(schema, "strict"))
        if (const auto fault = strict_fault(member(schema, "schema"), ""); !fault.empty())
            return Refusal{400, "Invalid schema for response_format '" + name + "': " + fault, "response_format", {}};
    return std::nullopt;
}

Found content_refusal(const Json& message, const std::string& where) {
    const auto& content = member(message, "content");
    const bool calls = has(message, "tool_calls") || has(message, "function_call") || has(message, "audio");
    if (content.is_null() && text_member(message, "role") == "assistant" && !calls && !has(message, "refusal"))
        return Refusal{400, "Invalid value for 'content': expected a string, got null.", where + ".content", {}};
    if (!content.is_array()) return std::nullopt;
    for (std::size_t i = 0; i < content.size(); ++i)
        if (content[i].contains("image_url")) {
            const auto at = where + ".content[" + std::to_string(i) + "]";
            const auto url = text_member(content[i]["image_url"], "url");
            if (auto found = image_url_refusal(url, at, at + ".image_url.url")) return found;
        }
    return std::nullopt;
}

Refusal unanswered(const std::vector<std::string>& open, std::size_t index) {
    std::string ids;
    for (const auto& id : open) ids += (ids.empty() ? "" : ", ") + id;
    return {
        400,
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did "
        "not have response messages: " +
            ids,
        "messages.[" + std::to_string(index) + "].role",
        {}};
}

/// Every call is answered, once, right behind the message that made it.
Found order_refusal(const Json& messages) {
    std::vector<std::string> open;
    bool behind_calls = false;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const auto role = text_member(messages[i], "role");
        if (role == "tool") {
            const auto id = text_member(messages[i], "tool_call_id");
            const auto at = std::find(open.begin(), open.end(), id);
            if (!behind_calls)
                return Refusal{400,
                               "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
                               "messages.[" + std::to_string(i) + "].role",
                               {}};
            if (at == open.end())
                return Refusal{400,
                               "Invalid parameter: 'tool_call_id' of '" + id + "' not found in 'tool_calls' of previous message.",
                               "messages.[" + std::to_string(i) + "].tool_call_id",
                               {}};
            open.erase(at);
            continue;
        }
        if (!open.empty()) return unanswered(open, i);
        behind_calls = role == "assistant" && has(messages[i], "tool_calls");
        if (behind_calls)
            for (const auto& call : messages[i]["tool_calls"]) open.push_back(text_member(call, "id"));
    }
    if (!open.empty()) return unanswered(open, messages.size());
    return std::nullopt;
}

Found messages_refusal(const Json& messages) {
    for (std::size_t i = 0; i < messages.size(); ++i)
        if (auto found = content_refusal(messages[i], "messages[" + std::to_string(i) + "]")) return found;
    return order_refusal(messages);
}

Found limits_refusal(const Json& body, const Model& model, Flavour flavour) {
    if (has(body, "max_tokens") && has(body, "max_completion_tokens"))
        return Refusal{400, "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.", "max_tokens",
                       "invalid_parameter_combination"};
    for (const auto* name : {"max_tokens", "max_completion_tokens"}) {
        const auto& value = member(body, name);
        if (flavour == Flavour::openai && value.is_number() && value.get<double>() > static_cast<double>(model.output))
            return Refusal{400,
                           std::string(name) + " is too large: " + value.dump() + ". This model supports at most " + std::to_string(model.output) +
                               " completion tokens, whereas you provided " + value.dump() + ".",
                           name, "invalid_value"};
    }
    if (has(body, "stream_options") && !flag_member(body, "stream"))
        return Refusal{400, "The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options", {}};
    if (has(body, "top_logprobs") && !flag_member(body, "logprobs"))
        return Refusal{400, "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", "top_logprobs", {}};
    if (const auto& stop = member(body, "stop"); stop.is_array() && stop.size() > 4)
        return Refusal{400,
                       "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length " +
                           std::to_string(stop.size()) + " instead.",
                       "stop", "array_above_max_length"};
    return std::nullopt;
}

}  // namespace

std::optional<Refusal> chat_refusal(const Json& body, const Model& model, Flavour flavour) {
    if (model.embeds || !model.only.empty())
        return Refusal{404,
                       "This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?",
                       "model",
                       {}};
    if (auto found = limits_refusal(body, model, flavour)) return found;
    if (flavour == Flavour::xai) {
        if (auto found = xai_refusal(body, model)) return found;
    } else {
        if (auto found = effort_refusal(body, model)) return found;
        const auto asked = text_member(body, "reasoning_effort");
        const auto effort = asked.empty() ? model.default_effort : asked;
        if (model.reasons)
            if (auto found = reasoning_model_refusal(body, effort != "none")) return found;
        if (!model.chat_tools && has(body, "tools") && asked != "none")
            return Refusal{400,
                           "Function tools with reasoning_effort are not supported for " + model.id +
                               " in /v1/chat/completions. Please use /v1/responses or set reasoning_effort to 'none'.",
                           "reasoning_effort",
                           {}};
    }
    if (auto found = tools_refusal(body)) return found;
    if (auto found = format_refusal(body)) return found;
    return messages_refusal(body["messages"]);
}

}  // namespace smg::simulator
