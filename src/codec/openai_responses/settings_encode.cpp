#include <algorithm>
#include <array>
#include <charconv>

#include "base/ascii.hpp"
#include "codec/json_tree.hpp"
#include "codec/openai_common/model_family.hpp"
#include "codec/openai_responses/request_encode.hpp"
#include "codec/openai_responses/tool_encode.hpp"

namespace smg::codec::responses {
namespace {

constexpr std::array<std::string_view, 7> effort_words{"none", "minimal", "low", "medium", "high", "xhigh", "max"};
constexpr std::uint64_t smallest_limit = 16;

bool accepts(const ModelCapabilities& can, std::string_view effort) {
    return std::find(can.efforts.begin(), can.efforts.end(), effort) != can.efforts.end();
}

/// The accepted word nearest to the one asked for, the weaker of two equally near.
std::string nearest(const ModelCapabilities& can, const std::string& effort) {
    constexpr auto count = static_cast<std::ptrdiff_t>(effort_words.size());
    const auto wanted = std::find(effort_words.begin(), effort_words.end(), effort) - effort_words.begin();
    if (can.efforts.empty() || accepts(can, effort) || wanted == count) return effort;
    for (std::ptrdiff_t step = 1; step < count; ++step)
        for (const auto at : {wanted - step, wanted + step})
            if (at >= 0 && at < count && accepts(can, effort_words[static_cast<std::size_t>(at)]))
                return std::string(effort_words[static_cast<std::size_t>(at)]);
    return {};
}

std::string effort_of_budget(std::int64_t budget, const ModelCapabilities& can) {
    if (budget == 0) return "none";
    if (budget < 4096) return "low";
    if (budget < 12288) return "medium";
    if (budget < 32768 || !accepts(can, "xhigh")) return "high";
    return "xhigh";
}

/// The effort that other formats' thinking settings stand for; empty when they ask for the model's default.
std::string effort_of_thinking(const Conversation& conversation, const ModelCapabilities& can) {
    JsonTree tree;
    const auto settings = tree.parse(conversation.thinking);
    if (!settings) return {};
    const auto& node = *settings;
    if (conversation.thinking_origin == Origin::anthropic) {
        if (node["type"].text() == "disabled") return "none";
        const auto budget = node["budget_tokens"].integer();
        return budget ? effort_of_budget(*budget, can) : std::string();
    }
    for (const auto* name : {"thinkingLevel", "thinking_level"})
        if (node[name].is_string()) return ascii_lower(node[name].text());
    for (const auto* name : {"thinkingBudget", "thinking_budget"})
        if (const auto budget = node[name].integer(); budget && *budget >= 0) return effort_of_budget(*budget, can);
    return {};
}

bool can_reason(const Target& target) {
    using Thinking = ModelCapabilities::Thinking;
    if (target.capabilities.thinking == Thinking::none) return false;
    return target.capabilities.thinking != Thinking::unknown || !target.capabilities.efforts.empty() || is_reasoning_model(target.model);
}

bool is_one(std::string_view number) { return number == "1" || number == "1.0"; }

void write_limit(Writing& to) {
    auto limit = to.conversation.max_tokens;
    if (limit.empty()) return;
    const auto most = to.target.capabilities.max_output_tokens;
    std::uint64_t asked = 0;
    std::from_chars(limit.data(), limit.data() + limit.size(), asked);
    auto sent = asked;
    if (!to.same_format) {  // clients of other formats know other bounds
        if (most != 0) sent = std::min(sent, most);
        sent = std::max(sent, smallest_limit);
    }
    if (sent != asked) {
        limit = std::to_string(sent);
        to.note("max_tokens", limit);
    }
    to.json.raw_member("max_output_tokens", limit);
}

}  // namespace

void write_sampling(Writing& to) {
    const auto& conversation = to.conversation;
    const auto& can = to.target.capabilities;
    write_limit(to);
    const bool locked = can.sampling_locked || (!to.same_format && is_reasoning_model(to.target.model));
    const auto write = [&](std::string_view name, const NumberText& value, bool refused) {
        if (value.empty()) return;
        if (refused)
            to.note(name);
        else
            to.json.raw_member(name, value);
    };
    write("temperature", conversation.temperature, locked && !is_one(conversation.temperature));
    write("top_p", conversation.top_p, (locked && !is_one(conversation.top_p)) || (can.temperature_or_top_p && !conversation.temperature.empty()));
    to.raw_if("top_logprobs", conversation.top_logprobs);
}

void write_text(Writing& to) {
    const auto& conversation = to.conversation;
    const bool others = to.same_format && std::any_of(conversation.unknown.begin(), conversation.unknown.end(),
                                                      [](const auto& member) { return member.first.starts_with("text."); });
    const bool format = conversation.response_format && (to.same_format || conversation.response_format->kind != ResponseFormat::Kind::text);
    if (!format && !others && conversation.verbosity.empty()) return;
    to.json.key("text").begin_object();
    if (format) {
        to.json.key("format");
        write_text_format(to.json, *conversation.response_format, to.same_format);
    }
    to.text_if("verbosity", conversation.verbosity);
    if (others) write_members(to.json, conversation.unknown, "text.");
    to.json.end_object();
}

void write_reasoning(Writing& to) {
    const auto& conversation = to.conversation;
    const auto& can = to.target.capabilities;
    if (to.same_format) return to.raw_if("reasoning", conversation.thinking);
    auto effort = conversation.reasoning_effort;
    const bool asked = !effort.empty() || !conversation.thinking.empty();
    if (effort.empty() && !conversation.thinking.empty()) effort = effort_of_thinking(conversation, can);
    if (!asked) return;
    if (!can_reason(to.target)) {
        if (!effort.empty() && effort != "none") to.note("reasoning_effort");
        return;
    }
    const auto sent = nearest(can, effort);
    if (sent != effort) to.note("reasoning_effort", sent);
    // OpenAI tells of its thoughts in summaries, and only when asked for them.
    const bool summary = conversation.include_reasoning_text && effort != "none";
    if (sent.empty() && !summary) return;
    to.json.key("reasoning").begin_object();
    to.text_if("effort", sent);
    if (summary) to.json.member("summary", "auto");
    to.json.end_object();
}

}  // namespace smg::codec::responses
