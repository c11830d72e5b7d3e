#include "gateway/failure.hpp"

#include <gtest/gtest.h>

namespace smg::gateway {
namespace {

using providers::ApiFormat;
using workers::FailureClass;

struct Said {
    std::string name;
    ApiFormat format;
    int status;
    std::string body;
    FailureClass kind;
    bool waits = true;
};

class ErrorsOfProviders : public ::testing::TestWithParam<Said> {};

TEST_P(ErrorsOfProviders, HaveTheirClass) {
    const auto& said = GetParam();
    const auto error = providers::codec_of(said.format).decode_error(said.status, said.body);
    EXPECT_EQ(workers::rule_of(class_of(said.status, error, said.format, said.waits)).name, workers::rule_of(said.kind).name) << said.body;
}

std::string openai(const std::string& code, const std::string& type = "invalid_request_error", const std::string& message = "x") {
    return R"({"error":{"message":")" + message + R"(","type":")" + type + R"(","param":null,"code":")" + code + R"("}})";
}
std::string anthropic(const std::string& type, const std::string& message = "x") {
    return R"({"type":"error","error":{"type":")" + type + R"(","message":")" + message + R"("}})";
}
std::string gemini(int code, const std::string& status, const std::string& details = "[]") {
    return R"({"error":{"code":)" + std::to_string(code) + R"(,"message":"x","status":")" + status + R"(","details":)" + details + "}}";
}

constexpr auto chat = ApiFormat::openai_chat;
constexpr auto messages = ApiFormat::anthropic_messages;
constexpr auto google = ApiFormat::gemini;
using enum FailureClass;

INSTANTIATE_TEST_SUITE_P(
    All, ErrorsOfProviders,
    ::testing::Values(
        Said{"OpenAiRate", chat, 429, openai("rate_limit_exceeded", "tokens"), rate_limited},
        Said{"OpenAiRateUnstated", chat, 429, openai("rate_limit_exceeded", "tokens"), rate_limited, false},
        Said{"OpenAiQuota", chat, 429, openai("insufficient_quota", "insufficient_quota"), quota},
        Said{"OpenAiMonthly", chat, 429, openai("rate_limit_exceeded", "requests", "You reached your monthly limit"), quota, false},
        Said{"OpenAi402", chat, 402, openai(""), quota}, Said{"OpenAiKey", chat, 401, openai("invalid_api_key"), credential},
        Said{"OpenAi403", chat, 403, openai("permission_denied"), forbidden}, Said{"OpenAi404", chat, 404, openai("model_not_found"), not_found},
        Said{"OpenAiLong", chat, 400, openai("context_length_exceeded"), context_too_long},
        Said{"OpenAiRefused", chat, 400, openai("content_policy_violation"), content_refused},
        Said{"OpenAiBad", chat, 400, openai("unsupported_parameter"), bad_request},
        Said{"OpenAi500", chat, 500, openai("", "server_error"), server_error}, Said{"OpenAi503", chat, 503, openai("", "server_error"), overloaded},
        Said{"OpenAi408", chat, 408, openai(""), server_error}, Said{"OpenAi409", chat, 409, openai(""), conflict},
        Said{"OpenAi504", chat, 504, "<html>", server_error}, Said{"OpenAi502Html", chat, 502, "<html>", server_error},
        Said{"OpenAi501", chat, 501, openai(""), odd_server_error}, Said{"OpenAi520", chat, 520, "<html>", odd_server_error},
        Said{"XaiKey", chat, 400, R"({"code":"Client specified an invalid argument","error":"Incorrect API key provided: xa***le."})", credential},
        Said{"XaiMoney", chat, 403, R"({"code":"The caller does not have permission","error":"Your team has used all available credits"})", quota},
        Said{"AnthropicOverloaded", messages, 529, anthropic("overloaded_error"), overloaded},
        Said{"AnthropicRate", messages, 429, anthropic("rate_limit_error"), rate_limited},
        Said{"AnthropicSpendLimit", messages, 429, anthropic("rate_limit_error"), quota, false},
        Said{"AnthropicCredit", messages, 400, anthropic("invalid_request_error", "Your credit balance is too low"), quota},
        Said{"AnthropicBilling", messages, 402, anthropic("billing_error"), quota},
        Said{"AnthropicLong", messages, 400, anthropic("invalid_request_error", "prompt is too long: 210000 tokens"), context_too_long},
        Said{"AnthropicApi", messages, 500, anthropic("api_error"), server_error},
        Said{"AnthropicKey", messages, 401, anthropic("authentication_error"), credential},
        Said{"GeminiRate", google, 429,
             gemini(429, "RESOURCE_EXHAUSTED", R"([{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34s"}])"), rate_limited},
        Said{"GeminiDay", google, 429,
             gemini(429, "RESOURCE_EXHAUSTED",
                    R"([{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"RequestsPerDayPerProject"}]}])"),
             quota},
        Said{"GeminiKey", google, 400, gemini(400, "INVALID_ARGUMENT", R"([{"reason":"API_KEY_INVALID"}])"), credential},
        Said{"Gemini503", google, 503, gemini(503, "UNAVAILABLE"), overloaded}, Said{"Gemini500", google, 500, gemini(500, "INTERNAL"), server_error},
        Said{"Gemini504", google, 504, gemini(504, "DEADLINE_EXCEEDED"), server_error},
        Said{"Gemini400", google, 400, gemini(400, "INVALID_ARGUMENT"), bad_request},
        Said{"AnthropicEvent", messages, 0, anthropic("overloaded_error"), overloaded},
        Said{"AnthropicBadEvent", messages, 0, anthropic("invalid_request_error"), bad_request},
        Said{"OpenAiEvent", chat, 0, openai("", "server_error", "The server had an error"), server_error},
        Said{"OpenAiRateEvent", chat, 0, openai("rate_limit_exceeded"), rate_limited},
        Said{"GeminiEvent", google, 0, gemini(503, "UNAVAILABLE"), overloaded}),
    [](const auto& each) { return each.param.name; });

class StatedWaits : public ::testing::Test {
protected:
    std::optional<double> wait() const { return stated_wait(fields, error, now); }
    StatedWaits() { error.status = 429; }
    http::Fields fields;
    codec::ProviderError error;
    static constexpr std::int64_t now = 1'767'225'600;  // 2026-01-01T00:00:00Z
};

TEST_F(StatedWaits, NothingIsNothing) { EXPECT_FALSE(wait()); }

TEST_F(StatedWaits, SecondsMillisecondsAndDates) {
    fields.set("retry-after", "7");
    EXPECT_EQ(wait(), 7);
    fields.set("retry-after-ms", "250");
    EXPECT_EQ(wait(), 0.25);
    fields = {};
    fields.set("retry-after", "Thu, 01 Jan 2026 00:00:30 GMT");
    EXPECT_EQ(wait(), 30);
    fields.set("retry-after", "Wed, 31 Dec 2025 00:00:00 GMT");
    EXPECT_EQ(wait(), 0);
    for (const auto* nonsense : {"soon", "-1", "7s x", "Thu, 01 Jan 2026", ""}) {
        fields.set("retry-after", nonsense);
        EXPECT_FALSE(wait()) << nonsense;
    }
}

TEST_F(StatedWaits, GeminisRetryInfo) {
    error =
        providers::codec_of(ApiFormat::gemini)
            .decode_error(429, gemini(429, "RESOURCE_EXHAUSTED", R"([{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.4s"}])"));
    EXPECT_EQ(wait(), 34.4);
}

