#pragma once
/// Errors of Chat endpoints, which vendors spell in many ways. Internal to this codec.
#include "codec/json_tree.hpp"
#include "codec/stream_event.hpp"

namespace smg::codec::chat {

/// Reads an error from a parsed body or stream event: OpenAI's object, xAI's `{"code","error"}`, an array of one (Gemini's compatible
/// endpoint), vLLM's flat object, FastAPI's `detail`. `status` below 400 means that the transport said success.
[[nodiscard]] ProviderError read_error(int status, JsonNode body);

/// An answer that broke off: `upstream_stream_truncated`.
[[nodiscard]] ProviderError truncated_error();
/// An answer that is no Chat stream.
[[nodiscard]] ProviderError malformed_error(std::string message);

}  // namespace smg::codec::chat
