#pragma once
/// Who may use the data plane, and which provider credential a request brings (contract section 8).
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "gateway/client.hpp"
#include "gateway/tenant.hpp"

namespace smg::gateway {

/// From the configuration; read by all threads.
struct AccessRules {
    [[nodiscard]] bool open() const noexcept;  ///< there is no key: everybody may come

    std::vector<Secret> keys;        ///< the gateway's own; empty: everybody may come
    std::vector<TenantPtr> tenants;  ///< their keys are the gateway's own too
    std::string tenant_header;       ///< may name the tenant of who shows no tenant's key; empty: no header may
    bool insecure_open = false;      ///< stored keys serve everybody although there is no key of our own
};

/// What a request showed, sorted.
struct Credentials {
    Secret caller_key;                 ///< of a provider, from whatever header; never one of the gateway's own. Empty: none
    bool was_bearer = false;           ///< it came as `Authorization: Bearer`
    bool stored_keys_allowed = false;  ///< the workers' stored keys may serve this caller
    TenantPtr tenant;                  ///< null: nobody in particular
};

/// Looks at the head alone: `Authorization: Bearer`, `x-api-key`, `x-goog-api-key`, `?key=` and `X-SMG-API-Key`, which only ever holds a key of
/// the gateway's. invalid_api_key when the gateway has keys and none of them was shown. Comparisons take constant time.
[[nodiscard]] Result<Credentials> check_access(const ClientRequest& request, const AccessRules& rules);

}  // namespace smg::gateway
