#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "codec/gemini/request_encode.hpp"
#include "codec/json_tree.hpp"
#include "codec/setting_names.hpp"

namespace smg::codec::google {
namespace {

using Thinking = ModelCapabilities::Thinking;

constexpr std::array<std::string_view, 4> levels{"minimal", "low", "medium", "high"};

bool is_effort(std::string_view word) {
    return word.empty() || word == "none" || word == "xhigh" || word == "max" || std::find(levels.begin(), levels.end(), word) != levels.end();
}

bool thinks(const ModelCapabilities& can) {
    if (can.thinking == Thinking::none) return false;
    return can.thinking != Thinking::unknown || can.gemini_thinking_level || can.thinking_budget_max != 0;
}

/// The level nearest to the effort that the model has: below the lowest the lowest, between two the higher.
std::string level_of(const std::string& effort, const ModelCapabilities& can) {
    const bool most = effort == "xhigh" || effort == "max";
    if (most && std::find(can.efforts.begin(), can.efforts.end(), "xhigh") != can.efforts.end()) return "xhigh";
    const auto wanted = effort == "none" ? std::string_view("minimal") : most ? std::string_view("high") : effort;
    const auto start = std::find(levels.begin(), levels.end(), wanted);
    const auto accepted = [&](std::string_view level) {
        return can.efforts.empty() || std::find(can.efforts.begin(), can.efforts.end(), level) != can.efforts.end();
    };
    for (auto level = start; level != levels.end(); ++level)
        if (accepted(*level)) return std::string(*level);
    return "high";
}

std::uint64_t clamped(std::uint64_t budget, const ModelCapabilities& can) {
    if (can.thinking_budget_max != 0) budget = std::min(budget, can.thinking_budget_max);
    return std::max(budget, can.thinking_budget_min);
}

/// Google's own correspondence of efforts and budgets.
std::uint64_t budget_of(const std::string& effort, const ModelCapabilities& can) {
    if (effort == "none") return can.thinking_can_be_disabled ? 0 : can.thinking_budget_min;
    if (effort == "minimal" || effort == "low") return clamped(1024, can);
    if (effort == "medium") return clamped(8192, can);
    if (effort == "high") return clamped(24576, can);
    return can.thinking_budget_max != 0 ? can.thinking_budget_max : 24576;
}

std::string effort_of_budget(std::int64_t budget) {
    if (budget < 4096) return "low";
    if (budget < 12288) return "medium";
    return budget < 32768 ? "high" : "xhigh";
}

struct Wish {
    std::string effort;                  ///< empty: the model's own choice
    std::optional<std::int64_t> budget;  ///< a client that counts tokens
};

/// What the client asked for, be it in words or in Anthropic's settings.
Wish wish_of(const Conversation& conversation) {
    Wish wish;
    wish.effort = ascii_lower(conversation.reasoning_effort);
    if (conversation.thinking_origin != Origin::anthropic) return wish;
    JsonTree tree;
    const auto settings = tree.parse(conversation.thinking);
    if (!settings) return wish;
    if ((*settings)["type"].text() == "disabled")
        wish.effort = "none";
    else
        wish.budget = (*settings)["budget_tokens"].integer();
    if (wish.budget && wish.effort.empty()) wish.effort = effort_of_budget(*wish.budget);
    return wish;
}

std::string upper(std::string word) {
    std::transform(word.begin(), word.end(), word.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return word;
}

class ThinkingWriter {
public:
    explicit ThinkingWriter(Writing& to) : to_(to), can_(to.target.capabilities), wish_(wish_of(to.conversation)) {}

    void write() {
        if (can_.thinking == Thinking::none) {
            if (!wish_.effort.empty() && wish_.effort != "none") to_.note("reasoning_effort");
            return;
        }
        const bool thoughts = to_.conversation.include_reasoning_text && thinks(can_);
        if (wish_.effort.empty() && !thoughts) return;
        if (!is_effort(wish_.effort)) {
            to_.refuse(client_setting(to_.conversation, "reasoning_effort"),
                       "'" + wish_.effort + "' is no effort; known are none, minimal, low, medium, high, xhigh and max");
            return;
        }
        to_.json.key("thinkingConfig").begin_object();
        bool on = true;
        if (!wish_.effort.empty()) on = can_.gemini_thinking_level ? level() : budget();
        if (on && thoughts) to_.json.bool_member("includeThoughts", true);
        to_.json.end_object();
    }

private:
    bool level() {
        const auto level = level_of(wish_.effort, can_);
        if (level != wish_.effort && !wish_.budget) to_.note("reasoning_effort", level);
        to_.json.member("thinkingLevel", upper(level));
        return true;
    }

    /// False when thinking is switched off: thoughts cannot be asked for then.
    bool budget() {
        const auto asked =
            wish_.budget && *wish_.budget > 0 ? clamped(static_cast<std::uint64_t>(*wish_.budget), can_) : budget_of(wish_.effort, can_);
        const bool kept_on = wish_.effort == "none" && asked != 0;
        if (kept_on)
            to_.note("reasoning_effort", "minimal");
        else if (wish_.budget && asked != static_cast<std::uint64_t>(*wish_.budget))
            to_.note("thinking.budget_tokens", std::to_string(asked));
        to_.json.number_member("thinkingBudget", asked);
        return asked != 0;
    }

    Writing& to_;
    const ModelCapabilities& can_;
    const Wish wish_;
};

}  // namespace

void write_thinking(Writing& to) {
    if (to.same_format)
        to.raw_if("thinkingConfig", to.conversation.thinking);
    else
        ThinkingWriter(to).write();
}

}  // namespace smg::codec::google
