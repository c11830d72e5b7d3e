#pragma once
/// Reasoning state as `encrypted_content` carries it: OpenAI's and xAI's own as it is, another provider's in an envelope.
#include <string>
#include <string_view>

#include "codec/conversation.hpp"

namespace smg::codec::responses {

/// `encrypted_content` of a thought; empty when it has no state. `answer` is the origin of the whole answer, for parts without their own.
[[nodiscard]] std::string state_of(const ReasoningPart& part, Origin answer);

/// `encrypted_content` of an item that stands behind a text (or a call whose item is out already) for its Gemini signature: an envelope
/// whose payload is `p:` and the signature. For a call that follows, `seal_call` is the word.
[[nodiscard]] std::string seal_previous(std::string_view signature);
/// The signature for the part before, when `encrypted` is such a word; else nothing.
[[nodiscard]] std::optional<std::string> open_previous(std::string_view encrypted);

/// Who issues reasoning state under this model's name.
[[nodiscard]] Origin issuer_of(std::string_view model);

}  // namespace smg::codec::responses
