#include "base/error.hpp"

namespace smg {

int http_status(Failure failure) noexcept {
    switch (failure) {
        case Failure::invalid_request: return 400;
        case Failure::invalid_api_key: return 401;
        case Failure::forbidden: return 403;
        case Failure::not_found: return 404;
        case Failure::model_not_found: return 404;
        case Failure::method_not_allowed: return 405;
        case Failure::request_timeout: return 408;
        case Failure::conflict: return 409;
        case Failure::payload_too_large: return 413;
        case Failure::headers_too_large: return 431;
        case Failure::unsupported_media_type: return 415;
        case Failure::rate_limit_exceeded: return 429;
        case Failure::insufficient_quota: return 429;
        case Failure::internal_error: return 500;
        case Failure::not_supported: return 501;
        case Failure::upstream_error: return 502;
        case Failure::upstream_credential: return 502;
        case Failure::service_unavailable: return 503;
        case Failure::upstream_timeout: return 504;
    }
    return 500;
}

std::string_view error_code(Failure failure) noexcept {
    switch (failure) {
        case Failure::invalid_request: return "invalid_request";
        case Failure::invalid_api_key: return "invalid_api_key";
        case Failure::forbidden: return "forbidden";
        case Failure::not_found: return "not_found";
        case Failure::model_not_found: return "model_not_found";
        case Failure::method_not_allowed: return "method_not_allowed";
        case Failure::request_timeout: return "request_timeout";
        case Failure::conflict: return "conflict";
        case Failure::payload_too_large: return "payload_too_large";
        case Failure::headers_too_large: return "headers_too_large";
        case Failure::unsupported_media_type: return "unsupported_media_type";
        case Failure::rate_limit_exceeded: return "rate_limit_exceeded";
        case Failure::insufficient_quota: return "insufficient_quota";
        case Failure::internal_error: return "internal_error";
        case Failure::not_supported: return "not_supported";
        case Failure::upstream_error: return "upstream_error";
        case Failure::upstream_credential: return "upstream_credential";
        case Failure::service_unavailable: return "service_unavailable";
        case Failure::upstream_timeout: return "upstream_timeout";
    }
    return "internal_error";
}

}  // namespace smg
