#pragma once
/// What OpenAI's model names tell when no list of capabilities does. Names of other vendors answer false.
/// Source: OpenAI's model pages and the 400s of their Chat endpoint, as of November 2026.
#include <string_view>

namespace smg::codec::chat {

/// `o1`, `o3-mini`, `gpt-5`, `gpt-5.1-codex`, but not `gpt-5-chat-latest`: refuse `max_tokens`, most sampling fields and `stop`.
[[nodiscard]] bool is_reasoning_model(std::string_view model);

/// Whether the limit is spelled `max_completion_tokens`: OpenAI's own models; vendors' engines know `max_tokens` best.
[[nodiscard]] bool takes_completion_limit(std::string_view model);

}  // namespace smg::codec::chat
