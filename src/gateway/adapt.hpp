#pragma once
/// A call as its chosen worker wants it: target, headers, body. Pure.
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "codec/codec.hpp"
#include "gateway/call.hpp"
#include "gateway/upstream_request.hpp"
#include "routing/route.hpp"

namespace smg::gateway {

/// The client's request as a conversation. What was said is as large as the body: it is let go once it is written for a worker, so that requests
/// which wait for their answers do not hold it, and the next finds its memory warm. Another attempt decodes anew.
struct DecodedRequest {
    std::optional<codec::Conversation> conversation;
    bool whole = false;  ///< false: of the turns no more than the first is left, which an answer may repeat
};

/// Decodes the call's body, unless it has been. Errors name the client's field.
[[nodiscard]] Result<void> decode(const Call& call, DecodedRequest& decoded);

/// Fills `out`, whose `body` may refer to the call's. Errors (invalid_request, not_supported) name the client's field.
[[nodiscard]] Result<void> adapt(const Call& call, const routing::Choice& choice, DecodedRequest& decoded, UpstreamRequest& out);

/// The format that is spoken to the provider for this call: its own, but OpenAI's Responses where the client speaks it and the provider serves it,
/// and where the provider's Chat would refuse the model's tools.
[[nodiscard]] providers::ApiFormat upstream_format(const Call& call, const providers::Provider& provider, std::string_view upstream_model);

/// The headers of every request to a worker: the caller's that this provider defines, its version, the worker's own, the credential.
/// `content-type`, `accept` and `accept-encoding` are the caller's business.
void add_worker_headers(const CallOptions& options, const http::Fields& callers, const routing::Choice& choice, bool same_format, http::Fields& out);

}  // namespace smg::gateway
