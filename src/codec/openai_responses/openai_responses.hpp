#pragma once
/// The functions behind `codec::openai_responses()`, one file each. Internal to this codec: others use the `Codec` interface.
/// Source: OpenAI's API reference for `/v1/responses`, the types of its SDK (npm `openai` 6.49), and recordings of OpenAI and xAI.
#include <memory>
#include <string>
#include <string_view>

#include "codec/codec.hpp"

namespace smg::codec::responses {

inline constexpr std::string_view format_name = "openai_responses";

[[nodiscard]] Result<Conversation> decode_request(std::string_view body);
[[nodiscard]] Result<EncodedRequest> encode_request(const Conversation& conversation, const Target& target);
[[nodiscard]] Result<Answer> decode_response(std::string_view body, const RequestMemo& memo);
[[nodiscard]] std::string encode_response(const Answer& answer, const ClientView& view);
[[nodiscard]] std::unique_ptr<StreamDecoder> make_stream_decoder(const RequestMemo& memo);
[[nodiscard]] std::unique_ptr<StreamEncoder> make_stream_encoder(const ClientView& view);

}  // namespace smg::codec::responses
