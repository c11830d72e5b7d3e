#include "codec/codec.hpp"

#include "codec/openai_chat/openai_chat.hpp"

namespace smg::codec {
namespace {

class OpenAiChat final : public Codec {
public:
    std::string_view name() const noexcept override { return chat::format_name; }
    Result<Conversation> decode_request(std::string_view body) const override { return chat::decode_request(body); }
    Result<EncodedRequest> encode_request(const Conversation& conversation, const Target& target) const override {
        return chat::encode_request(conversation, target);
    }
    Result<Answer> decode_response(std::string_view body, const RequestMemo& memo) const override { return chat::decode_response(body, memo); }
    std::string encode_response(const Answer& answer, const ClientView& view) const override { return chat::encode_response(answer, view); }
    std::unique_ptr<StreamDecoder> stream_decoder(const RequestMemo& memo) const override { return chat::make_stream_decoder(memo); }
    std::unique_ptr<StreamEncoder> stream_encoder(const ClientView& view) const override { return chat::make_stream_encoder(view); }
    ProviderError decode_error(int status, std::string_view body) const override { return chat::decode_error(status, body); }
    std::string encode_error(const ProviderError& error, std::string_view /*request_id*/) const override { return chat::encode_error(error); }
};

}  // namespace

const Codec& openai_chat() {
    static const OpenAiChat codec;
    return codec;
}

}  // namespace smg::codec
