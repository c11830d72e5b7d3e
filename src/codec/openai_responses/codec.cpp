#include "codec/codec.hpp"

#include "codec/openai_responses/openai_responses.hpp"

namespace smg::codec {
namespace {

class OpenAiResponses final : public Codec {
public:
    std::string_view name() const noexcept override { return responses::format_name; }
    Result<Conversation> decode_request(std::string_view body) const override { return responses::decode_request(body); }
    Result<EncodedRequest> encode_request(const Conversation& conversation, const Target& target) const override {
        return responses::encode_request(conversation, target);
    }
    Result<Answer> decode_response(std::string_view body, const RequestMemo& memo) const override { return responses::decode_response(body, memo); }
    std::string encode_response(const Answer& answer, const ClientView& view) const override { return responses::encode_response(answer, view); }
    std::unique_ptr<StreamDecoder> stream_decoder(const RequestMemo& memo) const override { return responses::make_stream_decoder(memo); }
    std::unique_ptr<StreamEncoder> stream_encoder(const ClientView& view) const override { return responses::make_stream_encoder(view); }
    // OpenAI's endpoints, and xAI's, speak of errors in one way.
    ProviderError decode_error(int status, std::string_view body) const override { return openai_chat().decode_error(status, body); }
    std::string encode_error(const ProviderError& error, std::string_view request_id) const override {
        return openai_chat().encode_error(error, request_id);
    }
};

}  // namespace

const Codec& openai_responses() {
    static const OpenAiResponses codec;
    return codec;
}

}  // namespace smg::codec
