#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "codec/json_tree.hpp"
#include "codec/openai_common/model_family.hpp"
#include "codec/openai_chat/request_encode.hpp"

namespace smg::codec::chat {
namespace {

constexpr std::array<std::string_view, 7> effort_words{"none", "minimal", "low", "medium", "high", "xhigh", "max"};

bool accepts(const ModelCapabilities& can, std::string_view effort) {
    return std::find(can.efforts.begin(), can.efforts.end(), effort) != can.efforts.end();
}

/// The accepted word nearest to the one asked for, the weaker of two equally near.
std::string nearest(const ModelCapabilities& can, const std::string& effort) {
    const auto wanted = std::find(effort_words.begin(), effort_words.end(), effort) - effort_words.begin();
    if (can.efforts.empty() || accepts(can, effort) || wanted == static_cast<std::ptrdiff_t>(effort_words.size())) return effort;
    for (std::ptrdiff_t step = 1; step < static_cast<std::ptrdiff_t>(effort_words.size()); ++step)
        for (const auto at : {wanted - step, wanted + step})
            if (at >= 0 && at < static_cast<std::ptrdiff_t>(effort_words.size()) && accepts(can, effort_words[static_cast<std::size_t>(at)]))
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

}  // namespace

void write_effort(Writing& to) {
    const auto& conversation = to.conversation;
    const auto& can = to.target.capabilities;
    auto effort = conversation.reasoning_effort;
    if (to.same_format) return to.text_if("reasoning_effort", effort);
    if (effort.empty() && !conversation.thinking.empty()) effort = effort_of_thinking(conversation, can);
    if (effort.empty()) return;
    if (!can_reason(to.target)) {
        if (effort != "none") to.note("reasoning_effort");
        return;
    }
    const auto sent = nearest(can, effort);
    if (sent != effort) to.note("reasoning_effort", sent);
    to.text_if("reasoning_effort", sent);
}

void write_sampling(Writing& to) {
    const auto& conversation = to.conversation;
    const auto& can = to.target.capabilities;
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
    write("top_k", conversation.top_k, !to.same_format);  // an extension of vendors' engines: OpenAI refuses it
    const bool no_penalties = !to.same_format && (locked || !can.penalties);
    write("frequency_penalty", conversation.frequency_penalty, no_penalties);
    write("presence_penalty", conversation.presence_penalty, no_penalties);
    write("seed", conversation.seed, false);
    write("n", conversation.n, false);
    if (conversation.logprobs) to.json.bool_member("logprobs", *conversation.logprobs);
    write("top_logprobs", conversation.top_logprobs, false);
}

}  // namespace smg::codec::chat
