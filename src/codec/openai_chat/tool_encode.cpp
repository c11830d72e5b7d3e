#include <algorithm>

#include "codec/openai_chat/request_encode.hpp"
#include "codec/openai_common/strict_mode.hpp"
#include "codec/provider_tool.hpp"

namespace smg::codec::chat {
namespace {

constexpr std::size_t longest_name = 64;

bool is_allowed(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; }

bool is_legal(std::string_view name) { return !name.empty() && name.size() <= longest_name && std::all_of(name.begin(), name.end(), is_allowed); }

/// A legal name that stays readable and differs for different originals.
std::string legal_name(std::string_view name) {
    std::uint32_t hash = 0x811c9dc5;  // FNV-1a
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193U;
    std::string out(name.substr(0, longest_name - 9));
    std::replace_if(
        out.begin(), out.end(), [](char c) { return !is_allowed(c); }, '_');
    out += '_';
    for (int shift = 28; shift >= 0; shift -= 4) out += "0123456789abcdef"[(hash >> shift) & 15];
    return out;
}

void rename(Writing& to, const std::string& name) {
    if (name.empty() || is_legal(name) || to.renamed.contains(name)) return;
    auto legal = legal_name(name);
    to.memo.tool_names[legal] = name;
    to.renamed.emplace(name, std::move(legal));
}

void write_function(Writing& to, const Tool& tool) {
    to.json.begin_object().member("name", to.tool_name(tool.name));
    if (tool.has_description || !tool.description.empty()) to.json.member("description", tool.description);
    to.raw_if("parameters", tool.parameters);
    const bool relaxed = openai::is_too_loose(to.conversation, tool);
    if (relaxed) to.note("tools.function.strict", "false");
    if (tool.strict) to.json.bool_member("strict", *tool.strict && !relaxed);
    if (to.same_format) to.unknown(tool.unknown, "function.");
    to.json.end_object();
}

void write_custom(Writing& to, const Tool& tool) {
    to.json.begin_object().member("name", to.tool_name(tool.name));
    if (tool.has_description || !tool.description.empty()) to.json.member("description", tool.description);
    to.raw_if("format", tool.format);
    if (to.same_format) to.unknown(tool.unknown, "custom.");
    to.json.end_object();
}

void write_tool(Writing& to, const Tool& tool) {
    if (tool.kind == Tool::Kind::provider) {
        to.json.raw(tool.opaque);
        return;
    }
    const bool custom = tool.kind == Tool::Kind::custom;
    const std::string_view type = custom ? "custom" : "function";
    to.json.begin_object().member("type", type).key(type);
    if (custom)
        write_custom(to, tool);
    else
        write_function(to, tool);
    if (to.same_format) {
        to.raw_if("cache_control", tool.cache_control);
        to.unknown(tool.unknown);
    }
    to.json.end_object();
}

bool is_sent(const Writing& to, const Tool& tool) { return tool.kind != Tool::Kind::provider || to.same_format; }

bool any_sent(const Writing& to) {
    return std::any_of(to.conversation.tools.begin(), to.conversation.tools.end(), [&](const Tool& tool) { return is_sent(to, tool); });
}

bool is_custom(const Writing& to, const std::string& name) {
    return std::any_of(to.conversation.tools.begin(), to.conversation.tools.end(),
                       [&](const Tool& tool) { return tool.kind == Tool::Kind::custom && tool.name == name; });
}

void write_named(Writing& to, const std::string& name, bool custom) {
    const std::string_view type = custom ? "custom" : "function";
    to.json.begin_object().member("type", type).key(type).begin_object().member("name", to.tool_name(name)).end_object().end_object();
}

void write_allowed(Writing& to, const ToolChoice& choice) {
    to.json.begin_object().member("type", "allowed_tools").key("allowed_tools").begin_object();
    to.json.member("mode", choice.allowed_required ? "required" : "auto").key("tools").begin_array();
    for (const auto& name : choice.names) write_named(to, name, is_custom(to, name));
    to.json.end_array().end_object().end_object();
}

}  // namespace

void choose_tool_names(Writing& to) {
    if (to.same_format) return;
    for (const auto& tool : to.conversation.tools)
        if (tool.kind != Tool::Kind::provider) rename(to, tool.name);
    for (const auto& turn : to.conversation.turns)
        for (const auto& part : turn.parts)
            if (const auto* call = std::get_if<ToolCallPart>(&part)) rename(to, call->name);
}

bool write_tools(Writing& to) {
    const auto& conversation = to.conversation;
    if (auto bound = to.same_format ? std::nullopt : bound_tool(conversation, Origin::unknown)) return to.refuse(bound->param, bound->message);
    for (const auto& tool : conversation.tools)
        if (!is_sent(to, tool)) to.note("tools." + tool.name);
    if (!any_sent(to)) return true;  // OpenAI refuses an empty list
    to.json.key(conversation.legacy_functions ? "functions" : "tools").begin_array();
    for (const auto& tool : conversation.tools) {
        if (!is_sent(to, tool)) continue;
        if (conversation.legacy_functions)
            write_function(to, tool);
        else
            write_tool(to, tool);
    }
    to.json.end_array();
    return true;
}

void write_tool_choice(Writing& to) {
    using Mode = ToolChoice::Mode;
    const auto& conversation = to.conversation;
    if (!any_sent(to)) return;  // `tool_choice` without tools is refused
    if (conversation.parallel_tool_calls) to.json.bool_member("parallel_tool_calls", *conversation.parallel_tool_calls);
    if (!conversation.tool_choice) return;
    const auto& choice = *conversation.tool_choice;
    to.json.key(choice.legacy ? "function_call" : "tool_choice");
    switch (choice.mode) {
        case Mode::automatic: to.json.string("auto"); return;
        case Mode::none: to.json.string("none"); return;
        case Mode::required: to.json.string("required"); return;
        case Mode::allowed: write_allowed(to, choice); return;
        case Mode::named: break;
    }
    const auto name = choice.names.empty() ? std::string() : choice.names.front();
    if (choice.legacy)
        to.json.begin_object().member("name", to.tool_name(name)).end_object();
    else
        write_named(to, name, choice.custom || is_custom(to, name));
}

void write_response_format(Writing& to) {
    if (!to.conversation.response_format) return;
    const auto& format = *to.conversation.response_format;
    if (format.kind == ResponseFormat::Kind::text && !to.same_format) return;
    to.json.key("response_format").begin_object();
    switch (format.kind) {
        case ResponseFormat::Kind::text: to.json.member("type", "text"); break;
        case ResponseFormat::Kind::json_object: to.json.member("type", "json_object"); break;
        case ResponseFormat::Kind::json_schema:
            to.json.member("type", "json_schema").key("json_schema").begin_object();
            to.json.member("name", format.name.empty() ? "output" : std::string_view(format.name));
            to.text_if("description", format.description);
            to.raw_if("schema", format.schema);
            // Other formats' schemas need not follow the rules of strict mode, and say nothing of it.
            if (format.strict || !to.same_format) to.json.bool_member("strict", format.strict.value_or(false));
            to.json.end_object();
            break;
    }
    to.json.end_object();
}

}  // namespace smg::codec::chat
