#include "codec/openai_chat/finish.hpp"

namespace smg::codec::chat {

StopReason read_finish(std::string_view native, bool has_calls, bool has_refusal) {
    if (native == "tool_calls" || native == "function_call") return StopReason::tool_calls;
    // Vendors' words beside OpenAI's: Mistral `model_length`, TGI `eos_token`, DeepSeek `insufficient_system_resource`.
    if (native == "length" || native == "max_tokens" || native == "model_length") return StopReason::length;
    if (native == "content_filter") return StopReason::content_filter;
    if (native == "refusal") return StopReason::refusal;
    if (native == "stop" || native.empty() || native == "eos" || native == "eos_token" || native == "end_turn" || native == "stop_sequence") {
        if (has_calls) return StopReason::tool_calls;
        return has_refusal ? StopReason::refusal : native == "stop_sequence" ? StopReason::stop_sequence : StopReason::stop;
    }
    return has_calls ? StopReason::tool_calls : StopReason::unknown;
}

std::string_view finish_word(const Finish& finish) {
    if (finish.from_chat && !finish.legacy_functions)
        for (const std::string_view word : {"stop", "length", "tool_calls", "content_filter", "function_call"})
            if (word == finish.native) return word;
    const std::string_view calls = finish.legacy_functions ? "function_call" : "tool_calls";
    switch (finish.reason) {
        case StopReason::length: return "length";
        case StopReason::tool_calls: return calls;
        case StopReason::content_filter: return "content_filter";
        case StopReason::refusal: return finish.from_chat ? "stop" : "content_filter";
        case StopReason::pause: return "stop";
        case StopReason::stop_sequence:
        case StopReason::stop:
        case StopReason::none:
        case StopReason::unknown: break;
    }
    return finish.has_calls ? calls : "stop";
}

}  // namespace smg::codec::chat
