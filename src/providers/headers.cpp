#include "providers/headers.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "providers/model_pattern.hpp"
#include "providers/name_set.hpp"
#include "providers/rate_limits.hpp"

namespace smg::providers {

namespace {

/// Never sent upstream whatever a provider's rules say: credentials, what hides the client, and what names another hop.
const NameSet never_forwarded{"authorization", "proxy-*",       "x-api-key", "x-goog-api-key",   "api-key",      "cookie",
                              "x-smg-*",       "x-forwarded-*", "forwarded", "x-real-ip",        "x-goog-iam-*", "x-goog-authenticated-*",
                              "host",          "connection",    "content-*", "transfer-encoding"};

/// Never returned: hop-by-hop, framing and encoding, cookies, account ids, CDN, and what speaks for the provider's origin, not for ours.
const NameSet never_returned{"connection",
                             "keep-alive",
                             "proxy-*",
                             "te",
                             "trailer",
                             "transfer-encoding",
                             "upgrade",
                             "content-length",
                             "content-encoding",
                             "set-cookie*",
                             "openai-organization",
                             "openai-project",
                             "anthropic-organization-id",
                             "anthropic-workspace-id",
                             "cf-*",
                             "cdn-*",
                             "alt-svc",
                             "server",
                             "via",
                             "x-served-by",
                             "x-cache*",
                             "x-amz-cf-*",
                             "x-amz-id-2",
                             "x-azure-ref*",
                             "x-fastly-*",
                             "x-varnish",
                             "x-powered-by",
                             "strict-transport-security",
                             "content-security-policy*",
                             "report-to",
                             "reporting-endpoints",
                             "nel",
                             "access-control-*",
                             "cross-origin-*",
                             "x-frame-options",
                             "x-xss-protection",
                             "date",
                             "age",
                             "x-smg-*",
                             "x-request-id",
                             "x-envoy-*"};

/// What of another format's headers a client understands.
const NameSet families{"retry-after*", "x-should-retry", "x-ratelimit-*", "anthropic-ratelimit-*"};

const NameSet trace_headers{"traceparent", "tracestate"};

/// `*-organization`: a tail; the other patterns are prefixes or whole names.
bool is_private(const Provider& provider, std::string_view name) noexcept {
    return std::any_of(provider.private_response_headers.begin(), provider.private_response_headers.end(), [&](const std::string& pattern) {
        if (!pattern.starts_with('*')) return matches_name(pattern, name);
        const auto tail = std::string_view(pattern).substr(1);
        return name.size() >= tail.size() && iequals(name.substr(name.size() - tail.size()), tail);
    });
}

bool ends_in(std::string_view name, std::string_view tail) noexcept {
    return name.size() >= tail.size() && iequals(name.substr(name.size() - tail.size()), tail);
}

bool is_token(std::string_view text) noexcept {
    return !text.empty() && text.size() <= 256 && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

/// Three base64url parts, the first of which is a JSON object (`{"` is `eyJ`).
bool is_jwt(std::string_view key) noexcept { return key.starts_with("eyJ") && std::count(key.begin(), key.end(), '.') == 2; }

bool travels_as_bearer(const Provider& provider, std::string_view key) noexcept {
    for (const auto& prefix : provider.bearer_key_prefixes)
        if (key.starts_with(prefix)) return true;
    return provider.bearer_jwt && is_jwt(key);
}

bool is_version_header(const Provider& provider, std::string_view name) noexcept {
    const auto& all = provider.version_headers;
    return std::any_of(all.begin(), all.end(), [&](const auto& header) { return iequals(header.first, name); });
}

}  // namespace

bool forwards_request_header(const Provider& provider, std::string_view name, Passage passage) noexcept {
    if (never_forwarded.matches(name)) return false;
    if (trace_headers.matches(name)) return true;
    if (is_version_header(provider, name)) return passage.same_format;
    for (const auto& rule : provider.request_headers) {  // the first that matches decides: narrow rules stand before wide ones
        if (!matches_name(rule.name, name)) continue;
        return (passage.callers_key || !rule.callers_key_only) && (passage.same_format || !rule.same_format_only);
    }
    return false;
}

void add_request_headers(const Provider& provider, const http::Fields& caller, Passage passage, http::Fields& out) {
    for (const auto& field : caller)
        if (forwards_request_header(provider, field.name, passage)) out.add(field);
    for (const auto& [name, value] : provider.version_headers)
        if (trim(out.get(name)).empty()) out.set(name, value);
}

void set_credential(const Provider& provider, const CredentialRule* rule, const Secret& key, bool was_bearer, http::Fields& out) {
    if (key.empty()) return;
    static const CredentialRule bearer;
    const CredentialRule* used = rule;
    if (!used) used = was_bearer || travels_as_bearer(provider, key.reveal()) ? &bearer : &provider.credential;
    out.set(used->header, used->scheme.empty() ? key.reveal() : used->scheme + " " + key.reveal());
}

bool returns_response_header(const Provider& provider, std::string_view name, bool same_format) noexcept {
    if (never_returned.matches(name) || is_private(provider, name)) return false;
    if (iequals(name, provider.request_id_header)) return true;
    return same_format || families.matches(name) || ends_in(name, "-processing-ms");
}

std::string_view upstream_request_id(const Provider& provider, const http::Fields& upstream) noexcept {
    for (const std::string_view name :
         {std::string_view(provider.request_id_header), std::string_view("x-request-id"), std::string_view("request-id")})
        if (const auto id = upstream.get(name); is_token(id)) return id;
    return {};
}

http::Fields response_headers(const Provider& provider, const http::Fields& upstream, bool same_format, std::int64_t now) {
    http::Fields out;
    out.reserve(upstream.size() + 8, 1024);
    for (const auto& field : upstream)
        if (returns_response_header(provider, field.name, same_format)) out.add(field);
    if (!same_format) add_openai_rate_limits(upstream, now, out);
    if (const auto id = upstream_request_id(provider, upstream); !id.empty()) out.set("x-smg-upstream-request-id", std::string(id));
    return out;
}

}  // namespace smg::providers
