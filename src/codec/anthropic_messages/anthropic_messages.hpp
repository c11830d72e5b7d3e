#pragma once
/// The functions behind `codec::anthropic_messages()`. Internal to this codec: others use the `Codec` interface.
#include <memory>
#include <string>
#include <string_view>

#include "codec/codec.hpp"

namespace smg::codec::messages {

inline constexpr std::string_view format_name = "anthropic_messages";

[[nodiscard]] Result<Conversation> decode_request(std::string_view body);
[[nodiscard]] Result<EncodedRequest> encode_request(const Conversation& conversation, const Target& target);
[[nodiscard]] Result<Answer> decode_response(std::string_view body, const RequestMemo& memo);
[[nodiscard]] std::string encode_response(const Answer& answer, const ClientView& view);
[[nodiscard]] std::unique_ptr<StreamDecoder> make_stream_decoder(const RequestMemo& memo);
[[nodiscard]] std::unique_ptr<StreamEncoder> make_stream_encoder(const ClientView& view);
[[nodiscard]] ProviderError decode_error(int status, std::string_view body);
[[nodiscard]] std::string encode_error(const ProviderError& error, std::string_view request_id);

}  // namespace smg::codec::messages
