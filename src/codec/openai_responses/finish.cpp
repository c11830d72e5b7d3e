#include "codec/openai_responses/finish.hpp"

namespace smg::codec::responses {

Finish read_finish(JsonNode response, bool has_calls, bool has_refusal) {
    Finish finish;
    finish.native = response["status"].text();
    if (finish.native == "incomplete") {
        if (const auto why = response["incomplete_details"]["reason"].text(); !why.empty()) finish.native = why;
        // `max_tokens` is said by compatible servers.
        const bool length = finish.native == "max_output_tokens" || finish.native == "max_tokens";
        finish.reason = length ? StopReason::length : finish.native == "content_filter" ? StopReason::content_filter : StopReason::unknown;
    } else if (finish.native == "completed" || finish.native.empty()) {
        finish.reason = has_calls ? StopReason::tool_calls : has_refusal ? StopReason::refusal : StopReason::stop;
    } else if (finish.native != "queued" && finish.native != "in_progress") {
        finish.reason = StopReason::unknown;
    }
    return finish;
}

}  // namespace smg::codec::responses
