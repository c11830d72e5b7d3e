#include "providers/headers.hpp"

#include <gtest/gtest.h>

#include "providers/catalog.hpp"
#include "providers/timestamp.hpp"

namespace smg::providers {
namespace {

const Provider& provider(const char* name) { return *Catalog::built_in()->find(name); }
constexpr Passage same_own{true, true};
constexpr Passage same_stored{true, false};
constexpr Passage translated{false, true};

TEST(RequestHeaders, Only_what_the_provider_defines_goes_up) {
    const auto goes = [](const char* name, const char* header, Passage passage = same_own) {
        return forwards_request_header(provider(name), header, passage);
    };
    EXPECT_TRUE(goes("openai", "OpenAI-Beta"));
    EXPECT_TRUE(goes("openai", "Idempotency-Key"));
    EXPECT_TRUE(goes("openai", "X-Stainless-Lang"));
    EXPECT_TRUE(goes("anthropic", "anthropic-beta"));
    EXPECT_TRUE(goes("anthropic", "anthropic-version"));
    EXPECT_TRUE(goes("xai", "x-grok-conv-id"));
    EXPECT_TRUE(goes("gemini", "x-goog-api-client"));
    EXPECT_TRUE(goes("openai", "traceparent"));
    EXPECT_TRUE(goes("gemini", "tracestate", translated));
    EXPECT_FALSE(goes("openai", "anthropic-beta"));
    EXPECT_FALSE(goes("anthropic", "openai-beta"));
    EXPECT_FALSE(goes("gemini", "x-stainless-lang"));
    EXPECT_FALSE(goes("openai-compatible", "x-grok-conv-id"));
}

TEST(RequestHeaders, Credentials_cookies_and_hops_never_go_up) {
    for (const auto& each : Catalog::built_in()->all())
        for (const auto* header :
             {"authorization", "x-api-key", "X-Goog-Api-Key", "api-key", "cookie", "x-forwarded-for", "forwarded", "x-real-ip", "x-smg-api-key",
              "proxy-authorization", "host", "content-length", "transfer-encoding", "x-goog-iam-authorization-token", "x-unknown"})
            EXPECT_FALSE(forwards_request_header(*each, header, same_own)) << each->name << " " << header;
}

TEST(RequestHeaders, Account_headers_go_with_the_callers_own_key_alone) {
    for (const auto& [name, header] : {std::pair("openai", "openai-organization"), {"openai", "openai-project"}, {"gemini", "x-goog-user-project"}}) {
        EXPECT_TRUE(forwards_request_header(provider(name), header, same_own)) << header;
        EXPECT_FALSE(forwards_request_header(provider(name), header, same_stored)) << header;
    }
}

TEST(RequestHeaders, The_version_is_the_callers_else_the_default) {
    http::Fields caller;
    http::Fields out;
    add_request_headers(provider("anthropic"), caller, same_own, out);
    EXPECT_EQ(out.get("anthropic-version"), "2023-06-01");
    caller.add("Anthropic-Version", "2026-10-21");
    caller.add("Anthropic-Beta", "a,b");
    out.clear();
    add_request_headers(provider("anthropic"), caller, same_own, out);
    EXPECT_EQ(out.get("anthropic-version"), "2026-10-21");
    EXPECT_EQ(out.count("anthropic-version"), 1U);
    EXPECT_EQ(out.get("anthropic-beta"), "a,b");
    out.clear();
    add_request_headers(provider("anthropic"), caller, translated, out);  // a translated body is written for the pinned version
    EXPECT_EQ(out.get("anthropic-version"), "2023-06-01");
    EXPECT_FALSE(out.contains("anthropic-beta"));
    out.clear();
    add_request_headers(provider("openai"), caller, same_own, out);
    EXPECT_TRUE(out.empty());
}

std::string credential(const char* name, const char* key, const char* header, bool was_bearer = false, const CredentialRule* rule = nullptr) {
    http::Fields out;
    set_credential(provider(name), rule, Secret(key), was_bearer, out);
    EXPECT_LE(out.size(), 1U);
    return std::string(out.get(header));
}

TEST(Credential, Each_provider_in_its_own_header) {
    EXPECT_EQ(credential("openai", "k", "authorization"), "Bearer k");
    EXPECT_EQ(credential("xai", "k", "authorization"), "Bearer k");
    EXPECT_EQ(credential("anthropic", "sk-ant-api03-k", "x-api-key"), "sk-ant-api03-k");
    EXPECT_EQ(credential("gemini", "AIza", "x-goog-api-key"), "AIza");
    EXPECT_EQ(credential("azure", "k", "api-key"), "k");
}

TEST(Credential, OAuth_tokens_travel_as_bearer) {
    EXPECT_EQ(credential("anthropic", "sk-ant-oat01-k", "authorization"), "Bearer sk-ant-oat01-k");
    EXPECT_EQ(credential("anthropic", "eyJhbGciOi.e30.sig", "authorization"), "Bearer eyJhbGciOi.e30.sig");
    EXPECT_EQ(credential("gemini", "ya29.abc", "authorization"), "Bearer ya29.abc");
}

TEST(Credential, Bearer_stays_bearer_and_a_workers_rule_wins) {
    EXPECT_EQ(credential("anthropic", "sk-ant-api03-k", "authorization", true), "Bearer sk-ant-api03-k");
    const CredentialRule rule{"x-key", "Token"};
    EXPECT_EQ(credential("anthropic", "k", "x-key", true, &rule), "Token k");
}

TEST(Credential, An_empty_key_sets_nothing) {
    http::Fields out;
    set_credential(provider("openai"), nullptr, Secret(), false, out);
    EXPECT_TRUE(out.empty());
}

TEST(ResponseHeaders, A_deny_list_on_a_same_format_pass) {
    const auto& openai = provider("openai");
    for (const auto* header : {"x-ratelimit-remaining-tokens", "retry-after", "retry-after-ms", "x-should-retry", "openai-processing-ms",
                               "openai-version", "content-type", "x-new-thing"})
        EXPECT_TRUE(returns_response_header(openai, header, true)) << header;
    for (const auto* header : {"set-cookie",
                               "Set-Cookie2",
                               "cf-ray",
                               "CF-Cache-Status",
                               "server",
                               "alt-svc",
                               "via",
                               "openai-organization",
                               "openai-project",
                               "anthropic-organization-id",
                               "anthropic-workspace-id",
                               "connection",
                               "keep-alive",
                               "transfer-encoding",
                               "content-length",
                               "content-encoding",
                               "strict-transport-security",
                               "access-control-allow-origin",
                               "x-smg-worker",
                               "x-request-id",
                               "x-envoy-upstream-service-time",
                               "date"})
        EXPECT_FALSE(returns_response_header(openai, header, true)) << header;
}

TEST(ResponseHeaders, Families_on_a_translation) {
    const auto& anthropic = provider("anthropic");
    for (const auto* header :
         {"retry-after", "x-should-retry", "x-ratelimit-limit-requests", "anthropic-ratelimit-requests-limit", "x-processing-ms", "request-id"})
        EXPECT_TRUE(returns_response_header(anthropic, header, false)) << header;
    for (const auto* header : {"content-type", "x-new-thing", "server-timing", "anthropic-organization-id"})
        EXPECT_FALSE(returns_response_header(anthropic, header, false)) << header;
}

TEST(ResponseHeaders, Anthropics_limits_in_openais_words) {
    http::Fields upstream;
    upstream.add("anthropic-ratelimit-requests-limit", "50");
    upstream.add("anthropic-ratelimit-requests-remaining", "49");
    upstream.add("anthropic-ratelimit-requests-reset", "2026-01-01T00:06:00Z");
    upstream.add("anthropic-ratelimit-input-tokens-remaining", "1000");
    upstream.add("anthropic-ratelimit-output-tokens-remaining", "10");
    upstream.add("anthropic-ratelimit-output-tokens-limit", "80");
    upstream.add("request-id", "req_1");
    upstream.add("anthropic-organization-id", "org");
    const auto now = parse_rfc3339("2026-01-01T00:00:00Z").value();
    const auto out = response_headers(provider("anthropic"), upstream, false, now);
    EXPECT_EQ(out.get("x-ratelimit-limit-requests"), "50");
    EXPECT_EQ(out.get("x-ratelimit-remaining-requests"), "49");
    EXPECT_EQ(out.get("x-ratelimit-reset-requests"), "6m0s");
    EXPECT_EQ(out.get("x-ratelimit-remaining-tokens"), "10");
    EXPECT_EQ(out.get("x-ratelimit-limit-tokens"), "80");
    EXPECT_EQ(out.get("anthropic-ratelimit-requests-limit"), "50");
    EXPECT_EQ(out.get("request-id"), "req_1");
    EXPECT_EQ(out.get("x-smg-upstream-request-id"), "req_1");
    EXPECT_FALSE(out.contains("anthropic-organization-id"));
    EXPECT_FALSE(response_headers(provider("anthropic"), upstream, true, now).contains("x-ratelimit-limit-requests"));
}

TEST(ResponseHeaders, Request_ids) {
    http::Fields upstream;
    upstream.add("x-request-id", "req_2");
    const auto out = response_headers(provider("openai"), upstream, true, 0);
    EXPECT_FALSE(out.contains("x-request-id"));
    EXPECT_EQ(out.get("x-smg-upstream-request-id"), "req_2");
    upstream.clear();
    upstream.add("x-request-id", "bad id");
    EXPECT_EQ(upstream_request_id(provider("openai"), upstream), "");
}

TEST(Timestamp, Rfc3339) {
    EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), 0);
    EXPECT_EQ(parse_rfc3339("2025-05-14T00:00:00Z"), 1747180800);
    EXPECT_EQ(parse_rfc3339("2025-05-14T02:00:00.123456+02:00"), 1747180800);
    for (const auto* text : {"", "2025-05-14", "2025-13-01T00:00:00Z", "2025-02-30T00:00:00Z", "2025-05-14T00:00:00", "2025-05-14T24:00:00Z",
                             "2025-05-14T00:00:00Zx", "20m"})
        EXPECT_FALSE(parse_rfc3339(text)) << text;
    EXPECT_EQ(format_duration(-3), "0s");
    EXPECT_EQ(format_duration(34), "34s");
    EXPECT_EQ(format_duration(3661), "1h1m1s");
}

}  // namespace
}  // namespace smg::providers
