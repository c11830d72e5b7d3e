#include "openai_chat_testing.hpp"

namespace smg::codec {
namespace {

using namespace chat_testing;

ProviderError error_of(int status, std::string_view body) { return openai_chat().decode_error(status, body); }

TEST(OpenAiChatError, TheFourKeysAreAlwaysThere) {
    ProviderError error;
    error.status = 400;
    error.message = "bad \"thing\"";
    EXPECT_EQ(openai_chat().encode_error(error, "req"),
              R"({"error":{"message":"bad \"thing\"","type":"invalid_request_error","param":null,"code":null}})");
    error.type = "t";
    error.param = "p";
    error.code = "c";
    EXPECT_EQ(Json::parse(openai_chat().encode_error(error, "")),
              Json::parse(R"({"error":{"message":"bad \"thing\"","type":"t","param":"p","code":"c"}})"));
    ProviderError busy;
    busy.status = 429;
    EXPECT_EQ(Json::parse(openai_chat().encode_error(busy, ""))["error"]["type"], "rate_limit_error");
    busy.status = 503;
    EXPECT_EQ(Json::parse(openai_chat().encode_error(busy, ""))["error"]["type"], "server_error");
}

TEST(OpenAiChatError, OpenAisOwnWords) {
    const auto limited = error_of(429, R"({"error":{"message":"Rate limit reached","type":"requests","param":null,"code":"rate_limit_exceeded"}})");
    EXPECT_EQ(limited.status, 429);
    EXPECT_EQ(limited.type, "requests");
    EXPECT_EQ(limited.code, "rate_limit_exceeded");
    EXPECT_FALSE(limited.should_not_retry);
    const auto quota = error_of(
        429, R"({"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,"code":"insufficient_quota"}})");
    EXPECT_TRUE(quota.should_not_retry);
    EXPECT_EQ(quota.code, "insufficient_quota");
    const auto length = error_of(400,
                                 R"({"error":{"message":"This model's maximum context length is 8192 tokens.","type":"invalid_request_error",
            "param":"messages","code":"context_length_exceeded"}})");
    EXPECT_EQ(length.code, "context_length_exceeded");
    EXPECT_EQ(length.param, "messages");
}

TEST(OpenAiChatError, XaisWords) {
    const auto key =
        error_of(400, R"({"code":"invalid-argument","error":"Incorrect API key provided. You can obtain an API key from https://console.x.ai."})");
    EXPECT_EQ(key.status, 401);
    EXPECT_EQ(key.native_status, 400);
    EXPECT_EQ(key.code, "invalid_api_key");
    EXPECT_EQ(key.type, "invalid_request_error");
    EXPECT_EQ(key.native_type, "invalid-argument");
    const auto argument = error_of(400, R"({"code":"Client specified an invalid argument","error":"Argument not supported on this model: stop"})");
    EXPECT_EQ(argument.status, 400);
    EXPECT_EQ(argument.message, "Argument not supported on this model: stop");
    EXPECT_EQ(argument.code, "");
    const auto long_prompt =
        error_of(400, R"({"code":"x","error":"This model's maximum prompt length is 131072 but the request contains 200000 tokens."})");
    EXPECT_EQ(long_prompt.code, "context_length_exceeded");
    const auto credits = error_of(403, R"({"code":"permission","error":"Your team has used all available credits."})");
    EXPECT_EQ(credits.status, 429);
    EXPECT_TRUE(credits.should_not_retry);
}

TEST(OpenAiChatError, VendorsWords) {
    const auto gemini = error_of(429, R"([{"error":{"code":429,"message":"Quota","status":"RESOURCE_EXHAUSTED","details":[
        {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.4s"}]}}])");
    EXPECT_EQ(gemini.message, "Quota");
    EXPECT_EQ(gemini.code, "rate_limit_exceeded");
    EXPECT_EQ(gemini.native_type, "RESOURCE_EXHAUSTED");
    EXPECT_DOUBLE_EQ(gemini.retry_after_seconds, 34.4);
    const auto gemini_key =
        error_of(400, R"([{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}])");
    EXPECT_EQ(gemini_key.status, 401);
    const auto router = error_of(402, R"({"error":{"message":"Insufficient credits","code":402}})");
    EXPECT_EQ(router.status, 429);
    EXPECT_EQ(router.code, "insufficient_quota");
    EXPECT_TRUE(router.should_not_retry);
    const auto raw = error_of(502, R"({"error":{"message":"Provider returned error","code":502,"metadata":{"raw":"upstream\nbroke"}}})");
    EXPECT_EQ(raw.message, "Provider returned error: upstream broke");
    const auto vllm = error_of(404, R"({"object":"error","message":"The model `x` does not exist.","type":"NotFoundError","param":null,"code":404})");
    EXPECT_EQ(vllm.message, "The model `x` does not exist.");
    EXPECT_EQ(vllm.type, "NotFoundError");
    const auto fast = error_of(422, R"({"detail":[{"loc":["body","messages",0],"msg":"field required"}]})");
    EXPECT_EQ(fast.message, "field required (body.messages.0)");
    EXPECT_EQ(fast.type, "invalid_request_error");
    EXPECT_EQ(error_of(401, R"({"detail":"Unauthorized"})").message, "Unauthorized");
}

TEST(OpenAiChatError, BodiesThatAreNoJson) {
    const auto html = error_of(503,
                               "<html>\r\n<h1>\x01"
                               "busy \xC3\xA9" +
                                   std::string(1000, 'x'));
    EXPECT_EQ(html.status, 503);
    EXPECT_EQ(html.type, "server_error");
    EXPECT_TRUE(html.message.starts_with("<html>  <h1> busy   x")) << html.message;
    EXPECT_EQ(html.message.size(), 200U);
    EXPECT_EQ(error_of(500, "").message, "The provider answered with status 500 and no message.");
    EXPECT_EQ(error_of(400, "{}").message, "The provider answered with status 400 and no message.");
    EXPECT_EQ(error_of(500, "\"down\"").message, "down");
    EXPECT_EQ(error_of(500, "[]").status, 500);
}

TEST(OpenAiChatError, StatusesThatClientsDoNotKnow) {
    EXPECT_EQ(error_of(529, "{}").status, 503);
    EXPECT_EQ(error_of(529, "{}").native_status, 529);
    EXPECT_EQ(error_of(403, R"({"error":{"message":"no"}})").code, "permission_denied");
    EXPECT_EQ(error_of(404, R"({"error":{"message":"The Model x does not exist"}})").code, "model_not_found");
    EXPECT_EQ(error_of(404, R"({"error":{"message":"no"}})").code, "") << "not everything is a model";
    EXPECT_EQ(error_of(413, "x").code, "request_too_large");
    EXPECT_EQ(error_of(200, R"({"error":{"message":"x","type":"rate_limit_error"}})").status, 429);
    EXPECT_EQ(error_of(200, R"({"error":{"message":"x","code":503}})").status, 503);
    EXPECT_EQ(error_of(200, R"({"error":{"message":"x"}})").status, 502);
}

}  // namespace
}  // namespace smg::codec
