#include "codec/openai_responses/tool_encode.hpp"

#include <algorithm>

#include "codec/json_tree.hpp"

namespace smg::codec::responses {
namespace {

/// Chat nests a grammar, this format does not.
void write_format(JsonWriter& json, const RawJson& format) {
    JsonTree tree;
    const auto parsed = tree.parse(format);
    if (!parsed || !(*parsed)["grammar"].is_object()) {
        json.raw(format);
        return;
    }
    json.begin_object().member("type", "grammar");
    for (JsonNode member : (*parsed)["grammar"]) json.raw_member(member.name(), member.raw());
    json.end_object();
}

bool is_custom(const Conversation& conversation, const std::string& name) {
    return std::any_of(conversation.tools.begin(), conversation.tools.end(),
                       [&](const Tool& tool) { return tool.kind == Tool::Kind::custom && tool.name == name; });
}

void write_named(JsonWriter& json, const std::string& name, bool custom) {
    json.begin_object().member("type", custom ? "custom" : "function").member("name", name).end_object();
}

}  // namespace

void write_members(JsonWriter& json, const std::vector<std::pair<std::string, RawJson>>& members, std::string_view prefix) {
    for (const auto& [name, value] : members) {
        const std::string_view full = name;
        if (prefix.empty() ? full.find('.') == std::string_view::npos : full.starts_with(prefix)) json.raw_member(full.substr(prefix.size()), value);
    }
}

void write_tool(JsonWriter& json, const Tool& tool, const std::string& name, bool native) {
    if (tool.kind == Tool::Kind::provider) {
        json.raw(tool.opaque);
        return;
    }
    const bool custom = tool.kind == Tool::Kind::custom;
    json.begin_object().member("type", custom ? "custom" : "function").member("name", name);
    if (tool.has_description || !tool.description.empty()) json.member("description", tool.description);
    if (custom) {
        if (!tool.format.empty()) {
            json.key("format");
            write_format(json, tool.format);
        }
    } else {
        if (!tool.parameters.empty())
            json.raw_member("parameters", tool.parameters);
        else if (!native)
            json.raw_member("parameters", R"({"type":"object","properties":{}})");
        if (tool.strict || !native) json.bool_member("strict", tool.strict.value_or(false));
    }
    if (native) {
        if (!tool.cache_control.empty()) json.raw_member("cache_control", tool.cache_control);
        write_members(json, tool.unknown);
    }
    json.end_object();
}

void write_tool_choice(JsonWriter& json, const Conversation& conversation, const ToolChoice& choice, const NameOf& name_of) {
    using Mode = ToolChoice::Mode;
    switch (choice.mode) {
        case Mode::automatic: json.string("auto"); return;
        case Mode::none: json.string("none"); return;
        case Mode::required: json.string("required"); return;
        case Mode::named: {
            const auto name = choice.names.empty() ? std::string() : choice.names.front();
            return write_named(json, name_of(name), choice.custom || is_custom(conversation, name));
        }
        case Mode::allowed: break;
    }
    json.begin_object().member("type", "allowed_tools").member("mode", choice.allowed_required ? "required" : "auto").key("tools").begin_array();
    for (const auto& name : choice.names) write_named(json, name_of(name), is_custom(conversation, name));
    json.end_array().end_object();
}

void write_text_format(JsonWriter& json, const ResponseFormat& format, bool native) {
    json.begin_object();
    switch (format.kind) {
        case ResponseFormat::Kind::text: json.member("type", "text"); break;
        case ResponseFormat::Kind::json_object: json.member("type", "json_object"); break;
        case ResponseFormat::Kind::json_schema:
            json.member("type", "json_schema").member("name", format.name.empty() ? "output" : std::string_view(format.name));
            if (!format.description.empty()) json.member("description", format.description);
            json.raw_member("schema", format.schema.empty() ? R"({"type":"object"})" : std::string_view(format.schema));
            // Other formats' schemas need not follow the rules of strict mode, and say nothing of it.
            if (format.strict || !native) json.bool_member("strict", format.strict.value_or(false));
            break;
    }
    json.end_object();
}

}  // namespace smg::codec::responses
