#pragma once
/// Fetching the keys of an issuer of tokens. Only places that the operator named, and what they name, are asked; never one of a token's.
#include <string>

#include "admin/jwk_set.hpp"
#include "http/url.hpp"
#include "net/cancellation.hpp"
#include "smg/config.hpp"
#include "upstream/pool.hpp"

namespace smg::admin {

/// Where an issuer's keys are.
struct IssuerSource {
    std::string issuer;
    http::Url url;          ///< the set of keys; or the document that names it (OpenID Connect Discovery 1.0 section 4)
    bool discover = false;  ///< the latter

    /// Failure: invalid_request, with the flag and why its URL is none.
    [[nodiscard]] static Result<IssuerSource> of(const config::JwtSettings& settings);
};

/// Asks for them, in some seconds at most: https, or http on this machine; no redirect is followed. On the pool's loop.
/// Failures: upstream_error, upstream_timeout, with the place.
[[nodiscard]] net::Awaitable<Result<JwkSet>> fetch_issuer_keys(upstream::Pool& pool, IssuerSource source, config::Proxies proxies,
                                                               net::Cancellation& cancellation);

}  // namespace smg::admin
