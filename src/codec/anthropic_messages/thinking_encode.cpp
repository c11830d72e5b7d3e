#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/ascii.hpp"
#include "codec/anthropic_messages/request_encode.hpp"
#include "codec/anthropic_messages/schema.hpp"

namespace smg::codec::messages {
namespace {

using Thinking = ModelCapabilities::Thinking;
using Mode = ThinkingPlan::Mode;

constexpr std::uint64_t smallest_budget = 1024;
/// Anthropic's SDKs refuse unary calls that may take longer than ten minutes; a default must stay below.
constexpr std::uint64_t unary_default = 20000;

std::uint64_t budget_of(std::string_view effort) {
    if (effort == "minimal") return 1024;
    if (effort == "low") return 2048;
    if (effort == "medium") return 8192;
    if (effort == "high") return 16384;
    return 32768;  // xhigh, max
}

/// Chat's word in the model's vocabulary.
std::string model_effort(const ModelCapabilities& can, std::string_view effort) {
    const auto accepted = [&](std::string_view word) {
        return can.efforts.empty() ? word != "xhigh" : std::find(can.efforts.begin(), can.efforts.end(), word) != can.efforts.end();
    };
    if (effort == "minimal" || effort == "none") effort = "low";
    if (accepted(effort)) return std::string(effort);
    if (effort == "xhigh" && accepted("max")) return "max";
    for (const auto* word : {"high", "medium", "low"})
        if (accepted(word)) return word;
    return std::string(effort);
}

/// The effort that Gemini's `thinkingConfig` stands for; empty when it leaves the choice to the model.
std::string effort_of_gemini(const RawJson& thinking) {
    JsonTree tree;
    const auto config = tree.parse(thinking);
    if (!config) return {};
    for (const auto* name : {"thinkingLevel", "thinking_level"})
        if ((*config)[name].is_string()) return ascii_lower((*config)[name].text());
    for (const auto* name : {"thinkingBudget", "thinking_budget"}) {
        const auto budget = (*config)[name].integer();
        if (!budget || *budget < 0) continue;
        if (*budget == 0) return "none";
        if (*budget < 4096) return "low";
        if (*budget < 12288) return "medium";
        return *budget < 32768 ? "high" : "xhigh";
    }
    return {};
}

std::string wanted_effort(const Conversation& conversation) {
    if (!conversation.reasoning_effort.empty()) return conversation.reasoning_effort;
    if (conversation.thinking_origin == Origin::gemini) return effort_of_gemini(conversation.thinking);
    return {};
}

/// The API wants each step of a tool loop that thinks by hand to begin with its signed thinking. Other clients cannot always keep it.
bool misses_signed_thinking(const Layout& layout) {
    const auto last = std::find_if(layout.messages.rbegin(), layout.messages.rend(), [](const Message& m) { return m.role == Role::assistant; });
    if (last == layout.messages.rend()) return false;
    const auto is_call = [](const Block& block) { return block.part && std::holds_alternative<ToolCallPart>(*block.part); };
    if (std::none_of(last->blocks.begin(), last->blocks.end(), is_call)) return false;
    const auto* first = last->blocks.front().part;
    return !first || !std::holds_alternative<ReasoningPart>(*first);
}

/// The client's limit, within the model's.
bool read_limit(Writing& to, ThinkingPlan& plan) {
    const auto cap = to.can.max_output_tokens;
    const auto& text = to.conversation.max_tokens;
    if (text.empty()) {
        plan.max_tokens = to.conversation.stream ? cap : std::min(cap, unary_default);
        return true;
    }
    // As a double: some clients spell it `100.0`.
    double limit = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (code != std::errc() || end != text.data() + text.size() || std::trunc(limit) != limit || limit < 1)
        return to.refuse(to.setting("max_tokens"), "Invalid '" + to.setting("max_tokens") + "': expected an integer of at least 1.");
    plan.max_tokens = limit < static_cast<double>(cap) ? static_cast<std::uint64_t>(limit) : cap;
    if (limit > static_cast<double>(cap)) { to.note(to.setting("max_tokens") + "=" + std::to_string(cap)); }
    return true;
}

void plan_manual(Writing& to, std::string_view effort, ThinkingPlan& plan) {
    auto budget = budget_of(effort);
    if (to.can.thinking_budget_max != 0) budget = std::min(budget, to.can.thinking_budget_max);
    budget = std::max({budget, to.can.thinking_budget_min, smallest_budget});
    if (to.conversation.max_tokens.empty()) plan.max_tokens = std::min(plan.max_tokens + budget, to.can.max_output_tokens);
    if (plan.max_tokens <= smallest_budget) return to.note(to.setting("reasoning_effort"));  // no room to think and to answer
    plan.mode = Mode::manual;
    plan.budget = std::min(budget, plan.max_tokens - 1);
}

}  // namespace

bool plan_thinking(Writing& to, const Layout& layout, const ToolPlan& tools, ThinkingPlan& plan) {
    if (!read_limit(to, plan)) return false;
    const auto effort = wanted_effort(to.conversation);
    if (effort.empty()) return true;
    const auto field = to.setting("reasoning_effort");
    if (!is_one_of(effort, {"none", "minimal", "low", "medium", "high", "xhigh", "max"}))
        return to.refuse(field, "Invalid value: '" + effort + "'. Supported values are: 'none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'.");
    if (to.can.thinking == Thinking::adaptive) {
        if (effort == "none" && to.can.thinking_can_be_disabled) {
            plan.mode = Mode::disabled;
            return true;
        }
        if (effort != "none") plan.mode = Mode::adaptive;
        plan.effort = model_effort(to.can, effort);
        if (plan.effort != effort) to.note(field + "=" + plan.effort);
    } else if (effort != "none") {
        // With unknown models a setting too many is an error, one too few is not.
        if (to.can.thinking != Thinking::manual || tools.forced() || misses_signed_thinking(layout))
            to.note(field);
        else
            plan_manual(to, effort, plan);
    }
    return true;
}

void write_thinking(Writing& to, const ThinkingPlan& plan, const ToolPlan& tools) {
    if (plan.mode != Mode::unsaid) {
        to.json.key("thinking").begin_object();
        if (plan.mode == Mode::disabled) to.json.member("type", "disabled");
        if (plan.mode == Mode::manual) to.json.member("type", "enabled").number_member("budget_tokens", plan.budget);
        if (plan.mode == Mode::adaptive) {
            to.json.member("type", "adaptive");
            // The newest models leave the text out unless they are asked for it.
            if (to.conversation.include_reasoning_text) to.json.member("display", "summarized");
        }
        to.json.end_object();
    }
    if (plan.effort.empty() && !tools.native_format) return;
    to.json.key("output_config").begin_object();
    if (!plan.effort.empty()) to.json.member("effort", plan.effort);
    if (tools.native_format) {
        const auto schema = output_schema(to.conversation.response_format->schema);
        if (schema.closed_map) to.note(to.setting("response_format"));
        to.json.key("format").begin_object().member("type", "json_schema").raw_member("schema", schema.json).end_object();
    }
    to.json.end_object();
}

}  // namespace smg::codec::messages
