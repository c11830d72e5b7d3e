#include "admin/access.hpp"

#include "admin/jwt.hpp"
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

/// RFC 6750 section 3.1.
Refusal bad_token(const std::string& what) {
    auto response = error_response(401, "UNAUTHORIZED", "the token " + what);
    response.fields.add("www-authenticate", R"(Bearer error="invalid_token")");
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

/// What stands behind `Authorization: Bearer`, once.
std::optional<std::string> shown_token(const http::Fields& fields) {
    if (fields.count("authorization") != 1) return std::nullopt;
    const auto value = trim(fields.get("authorization"));
    if (!istarts_with(value, "bearer ")) return std::nullopt;
    return std::string(trim(value.substr(7)));
}

/// All are compared, whichever fits: how long it takes tells nothing. One of an admin before one of a user.
const config::ControlPlaneKey* holder_of(const std::vector<config::ControlPlaneKey>& keys, const std::vector<std::string_view>& shown) {
    const config::ControlPlaneKey* holder = nullptr;
    for (const auto& key : keys)
        for (const auto each : shown)
            if (key.key.matches(each) && (!holder || key.admin)) holder = &key;
    return holder;
}

tl::expected<Caller, Response> by_token(const AccessRules& rules, const std::string& token, const JwkSet* issuer_keys, std::int64_t now) {
    if (const auto header = read_jwt_header(token); !header) return bad_token(header.error());
    if (issuer_keys == nullptr) {
        auto response = error_response(503, "SERVICE_UNAVAILABLE", "the keys that the token is to be verified with cannot be fetched just now");
        response.fields.add("retry-after", "5");
        return Refusal(std::move(response));
    }
    const auto caller = verify_jwt(token, *issuer_keys, rules.jwt, now);
    if (!caller) return bad_token(caller.error());
    if (!caller->admin) return forbidden("the control plane needs the role `admin`; the token's `" + rules.jwt.role_claim + "` does not have it");
    return Caller("jwt:" + caller->subject);
}

tl::expected<Caller, Response> by_credential(const AccessRules& rules, const Request& request, const JwkSet* issuer_keys, std::int64_t now) {
    const auto shown = shown_keys(request.fields);
    const bool takes_tokens = !rules.jwt.issuer.empty();
    if (shown.empty())
        return unauthorised(std::string("the control plane needs a key") + (takes_tokens ? " or a token" : "") +
                            ": send it as `Authorization: Bearer`, a key also as `x-api-key` or `X-SMG-API-Key`");
    const auto* holder = holder_of(rules.keys, shown);
    if (holder && holder->admin) return Caller(holder->id + ":" + holder->name);
    if (takes_tokens)
        if (const auto token = shown_token(request.fields)) {
            auto judged = by_token(rules, *token, issuer_keys, now);
            if (judged || !holder || judged.error().status == 503) return judged;
        }
    if (holder) return forbidden("the control plane needs the role `admin`; the key `" + holder->id + "` has the role `user`");
    bool is_api_key = false;
    if (rules.keys.empty() && !takes_tokens)
        for (const auto each : shown) is_api_key = rules.api_key.matches(each) || is_api_key;
    if (is_api_key) return Caller("api key");
    return unauthorised("the key is not one of the control plane's");
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
    constexpr auto remedy = "; start the gateway with --control-plane-api-keys, --jwt-issuer or --api-key to use the control plane from there";
    if (!is_loopback(request.peer)) return forbidden(std::string("without a key the control plane answers this machine alone") + remedy);
    if (!has_loopback_host(request.fields)) return forbidden(std::string("the Host header names no loopback address") + remedy);
    if (has_foreign_origin(request.fields)) return forbidden(std::string("the request comes from a page of another origin") + remedy);
    if (came_through_a_proxy(request.fields)) return forbidden(std::string("the request came through a proxy") + remedy);
    if (!request.body.empty() && !http::is_json(request.fields.get("content-type")))
        return Refusal(error_response(415, "UNSUPPORTED_MEDIA_TYPE", "a body needs `content-type: application/json`"));
    return Caller("loopback");
}

}  // namespace

std::optional<std::string> wanted_issuer_key(const AccessRules& rules, const Request& request) {
    if (rules.jwt.issuer.empty()) return std::nullopt;
    const auto token = shown_token(request.fields);
    const auto* holder = holder_of(rules.keys, shown_keys(request.fields));
    if (!token || (holder && holder->admin)) return std::nullopt;
    auto header = read_jwt_header(*token);
    if (!header) return std::nullopt;
    return std::move(header->key_id);
}

tl::expected<Caller, Response> authorise(const AccessRules& rules, const Request& request, const JwkSet* issuer_keys, std::int64_t now) {
    if (rules.keys.empty() && rules.jwt.issuer.empty() && rules.api_key.empty()) return by_loopback(request);
    return by_credential(rules, request, issuer_keys, now);
}

}  // namespace smg::admin
