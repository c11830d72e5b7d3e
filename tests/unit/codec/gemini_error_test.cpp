/// google.rpc.Status and what a client is told.
#include "gemini_testing.hpp"

namespace smg::codec::gemini_testing {
namespace {

ProviderError decoded(int status, std::string_view body) { return gemini().decode_error(status, body); }

/// An error of this status with these details.
std::string error(int code, const std::string& status, const std::string& message, const std::string& details = "[]") {
    return R"({"error":{"code":)" + std::to_string(code) + R"(,"message":")" + message + R"(","status":")" + status + R"(","details":)" + details +
           "}}";
}

TEST(GeminiError, StatusesHaveOpenAisWords) {
    const struct {
        int status;
        const char *name, *type, *code;
    } cases[] = {{400, "INVALID_ARGUMENT", "invalid_request_error", ""},
                 {400, "FAILED_PRECONDITION", "invalid_request_error", ""},
                 {401, "UNAUTHENTICATED", "invalid_request_error", "invalid_api_key"},
                 {403, "PERMISSION_DENIED", "invalid_request_error", "permission_denied"},
                 {404, "NOT_FOUND", "invalid_request_error", "model_not_found"},
                 {429, "RESOURCE_EXHAUSTED", "rate_limit_error", "rate_limit_exceeded"},
                 {500, "INTERNAL", "server_error", ""},
                 {503, "UNAVAILABLE", "server_error", "overloaded"},
                 {504, "DEADLINE_EXCEEDED", "server_error", "timeout"}};
    for (const auto& one : cases) {
        const auto e = decoded(one.status, error(one.status, one.name, "m"));
        EXPECT_EQ(e.status, one.status) << one.name;
        EXPECT_EQ(e.type, one.type) << one.name;
        EXPECT_EQ(e.code, one.code) << one.name;
        EXPECT_EQ(e.native_type, one.name);
        EXPECT_EQ(e.message, "m");
        EXPECT_LT(e.retry_after_seconds, 0);
        EXPECT_FALSE(e.should_not_retry);
        EXPECT_EQ(Json::parse(gemini().encode_error(e, "id"))["error"]["status"], one.name);
    }
}

TEST(GeminiError, ABadKeyIsAFourHundredThatMeans401) {
    const auto e =
        decoded(400, error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.",
                           R"([{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}])"));
    EXPECT_EQ(e.status, 401);
    EXPECT_EQ(e.native_status, 400);
    EXPECT_EQ(e.code, "invalid_api_key");
    EXPECT_EQ(decoded(400, error(400, "INVALID_ARGUMENT", "API Key not found. Please pass a valid API key.")).status, 400);
    EXPECT_EQ(decoded(400, error(400, "INVALID_ARGUMENT", "API key expired. Please renew the API key.")).status, 401);
    EXPECT_EQ(Json::parse(gemini().encode_error(e, ""))["error"]["details"][0]["reason"], "API_KEY_INVALID");
}

TEST(GeminiError, RetryInfoAndQuota) {
    const auto minute =
        decoded(429, error(429, "RESOURCE_EXHAUSTED", "m", R"([{"@type":"x","violations":[{"quotaId":"GenerateRequestsPerMinutePerProject"}]},
        {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.4s"}])"));
    EXPECT_DOUBLE_EQ(minute.retry_after_seconds, 34.4);
    EXPECT_EQ(minute.code, "rate_limit_exceeded");
    EXPECT_EQ(Json::parse(gemini().encode_error(minute, ""))["error"]["details"][0]["retryDelay"], "35s");
    const auto day =
        decoded(429, error(429, "RESOURCE_EXHAUSTED", "m", R"([{"violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel"}]}])"));
    EXPECT_EQ(day.code, "insufficient_quota");
    EXPECT_TRUE(day.should_not_retry);
    const auto free =
        decoded(429, error(429, "RESOURCE_EXHAUSTED", "m",
                           R"([{"violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier"}]},{"retryDelay":"7s"}])"));
    EXPECT_EQ(free.code, "insufficient_quota");
    EXPECT_FALSE(free.should_not_retry);
    EXPECT_DOUBLE_EQ(free.retry_after_seconds, 7);
    EXPECT_LT(decoded(429, error(429, "RESOURCE_EXHAUSTED", "m", R"([{"retryDelay":"soon"},{"retryDelay":"-1s"}])")).retry_after_seconds, 0);
}

TEST(GeminiError, ContextLengthHasItsCode) {
    const auto e =
        decoded(400, error(400, "INVALID_ARGUMENT", "The input token count (1250074) exceeds the maximum number of tokens allowed (1048576)."));
    EXPECT_EQ(e.code, "context_length_exceeded");
    EXPECT_EQ(e.status, 400);
}

TEST(GeminiError, FieldViolationsNameTheField) {
    EXPECT_EQ(decoded(400, error(400, "INVALID_ARGUMENT", "m", R"([{"fieldViolations":[{"field":"contents[0].parts","description":"d"}]}])")).param,
              "contents[0].parts");
}

TEST(GeminiError, WrappedInAnArray) {
    const auto e = decoded(404, "[" + error(404, "NOT_FOUND", "models/x is not found") + "]");
    EXPECT_EQ(e.code, "model_not_found");
    EXPECT_EQ(e.message, "models/x is not found");
}

TEST(GeminiError, BodiesOfOtherShapesStillTellSomething) {
    EXPECT_EQ(decoded(502, "<html>\r\nBad Gateway</html>").message, "<html>  Bad Gateway</html>");
    EXPECT_EQ(decoded(502, "").status, 502);
    EXPECT_FALSE(decoded(502, "").message.empty());
    EXPECT_EQ(decoded(403, R"({"error":"nope"})").message, "nope");
    EXPECT_EQ(decoded(418, "{}").type, "invalid_request_error");
    EXPECT_EQ(decoded(529, "{}").status, 503);
    EXPECT_EQ(decoded(200, error(429, "RESOURCE_EXHAUSTED", "m")).status, 429);
}

TEST(GeminiError, ForAClient) {
    ProviderError e;
    e.status = 503;
    e.message = "line\n\"quoted\"";
    e.native_type = "overloaded_error";  // another provider's word
    EXPECT_EQ(Json::parse(gemini().encode_error(e, "id")),
              Json::parse(R"({"error":{"code":503,"message":"line\n\"quoted\"","status":"UNAVAILABLE","details":[]}})"));
    e.status = 0;
    EXPECT_EQ(Json::parse(gemini().encode_error(e, "id"))["error"]["code"], 500);
}

}  // namespace
}  // namespace smg::codec::gemini_testing
