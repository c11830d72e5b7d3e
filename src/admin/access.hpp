#pragma once
/// May this request use the control plane? (contract section 8)
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "admin/issuer_keys.hpp"
#include "admin/request.hpp"
#include "base/secret.hpp"
#include "smg/config.hpp"

namespace smg::admin {

struct AccessRules {
    std::vector<config::ControlPlaneKey> keys;  ///< with any of these, or with tokens, nothing else opens the control plane
    config::JwtSettings jwt;                    ///< without an issuer, no token does
    std::shared_ptr<IssuerKeys> issuer_keys;    ///< what its tokens are verified with; null where there is no issuer
    Secret api_key;                             ///< `--api-key`, where there are neither keys nor tokens
};

/// Who was let in, for the audit line; no secret.
struct Caller {
    explicit Caller(std::string who) : name(std::move(who)) {}
    std::string name;
};

/// The `kid` of the key (empty: it names none) that is needed to judge a token that the request shows; nothing: it shows none, it can be refused
/// without, or a key opens the control plane anyway. Pure; any thread.
[[nodiscard]] std::optional<std::string> wanted_issuer_key(const AccessRules& rules, const Request& request);

/// The caller, or what to answer: 401 `UNAUTHORIZED`, 403 `FORBIDDEN`, 415 `UNSUPPORTED_MEDIA_TYPE`, 503 `SERVICE_UNAVAILABLE` (a token, and no
/// keys of its issuer: null). A key comes as `Authorization: Bearer`, `x-api-key` or `X-SMG-API-Key`, a token as `Authorization: Bearer` (RFC 6750);
/// one that is right is enough. Without any key or issuer in the rules: a loopback peer with a loopback Host, no
/// foreign Origin, no sign of a proxy, and a JSON content type where there is a body: none of these has a web page, a proxy on
/// this host or a name that was rebound. Pure; any thread. Compares keys in constant time. `now`: seconds since 1970.
[[nodiscard]] tl::expected<Caller, Response> authorise(const AccessRules& rules, const Request& request, const JwkSet* issuer_keys = nullptr,
                                                       std::int64_t now = 0);

}  // namespace smg::admin
