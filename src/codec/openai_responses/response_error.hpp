#pragma once
/// Errors inside a response object or a stream. Internal to this codec.
#include <string>

#include "codec/json_tree.hpp"
#include "codec/stream_event.hpp"

namespace smg::codec::responses {

/// An error object, nested under `error` or flat: `code`, `message`, maybe `type` and `param`.
[[nodiscard]] ProviderError read_error(JsonNode node);
/// An answer that broke off: `upstream_stream_truncated`.
[[nodiscard]] ProviderError truncated_error();
/// An answer that is no Responses stream.
[[nodiscard]] ProviderError malformed_error(std::string message);

}  // namespace smg::codec::responses
