#pragma once
/// May this request use the control plane? (contract section 8)
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "admin/request.hpp"
#include "base/secret.hpp"
#include "smg/config.hpp"

namespace smg::admin {

struct AccessRules {
    std::vector<config::ControlPlaneKey> keys;  ///< with any of these, nothing else opens the control plane
    Secret api_key;                             ///< `--api-key`, where there are none
};

/// Who was let in, for the audit line; no secret.
struct Caller {
    explicit Caller(std::string who) : name(std::move(who)) {}
    std::string name;
};

/// The caller, or what to answer: 401 `UNAUTHORIZED`, 403 `FORBIDDEN`, 415 `UNSUPPORTED_MEDIA_TYPE`. A key comes as `Authorization: Bearer`,
/// `x-api-key` or `X-SMG-API-Key`; one that is right is enough. Without any key in the rules: a loopback peer with a loopback Host, no
/// foreign Origin, no sign of a proxy, and a JSON content type where there is a body: none of these has a web page, a proxy on
/// this host or a name that was rebound. Pure; any thread. Compares in constant time.
[[nodiscard]] tl::expected<Caller, Response> authorise(const AccessRules& rules, const Request& request);

}  // namespace smg::admin
