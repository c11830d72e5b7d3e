#include "gateway/error_reply.hpp"

#include <nlohmann/json.hpp>

#include "http/writer.hpp"

namespace smg::gateway {
namespace {

/// OpenAI's error types by status (platform.openai.com/docs/guides/error-codes).
std::string_view error_type(int status) {
    switch (status) {
        case 401: return "authentication_error";
        case 403: return "permission_error";
        case 404: return "not_found_error";
        case 429: return "rate_limit_error";
        default: return status < 500 ? "invalid_request_error" : "server_error";
    }
}

std::string_view control_plane_code(int status) {
    switch (status) {
        case 400: return "BAD_REQUEST";
        case 401: return "UNAUTHORIZED";
        case 403: return "FORBIDDEN";
        case 404: return "NOT_FOUND";
        case 405: return "METHOD_NOT_ALLOWED";
        case 408: return "REQUEST_TIMEOUT";
        case 409: return "CONFLICT";
        case 413: return "PAYLOAD_TOO_LARGE";
        case 415: return "UNSUPPORTED_MEDIA_TYPE";
        case 431: return "HEADERS_TOO_LARGE";
        case 503: return "SERVICE_UNAVAILABLE";
        default: return "INTERNAL_SERVER_ERROR";
    }
}

std::string control_plane_body(const codec::ProviderError& error) {
    const nlohmann::json body = {{"error", error.message}, {"code", control_plane_code(error.status)}};
    return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

const codec::Codec& error_codec(ErrorShape shape) {
    switch (shape) {
        case ErrorShape::anthropic: return codec::anthropic_messages();
        case ErrorShape::gemini: return codec::gemini();
        case ErrorShape::openai:
        case ErrorShape::control_plane: break;
    }
    return codec::openai_chat();
}

codec::ProviderError as_provider_error(const Error& error) {
    codec::ProviderError stated;
    stated.status = http_status(error.failure);
    stated.type = error_type(stated.status);
    stated.code = error_code(error.failure);
    stated.param = error.param;
    stated.message = error.message;
    return stated;
}

codec::ProviderError broken_answer(std::string message) { return as_provider_error(Error(Failure::upstream_error, std::move(message))); }

Reply error_reply(ErrorShape shape, const Error& error, std::string_view request_id) {
    auto reply = provider_error_reply(shape, as_provider_error(error), error_code(error.failure), request_id);
    auto& fields = reply.head.fields;
    if (error.failure == Failure::invalid_api_key) fields.add("www-authenticate", "Bearer");
    if (error.failure == Failure::service_unavailable) fields.add("retry-after", "5");
    if (error.failure == Failure::upstream_credential || error.failure == Failure::insufficient_quota) fields.add("x-should-retry", "false");
    return reply;
}

Reply provider_error_reply(ErrorShape shape, const codec::ProviderError& error, std::string_view code, std::string_view request_id) {
    Reply reply;
    // Anthropic's clients know overload by a status of its own.
    reply.head.status = shape == ErrorShape::anthropic && error.code == "overloaded" ? 529 : error.status;
    reply.head.fields.add("content-type", "application/json");
    reply.head.fields.add("x-smg-error-code", std::string(code));
    reply.body = shape == ErrorShape::control_plane ? control_plane_body(error) : error_codec(shape).encode_error(error, request_id);
    return reply;
}

}  // namespace smg::gateway
