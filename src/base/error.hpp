#pragma once
/// What went wrong, said once and carried as a value to whoever must tell the caller.
#include <string>
#include <string_view>
#include <utility>

namespace smg {

/// The failure classes of the data plane's error table. One class is one HTTP status and one error code,
/// whatever format the client speaks; see `http_status` and `error_code`.
enum class Failure {
    invalid_request,       ///< not JSON, wrong type, missing field, impossible for the provider
    invalid_api_key,       ///< no or wrong gateway key, or the caller's own provider key was refused
    forbidden,             ///< not allowed
    not_found,             ///< unknown path
    model_not_found,       ///< no worker could ever serve the model
    method_not_allowed,
    request_timeout,       ///< head or body too slow, or queued too long
    conflict,
    payload_too_large,
    headers_too_large,
    unsupported_media_type,
    rate_limit_exceeded,
    insufficient_quota,    ///< quota or billing at the provider
    internal_error,        ///< a bug of ours
    not_supported,         ///< not built
    upstream_error,        ///< connection, cut, malformed answer
    upstream_credential,   ///< the stored key was refused
    service_unavailable,   ///< workers exist, none is available
    upstream_timeout,
};

/// HTTP status of a failure class, e.g. 400 for `invalid_request`.
[[nodiscard]] int http_status(Failure failure) noexcept;

/// The code in `X-SMG-Error-Code` and in error bodies, e.g. `invalid_request`.
[[nodiscard]] std::string_view error_code(Failure failure) noexcept;

/// An error as a value. `message` is written for the caller and never holds a secret.
struct Error {
    explicit Error(Failure failure_class, std::string text = {}, std::string field = {})
        : failure(failure_class), message(std::move(text)), param(std::move(field)) {}

    Failure failure;
    std::string message;
    std::string param;  ///< the offending field, e.g. `messages[2].content`; empty when there is none
};

}  // namespace smg
