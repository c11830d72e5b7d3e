#include "codec/foreign_state.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "codec/client_field.hpp"

namespace smg::codec {
namespace {

using Kinds = std::array<std::string_view, 6>;

/// Blocks of Anthropic's that say what they are in their text; documents and images are judged by where their bytes are.
constexpr Kinds told_in_words = {"search_result", "tool_reference", "browser_state", "compaction", "document", "image"};
/// What Gemini's code tool wrote and got, which a client may repeat in any turn.
constexpr std::array<std::string_view, 2> code_run = {"executableCode", "codeExecutionResult"};

template <typename Names>
bool contains(const Names& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Why this part of the user's side cannot be told to another provider.
std::optional<std::string> strangeness(const OpaquePart& part, const Conversation& from) {
    if (from.format == "anthropic_messages" && !contains(told_in_words, part.kind))
        return "A '" + part.kind + "' block is known to Anthropic's models only.";
    if (from.format == "gemini" && !contains(code_run, part.kind)) return "A part '" + part.kind + "' is known to Gemini's models only.";
    return std::nullopt;
}

std::optional<std::string> strangeness(const MediaPart& part, const Conversation& from) {
    if (from.format != "gemini" || part.source != MediaPart::Source::url || part.origin != Origin::gemini) return std::nullopt;
    return "This file can be fetched by Gemini's models only; send the data itself, as inlineData.";
}

/// The place of a part that may not be left out, and why.
std::optional<Error> refusal(const Part& part, const Conversation& from, std::size_t turn, std::size_t index) {
    std::optional<std::string> why;
    if (const auto* opaque = std::get_if<OpaquePart>(&part)) {
        if (!opaque->field.empty())
            return Error(Failure::invalid_request, "An item of type '" + opaque->kind + "' is known to its own provider's models only.",
                         opaque->field);
        if (from.turns[turn].role == Role::user) why = strangeness(*opaque, from);
    } else if (const auto* media = std::get_if<MediaPart>(&part)) {
        why = strangeness(*media, from);
    } else if (const auto* result = std::get_if<ToolResultPart>(&part)) {
        for (const auto& content : result->content)
            if (const auto* inner = std::get_if<MediaPart>(&content); inner && !why) why = strangeness(*inner, from);
    }
    if (!why) return std::nullopt;
    return Error(Failure::invalid_request, std::move(*why), client_field(from, turn, index));
}

}  // namespace

Result<void> check_foreign_state(const Conversation& conversation) {
    for (std::size_t turn = 0; turn < conversation.turns.size(); ++turn) {
        const auto& parts = conversation.turns[turn].parts;
        for (std::size_t index = 0; index < parts.size(); ++index)
            if (auto error = refusal(parts[index], conversation, turn, index)) return tl::unexpected(std::move(*error));
    }
    return {};
}

}  // namespace smg::codec
