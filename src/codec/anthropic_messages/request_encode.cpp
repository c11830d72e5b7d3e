#include "codec/anthropic_messages/request_encode.hpp"

#include "codec/expected_size.hpp"

namespace smg::codec::messages {
namespace {

bool write_system(Writing& to, const Layout& layout, const std::string& instruction) {
    if (layout.system.empty() && instruction.empty()) return true;
    to.json.key("system").begin_array();
    for (const auto& block : layout.system)
        if (!write_block(to, block)) return false;
    if (!instruction.empty()) to.json.begin_object().member("type", "text").member("text", instruction).end_object();
    to.json.end_array();
    return true;
}

std::string_view role_name(Role role) {
    if (role == Role::assistant) return "assistant";
    return role == Role::system ? "system" : "user";
}

bool write_messages(Writing& to, const Layout& layout) {
    to.json.key("messages").begin_array();
    for (const auto& message : layout.messages) {
        to.json.begin_object().member("role", role_name(message.role)).key("content").begin_array();
        for (const auto& block : message.blocks)
            if (!write_block(to, block)) return false;
        to.json.end_array().end_object();
    }
    to.json.end_array();
    return true;
}

/// Everything is decided before the first byte is written: settings hang on each other.
bool write_translated(Writing& to) {
    Layout layout;
    ToolPlan tools;
    ThinkingPlan thinking;
    if (!check_settings(to) || !lay_out(to, layout) || !plan_tools(to, layout, tools) || !plan_thinking(to, layout, tools, thinking)) return false;
    to.json.begin_object().member("model", to.target.model).number_member("max_tokens", thinking.max_tokens);
    if (!write_system(to, layout, tools.instruction) || !write_messages(to, layout) || !write_tools(to, tools)) return false;
    write_sampling(to, thinking);
    write_thinking(to, thinking, tools);
    write_identity(to);
    if (to.conversation.stream) to.json.bool_member("stream", true);
    to.json.end_object();
    return true;
}

/// `temperature=1` is about `temperature`.
Error strict_error(const std::string& adjustment) {
    const auto name = adjustment.substr(0, adjustment.find('='));
    return Error(Failure::invalid_request, "'" + name + "' cannot be carried to this provider as it is, and strict parameters were asked for.", name);
}

}  // namespace

Result<EncodedRequest> encode_request(const Conversation& conversation, const Target& target) {
    EncodedRequest out;
    out.body.reserve(expected_size(conversation));
    Writing to(conversation, target, out.body);
    to.memo.legacy_functions = conversation.legacy_functions;
    if (!(to.same_format ? write_back(to) : write_translated(to))) return tl::unexpected<Error>(std::move(*to.error));
    if (target.strict && !to.adjustments.empty()) return tl::unexpected<Error>(strict_error(to.adjustments.names().front()));
    out.adjustments = std::move(to.adjustments);
    out.memo = std::move(to.memo);
    return out;
}

}  // namespace smg::codec::messages
