#include <algorithm>
#include <set>

#include "simulator/gemini_content.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

using MaybeError = std::optional<GeminiError>;

GeminiError invalid(std::string message) {
    GeminiError error;
    error.message = std::move(message);
    return error;
}

MaybeError range_refusal(const Json& config, const char* name, const char* field, double least, double most) {
    const auto& value = member(config, name);
    if (!value.is_number() || (value.get<double>() >= least && value.get<double>() <= most)) return std::nullopt;
    return invalid("* GenerateContentRequest.generation_config." + std::string(field) + ": " + field + " is out of its supported range");
}

MaybeError thinking_refusal(const Json& config, const Model& model) {
    const auto& thinking = member(config, "thinkingConfig");
    if (thinking.is_null()) return std::nullopt;
    const auto& budget = member(thinking, "thinkingBudget");
    const auto level = text_member(thinking, "thinkingLevel");
    if (!model.reasons) return invalid("Unable to submit request because thinking is not supported by this model.");
    if (!level.empty() && budget.is_number()) return invalid("You can only set only one of thinking budget and thinking level.");
    auto lower = level;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (!level.empty() && std::find(model.efforts.begin(), model.efforts.end(), lower) == model.efforts.end())
        return invalid(model.efforts.empty() ? "Thinking level is not supported for this model."
                                             : "Thinking level " + level + " is not supported for this model.");
    if (!budget.is_number()) return std::nullopt;
    const auto tokens = budget.get<std::int64_t>();
    if (tokens == 0 && model.always_reasons) return invalid("Budget 0 is invalid. This model only works in thinking mode.");
    if (tokens > 32768 || (tokens > 0 && tokens < 128 && model.always_reasons))
        return invalid("The thinking budget " + std::to_string(tokens) + " is invalid. Please choose a value between 128 and 32768.");
    return std::nullopt;
}

MaybeError config_refusal(const Json& body, const Model& model) {
    const auto& config = member(body, "generationConfig");
    for (auto refusal : {range_refusal(config, "temperature", "temperature", 0, 2), range_refusal(config, "topP", "top_p", 0, 1),
                         range_refusal(config, "maxOutputTokens", "max_output_tokens", 1, static_cast<double>(model.output)),
                         range_refusal(config, "candidateCount", "candidate_count", 1, 8)})
        if (refusal) return refusal;
    const auto mime = text_member(config, "responseMimeType");
    if (!mime.empty() && mime != "application/json" && mime != "text/plain" && mime != "text/x.enum")
        return invalid(
            "* GenerateContentRequest.generation_config.response_mime_type: allowed mimetypes are `text/plain`, `application/json`, "
            "`application/xml`, `application/yaml` and `text/x.enum`.");
    if ((has(config, "responseSchema") || has(config, "responseJsonSchema")) && mime != "application/json" && mime != "text/x.enum")
        return invalid("* GenerateContentRequest.generation_config.response_schema: only allowed with response_mime_type application/json");
    if (has(config, "responseSchema"))
        if (auto refusal = schema_refusal(config["responseSchema"], "generation_config.response_schema")) return refusal;
    if (const auto& stops = member(config, "stopSequences"); stops.is_array() && stops.size() > 5)
        return invalid("* GenerateContentRequest.generation_config.stop_sequences: at most 5 stop sequences are allowed");
    return thinking_refusal(config, model);
}

bool is_function_name(const std::string& name) {
    const auto first = name.empty() ? '\0' : name.front();
    if (std::isalpha(static_cast<unsigned char>(first)) == 0 && first != '_') return false;
    return name.size() <= 64 && std::all_of(name.begin(), name.end(),
                                            [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '.' || c == ':' || c == '-'; });
}

MaybeError tools_refusal(const Json& body, const Model& model) {
    std::set<std::string> names;
    std::size_t tool_index = 0;
    for (const auto& tool : member(body, "tools")) {
        const auto in_tool = "tools[" + std::to_string(tool_index++) + "].function_declarations[";
        std::size_t index = 0;
        for (const auto& function : member(tool, "functionDeclarations")) {
            const auto where = in_tool + std::to_string(index++) + "]";
            const auto name = text_member(function, "name");
            if (!is_function_name(name))
                return invalid("* GenerateContentRequest." + where +
                               ".name: Invalid function name. Must start with a letter or an underscore. Must be "
                               "alphameric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 64.");
            if (!names.insert(name).second) return invalid("Duplicate function declaration found: " + name);
            if (has(function, "parameters") && has(function, "parametersJsonSchema"))
                return invalid(where + ": parameters and parameters_json_schema are mutually exclusive");
            if (has(function, "parameters"))
                if (auto refusal = schema_refusal(function["parameters"], where + ".parameters")) return refusal;
        }
    }
    const auto& calling = member(member(body, "toolConfig"), "functionCallingConfig");
    if (text_member(calling, "mode") == "ANY" && names.empty()) return invalid("Function calling config is set without function_declarations.");
    for (const auto& allowed : member(calling, "allowedFunctionNames")) {
        if (text_member(calling, "mode") == "AUTO") return invalid("allowed_function_names is only allowed with mode ANY or VALIDATED");
        if (names.count(allowed.get<std::string>()) == 0)
            return invalid("allowed_function_names has a function that is not declared: " + dump(allowed));
    }
    const auto mime = text_member(member(body, "generationConfig"), "responseMimeType");
    if (!names.empty() && mime == "application/json" && !model.signed_calls)
        return invalid("Function calling with a response mime type: 'application/json' is unsupported");
    return std::nullopt;
}

}  // namespace

std::optional<GeminiError> schema_refusal(const Json& schema, const std::string& where) {
    static const std::set<std::string> known = {
        "type",     "format",     "title",    "description",      "nullable",          "enum",      "maxItems",
        "minItems", "properties", "required", "minProperties",    "maxProperties",     "minLength", "maxLength",
        "pattern",  "example",    "anyOf",    "propertyOrdering", "property_ordering", "default",   "items",
        "minimum",  "maximum"};
    if (!schema.is_object()) return invalid("Invalid value at '" + where + "'");
    for (const auto& [name, value] : schema.items()) {
        if (known.count(name) == 0) {
            auto error = invalid("Invalid JSON payload received. Unknown name \"" + name + "\" at '" + where + "': Cannot find field.");
            error.field = where;
            return error;
        }
        if (name == "type" && !value.is_string())
            return invalid("Invalid value at '" + where + ".type' (type.googleapis.com/google.ai.generativelanguage.v1beta.Type)");
        if (name == "enum")
            for (const auto& each : value)
                if (!each.is_string()) return invalid("Invalid value at '" + where + ".enum[0]' (TYPE_STRING), " + dump(each));
        if (name == "items")
            if (auto refusal = schema_refusal(value, where + ".items")) return refusal;
        if (name == "properties")
            for (const auto& [property, inner] : value.items())
                if (auto refusal = schema_refusal(inner, where + ".properties[" + property + "].value")) return refusal;
        if (name == "anyOf")
            for (const auto& inner : value)
                if (auto refusal = schema_refusal(inner, where + ".any_of")) return refusal;
    }
    return std::nullopt;
}

std::optional<GeminiError> content_refusal(const Json& body, const Model& model) {
    if (!has(body, "contents") || body["contents"].empty()) return invalid("* GenerateContentRequest.contents: contents is not specified\n");
    for (auto refusal : {config_refusal(body, model), tools_refusal(body, model)})
        if (refusal) return refusal;
    return contents_refusal(body["contents"], model);
}

}  // namespace smg::simulator
