#include "codec/anthropic_messages/client_tools.hpp"
#include "codec/anthropic_messages/request_decode.hpp"

namespace smg::codec::messages {
namespace {

bool read_tool(Fields& fields, JsonNode node, const Path& path, Tool& tool) {
    std::string type;
    if (!fields.is_object(node, path) || !fields.string(node["type"], path.member("type"), type)) return false;
    tool.origin = Origin::anthropic;
    if (!type.empty() && type != "custom") {
        tool.kind = Tool::Kind::provider;
        tool.name = node["name"].text();
        tool.opaque = node.raw();
        describe_client_tool(type, tool);
        return fields.object(node["cache_control"], path.member("cache_control"), tool.cache_control);
    }
    const auto schema = node["input_schema"];
    if (!fields.name(node["name"], path.member("name"), tool.name) ||
        !fields.string(node["description"], path.member("description"), tool.description) ||
        !fields.boolean(node["strict"], path.member("strict"), tool.strict) ||
        !fields.object(node["cache_control"], path.member("cache_control"), tool.cache_control))
        return false;
    if (!schema.is_object()) return fields.wrong_type(path.member("input_schema"), "an object", schema);
    tool.parameters = schema.raw();
    tool.has_description = node["description"].is_string();
    // `type` is kept as it was spelled: absent, null and `custom` mean the same.
    keep_rest(node, {"name", "description", "input_schema", "strict", "cache_control"}, tool.unknown);
    for (const auto* name : {"description", "strict", "cache_control"})
        if (node[name].is_null()) tool.unknown.emplace_back(name, "null");
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

bool read_tool_choice(Fields& fields, JsonNode node, const Path& path, Conversation& out) {
    if (node.is_null()) return true;
    ToolChoice choice;
    std::string type;
    std::optional<bool> single;
    if (!fields.is_object(node, path) || !fields.name(node["type"], path.member("type"), type) ||
        !fields.boolean(node["disable_parallel_tool_use"], path.member("disable_parallel_tool_use"), single))
        return false;
    if (type == "auto") {
        choice.mode = ToolChoice::Mode::automatic;
    } else if (type == "none") {
        choice.mode = ToolChoice::Mode::none;
    } else if (type == "any") {
        choice.mode = ToolChoice::Mode::required;
    } else if (type == "tool") {
        choice.mode = ToolChoice::Mode::named;
        if (!fields.name(node["name"], path.member("name"), choice.names.emplace_back())) return false;
    } else {
        return fields.invalid(path.member("type"), "Input should be 'auto', 'any', 'tool' or 'none'");
    }
    if (single) out.parallel_tool_calls = !*single;
    keep_rest(node, {"type", "name", "disable_parallel_tool_use"}, out.unknown, "tool_choice.");
    out.tool_choice = std::move(choice);
    return true;
}

}  // namespace smg::codec::messages
