#include "gateway/access.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "http/target.hpp"
#include "providers/catalog.hpp"

namespace smg::gateway {
namespace {

struct Shown {
    std::string value;
    bool bearer = false;
    bool for_gateway_only = false;
};

std::vector<Shown> shown_by(const ClientRequest& request) {
    std::vector<Shown> shown;
    const auto add = [&](std::string_view value, bool bearer, bool for_gateway_only) {
        value = trim(value);
        if (!value.empty()) shown.push_back({std::string(value), bearer, for_gateway_only});
    };
    for (const auto& field : request.head.fields) {
        if (iequals(field.name, "authorization")) {
            if (istarts_with(field.value, "bearer ")) add(std::string_view(field.value).substr(7), true, false);
        } else if (iequals(field.name, "x-api-key") || iequals(field.name, "x-goog-api-key")) {
            add(field.value, false, false);
        } else if (iequals(field.name, "x-smg-api-key")) {
            add(field.value, false, true);
        }
    }
    if (!request.query.empty())
        if (const auto key = http::query_parameter(request.query, "key")) add(*key, false, false);
    return shown;
}

/// Every key is compared, whichever matches, so that the time tells nothing.
bool is_gateway_key(std::string_view candidate, const std::vector<Secret>& keys) {
    bool found = false;
    for (const auto& key : keys) found |= key.matches(candidate);
    return found;
}

/// Likewise; null when it is nobody's.
TenantPtr tenant_by_key(std::string_view candidate, const std::vector<TenantPtr>& tenants) {
    TenantPtr found;
    for (const auto& tenant : tenants)
        for (const auto& key : tenant->settings().keys)
            if (key.matches(candidate)) found = tenant;
    return found;
}

/// Whom a header names that is trusted; null when it names nobody. A name that is unknown would go without any tenant's limits.
Result<TenantPtr> tenant_by_name(const http::Fields& fields, const AccessRules& rules) {
    const auto name = rules.tenant_header.empty() ? std::string_view() : trim(fields.get(rules.tenant_header));
    if (name.empty()) return TenantPtr();
    const auto named = std::find_if(rules.tenants.begin(), rules.tenants.end(), [name](const auto& each) { return each->name() == name; });
    if (named == rules.tenants.end()) return fail(Failure::forbidden, "the header '" + rules.tenant_header + "' names no tenant of this gateway");
    return *named;
}

bool is_loopback(const net::asio::ip::address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return net::asio::ip::make_address_v4(net::asio::ip::v4_mapped, address.to_v6()).is_loopback();
    return address.is_loopback();
}

}  // namespace

bool AccessRules::open() const noexcept {
    return keys.empty() && std::all_of(tenants.begin(), tenants.end(), [](const auto& tenant) { return tenant->settings().keys.empty(); });
}

Result<Credentials> check_access(const ClientRequest& request, const AccessRules& rules) {
    Credentials credentials;
    const bool open = rules.open();
    bool admitted = open;
    const Shown* brought = nullptr;
    const auto shown = shown_by(request);
    for (const auto& each : shown) {
        if (is_gateway_key(each.value, rules.keys)) {
            admitted = true;
        } else if (auto tenant = tenant_by_key(each.value, rules.tenants)) {
            admitted = true;
            credentials.tenant = std::move(tenant);
        } else if (!each.for_gateway_only && brought == nullptr && !providers::is_placeholder_key(each.value)) {
            brought = &each;
        }
    }
    if (!admitted)
        return fail(Failure::invalid_api_key, shown.empty()
                                                  ? "this gateway needs an API key: send it as 'Authorization: Bearer', 'x-api-key' or "
                                                    "'X-SMG-API-Key'"
                                                  : "this is no API key of this gateway; a provider's key may come beside the gateway's own "
                                                    "in 'X-SMG-API-Key'");
    if (brought != nullptr) {
        credentials.caller_key = Secret(brought->value);
        credentials.was_bearer = brought->bearer;
    }
    if (!credentials.tenant) {
        auto named = tenant_by_name(request.head.fields, rules);
        if (!named) return tl::unexpected(std::move(named.error()));
        credentials.tenant = std::move(*named);
    }
    credentials.stored_keys_allowed = !open || rules.insecure_open || is_loopback(request.peer);
    return credentials;
}

}  // namespace smg::gateway
