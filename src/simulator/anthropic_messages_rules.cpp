#include <algorithm>
#include <set>

#include "simulator/anthropic_messages.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

using MaybeRefusal = std::optional<std::string>;

bool is_name(const std::string& text, std::size_t most) {
    const auto allowed = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; };
    return !text.empty() && text.size() <= most && std::all_of(text.begin(), text.end(), allowed);
}

MaybeRefusal thinking_refusal(const Json& body, const Model& model) {
    const auto& thinking = member(body, "thinking");
    const auto type = text_member(thinking, "type");
    if (type.empty() || type == "disabled") return std::nullopt;
    if (type == "enabled" && !model.budget)
        return "\"thinking.type.enabled\" is not supported for this model. Use \"thinking.type.adaptive\" and \"output_config.effort\" to control "
               "thinking behavior.";
    if (type == "adaptive" && !model.adaptive) return "adaptive thinking is not supported on this model";
    if (type == "enabled" && thinking["budget_tokens"].get<std::uint64_t>() >= body["max_tokens"].get<std::uint64_t>())
        return "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at "
               "https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size";
    const auto& temperature = member(body, "temperature");
    if (temperature.is_number() && temperature.get<double>() != 1)
        return "`temperature` may only be set to 1 when thinking is enabled. Please consult our documentation at "
               "https://docs.claude.com/en/docs/build-with-claude/extended-thinking#important-considerations-when-using-extended-thinking";
    if (has(body, "top_k")) return "`top_k` must be unset when thinking is enabled.";
    if (const auto& top_p = member(body, "top_p"); top_p.is_number() && top_p.get<double>() < 0.95)
        return "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled.";
    const auto choice = text_member(member(body, "tool_choice"), "type");
    if (choice == "any" || choice == "tool") return "Thinking may not be enabled when tool_choice forces tool use.";
    return std::nullopt;
}

MaybeRefusal sampling_refusal(const Json& body, const Model& model) {
    if (model.fixed_sampling)
        for (const auto* name : {"temperature", "top_p", "top_k"})
            if (has(body, name)) return "`" + std::string(name) + "` is deprecated for this model.";
    if (model.one_sampling && has(body, "temperature") && has(body, "top_p"))
        return "`temperature` and `top_p` cannot both be specified for this model. Please use only one.";
    for (const auto& stop : member(body, "stop_sequences"))
        if (stop.get<std::string>().find_first_not_of(" \t\r\n") == std::string::npos)
            return "stop_sequences: each stop sequence must contain non-whitespace";
    return std::nullopt;
}

MaybeRefusal output_refusal(const Json& body, const Model& model) {
    const auto& config = member(body, "output_config");
    const auto effort = text_member(config, "effort");
    if (!effort.empty() && model.efforts.empty()) return "This model does not support the effort parameter.";
    if (!effort.empty() && std::find(model.efforts.begin(), model.efforts.end(), effort) == model.efforts.end())
        return "This model does not support effort level '" + effort + "'.";
    if (has(config, "format") && !model.structured) return "'" + model.id + "' does not support output format.";
    return std::nullopt;
}

MaybeRefusal tools_refusal(const Json& body) {
    std::set<std::string> names;
    std::size_t index = 0;
    for (const auto& tool : member(body, "tools")) {
        const auto name = text_member(tool, "name");
        const auto type = text_member(tool, "type");
        const auto where = "tools." + std::to_string(index++) + ".";
        const bool custom = type.empty() || type == "custom";
        if (!is_name(name, 128)) return where + "custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'";
        if (custom && !has(tool, "input_schema")) return where + "custom.input_schema: Field required";
        if (custom && text_member(tool["input_schema"], "type") != "object") return where + "custom.input_schema.type: Input should be 'object'";
        if (!names.insert(name).second) return "tools: Tool names must be unique.";
    }
    const auto& choice = member(body, "tool_choice");
    if (choice.is_null()) return std::nullopt;
    if (names.empty()) return "tool_choice may only be specified while providing tools.";
    const auto wanted = text_member(choice, "name");
    if (!wanted.empty() && names.count(wanted) == 0) return "Tool '" + wanted + "' not found in provided tools";
    return std::nullopt;
}

/// Of blocks, messages and tools: what a tool is given or defines may have a member of that name.
std::size_t cache_marks(const Json& value) {
    std::size_t count = 0;
    if (value.is_object())
        for (const auto& [name, below] : value.items()) {
            if (name == "cache_control")
                count += below.is_object() ? 1 : 0;
            else if (name != "input" && name != "input_schema")
                count += cache_marks(below);
        }
    if (value.is_array())
        for (const auto& below : value) count += cache_marks(below);
    return count;
}

MaybeRefusal caching_refusal(const Json& body) {
    const auto marks = cache_marks(body);
    if (marks <= 4) return std::nullopt;
    return "A maximum of 4 blocks with cache_control may be provided. Found " + std::to_string(marks) + ".";
}

}  // namespace

std::optional<std::string> messages_refusal(const Json& body, const Model& model) {
    if (const auto& most = member(body, "max_tokens"); most.is_number() && most.get<std::uint64_t>() > model.output)
        return "max_tokens: " + std::to_string(most.get<std::uint64_t>()) + " > " + std::to_string(model.output) +
               ", which is the maximum allowed number of output tokens for " + model.id;
    for (auto refusal :
         {thinking_refusal(body, model), sampling_refusal(body, model), output_refusal(body, model), tools_refusal(body), caching_refusal(body)})
        if (refusal) return refusal;
    return turns_refusal(body, model);
}

}  // namespace smg::simulator
