#pragma once
/// What a request holds that only the provider it was made for can read: items of its own tools, files uploaded to it. Another provider would
/// answer a different question without them, so that they are refused, not left out.
#include "base/result.hpp"
#include "codec/conversation.hpp"

namespace smg::codec {

/// For a request that is about to be written in another format than its client's. Failure: invalid_request, which names the first such part by its
/// place in the client's request. What the model's side holds of its provider's tools, and what can be told in words (search results, a
/// compaction of Anthropic's), passes.
[[nodiscard]] Result<void> check_foreign_state(const Conversation& conversation);

}  // namespace smg::codec
