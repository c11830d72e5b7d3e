#include "codec/gemini/finish.hpp"

#include <algorithm>
#include <initializer_list>

namespace smg::codec::google {
namespace {

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

StopReason read_finish(std::string_view native, bool has_calls, bool empty) {
    if (is_one_of(native, {"MAX_TOKENS", "CONTINUATION"})) return StopReason::length;
    if (is_one_of(native, {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT",
                           "IMAGE_RECITATION", "MODEL_ARMOR", "LANGUAGE"}))
        return StopReason::content_filter;
    if (has_calls) return StopReason::tool_calls;
    if (native.empty() || native == "STOP") return StopReason::stop;
    if (is_one_of(native, {"MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE", "MISSING_THOUGHT_SIGNATURE", "UNEXPECTED_TOOL_CALL",
                           "TOO_MANY_TOOL_CALLS", "NO_IMAGE", "IMAGE_OTHER", "OTHER", "FINISH_REASON_UNSPECIFIED"}))
        return StopReason::unknown;
    return empty ? StopReason::content_filter : StopReason::unknown;
}

std::string_view finish_word(StopReason reason, std::string_view native, bool same_format) {
    if (same_format && !native.empty()) return native;
    switch (reason) {
        case StopReason::length: return "MAX_TOKENS";
        case StopReason::content_filter:
        case StopReason::refusal: return "SAFETY";
        case StopReason::unknown: return "OTHER";
        case StopReason::none:
        case StopReason::stop:
        case StopReason::stop_sequence:
        case StopReason::tool_calls:
        case StopReason::pause: break;
    }
    return "STOP";
}

bool is_malformed_call(std::string_view native) { return native == "MALFORMED_FUNCTION_CALL"; }

}  // namespace smg::codec::google
