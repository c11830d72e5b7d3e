#include "codec/expected_size.hpp"

namespace smg::codec {
namespace {

constexpr std::size_t around_all = 512, around_a_turn = 64, around_a_part = 48, around_a_tool = 128;

std::size_t size_of(const TextPart& part) noexcept { return part.text.size() + part.citations.size(); }
std::size_t size_of(const MediaPart& part) noexcept { return part.data.size(); }
std::size_t size_of(const ReasoningPart& part) noexcept { return part.text.size() + part.signature.size() * 2 + part.redacted.size() * 2; }
std::size_t size_of(const ToolCallPart& part) noexcept { return part.arguments.size() + part.signature.size(); }
std::size_t size_of(const OpaquePart& part) noexcept { return part.json.size(); }
std::size_t size_of(const ToolResultPart& part) noexcept {
    std::size_t size = part.structured.size();
    for (const auto& content : part.content) size += around_a_part + std::visit([](const auto& each) { return size_of(each); }, content);
    return size;
}

std::size_t size_of(const std::vector<Part>& parts) noexcept {
    std::size_t size = 0;
    for (const auto& part : parts) size += around_a_part + std::visit([](const auto& each) { return size_of(each); }, part);
    return size;
}

/// Escapes: prose has about one in fifty bytes.
std::size_t with_escapes(std::size_t size) noexcept { return around_all + size + size / 32; }

}  // namespace

std::size_t expected_size(const Conversation& conversation) noexcept {
    std::size_t size = 0;
    for (const auto& turn : conversation.turns) size += around_a_turn + size_of(turn.parts);
    for (const auto& tool : conversation.tools) size += around_a_tool + tool.parameters.size() + tool.description.size() + tool.opaque.size();
    return with_escapes(size);
}

std::size_t expected_size(const Answer& answer) noexcept {
    std::size_t size = answer.native_usage.size();
    for (const auto& choice : answer.choices) size += around_a_turn + size_of(choice.parts) + choice.logprobs.size();
    return with_escapes(size);
}

}  // namespace smg::codec
