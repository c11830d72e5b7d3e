#include "codec/openai_responses/response_error.hpp"

#include "codec/codec.hpp"

namespace smg::codec::responses {
namespace {

ProviderError server_error(std::string code, std::string message) {
    ProviderError error;
    error.status = 502;
    error.type = "server_error";
    error.code = std::move(code);
    error.message = std::move(message);
    return error;
}

}  // namespace

ProviderError read_error(JsonNode node) {
    const bool nested = node["error"].is_object();
    const auto inner = nested ? node["error"] : node;
    auto error = openai_chat().decode_error(0, std::string("{\"error\":").append(inner.raw()).append("}"));
    if (error.message.empty()) error.message = "The provider failed to answer.";
    return error;
}

ProviderError truncated_error() { return server_error("upstream_stream_truncated", "The provider's stream ended before the answer was complete."); }

ProviderError malformed_error(std::string message) { return server_error("upstream_error", std::move(message)); }

}  // namespace smg::codec::responses
