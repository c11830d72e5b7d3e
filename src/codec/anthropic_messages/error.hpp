#pragma once
/// Anthropic's errors in bodies and in streams. Internal to this codec.
#include "codec/json_tree.hpp"
#include "codec/stream_event.hpp"

namespace smg::codec::messages {

/// An error object as it stands in a body or in an `error` event; `status` is 0 in a stream, whose errors carry none.
[[nodiscard]] ProviderError error_from(int status, JsonNode root);

/// Anthropic's word for an error of any provider, or of the gateway.
[[nodiscard]] std::string_view error_type(const ProviderError& error);

/// `{"type":"error","error":{…},"request_id":…}`
[[nodiscard]] std::string error_body(const ProviderError& error, std::string_view request_id);

}  // namespace smg::codec::messages
