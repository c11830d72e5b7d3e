#include <algorithm>

#include "codec/anthropic_messages/request_encode.hpp"
#include "codec/json_tree.hpp"

namespace smg::codec::messages {
namespace {

/// What another provider's reasoning became when it went through this client: Anthropic would take it for forged.
bool is_foreign(const Part& part) {
    const auto* reasoning = std::get_if<ReasoningPart>(&part);
    return reasoning && reasoning->origin != Origin::anthropic;
}

bool is_only_foreign(const Turn& turn) { return !turn.parts.empty() && std::all_of(turn.parts.begin(), turn.parts.end(), is_foreign); }

bool write_turn_content(Writing& to, const Turn& turn, std::size_t index) {
    if (turn.content_is_string && turn.parts.size() == 1) {
        to.json.string(std::get<TextPart>(turn.parts.front()).text);
        return true;
    }
    to.json.begin_array();
    for (std::size_t i = 0; i < turn.parts.size(); ++i) {
        if (is_foreign(turn.parts[i])) continue;
        Block block;
        block.part = &turn.parts[i];
        block.turn = index;
        block.index = i;
        if (!write_block(to, block)) return false;
    }
    to.json.end_array();
    return true;
}

bool write_turns(Writing& to) {
    const auto& turns = to.conversation.turns;
    std::size_t index = 0;
    if (!turns.empty() && turns.front().role == Role::system) {
        to.json.key("system");
        if (!write_turn_content(to, turns.front(), index++)) return false;
    }
    to.json.key("messages").begin_array();
    for (; index < turns.size(); ++index) {
        const auto& turn = turns[index];
        if (is_only_foreign(turn)) continue;
        to.json.begin_object();
        to.json.member("role", turn.role == Role::assistant ? "assistant" : turn.role == Role::system ? "system" : "user").key("content");
        if (!write_turn_content(to, turn, index)) return false;
        to.unknown(turn.unknown);
        to.json.end_object();
    }
    to.json.end_array();
    return true;
}

/// Thinking with a budget wants the step before a tool's result to begin with thinking that Anthropic signed. Where another provider gave
/// that step, this call has to do without.
bool lost_its_thinking(const Conversation& conversation) {
    const auto& turns = conversation.turns;
    const auto last = std::find_if(turns.rbegin(), turns.rend(), [](const Turn& turn) { return turn.role == Role::assistant; });
    if (last == turns.rend()) return false;
    const auto is_call = [](const Part& part) { return std::holds_alternative<ToolCallPart>(part); };
    if (std::none_of(last->parts.begin(), last->parts.end(), is_call)) return false;
    const auto first = std::find_if_not(last->parts.begin(), last->parts.end(), is_foreign);
    return std::any_of(turns.begin(), turns.end(), [](const Turn& turn) { return std::any_of(turn.parts.begin(), turn.parts.end(), is_foreign); }) &&
           !std::holds_alternative<ReasoningPart>(*first);
}

void write_thinking_back(Writing& to) {
    JsonTree tree;
    const auto settings = tree.parse(to.conversation.thinking);
    if (settings && (*settings)["type"].text() == "enabled" && lost_its_thinking(to.conversation)) {
        to.json.raw_member("thinking", R"({"type":"disabled"})");
        to.note("thinking");
    } else {
        to.raw_if("thinking", to.conversation.thinking);
    }
}

void write_tools_back(Writing& to) {
    const auto& tools = to.conversation.tools;
    if (tools.empty()) return;
    to.json.key("tools").begin_array();
    for (const auto& tool : tools) {
        if (!tool.opaque.empty()) {
            to.json.raw(tool.opaque);
            continue;
        }
        to.json.begin_object().member("name", tool.name);
        if (tool.has_description) to.json.member("description", tool.description);
        to.json.raw_member("input_schema", tool.parameters);
        if (tool.strict) to.json.bool_member("strict", *tool.strict);
        to.raw_if("cache_control", tool.cache_control);
        to.unknown(tool.unknown);
        to.json.end_object();
    }
    to.json.end_array();
}

void write_choice_back(Writing& to) {
    const auto& conversation = to.conversation;
    if (!conversation.tool_choice) return;
    const auto& choice = *conversation.tool_choice;
    std::string_view type = "auto";
    if (choice.mode == ToolChoice::Mode::none) type = "none";
    if (choice.mode == ToolChoice::Mode::required) type = "any";
    if (choice.mode == ToolChoice::Mode::named) type = "tool";
    to.json.key("tool_choice").begin_object().member("type", type);
    if (type == "tool") to.json.member("name", choice.names.front());
    if (conversation.parallel_tool_calls) to.json.bool_member("disable_parallel_tool_use", !*conversation.parallel_tool_calls);
    to.unknown(conversation.unknown, "tool_choice.");
    to.json.end_object();
}

void write_output_config_back(Writing& to) {
    const auto& conversation = to.conversation;
    const auto& format = conversation.response_format;
    if (conversation.reasoning_effort.empty() && !format && !to.has_unknown(conversation.unknown, "output_config.")) return;
    to.json.key("output_config").begin_object();
    if (!conversation.reasoning_effort.empty()) to.json.member("effort", conversation.reasoning_effort);
    if (format) {
        to.json.key("format").begin_object().member("type", "json_schema").raw_member("schema", format->schema);
        to.unknown(conversation.unknown, "output_config.format.");
        to.json.end_object();
    }
    to.unknown(conversation.unknown, "output_config.");
    to.json.end_object();
}

void write_metadata_back(Writing& to) {
    const auto& conversation = to.conversation;
    if (conversation.user.empty() && !to.has_unknown(conversation.unknown, "metadata.")) return;
    to.json.key("metadata").begin_object();
    if (!conversation.user.empty()) to.json.member("user_id", conversation.user);
    to.unknown(conversation.unknown, "metadata.");
    to.json.end_object();
}

void write_stop_back(Writing& to) {
    if (to.conversation.stop.empty()) return;
    to.json.key("stop_sequences").begin_array();
    for (const auto& stop : to.conversation.stop) to.json.string(stop);
    to.json.end_array();
}

}  // namespace

bool write_back(Writing& to) {
    const auto& conversation = to.conversation;
    to.json.begin_object().member("model", to.target.model.empty() ? conversation.model : to.target.model);
    to.raw_if("max_tokens", conversation.max_tokens);
    if (!write_turns(to)) return false;
    write_tools_back(to);
    write_choice_back(to);
    write_stop_back(to);
    to.raw_if("temperature", conversation.temperature);
    to.raw_if("top_p", conversation.top_p);
    to.raw_if("top_k", conversation.top_k);
    write_thinking_back(to);
    write_output_config_back(to);
    write_metadata_back(to);
    if (!conversation.service_tier.empty())
        to.json.member("service_tier", conversation.service_tier == "default" ? "standard_only" : conversation.service_tier);
    to.raw_if("cache_control", conversation.cache_control);
    if (conversation.stream) to.json.bool_member("stream", true);
    to.unknown(conversation.unknown);
    to.json.end_object();
    return true;
}

}  // namespace smg::codec::messages
