#pragma once
/// `finishReason`, both ways.
#include <string>
#include <string_view>

#include "codec/conversation.hpp"

namespace smg::codec::google {

/// Gemini says STOP when it calls functions. `empty`: the candidate has no content, which makes an unknown reason a refusal.
[[nodiscard]] StopReason read_finish(std::string_view native, bool has_calls, bool empty);

/// The word for a client; of an answer that was Gemini's own, as it was.
[[nodiscard]] std::string_view finish_word(StopReason reason, std::string_view native, bool same_format);

/// Whether the model garbled its call. With nothing else in the answer that is worth another try.
[[nodiscard]] bool is_malformed_call(std::string_view native);

}  // namespace smg::codec::google
