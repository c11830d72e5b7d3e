#pragma once
/// A call as its chosen worker wants it: target, headers, body. Pure.
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "codec/codec.hpp"
#include "gateway/call.hpp"
#include "http/fields.hpp"
#include "routing/route.hpp"

namespace smg::gateway {

/// What goes upstream, and what must be remembered until the answer comes.
struct UpstreamRequest {
    std::string target;           ///< path and query
    http::Fields fields;          ///< without Host and framing
    std::string own_body;         ///< when the body had to be changed or written anew
    std::string_view body;        ///< what to send: the client's bytes, or `own_body`
    bool same_format = false;     ///< client and provider speak the same: bytes pass
    bool usage_injected = false;  ///< Chat's usage chunk was asked for on the client's behalf, and must not reach it
    codec::RequestMemo memo;
    codec::Adjustments adjustments;
};

/// The client's request as a conversation, decoded once however many workers it is sent to.
using DecodedRequest = std::optional<codec::Conversation>;

/// Fills `out`, whose `body` may refer to the call's. Errors (invalid_request, not_supported) name the client's field.
[[nodiscard]] Result<void> adapt(const Call& call, const routing::Choice& choice, DecodedRequest& decoded, UpstreamRequest& out);

}  // namespace smg::gateway
