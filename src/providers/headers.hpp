#pragma once
/// Which headers cross the gateway, each way, and how a credential is written. Hop-by-hop fields, framing and the gateway's own
/// (`x-request-id`, `x-smg-*`, `user-agent`, `content-type`, `accept`) are never answered with yes here: their owners write them.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/secret.hpp"
#include "http/fields.hpp"
#include "providers/provider.hpp"

namespace smg::providers {

/// The circumstances of one request upstream.
struct Passage {
    bool same_format = false;  ///< client and provider speak the same format: the body passes as it is
    bool callers_key = false;  ///< the credential sent is the caller's own
};

/// May this header of the caller go to the provider?
[[nodiscard]] bool forwards_request_header(const Provider& provider, std::string_view name, Passage passage) noexcept;

/// Adds to `out` the caller's headers that may go, and the provider's version headers (the caller's value on a same-format pass,
/// else the default).
void add_request_headers(const Provider& provider, const http::Fields& caller, Passage passage, http::Fields& out);

/// Sets the credential in `out`. `rule` is the worker's `auth`, or null for the provider's own. `was_bearer`: the caller sent this very key
/// as a bearer token in the provider's own format, so bearer it stays. Nothing is set for an empty key.
void set_credential(const Provider& provider, const CredentialRule* rule, const Secret& key, bool was_bearer, http::Fields& out);

/// May this header of the provider's answer reach the client on a same-format pass (a deny-list), or on a translation (families)?
[[nodiscard]] bool returns_response_header(const Provider& provider, std::string_view name, bool same_format) noexcept;

/// What the client gets of the provider's headers: those that may pass, Anthropic's rate limits also as `x-ratelimit-*` on a translation, the
/// request id under its native name (unless that is `x-request-id`) and as `x-smg-upstream-request-id`. `now` is Unix seconds.
[[nodiscard]] http::Fields response_headers(const Provider& provider, const http::Fields& upstream, bool same_format, std::int64_t now);

/// The provider's request id; empty when it sent none, or one that is no token.
[[nodiscard]] std::string_view upstream_request_id(const Provider& provider, const http::Fields& upstream) noexcept;

}  // namespace smg::providers
