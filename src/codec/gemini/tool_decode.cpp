#include "base/ascii.hpp"
#include "codec/gemini/request_decode.hpp"
#include "codec/gemini/schema.hpp"
#include "codec/json_writer.hpp"

namespace smg::codec::google {
namespace {

bool read_declaration(Fields& fields, JsonNode node, const Path& path, Tool& tool) {
    if (!fields.is_object(node, path) || !fields.required_string(node["name"], path.member("name"), tool.name) ||
        !fields.string(node["description"], path.member("description"), tool.description))
        return false;
    tool.has_description = node["description"].is_string();
    tool.origin = Origin::gemini;
    for (JsonNode item : node) {
        const auto name = item.name();
        if (is_named(name, "parametersJsonSchema")) {
            if (!fields.object(item, path.member(name), tool.parameters)) return false;
        } else if (name == "parameters") {
            if (item.is_null()) continue;
            if (!item.is_object()) return fields.wrong_type(path.member(name), "an object", item);
            if (tool.parameters.empty()) tool.parameters = to_json_schema(item);
            keep(tool.unknown, item);  // Gemini itself gets its own dialect back
        } else if (name != "name" && name != "description") {
            keep(tool.unknown, item);
        }
    }
    return true;
}

bool read_declarations(Fields& fields, JsonNode node, const Path& path, std::vector<Tool>& out) {
    if (node.is_null()) return true;
    std::vector<JsonNode> items;
    if (!fields.items(node, path, items)) return false;
    std::size_t index = 0;
    for (JsonNode item : items)
        if (!read_declaration(fields, item, path.item(index++), out.emplace_back())) return false;
    return true;
}

/// `googleSearch`, `codeExecution` and the like: Google runs them.
void read_server_tool(JsonNode item, Tool& tool) {
    tool.kind = Tool::Kind::provider;
    tool.origin = Origin::gemini;
    tool.name = camel_case(item.name());
    JsonWriter(tool.opaque).begin_object().raw_member(tool.name, item.raw()).end_object();
}

bool read_calling_config(Fields& fields, JsonNode node, const Path& path, Conversation& out) {
    constexpr std::string_view prefix = "toolConfig.functionCallingConfig.";
    if (node.is_null()) return true;
    std::string mode;
    ToolChoice choice;
    if (!fields.is_object(node, path) || !fields.string(node["mode"], path.member("mode"), mode)) return false;
    const auto names = member(node, "allowedFunctionNames");
    if (!fields.strings(names, path.member(names, "allowedFunctionNames"), choice.names)) return false;
    const auto word = ascii_lower(mode);
    if (word == "none") {
        choice.mode = ToolChoice::Mode::none;
    } else if (word == "any") {
        choice.mode = choice.names.empty()       ? ToolChoice::Mode::required
                      : choice.names.size() == 1 ? ToolChoice::Mode::named
                                                 : ToolChoice::Mode::allowed;
        choice.allowed_required = true;
    } else if (word == "validated" && !choice.names.empty()) {
        choice.mode = ToolChoice::Mode::allowed;
    } else if (word == "validated") {
        keep(out.unknown, node["mode"], prefix);
    } else if (word != "auto" && word != "mode_unspecified" && !word.empty()) {
        return fields.invalid(path.member("mode"), "Invalid value at '" + path.member("mode").text() + "': expected AUTO, ANY, NONE or VALIDATED.");
    }
    if (!mode.empty() || !choice.names.empty()) out.tool_choice = std::move(choice);
    for (JsonNode item : node)
        if (item.name() != "mode" && !is_named(item.name(), "allowedFunctionNames")) keep(out.unknown, item, prefix);
    return true;
}

}  // namespace

bool read_tools(Fields& fields, JsonNode node, const Path& path, std::vector<Tool>& out) {
    if (node.is_null()) return true;
    std::vector<JsonNode> items;
    if (!fields.items(node, path, items)) return false;
    std::size_t index = 0;
    for (JsonNode entry : items) {
        const auto place = path.item(index++);
        if (!fields.is_object(entry, place)) return false;
        for (JsonNode item : entry) {
            if (!is_named(item.name(), "functionDeclarations"))
                read_server_tool(item, out.emplace_back());
            else if (!read_declarations(fields, item, place.member(item.name()), out))
                return false;
        }
    }
    return true;
}

bool read_tool_config(Fields& fields, JsonNode node, const Path& path, Conversation& out) {
    if (node.is_null()) return true;
    if (!fields.is_object(node, path)) return false;
    for (JsonNode item : node) {
        if (!is_named(item.name(), "functionCallingConfig"))
            keep(out.unknown, item, "toolConfig.");
        else if (!read_calling_config(fields, item, path.member(item.name()), out))
            return false;
    }
    return true;
}

}  // namespace smg::codec::google
