#pragma once
/// google.rpc.Status, both ways. Internal to this codec.
#include "codec/codec.hpp"
#include "codec/json_tree.hpp"

namespace smg::codec::google {

/// The error in a parsed body: `{"error":{…}}`, also wrapped in an array. `status`: the HTTP status, 0 when the error stood in a stream.
[[nodiscard]] ProviderError read_error(int status, JsonNode body);
/// Whether a parsed body (or the first item of an array) holds an `error`.
[[nodiscard]] bool is_error(JsonNode body);
/// The stream ended before its answer was complete.
[[nodiscard]] ProviderError truncated_error();
[[nodiscard]] ProviderError malformed_error(std::string message);
/// Writes `{"error":{…}}`.
void append_error(std::string& out, const ProviderError& error);

}  // namespace smg::codec::google
