#pragma once
/// What OpenAI's model names tell when no list of capabilities does. Names of other vendors answer false.
/// Source: OpenAI's model pages and the 400s of its endpoints, as of November 2026.
#include <string_view>

namespace smg::codec::openai {

/// `o1`, `o3-mini`, `gpt-5`, `gpt-5.1-codex`, but not `gpt-5-chat-latest`: refuse `max_tokens`, most sampling fields and `stop`.
[[nodiscard]] bool is_reasoning_model(std::string_view model);

/// OpenAI's own models, by the names that it gives them. Their Chat spells the limit `max_completion_tokens`; vendors' engines know
/// `max_tokens` best.
[[nodiscard]] bool is_openai_model(std::string_view model);

}  // namespace smg::codec::openai

namespace smg::codec::chat {
using namespace openai;
}
namespace smg::codec::responses {
using namespace openai;
}
