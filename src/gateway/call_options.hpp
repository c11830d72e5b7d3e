#pragma once
/// What a client says about its request in headers, whatever the request is.
#include <optional>
#include <string>

#include "base/result.hpp"
#include "gateway/access.hpp"
#include "gateway/client.hpp"
#include "net/timer_wheel.hpp"

namespace smg::gateway {

struct CallOptions {
    Credentials credentials;
    bool strict = false;                   ///< `X-SMG-Strict-Params`
    std::string target_worker;             ///< `X-SMG-Target-Worker`, or the worker that holds the state which the request names
    std::string routing_key;               ///< `X-SMG-Routing-Key`
    std::string affinity_key;              ///< `X-SMG-Routing-Key`, or a coding agent's session header
    std::optional<net::Duration> timeout;  ///< `X-SMG-Timeout-Ms`
};

/// Reads the headers; credentials are `check_access`'s business. Failure: invalid_request for a malformed one.
[[nodiscard]] Result<void> read_call_options(const http::Fields& fields, CallOptions& options);

}  // namespace smg::gateway
