#include "codec/codec.hpp"

#include "codec/anthropic_messages/anthropic_messages.hpp"

namespace smg::codec {
namespace {

class AnthropicMessages final : public Codec {
public:
    std::string_view name() const noexcept override { return messages::format_name; }
    Result<Conversation> decode_request(std::string_view body) const override { return messages::decode_request(body); }
    Result<EncodedRequest> encode_request(const Conversation& conversation, const Target& target) const override {
        return messages::encode_request(conversation, target);
    }
    Result<Answer> decode_response(std::string_view body, const RequestMemo& memo) const override { return messages::decode_response(body, memo); }
    std::string encode_response(const Answer& answer, const ClientView& view) const override { return messages::encode_response(answer, view); }
    std::unique_ptr<StreamDecoder> stream_decoder(const RequestMemo& memo) const override { return messages::make_stream_decoder(memo); }
    std::unique_ptr<StreamEncoder> stream_encoder(const ClientView& view) const override { return messages::make_stream_encoder(view); }
    ProviderError decode_error(int status, std::string_view body) const override { return messages::decode_error(status, body); }
    std::string encode_error(const ProviderError& error, std::string_view request_id) const override {
        return messages::encode_error(error, request_id);
    }
};

}  // namespace

const Codec& anthropic_messages() {
    static const AnthropicMessages codec;
    return codec;
}

}  // namespace smg::codec
