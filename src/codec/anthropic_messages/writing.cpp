#include <algorithm>

#include "codec/anthropic_messages/request_encode.hpp"
#include "codec/anthropic_messages/wire_names.hpp"
#include "codec/cache_marks.hpp"
#include "codec/setting_names.hpp"

namespace smg::codec::messages {
namespace {

/// The limit of a model that nobody told us about; no current model refuses it.
constexpr std::uint64_t unknown_limit = 32000;

/// `prompt_cache_retention: "24h"` of Chat asks for the longer of Anthropic's two lifetimes.
std::string_view cache_mark_of(const Conversation& conversation) {
    for (const auto& [name, json] : conversation.unknown)
        if (name == "prompt_cache_retention" && json == "\"24h\"") return R"({"type":"ephemeral","ttl":"1h"})";
    return R"({"type":"ephemeral"})";
}

}  // namespace

Writing::Writing(const Conversation& from, const Target& to, std::string& body)
    : conversation(from), target(to), can(to.capabilities), same_format(from.format == format_name), cache_mark(cache_mark_of(from)), json(body) {
    if (!same_format) breakpoints = breakpoints_that_fit(from);
    if (can.max_output_tokens == 0) can.max_output_tokens = unknown_limit;
}

bool Writing::refuse(const std::string& field, const std::string& message) {
    if (!error) error.emplace(Failure::invalid_request, message, field);
    return false;
}

void Writing::note(const std::string& what) {
    const auto& names = adjustments.names();
    if (std::find(names.begin(), names.end(), what) == names.end()) adjustments.note(what);
}

std::string Writing::tool_name(const std::string& name) {
    if (same_format) return name;
    auto legal = legal_tool_name(name);
    if (legal != name) memo.tool_names.emplace(legal, name);
    return legal;
}

std::string Writing::setting(std::string_view chat_name) const { return client_setting(conversation, chat_name); }

void Writing::unknown(const Members& members, std::string_view prefix) {
    for (const auto& [name, value] : members) {
        if (!std::string_view(name).starts_with(prefix)) continue;
        const auto rest = std::string_view(name).substr(prefix.size());
        if (rest.find('.') == std::string_view::npos) json.raw_member(rest, value);
    }
}

bool Writing::has_unknown(const Members& members, std::string_view prefix) const {
    return std::any_of(members.begin(), members.end(), [&](const auto& member) { return std::string_view(member.first).starts_with(prefix); });
}

}  // namespace smg::codec::messages
