#pragma once
/// Calls as Gemini names and wraps them, turned back into what the client defined.
#include <string>
#include <string_view>

#include "codec/codec.hpp"

namespace smg::codec::google {

/// Gives a whole call its client-side name and kind, and arguments that are JSON.
void client_call(const RequestMemo& memo, ToolCallPart& call);

/// Makes ids for the calls of one answer that have none: `call_` and 24 letters or digits, different in every answer.
class CallIds {
public:
    /// `answer_id`: what tells this answer from others; when empty, chance does.
    void seed(std::string_view answer_id);
    [[nodiscard]] std::string next();

private:
    std::uint64_t state_ = 0;
    bool seeded_ = false;
};

}  // namespace smg::codec::google
