#pragma once
/// Tools that a provider defined, seen from the others.
#include <optional>

#include "base/error.hpp"
#include "codec/conversation.hpp"

namespace smg::codec {

/// Why the conversation's tools cannot be sent to a provider that issues `own`; nothing: those that it cannot run can be left out. Bound to their
/// provider are the tools that Responses clients name (OpenAI's hosted ones: an answer without them would be another one) and those whose actions
/// the client carries out but only the provider's models know (a screen, a browser). Failure: invalid_request, by the tool's place.
[[nodiscard]] std::optional<Error> bound_tool(const Conversation& conversation, Origin own);

}  // namespace smg::codec
