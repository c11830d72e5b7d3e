#pragma once
/// Errors as answers, in the shape that the client's format has for them.
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "codec/codec.hpp"
#include "gateway/client.hpp"
#include "http/message.hpp"

namespace smg::gateway {

struct Reply {
    http::ResponseHead head;
    std::string body;
};

/// Head and body for an error of the gateway's own. `X-SMG-Error-Code`, `content-type`, and where the class calls for them
/// `www-authenticate`, `retry-after` and `x-should-retry` are set.
[[nodiscard]] Reply error_reply(ErrorShape shape, const Error& error, std::string_view request_id);
/// Likewise for an error that a provider stated, after the mapping of statuses. `code` is the class for `X-SMG-Error-Code`.
[[nodiscard]] Reply provider_error_reply(ErrorShape shape, const codec::ProviderError& error, std::string_view code, std::string_view request_id);

/// The codec whose errors a shape uses; the control plane has none of its own (it answers OpenAI's codec).
[[nodiscard]] const codec::Codec& error_codec(ErrorShape shape);
/// As an event of a stream that breaks off.
[[nodiscard]] codec::ProviderError as_provider_error(const Error& error);
/// Likewise of a provider's answer that is none (upstream_error).
[[nodiscard]] codec::ProviderError broken_answer(std::string message);

}  // namespace smg::gateway
