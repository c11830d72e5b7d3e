#pragma once
/// The models that each simulated provider has, and what the provider's rules depend on.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smg::simulator {

struct Model {
    std::string id;
    std::string snapshot;  ///< what an answer calls it; empty: `id`
    std::string title;
    std::int64_t created = 0;
    std::uint64_t context = 0;
    std::uint64_t output = 0;
    bool reasons = false;  ///< OpenAI: a reasoning model; Anthropic, Gemini, xAI: able to think
    std::vector<std::string> efforts;  ///< values of an effort setting that it takes; none: it refuses the setting
    bool adaptive = false;             ///< Anthropic: `thinking.type: adaptive`
    bool budget = false;               ///< Anthropic, Gemini: a thinking budget
    bool fixed_sampling = false;       ///< temperature and its like are refused
    bool mid_system = false;           ///< Anthropic: system messages inside a conversation
    bool always_reasons = false;       ///< thinks without being asked
    bool embeds = false;               ///< an embedding model
    std::string only;                  ///< OpenAI: the one task of a model that does not talk: `moderations`, `images`, `speech`, `transcriptions`
    std::string default_effort = "medium";  ///< OpenAI: of a reasoning model that is not told
    bool chat_tools = true;                 ///< OpenAI: Chat Completions takes function tools
    bool phases = false;                    ///< OpenAI: messages of the Responses API have a phase, and usage counts cache writes
    bool structured = false;           ///< Anthropic: structured output
    bool prefill = true;               ///< Anthropic: a conversation may end with the assistant's turn
    bool one_sampling = false;         ///< Anthropic: not both temperature and top_p
    bool signed_calls = false;         ///< Gemini: replayed calls need their thoughtSignature
};

/// `provider` is one of the four names.
[[nodiscard]] const std::vector<Model>& models_of(std::string_view provider);
/// By id or snapshot; null when the provider has none such.
[[nodiscard]] const Model* find_model(std::string_view provider, std::string_view id);

}  // namespace smg::simulator
