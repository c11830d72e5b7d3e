#pragma once
/// `logprobsResult` and Chat's `logprobs`, which is the spelling that the conversation holds.
#include "codec/conversation.hpp"
#include "codec/json_tree.hpp"
#include "codec/json_writer.hpp"

namespace smg::codec::google {

/// `{"content":[{"token","logprob","bytes","top_logprobs"}]}`; empty when the result names no tokens.
[[nodiscard]] RawJson read_logprobs(JsonNode result);
/// A `logprobsResult`; nothing and false when the text holds none.
bool write_logprobs(JsonWriter& json, const RawJson& logprobs);

}  // namespace smg::codec::google
