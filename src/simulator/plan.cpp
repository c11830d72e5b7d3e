#include "simulator/plan.hpp"

#include <algorithm>

#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

constexpr std::size_t echo_limit = 2000;

bool wants_parallel(const Prompt& prompt) { return prompt.parallel && contains_word(prompt.user_text, "parallel"); }

std::vector<const OfferedTool*> usable_tools(const Prompt& prompt) {
    std::vector<const OfferedTool*> usable;
    for (const auto& tool : prompt.tools)
        if (prompt.only_tools.empty() || std::find(prompt.only_tools.begin(), prompt.only_tools.end(), tool.name) != prompt.only_tools.end())
            usable.push_back(&tool);
    // The one that the prompt is about comes first.
    std::stable_partition(usable.begin(), usable.end(), [](const OfferedTool* tool) { return contains_word(tool->name, "weather"); });
    return usable;
}

PlannedCall call_of(const OfferedTool& tool, std::size_t variant, const Prompt& prompt) {
    if (tool.custom) return {tool.name, Json("input " + std::to_string(variant + 1)), true};
    auto arguments = tool.schema.is_object() ? example_of(tool.schema, variant, prompt.user_text) : Json::object();
    if (!arguments.is_object()) arguments = Json::object();
    return {tool.name, std::move(arguments), false};
}

/// The calls that the prompt asks for; none when it is to be answered in text.
std::vector<PlannedCall> planned_calls(const Prompt& prompt) {
    const auto usable = usable_tools(prompt);
    if (usable.empty() || prompt.choice == ToolChoice::none || !prompt.results.empty()) return {};
    const bool parallel = wants_parallel(prompt);
    if (prompt.choice == ToolChoice::automatic && !parallel && !contains_word(prompt.user_text, "weather")) return {};
    std::vector<PlannedCall> calls{call_of(*usable[0], 0, prompt)};
    // Two different tools where there are two, else the same one twice.
    if (parallel) calls.push_back(call_of(usable.size() > 1 ? *usable[1] : *usable[0], 1, prompt));
    return calls;
}

std::string of_tokens(std::uint64_t tokens) {
    constexpr std::string_view words[] = {"one ", "two ", "six ", "ten "};
    std::string text;
    text.reserve(static_cast<std::size_t>(tokens) * 4);
    for (std::uint64_t i = 0; i < tokens; ++i) text += words[i % 4];
    return text;
}

std::string echo_of(const std::string& text) {
    if (text.size() <= echo_limit) return text;
    return first_tokens(text, echo_limit / 4) + "…";
}

std::string seen(const Attachment& attachment) {
    const auto article = attachment.kind == "audio" || attachment.kind == "image" ? "an " : "a ";
    if (!attachment.url.empty()) return article + attachment.kind + " at " + attachment.url;
    return article + attachment.kind + " (" + attachment.media_type + ", " + std::to_string(attachment.bytes) + " bytes)";
}

std::string answer_text(const Prompt& prompt) {
    if (prompt.steering.tokens) return of_tokens(*prompt.steering.tokens);
    if (prompt.steering.refuse) return "I can't help with that.";
    if (prompt.schema) return dump(example_of(*prompt.schema, 0, prompt.user_text));
    if (prompt.json_object) return dump(Json{{"provider", prompt.provider}, {"you_said", echo_of(prompt.user_text)}});
    std::string text = "This is " + prompt.provider + " (simulated). ";
    if (!prompt.results.empty()) {
        text += "The tools answered:";
        for (const auto& result : prompt.results) {
            text += " " + result.name + ": " + result.text;
            for (const auto& attachment : result.attachments) text += " with " + seen(attachment);
            text += ";";
        }
        text.back() = '.';
        return text;
    }
    text += "You said: " + echo_of(prompt.user_text);
    for (const auto& attachment : prompt.attachments) text += " I see " + seen(attachment) + ".";
    return text;
}

void cut_at_stop(Plan& plan, const std::vector<std::string>& stops) {
    auto first = std::string::npos;
    for (const auto& stop : stops) {
        const auto at = stop.empty() ? std::string::npos : plan.text.find(stop);
        if (at >= first) continue;
        first = at;
        plan.stop_sequence = stop;
    }
    if (first == std::string::npos) return;
    plan.text.resize(first);
    plan.stop = Stop::sequence;
}

void count_tokens(Plan& plan) {
    plan.reasoning_tokens = tokens_of(plan.reasoning);
    plan.answer_tokens = tokens_of(plan.text);
    for (const auto& call : plan.calls) plan.answer_tokens += 8 + tokens_of(call.name) + tokens_of(dump(call.arguments));
}

/// Reasoning comes first and may leave nothing for the answer; calls that do not fit are not made.
void cut_at_limit(Plan& plan, const Prompt& prompt) {
    if (!prompt.max_tokens) return;
    auto left = *prompt.max_tokens;
    if (prompt.reasoning_counts) {
        plan.reasoning = first_tokens(plan.reasoning, left);
        const auto used = tokens_of(plan.reasoning);
        if (used < plan.reasoning_tokens) plan.stop = Stop::length;
        left -= std::min(left, used);
    }
    if (plan.answer_tokens > left) {
        plan.stop = Stop::length;
        plan.calls.clear();
        plan.text = first_tokens(plan.text, left);
        plan.stop_sequence.clear();
    }
    count_tokens(plan);
}

}  // namespace

Plan make_plan(const Prompt& prompt) {
    Plan plan;
    if (prompt.reasons) {
        plan.reasoning = "The user wrote " + std::to_string(prompt.user_text.size()) + " bytes. ";
        plan.reasoning += prompt.results.empty() ? "A short answer is enough." : "The tools have answered, so I can conclude.";
    }
    plan.calls = planned_calls(prompt);
    if (plan.calls.empty()) {
        plan.text = answer_text(prompt);
        if (prompt.steering.refuse) plan.stop = Stop::refusal;
        cut_at_stop(plan, prompt.stops);
    } else {
        plan.stop = Stop::tools;
    }
    count_tokens(plan);
    cut_at_limit(plan, prompt);
    plan.cached_tokens = std::min(prompt.steering.cached.value_or(prompt.repeated_tokens), prompt.prompt_tokens);
    return plan;
}

}  // namespace smg::simulator
