#include "codec/codec.hpp"
#include "providers/provider.hpp"

namespace smg::providers {

const codec::Codec& codec_of(ApiFormat format) {
    switch (format) {
        case ApiFormat::anthropic_messages: return codec::anthropic_messages();
        case ApiFormat::gemini: return codec::gemini();
        case ApiFormat::openai_responses: return codec::openai_responses();
        case ApiFormat::openai_chat: break;
    }
    return codec::openai_chat();
}

}  // namespace smg::providers
