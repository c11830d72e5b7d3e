#include <algorithm>

#include "simulator/openai_shared.hpp"
#include "simulator/responses.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

using Found = std::optional<Refusal>;

bool includes_encrypted(const Json& body) {
    const auto& include = member(body, "include");
    return include.is_array() && std::find(include.begin(), include.end(), "reasoning.encrypted_content") != include.end();
}

Found reasoning_refusal(const Json& body, const Model& model) {
    const auto& reasoning = member(body, "reasoning");
    const auto effort = text_member(reasoning, "effort");
    if (!model.reasons) {
        for (const auto* name : {"effort", "summary"})
            if (has(reasoning, name)) return unsupported(std::string("reasoning.") + name);
        if (includes_encrypted(body)) return Refusal{400, "Encrypted content is not supported with this model.", "include", {}};
        return std::nullopt;
    }
    if (effort.empty() || std::find(model.efforts.begin(), model.efforts.end(), effort) != model.efforts.end()) return std::nullopt;
    std::string supported;
    for (const auto& each : model.efforts) supported += (supported.empty() ? "'" : ", '") + each + "'";
    return Refusal{400,
                   "Unsupported value: '" + effort + "' is not supported with the '" + model.id + "' model. Supported values are: " + supported + ".",
                   "reasoning.effort", "unsupported_value"};
}

Found sampling_refusal(const ResponsesRequest& request) {
    if (!request.model->reasons || effort_of(request) == "none") return std::nullopt;
    for (const auto* name : {"temperature", "top_p"})
        if (const auto& value = member(request.body, name); value.is_number() && value.get<double>() != 1) return unsupported(name);
    if (const auto& logprobs = member(request.body, "top_logprobs"); logprobs.is_number() && logprobs.get<double>() > 0)
        return unsupported("top_logprobs");
    return std::nullopt;
}

Found tools_refusal(const Json& body) {
    const auto& tools = member(body, "tools");
    std::vector<std::string> names;
    for (std::size_t i = 0; i < tools.size(); ++i) {
        const auto type = text_member(tools[i], "type");
        if (type != "function" && type != "custom") continue;
        if (auto found = function_refusal(tools[i], "tools[" + std::to_string(i) + "]")) return found;
        names.push_back(text_member(tools[i], "name"));
    }
    const auto& choice = member(body, "tool_choice");
    if (choice == "required" && tools.empty())
        return Refusal{400, "Tool choice 'required' must be specified with 'tools' parameter.", "tool_choice", {}};
    const auto wanted = text_member(choice, "name");
    if (wanted.empty() || text_member(choice, "type") == "mcp" || std::find(names.begin(), names.end(), wanted) != names.end())
        return std::nullopt;
    return Refusal{400, "Tool choice '" + text_member(choice, "type") + "' not found in 'tools' parameter.", "tool_choice", {}};
}

Found format_refusal(const ResponsesRequest& request) {
    const auto& format = member(member(request.body, "text"), "format");
    const auto type = text_member(format, "type");
    if (type == "json_object" && !contains_word(dump(request.items) + text_member(request.body, "instructions"), "json"))
        return Refusal{400,
                       "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
                       "input",
                       {}};
    if (type != "json_schema") return std::nullopt;
    const auto name = text_member(format, "name");
    if (!is_name(name))
        return Refusal{400,
                       "Invalid 'text.format.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
                       "text.format.name", "invalid_value"};
    if (flag_member(format, "strict"))
        if (const auto fault = strict_fault(member(format, "schema"), ""); !fault.empty())
            return Refusal{400, "Invalid schema for response_format '" + name + "': " + fault, "text.format.schema", "invalid_json_schema"};
    return std::nullopt;
}

Found background_refusal(const Json& body) {
    const auto& store = member(body, "store");
    if (flag_member(body, "background") && store.is_boolean() && !store.get<bool>())
        return Refusal{400, "Background responses must be stored: set 'store' to true.", "store", {}};
    if (has(body, "stream_options") && !flag_member(body, "stream"))
        return Refusal{400, "The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options", {}};
    if (has(body, "conversation")) {
        const auto& conversation = body["conversation"];
        const auto id = conversation.is_string() ? conversation.get<std::string>() : text_member(conversation, "id");
        return Refusal{404, "Conversation with id '" + id + "' not found.", "conversation", {}};
    }
    return std::nullopt;
}

Found xai_refusal(const ResponsesRequest& request) {
    const auto& model = *request.model;
    const auto effort = text_member(member(request.body, "reasoning"), "effort");
    if (effort.empty() || std::find(model.efforts.begin(), model.efforts.end(), effort) != model.efforts.end()) return std::nullopt;
    return Refusal{400, "Model " + model.id + " does not support parameter reasoningEffort.", "reasoning.effort", {}};
}

}  // namespace

std::string effort_of(const ResponsesRequest& request) {
    const auto asked = text_member(member(request.body, "reasoning"), "effort");
    return asked.empty() ? request.model->default_effort : asked;
}

std::optional<Refusal> responses_refusal(const ResponsesRequest& request) {
    const auto& model = *request.model;
    if (model.embeds || !model.only.empty())
        return Refusal{400, "The requested model '" + model.id + "' cannot be used with the Responses API.", "model", "unsupported_model"};
    if (request.flavour == Flavour::xai) {
        if (auto found = xai_refusal(request)) return found;
    } else {
        if (auto found = background_refusal(request.body)) return found;
        if (auto found = reasoning_refusal(request.body, model)) return found;
        if (auto found = sampling_refusal(request)) return found;
    }
    if (auto found = tools_refusal(request.body)) return found;
    if (auto found = format_refusal(request)) return found;
    if (tokens_of(dump(request.items)) > model.context)
        return Refusal{400, "Your input exceeds the context window of this model. Please adjust your input and try again.", "input",
                       "context_length_exceeded"};
    return std::nullopt;
}

}  // namespace smg::simulator
