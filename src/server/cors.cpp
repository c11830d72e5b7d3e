#include "server/cors.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "http/characters.hpp"

namespace smg::server {

namespace {

/// The gateway's own, and what of the providers' SDKs look at. There is no pattern for names.
constexpr std::string_view exposed =
    "x-request-id, request-id, retry-after, retry-after-ms, x-should-retry, server-timing, x-smg-adjusted-params, x-smg-attempts, x-smg-error-code, "
    "x-smg-estimated, x-smg-fallback-model, x-smg-key-source, x-smg-provider, x-smg-upstream-request-id, x-smg-worker, "
    "x-ratelimit-limit-requests, x-ratelimit-limit-tokens, x-ratelimit-remaining-requests, x-ratelimit-remaining-tokens, "
    "x-ratelimit-reset-requests, x-ratelimit-reset-tokens";
constexpr std::string_view max_age = "3600";  // seconds; what a reload changes is known to browsers by then

bool is_token_list(std::string_view text) noexcept {
    for (;;) {
        const auto comma = std::min(text.find(','), text.size());
        if (!http::is_token(trim(text.substr(0, comma)))) return false;
        if (comma == text.size()) return true;
        text.remove_prefix(comma + 1);
    }
}

}  // namespace

std::string_view CorsRules::allowed(const http::Fields& request) const noexcept {
    if (origins.empty() || request.count("origin") != 1) return {};
    const auto origin = trim(request.get("origin"));
    std::string_view found;
    for (const auto& each : origins) {
        if (each == "*") return each;
        if (each == origin) found = each;
    }
    return found;
}

bool is_preflight(const http::Fields& request) noexcept { return request.count("origin") == 1 && request.contains("access-control-request-method"); }

http::Fields preflight_fields(const CorsRules& rules, const http::Fields& request, std::string_view methods) {
    const auto allowed = rules.allowed(request);
    if (allowed.empty()) return cors_fields(rules, request);
    http::Fields fields;
    fields.add("vary", "origin, access-control-request-method, access-control-request-headers");
    fields.add("access-control-allow-origin", allowed);
    fields.add("access-control-allow-methods", methods);
    if (request.count("access-control-request-headers") == 1) {
        const auto wanted = trim(request.get("access-control-request-headers"));
        if (is_token_list(wanted)) fields.add("access-control-allow-headers", wanted);
    }
    fields.add("access-control-max-age", max_age);
    return fields;
}

http::Fields cors_fields(const CorsRules& rules, const http::Fields& request) {
    http::Fields fields;
    if (rules.origins.empty()) return fields;
    // Also where nothing is allowed: what a cache keeps of one origin's answer is not another's.
    fields.add("vary", "origin");
    const auto allowed = rules.allowed(request);
    if (allowed.empty()) return fields;
    fields.add("access-control-allow-origin", allowed);
    fields.add("access-control-expose-headers", exposed);
    return fields;
}

}  // namespace smg::server
