#pragma once
/// Why an answer ended, between Chat's words and the conversation's.
#include <string_view>

#include "codec/conversation.hpp"

namespace smg::codec::chat {

/// `native` as the provider spelled it (empty: it said nothing). An answer with calls that "stopped" stopped for its calls:
/// forced calls end in `stop`, and compatible endpoints say it always. One with a refusal text that stopped was refused.
[[nodiscard]] StopReason read_finish(std::string_view native, bool has_calls, bool has_refusal);

/// What is known of the end of an answer.
struct Finish {
    StopReason reason = StopReason::none;
    std::string_view native;
    bool has_calls = false;
    bool legacy_functions = false;
    bool from_chat = false;  ///< the provider spoke Chat: `native` is one of our words if it is known at all
};
/// A word of Chat's closed list.
[[nodiscard]] std::string_view finish_word(const Finish& finish);

}  // namespace smg::codec::chat
