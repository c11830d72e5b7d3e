#include "codec/json_writer.hpp"
#include "codec/openai_responses/request_decode.hpp"

namespace smg::codec::responses {
namespace {

bool is_known(std::string_view name) {
    for (const auto* known : {"type", "name", "description", "parameters", "strict", "format", "cache_control"})
        if (name == known) return true;
    return false;
}

/// A custom tool's format as Chat nests it: `{"type":"grammar","grammar":{"definition","syntax"}}`.
RawJson chat_format(JsonNode format) {
    if (format["type"].text() != "grammar") return RawJson(format.raw());
    RawJson out;
    JsonWriter json(out);
    json.begin_object().member("type", "grammar").key("grammar").begin_object();
    for (JsonNode member : format)
        if (member.name() != "type") json.raw_member(member.name(), member.raw());
    json.end_object().end_object();
    return out;
}

bool read_tool(Fields& fields, JsonNode node, const Path& path, Tool& tool) {
    std::string type;
    if (!fields.is_object(node, path) || !fields.required_string(node["type"], path.member("type"), type)) return false;
    if (type != "function" && type != "custom") {  // a hosted tool
        tool.kind = Tool::Kind::provider;
        tool.name = type;
        tool.opaque = node.raw();
        tool.origin = Origin::openai;
        return true;
    }
    tool.kind = type == "custom" ? Tool::Kind::custom : Tool::Kind::function;
    if (!fields.required_string(node["name"], path.member("name"), tool.name) ||
        !fields.string(node["description"], path.member("description"), tool.description) ||
        !fields.object(node["parameters"], path.member("parameters"), tool.parameters) ||
        !fields.boolean(node["strict"], path.member("strict"), tool.strict) || !fields.object(node["format"], path.member("format"), tool.format) ||
        !fields.object(node["cache_control"], path.member("cache_control"), tool.cache_control))
        return false;
    if (!tool.format.empty()) tool.format = chat_format(node["format"]);
    tool.has_description = node["description"].is_string();
    for (JsonNode member : node)
        if (!is_known(member.name())) keep(tool.unknown, member);
    return true;
}

bool is_plain(JsonNode choice) { return choice["type"].text() == "function" || choice["type"].text() == "custom"; }

/// The subset of an `allowed_tools`; one with a hosted tool in it has no meaning elsewhere and is left to the caller.
bool read_allowed(Fields& fields, JsonNode node, const Path& path, std::optional<ToolChoice>& out) {
    ToolChoice choice;
    choice.mode = ToolChoice::Mode::allowed;
    std::string mode = "auto";
    if (!fields.required_string(node["mode"], path.member("mode"), mode)) return false;
    if (mode != "auto" && mode != "required") return fields.unsupported_value(path.member("mode"), mode, {"auto", "required"});
    choice.allowed_required = mode == "required";
    const auto place = path.member("tools");
    if (!fields.is_array(node["tools"], place)) return false;
    std::size_t index = 0;
    for (JsonNode item : node["tools"]) {
        const auto at = place.item(index++);
        if (!fields.is_object(item, at)) return false;
        if (!is_plain(item)) return true;
        if (!fields.required_string(item["name"], at.member("name"), choice.names.emplace_back())) return false;
    }
    out = std::move(choice);
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

bool read_tool_choice(Fields& fields, JsonNode node, const Path& path, std::optional<ToolChoice>& out) {
    if (node.is_null()) return true;
    ToolChoice choice;
    if (node.is_string()) {
        const auto word = node.text();
        if (word != "auto" && word != "none" && word != "required") return fields.unsupported_value(path, word, {"none", "auto", "required"});
        choice.mode = word == "auto" ? ToolChoice::Mode::automatic : word == "none" ? ToolChoice::Mode::none : ToolChoice::Mode::required;
        out = std::move(choice);
        return true;
    }
    std::string type;
    if (!node.is_object()) return fields.wrong_type(path, "a string or an object", node);
    if (!fields.required_string(node["type"], path.member("type"), type)) return false;
    if (type == "allowed_tools") return read_allowed(fields, node, path, out);
    if (!is_plain(node)) return true;
    choice.mode = ToolChoice::Mode::named;
    choice.custom = type == "custom";
    if (!fields.required_string(node["name"], path.member("name"), choice.names.emplace_back())) return false;
    out = std::move(choice);
    return true;
}

bool read_text_settings(Fields& fields, JsonNode node, const Path& path, Conversation& out) {
    if (node.is_null()) return true;
    if (!fields.is_object(node, path) || !fields.string(node["verbosity"], path.member("verbosity"), out.verbosity)) return false;
    for (JsonNode member : node)
        if (member.name() != "format" && member.name() != "verbosity") keep(out.unknown, member, "text.");
    const auto source = node["format"];
    if (source.is_absent_or_null()) return true;
    const auto place = path.member("format");
    ResponseFormat format;
    std::string type;
    if (!fields.is_object(source, place) || !fields.required_string(source["type"], place.member("type"), type)) return false;
    if (type == "json_object") {
        format.kind = ResponseFormat::Kind::json_object;
    } else if (type == "json_schema") {
        format.kind = ResponseFormat::Kind::json_schema;
        if (!fields.required_string(source["name"], place.member("name"), format.name) ||
            !fields.string(source["description"], place.member("description"), format.description) ||
            !fields.object(source["schema"], place.member("schema"), format.schema) ||
            !fields.boolean(source["strict"], place.member("strict"), format.strict))
            return false;
        if (format.schema.empty()) return fields.missing(place.member("schema"));
    } else if (type != "text") {
        return fields.unsupported_value(place.member("type"), type, {"json_object", "json_schema", "text"});
    }
    out.response_format = std::move(format);
    return true;
}

bool read_reasoning_settings(Fields& fields, JsonNode node, const Path& path, Conversation& out) {
    if (node.is_null()) return true;
    std::string summary, old_summary;
    if (!fields.is_object(node, path) || !fields.string(node["effort"], path.member("effort"), out.reasoning_effort) ||
        !fields.string(node["summary"], path.member("summary"), summary) ||
        !fields.string(node["generate_summary"], path.member("generate_summary"), old_summary))
        return false;
    out.thinking = node.raw();
    out.thinking_origin = Origin::openai;
    out.include_reasoning_text = !summary.empty() || !old_summary.empty();
    return true;
}

}  // namespace smg::codec::responses
