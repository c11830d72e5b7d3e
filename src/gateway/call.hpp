#pragma once
/// One generation request of a client, read as far as routing needs it.
#include <string>

#include "base/result.hpp"
#include "gateway/call_options.hpp"
#include "gateway/client.hpp"
#include "gateway/request_scan.hpp"
#include "providers/provider.hpp"

namespace smg::gateway {

/// Lives in its request's coroutine. `body` is the client's, untouched.
struct Call : CallOptions {
    Call(providers::ApiFormat client_format, ClientRequest& client_request) : format(client_format), request(client_request) {}

    providers::ApiFormat format;  ///< that the client speaks
    ClientRequest& request;
    std::string model;  ///< as the client named it
    bool stream = false;
    bool sse = true;  ///< a stream is to be sent as server-sent events (Gemini without `alt=sse`: as a JSON array)
    bool may_hold_envelope = false;  ///< sealed reasoning may stand somewhere in the body (codec/reasoning_envelope.hpp)
    RequestScan scan;

    [[nodiscard]] const codec::Codec& codec() const { return providers::codec_of(format); }
    [[nodiscard]] const std::string& body() const noexcept { return request.body; }
};

/// Reads body and headers. Errors name the field: not JSON, no model, a `stream` that is no boolean, a malformed header.
[[nodiscard]] Result<void> read_call(Call& call);

/// Whether the body is JSON, as far as its header says. Failure: unsupported_media_type.
[[nodiscard]] Result<void> check_json_body(const http::Fields& fields);

}  // namespace smg::gateway
