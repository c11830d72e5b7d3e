#pragma once
/// The words by which `reasoning_details` name who issued a signature.
#include <string_view>

#include "codec/conversation.hpp"

namespace smg::codec::chat {

[[nodiscard]] inline std::string_view origin_name(Origin origin) {
    switch (origin) {
        case Origin::openai: return "openai";
        case Origin::anthropic: return "anthropic";
        case Origin::gemini: return "gemini";
        case Origin::xai: return "xai";
        case Origin::unknown: break;
    }
    return "unknown";
}

[[nodiscard]] inline Origin origin_of(std::string_view name) {
    for (const auto origin : {Origin::openai, Origin::anthropic, Origin::gemini, Origin::xai})
        if (origin_name(origin) == name) return origin;
    return Origin::unknown;
}

}  // namespace smg::codec::chat
