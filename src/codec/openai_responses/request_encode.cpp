#include "codec/openai_responses/request_encode.hpp"
#include "codec/expected_size.hpp"

#include <algorithm>

#include "codec/openai_common/strict_mode.hpp"
#include "codec/openai_responses/tool_encode.hpp"
#include "codec/provider_tool.hpp"

namespace smg::codec::responses {
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

/// Hosted tools are OpenAI's own; another provider's cannot run here.
bool is_sent(const Writing& to, const Tool& tool) { return tool.kind != Tool::Kind::provider || (to.same_format && tool.origin == Origin::openai); }

void write_sent(Writing& to, const Tool& tool) {
    if (!openai::is_too_loose(to.conversation, tool)) return write_tool(to.json, tool, to.tool_name(tool.name), to.same_format);
    auto relaxed = tool;
    relaxed.strict = false;
    to.note("tools.function.strict", "false");
    write_tool(to.json, relaxed, to.tool_name(tool.name), to.same_format);
}

const RawJson* kept_choice(const Writing& to) {
    for (const auto& [name, value] : to.conversation.unknown)
        if (to.same_format && name == "tool_choice") return &value;
    return nullptr;
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
    if (auto bound = bound_tool(conversation, to.same_format ? Origin::openai : Origin::unknown)) return to.refuse(bound->param, bound->message);
    std::vector<const Tool*> sent;
    for (const auto& tool : conversation.tools) {
        if (is_sent(to, tool))
            sent.push_back(&tool);
        else
            to.note("tools." + tool.name);
    }
    if (sent.empty()) return true;  // a choice without tools is refused
    to.json.key("tools").begin_array();
    for (const auto* tool : sent) write_sent(to, *tool);
    to.json.end_array();
    if (conversation.parallel_tool_calls) to.json.bool_member("parallel_tool_calls", *conversation.parallel_tool_calls);
    if (kept_choice(to) || !conversation.tool_choice) return true;
    to.json.key("tool_choice");
    write_tool_choice(to.json, conversation, *conversation.tool_choice,
                      [&](const std::string& name) -> const std::string& { return to.tool_name(name); });
    return true;
}

Result<EncodedRequest> encode_request(const Conversation& conversation, const Target& target) {
    EncodedRequest out;
    out.body.reserve(expected_size(conversation));
    Writing to(conversation, target, out.body);
    choose_tool_names(to);
    to.json.begin_object().member("model", target.model);
    if (!write_input(to) || !write_tools(to)) return tl::unexpected<Error>(std::move(*to.error));
    write_sampling(to);
    write_text(to);
    write_reasoning(to);
    if (!write_handling(to)) return tl::unexpected<Error>(std::move(*to.error));
    to.json.end_object();
    if (target.strict && !to.adjustments.empty()) {
        const auto& name = to.adjustments.names().front();
        return fail(Failure::invalid_request, "'" + name + "' cannot be carried to this model's provider unchanged.", name.substr(0, name.find('=')));
    }
    out.adjustments = std::move(to.adjustments);
    out.memo = std::move(to.memo);
    out.memo.legacy_functions = conversation.legacy_functions;
    return out;
}

}  // namespace smg::codec::responses
