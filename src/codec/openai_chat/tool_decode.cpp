#include "codec/openai_chat/request_decode.hpp"

namespace smg::codec::chat {
namespace {

/// The `function` object of a tool, or an entry of the deprecated `functions`.
bool read_function(Fields& fields, JsonNode node, const Path& path, std::string_view prefix, Tool& tool) {
    if (!fields.is_object(node, path) || !fields.required_string(node["name"], path.member("name"), tool.name) ||
        !fields.string(node["description"], path.member("description"), tool.description) ||
        !fields.object(node["parameters"], path.member("parameters"), tool.parameters) ||
        !fields.boolean(node["strict"], path.member("strict"), tool.strict))
        return false;
    tool.has_description = node["description"].is_string();
    for (JsonNode member : node)
        if (const auto name = member.name(); name != "name" && name != "description" && name != "parameters" && name != "strict")
            keep(tool.unknown, member, prefix);
    return true;
}

bool read_custom(Fields& fields, JsonNode node, const Path& path, Tool& tool) {
    tool.kind = Tool::Kind::custom;
    if (!fields.is_object(node, path) || !fields.required_string(node["name"], path.member("name"), tool.name) ||
        !fields.string(node["description"], path.member("description"), tool.description) ||
        !fields.object(node["format"], path.member("format"), tool.format))
        return false;
    tool.has_description = node["description"].is_string();
    for (JsonNode member : node)
        if (const auto name = member.name(); name != "name" && name != "description" && name != "format") keep(tool.unknown, member, "custom.");
    return true;
}

bool read_tool(Fields& fields, JsonNode node, const Path& path, Tool& tool) {
    std::string type;
    if (!fields.is_object(node, path) || !fields.required_string(node["type"], path.member("type"), type)) return false;
    if (type == "function") {
        if (!read_function(fields, node["function"], path.member("function"), "function.", tool)) return false;
    } else if (type == "custom") {
        if (!read_custom(fields, node["custom"], path.member("custom"), tool)) return false;
    } else {
        tool.kind = Tool::Kind::provider;  // a vendor's server tool, e.g. xAI's `live_search`
        tool.name = type;
        tool.opaque = node.raw();
        return true;
    }
    for (JsonNode member : node) {
        if (member.name() == "cache_control") {
            if (!fields.object(member, path.member("cache_control"), tool.cache_control)) return false;
        } else if (member.name() != "type" && member.name() != type) {
            keep(tool.unknown, member);
        }
    }
    return true;
}

/// `{"type":"function","function":{"name":…}}`, also with `custom`.
bool read_named(Fields& fields, JsonNode node, const Path& path, ToolChoice& choice) {
    std::string type;
    if (!fields.is_object(node, path) || !fields.required_string(node["type"], path.member("type"), type)) return false;
    if (type != "function" && type != "custom") return fields.unsupported_value(path.member("type"), type, {"function", "custom", "allowed_tools"});
    const auto inner = path.member(type);
    if (!fields.is_object(node[type], inner)) return false;
    choice.custom = type == "custom";
    return fields.required_string(node[type]["name"], inner.member("name"), choice.names.emplace_back());
}

bool read_allowed(Fields& fields, JsonNode node, const Path& path, ToolChoice& choice) {
    std::string mode;
    choice.mode = ToolChoice::Mode::allowed;
    if (!fields.is_object(node, path) || !fields.required_string(node["mode"], path.member("mode"), mode)) return false;
    if (mode != "auto" && mode != "required") return fields.unsupported_value(path.member("mode"), mode, {"auto", "required"});
    choice.allowed_required = mode == "required";
    const auto place = path.member("tools");
    if (!fields.is_array(node["tools"], place)) return false;
    std::size_t index = 0;
    for (JsonNode item : node["tools"])
        if (!read_named(fields, item, place.item(index++), choice)) return false;
    choice.custom = false;
    return true;
}

/// The words of `tool_choice`; false when it is none of them.
bool read_word(std::string_view word, ToolChoice& choice) {
    if (word == "auto")
        choice.mode = ToolChoice::Mode::automatic;
    else if (word == "none")
        choice.mode = ToolChoice::Mode::none;
    else if (word == "required")
        choice.mode = ToolChoice::Mode::required;
    else
        return false;
    return true;
}

}  // namespace

bool read_tools(Fields& fields, JsonNode node, const Path& path, std::vector<Tool>& out) {
    if (node.is_null()) return true;
    if (!fields.is_array(node, path)) return false;
    out.reserve(node.size());
    std::size_t index = 0;
    for (JsonNode item : node)
        if (!read_tool(fields, item, path.item(index++), out.emplace_back())) return false;
    return true;
}

bool read_functions(Fields& fields, JsonNode node, const Path& path, std::vector<Tool>& out) {
    if (!fields.is_array(node, path)) return false;
    std::size_t index = 0;
    for (JsonNode item : node)
        if (!read_function(fields, item, path.item(index++), "function.", out.emplace_back())) return false;
    return true;
}

bool read_tool_choice(Fields& fields, JsonNode node, const Path& path, std::optional<ToolChoice>& out) {
    if (node.is_null()) return true;
    ToolChoice choice;
    if (node.is_string()) {
        if (!read_word(node.text(), choice)) return fields.unsupported_value(path, node.text(), {"none", "auto", "required"});
    } else if (!node.is_object()) {
        return fields.wrong_type(path, "a string or an object", node);
    } else if (node["type"].text() == "allowed_tools") {
        if (!read_allowed(fields, node["allowed_tools"], path.member("allowed_tools"), choice)) return false;
    } else {
        choice.mode = ToolChoice::Mode::named;
        if (!read_named(fields, node, path, choice)) return false;
    }
    out = std::move(choice);
    return true;
}

bool read_function_call(Fields& fields, JsonNode node, const Path& path, std::optional<ToolChoice>& out) {
    if (node.is_null()) return true;
    ToolChoice choice;
    choice.legacy = true;
    if (node.is_string()) {
        if (node.text() == "required" || !read_word(node.text(), choice)) return fields.unsupported_value(path, node.text(), {"none", "auto"});
    } else {
        if (!node.is_object()) return fields.wrong_type(path, "a string or an object", node);
        choice.mode = ToolChoice::Mode::named;
        if (!fields.required_string(node["name"], path.member("name"), choice.names.emplace_back())) return false;
    }
    out = std::move(choice);
    return true;
}

bool read_response_format(Fields& fields, JsonNode node, const Path& path, std::optional<ResponseFormat>& out) {
    if (node.is_null()) return true;
    ResponseFormat format;
    std::string type;
    if (!fields.is_object(node, path) || !fields.required_string(node["type"], path.member("type"), type)) return false;
    if (type == "json_object") {
        format.kind = ResponseFormat::Kind::json_object;
    } else if (type == "json_schema") {
        format.kind = ResponseFormat::Kind::json_schema;
        const auto place = path.member("json_schema");
        const auto schema = node["json_schema"];
        if (!fields.is_object(schema, place) || !fields.required_string(schema["name"], place.member("name"), format.name) ||
            !fields.string(schema["description"], place.member("description"), format.description) ||
            !fields.object(schema["schema"], place.member("schema"), format.schema) ||
            !fields.boolean(schema["strict"], place.member("strict"), format.strict))
            return false;
    } else if (type != "text") {
        return fields.unsupported_value(path.member("type"), type, {"json_object", "json_schema", "text"});
    }
    out = std::move(format);
    return true;
}

}  // namespace smg::codec::chat
