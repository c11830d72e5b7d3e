#include "codec/client_field.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace smg::codec {
namespace {

std::string at(std::string list, std::size_t index) { return std::move(list.append("[").append(std::to_string(index)).append("]")); }

const Part* part_at(const Conversation& conversation, std::size_t turn, std::size_t part) {
    const auto& parts = conversation.turns[turn].parts;
    return part < parts.size() ? &parts[part] : nullptr;
}

template <typename Kind>
const Kind* part_as(const Conversation& conversation, std::size_t turn, std::size_t part) {
    return std::get_if<Kind>(part_at(conversation, turn, part));
}

/// Of Anthropic's and Gemini's requests, whose system prompt stands apart from the messages.
bool is_system_prompt(const Conversation& conversation, std::size_t turn) {
    return turn == 0 && conversation.turns.front().role == Role::system;
}

std::size_t message_index(const Conversation& conversation, std::size_t turn) {
    return turn - (turn > 0 && is_system_prompt(conversation, 0) ? 1 : 0);
}

std::string gemini_field(const Conversation& conversation, std::size_t turn, std::size_t part) {
    if (is_system_prompt(conversation, turn)) return at("systemInstruction.parts", part);
    return at(at("contents", message_index(conversation, turn)) + ".parts", part);
}

std::string messages_field(const Conversation& conversation, std::size_t turn, std::size_t part) {
    const auto& said = conversation.turns[turn];
    const bool system = is_system_prompt(conversation, turn);
    const auto content = system ? std::string("system") : at("messages", message_index(conversation, turn)) + ".content";
    return said.content_is_string ? content : at(content, part);
}

/// Chat spells content parts, calls and results apart, and reasoning beside them.
std::string chat_field(const Conversation& conversation, std::size_t turn, std::size_t part) {
    const auto& said = conversation.turns[turn];
    const auto message = at("messages", turn);
    const auto count = [&](auto is_one) {
        const auto end = said.parts.begin() + static_cast<std::ptrdiff_t>(std::min(part, said.parts.size()));
        return static_cast<std::size_t>(std::count_if(said.parts.begin(), end, is_one));
    };
    const auto is_call = [](const Part& each) { return std::holds_alternative<ToolCallPart>(each); };
    if (part_as<ToolResultPart>(conversation, turn, part)) return message + ".content";
    if (part_as<ToolCallPart>(conversation, turn, part))
        return said.legacy_function ? message + ".function_call" : at(message + ".tool_calls", count(is_call));
    if (said.content_is_string) return message + ".content";
    return at(message + ".content", count([](const Part& each) {
                  const auto* opaque = std::get_if<OpaquePart>(&each);
                  return !std::holds_alternative<ToolCallPart>(each) && !std::holds_alternative<ReasoningPart>(each) &&
                         !(opaque && opaque->kind == "reasoning_details");
              }));
}

Place place_of(const Part& part) {
    return std::visit(
        [](const auto& each) {
            if constexpr (requires { each.extras; }) return each.extras.place;
            return Place();
        },
        part);
}

/// Several items are one turn here, so that their places were written down.
std::string responses_field(const Conversation& conversation, std::size_t turn, std::size_t part) {
    const auto* found = part_at(conversation, turn, part);
    if (const auto* opaque = found ? std::get_if<OpaquePart>(found) : nullptr; opaque && !opaque->field.empty()) return opaque->field;
    const auto place = found ? place_of(*found) : Place();
    if (place.item < 0) return turn == 0 && conversation.turns.size() > 1 ? "instructions" : "input";
    const auto item = at("input", static_cast<std::size_t>(place.item));
    if (std::holds_alternative<ToolResultPart>(*found)) return item + ".output";
    if (std::holds_alternative<ToolCallPart>(*found) || std::holds_alternative<ReasoningPart>(*found)) return item;
    return place.part < 0 ? item + ".content" : at(item + ".content", static_cast<std::size_t>(place.part));
}

}  // namespace

std::string client_field(const Conversation& conversation, std::size_t turn, std::size_t part) {
    if (conversation.format == "gemini") return gemini_field(conversation, turn, part);
    if (conversation.format == "anthropic_messages") return messages_field(conversation, turn, part);
    if (conversation.format == "openai_responses") return responses_field(conversation, turn, part);
    return chat_field(conversation, turn, part);
}

std::string arguments_field(const Conversation& conversation, std::size_t turn, std::size_t part) {
    const auto call = client_field(conversation, turn, part);
    const auto* found = part_as<ToolCallPart>(conversation, turn, part);
    const bool custom = found && found->kind == ToolCallPart::Kind::custom;
    if (conversation.format == "gemini") return call + ".functionCall.args";
    if (conversation.format == "anthropic_messages") return call + ".input";
    if (conversation.format == "openai_responses") return call + (custom ? ".input" : ".arguments");
    if (conversation.turns[turn].legacy_function) return call + ".arguments";
    return call + (custom ? ".custom.input" : ".function.arguments");
}

std::string call_id_field(const Conversation& conversation, std::size_t turn, std::size_t part) {
    if (conversation.format == "gemini") return client_field(conversation, turn, part) + ".functionResponse";
    if (conversation.format == "anthropic_messages") return client_field(conversation, turn, part) + ".tool_use_id";
    if (conversation.format == "openai_responses") {
        const auto output = client_field(conversation, turn, part);
        return output.substr(0, output.rfind('.')) + ".call_id";
    }
    return at("messages", turn) + ".tool_call_id";
}

std::string result_content_field(const Conversation& conversation, std::size_t turn, std::size_t part, std::size_t index) {
    const auto result = client_field(conversation, turn, part);
    if (conversation.format == "gemini") return at(result + ".functionResponse.parts", index);
    if (const auto* found = part_as<ToolResultPart>(conversation, turn, part); found && found->content_is_string)
        return conversation.format == "anthropic_messages" ? result + ".content" : result;
    return at(conversation.format == "anthropic_messages" ? result + ".content" : result, index);
}

}  // namespace smg::codec
