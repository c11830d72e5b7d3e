#include <algorithm>

#include "codec/gemini/part_encode.hpp"
#include "codec/gemini/request_encode.hpp"
#include "codec/json_tree.hpp"

namespace smg::codec::google {
namespace {

constexpr std::size_t longest_name = 64;  // 128 in the newest reference, 64 in what all models take
constexpr std::string_view custom_schema = R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"]})";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_allowed(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.'; }

bool is_legal(std::string_view name) {
    return !name.empty() && name.size() <= longest_name && (is_letter(name[0]) || name[0] == '_') &&
           std::all_of(name.begin(), name.end(), is_allowed);
}

/// A legal name that stays readable and differs for different originals.
std::string legal_name(std::string_view name) {
    std::uint32_t hash = 0x811c9dc5;  // FNV-1a
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193U;
    std::string out = "_";
    out += name.substr(0, longest_name - 10);
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

/// A schema that says nothing is left out: a function without parameters has none.
bool is_empty_schema(const RawJson& schema) {
    if (schema.size() > 16 || schema.empty()) return schema.empty();
    JsonTree tree;
    const auto parsed = tree.parse(schema);
    return parsed && parsed->size() == 0;
}

bool has_grammar(const Tool& tool) {
    JsonTree tree;
    const auto parsed = tree.parse(tool.format);
    return parsed && (*parsed)["type"].text() == "grammar";
}

void write_function(Writing& to, const Tool& tool) {
    auto& json = to.json;
    json.begin_object().member("name", to.tool_name(tool.name));
    if (tool.has_description || !tool.description.empty()) json.member("description", tool.description);
    const bool dialect =
        to.same_format && std::any_of(tool.unknown.begin(), tool.unknown.end(), [](const auto& kept) { return kept.first == "parameters"; });
    if (!dialect && (to.same_format ? !tool.parameters.empty() : !is_empty_schema(tool.parameters)))
        json.raw_member("parametersJsonSchema", tool.parameters);
    if (to.same_format) write_unknown(json, tool.unknown);
    json.end_object();
}

/// A custom tool travels as a function of one text; a grammar can only be described.
void write_custom(Writing& to, const Tool& tool) {
    auto description = tool.description;
    if (has_grammar(tool)) {
        description += description.empty() ? "" : "\n\n";
        description += "The input must follow this grammar: " + tool.format;
        to.note("tools.custom.format");
    }
    to.memo.custom_tools.insert(tool.name);
    to.json.begin_object().member("name", to.tool_name(tool.name));
    if (!description.empty()) to.json.member("description", description);
    to.json.raw_member("parametersJsonSchema", custom_schema).end_object();
}

bool is_declared(const Tool& tool) { return tool.kind != Tool::Kind::provider; }
bool is_sent(const Tool& tool) { return is_declared(tool) || tool.origin == Origin::gemini; }

/// Strictness is not asked for per tool here; it is named once, not for each of a hundred tools.
void note_strict(Writing& to) {
    const auto& tools = to.conversation.tools;
    if (std::any_of(tools.begin(), tools.end(), [](const Tool& tool) { return tool.strict.value_or(false); })) to.note("tools.function.strict");
}

void write_names(Writing& to, const std::vector<std::string>& names) {
    to.json.key("allowedFunctionNames").begin_array();
    for (const auto& name : names) to.json.string(to.tool_name(name));
    to.json.end_array();
}

void write_calling_config(Writing& to, const ToolChoice& choice, bool has_mode) {
    using Mode = ToolChoice::Mode;
    std::string_view mode = "AUTO";
    if (choice.mode == Mode::none)
        mode = "NONE";
    else if (choice.mode == Mode::required || choice.mode == Mode::named)
        mode = "ANY";
    else if (choice.mode == Mode::allowed)
        mode = choice.allowed_required ? "ANY" : "VALIDATED";
    if (!has_mode) to.json.member("mode", mode);
    if ((choice.mode == Mode::named || choice.mode == Mode::allowed || to.same_format) && !choice.names.empty()) write_names(to, choice.names);
}

bool has_prefix(const Members& members, std::string_view prefix) {
    return std::any_of(members.begin(), members.end(), [&](const auto& kept) { return std::string_view(kept.first).starts_with(prefix); });
}

/// A Gemini client's own: with what the conversation has no name for.
void write_own_config(Writing& to) {
    constexpr std::string_view outer = "toolConfig.", inner = "toolConfig.functionCallingConfig.", mode = "toolConfig.functionCallingConfig.mode";
    const auto& conversation = to.conversation;
    if (!conversation.tool_choice && !has_prefix(conversation.unknown, outer)) return;
    to.json.key("toolConfig").begin_object();
    if (conversation.tool_choice || has_prefix(conversation.unknown, inner)) {
        to.json.key("functionCallingConfig").begin_object();
        if (conversation.tool_choice) write_calling_config(to, *conversation.tool_choice, has_prefix(conversation.unknown, mode));
        write_unknown(to.json, conversation.unknown, inner);
        to.json.end_object();
    }
    write_unknown(to.json, conversation.unknown, outer);
    to.json.end_object();
}

}  // namespace

void choose_tool_names(Writing& to) {
    if (to.same_format) return;
    for (const auto& tool : to.conversation.tools)
        if (is_declared(tool)) rename(to, tool.name);
    for (const auto& turn : to.conversation.turns) {
        for (const auto& part : turn.parts) {
            if (const auto* call = std::get_if<ToolCallPart>(&part))
                rename(to, call->name);
            else if (const auto* result = std::get_if<ToolResultPart>(&part))
                rename(to, result->name);
        }
    }
}

void write_tools(Writing& to) {
    const auto& tools = to.conversation.tools;
    for (const auto& tool : tools)
        if (!is_sent(tool)) to.note("tools." + tool.name);
    note_strict(to);
    if (std::none_of(tools.begin(), tools.end(), is_sent)) return;
    to.json.key("tools").begin_array();
    if (std::any_of(tools.begin(), tools.end(), is_declared)) {
        to.json.begin_object().key("functionDeclarations").begin_array();
        for (const auto& tool : tools) {
            if (tool.kind == Tool::Kind::function)
                write_function(to, tool);
            else if (tool.kind == Tool::Kind::custom)
                write_custom(to, tool);
        }
        to.json.end_array().end_object();
    }
    for (const auto& tool : tools)
        if (is_sent(tool) && !is_declared(tool)) to.json.raw(tool.opaque);
    to.json.end_array();
}

void write_tool_config(Writing& to) {
    const auto& conversation = to.conversation;
    if (to.same_format) return write_own_config(to);
    if (conversation.parallel_tool_calls && !*conversation.parallel_tool_calls) to.note("parallel_tool_calls");
    if (!conversation.tool_choice || std::none_of(conversation.tools.begin(), conversation.tools.end(), is_declared)) return;
    to.json.key("toolConfig").begin_object().key("functionCallingConfig").begin_object();
    write_calling_config(to, *conversation.tool_choice, false);
    to.json.end_object().end_object();
}

}  // namespace smg::codec::google
