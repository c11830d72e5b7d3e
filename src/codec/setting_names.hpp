#pragma once
/// What a client calls a setting: errors and reports of adjusted parameters speak its own format's language, whatever the target's is.
#include <string>
#include <string_view>

#include "codec/conversation.hpp"

namespace smg::codec {

/// The client's own name of what Chat calls `chat_name`: for `top_p`, a Gemini client reads `generationConfig.topP`. A name without a
/// counterpart stays as it is. `max_tokens` is told as the client spelled it, `reasoning_effort` as the setting that the client made.
[[nodiscard]] std::string client_setting(const Conversation& conversation, std::string_view chat_name);

/// Whether JSON of a setting asks for nothing: null, an empty object, an empty list. Leaving it out is no loss.
[[nodiscard]] bool asks_for_nothing(std::string_view json) noexcept;

/// Whether a member that its format has no name for says what the answer hangs on (a conversation that is kept elsewhere): another
/// provider must not answer without it.
[[nodiscard]] bool is_essential(std::string_view unknown_member) noexcept;

}  // namespace smg::codec
