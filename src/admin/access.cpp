#include "admin/access.hpp"

#include "base/ascii.hpp"
#include "http/media_type.hpp"
#include "http/url.hpp"

namespace smg::admin {

namespace {

using Refusal = tl::unexpected<Response>;

Refusal unauthorised(const std::string& message) {
    auto response = error_response(401, "UNAUTHORIZED", message);
    response.fields.add("www-authenticate", "Bearer");
    return Refusal(std::move(response));
}

Refusal forbidden(const std::string& message) { return Refusal(error_response(403, "FORBIDDEN", message)); }

/// Every credential that the request shows: an SDK may send one of its own beside ours.
std::vector<std::string_view> shown_keys(const http::Fields& fields) {
    std::vector<std::string_view> keys;
    for (const auto& field : fields) {
        std::string_view value = trim(field.value);
        if (iequals(field.name, "authorization")) {
            if (!istarts_with(value, "bearer ")) continue;
            value = trim(value.substr(7));
        } else if (!iequals(field.name, "x-api-key") && !iequals(field.name, "x-smg-api-key")) {
            continue;
        }
        if (!value.empty()) keys.push_back(value);
    }
    return keys;
}

tl::expected<Caller, Response> by_key(const AccessRules& rules, const std::vector<std::string_view>& shown) {
    if (shown.empty()) return unauthorised("the control plane needs a key: send it as `Authorization: Bearer KEY`, `x-api-key` or `X-SMG-API-Key`");
    // All are compared, whichever fits: how long it takes tells nothing.
    const config::ControlPlaneKey* holder = nullptr;
    for (const auto& key : rules.keys)
        for (const auto each : shown)
            if (key.key.matches(each) && (!holder || key.admin)) holder = &key;
    bool is_api_key = false;
    if (rules.keys.empty())
        for (const auto each : shown) is_api_key = rules.api_key.matches(each) || is_api_key;
    if (is_api_key) return Caller("api key");
    if (!holder) return unauthorised("the key is not one of the control plane's");
    if (!holder->admin) return forbidden("the control plane needs the role `admin`; the key `" + holder->id + "` has the role `user`");
    return Caller(holder->id + ":" + holder->name);
}

bool is_loopback(const net::asio::ip::address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return net::asio::ip::make_address_v4(net::asio::ip::v4_mapped, address.to_v6()).is_loopback();
    return address.is_loopback();
}

bool is_loopback_name(const std::string& host) {
    if (host == "localhost") return true;
    net::error_code code;
    const auto address = net::asio::ip::make_address(host, code);
    return !code && is_loopback(address);
}

bool has_loopback_host(const http::Fields& fields) {
    if (fields.count("host") != 1) return false;
    const auto url = http::parse_url("http://" + std::string(fields.get("host")));
    return url && is_loopback_name(url->host);
}

/// A page of this very origin may, none else: another port of this machine serves other people's pages.
bool has_foreign_origin(const http::Fields& fields) {
    const auto site = trim(fields.get("sec-fetch-site"));
    if (!site.empty() && site != "same-origin" && site != "none") return true;
    for (const auto& field : fields) {
        if (!iequals(field.name, "origin")) continue;
        const auto origin = http::parse_url(trim(field.value));
        if (!origin) return true;
        const auto own = http::parse_url((origin->tls ? "https://" : "http://") + std::string(fields.get("host")));
        if (!own || own->host != origin->host || own->port != origin->port) return true;
    }
    return false;
}

bool came_through_a_proxy(const http::Fields& fields) {
    for (const auto& field : fields)
        if (iequals(field.name, "forwarded") || istarts_with(field.name, "x-forwarded-") || iequals(field.name, "x-real-ip")) return true;
    return false;
}

tl::expected<Caller, Response> by_loopback(const Request& request) {
    constexpr auto remedy = "; start the gateway with --control-plane-api-keys or --api-key to use the control plane from there";
    if (!is_loopback(request.peer)) return forbidden(std::string("without a key the control plane answers this machine alone") + remedy);
    if (!has_loopback_host(request.fields)) return forbidden(std::string("the Host header names no loopback address") + remedy);
    if (has_foreign_origin(request.fields)) return forbidden(std::string("the request comes from a page of another origin") + remedy);
    if (came_through_a_proxy(request.fields)) return forbidden(std::string("the request came through a proxy") + remedy);
    if (!request.body.empty() && !http::is_json(request.fields.get("content-type")))
        return Refusal(error_response(415, "UNSUPPORTED_MEDIA_TYPE", "a body needs `content-type: application/json`"));
    return Caller("loopback");
}

}  // namespace

tl::expected<Caller, Response> authorise(const AccessRules& rules, const Request& request) {
    if (rules.keys.empty() && rules.api_key.empty()) return by_loopback(request);
    return by_key(rules, shown_keys(request.fields));
}

}  // namespace smg::admin
