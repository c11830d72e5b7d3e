#pragma once
/// Why an answer ended. Internal to this codec.
#include <string>

#include "codec/conversation.hpp"
#include "codec/json_tree.hpp"

namespace smg::codec::responses {

struct Finish {
    StopReason reason = StopReason::none;
    std::string native;  ///< the reason of an incomplete answer, else its status
};

/// Reads `status` and `incomplete_details` of a response object. An answer with calls that "completed" stopped for its calls.
[[nodiscard]] Finish read_finish(JsonNode response, bool has_calls, bool has_refusal);

}  // namespace smg::codec::responses