TEST_F(StatedWaits, OnlyTheResetOfALimitThatIsUsedUp) {
    fields.set("x-ratelimit-remaining-requests", "12");
    fields.set("x-ratelimit-reset-requests", "1h0m0s");
    fields.set("x-ratelimit-remaining-tokens", "0");
    fields.set("x-ratelimit-reset-tokens", "6m0.5s");
    EXPECT_EQ(wait(), 360.5);
    fields.set("x-ratelimit-reset-tokens", "20ms");
    EXPECT_EQ(wait(), 0.02);
    fields.set("x-ratelimit-reset-tokens", std::to_string(now + 9));
    EXPECT_EQ(wait(), 9);
    error.status = 503;
    EXPECT_FALSE(wait()) << "no limit was hit";
}

TEST_F(StatedWaits, ALimitThatDoesNotSayWhatRemainsIsUsedUp) {
    fields.set("x-ratelimit-reset-requests", "8s");
    EXPECT_EQ(wait(), 8);
}

TEST_F(StatedWaits, OpenRoutersAreMilliseconds) {
    fields.set("X-RateLimit-Remaining", "0");
    fields.set("X-RateLimit-Reset", std::to_string((now + 8) * 1000));
    EXPECT_EQ(wait(), 8);
    fields.set("X-RateLimit-Remaining", "3");
    EXPECT_FALSE(wait());
}

TEST_F(StatedWaits, OfSubscriptionsHaveAStatus) {
    fields.set("anthropic-ratelimit-unified-status", "rejected");
    fields.set("anthropic-ratelimit-unified-reset", std::to_string(now + 8));
    fields.set("anthropic-ratelimit-unified-7d-status", "allowed");
    fields.set("anthropic-ratelimit-unified-7d-reset", std::to_string(now + 500'000));
    EXPECT_EQ(wait(), 8);
    fields.set("anthropic-ratelimit-unified-status", "allowed_warning");
    EXPECT_FALSE(wait());
}

TEST_F(StatedWaits, AnthropicsResetsAreTimes) {
    fields.set("anthropic-ratelimit-input-tokens-remaining", "0");
    fields.set("anthropic-ratelimit-input-tokens-reset", "2026-01-01T00:00:42Z");
    fields.set("anthropic-ratelimit-requests-remaining", "3");
    fields.set("anthropic-ratelimit-requests-reset", "2026-01-01T01:00:00Z");
    EXPECT_EQ(wait(), 42);
}

TEST(Durations, AreReadAsProvidersWriteThem) {
    EXPECT_EQ(parse_duration("30"), 30);
    EXPECT_EQ(parse_duration("1.5s"), 1.5);
    EXPECT_EQ(parse_duration("6m0s"), 360);
    EXPECT_EQ(parse_duration("1h2m3s"), 3723);
    EXPECT_EQ(parse_duration("1d"), 86400);
    for (const auto* nonsense : {"", "s", "5x", "m5", "1..2s", "5s5"}) EXPECT_FALSE(parse_duration(nonsense)) << nonsense;
}

TEST(ShouldRetry, IsOneOfTwoWords) {
    http::Fields fields;
    EXPECT_FALSE(should_retry(fields).has_value());
    fields.set("x-should-retry", "True");
    EXPECT_EQ(should_retry(fields), true);
    fields.set("x-should-retry", "false");
    EXPECT_EQ(should_retry(fields), false);
    fields.set("x-should-retry", "maybe");
    EXPECT_FALSE(should_retry(fields).has_value());
}

}  // namespace
}  // namespace smg::gateway
