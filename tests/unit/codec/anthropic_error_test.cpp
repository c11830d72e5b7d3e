/// The error table, both ways.
#include "codec/anthropic_messages/error.hpp"
#include "unit/codec/anthropic_testing.hpp"

namespace smg::codec {
namespace {

using namespace messages_testing;

std::string body_of(std::string_view type, std::string_view message = "words") {
    return R"({"type":"error","error":{"type":")" + std::string(type) + R"(","message":")" + std::string(message) + R"("},"request_id":"req_1"})";
}

struct Row {
    int status;
    std::string_view native;
    int client_status;
    std::string_view type;
    std::string_view code;
};

class AnthropicErrorTable : public testing::TestWithParam<Row> {};

TEST_P(AnthropicErrorTable, MapsToTheClientAndBack) {
    const auto& row = GetParam();
    const auto error = anthropic_messages().decode_error(row.status, body_of(row.native));
    EXPECT_EQ(error.status, row.client_status);
    EXPECT_EQ(error.native_status, row.status);
    EXPECT_EQ(error.type, row.type);
    EXPECT_EQ(error.code, row.code);
    EXPECT_EQ(error.message, "words");
    EXPECT_EQ(Json::parse(anthropic_messages().encode_error(error, "req_1")), Json::parse(body_of(row.native)));
    // The status alone tells as much.
    const auto bare = anthropic_messages().decode_error(row.status, "<html>\r\nx");
    EXPECT_EQ(bare.status, row.client_status);
    EXPECT_EQ(bare.type, row.type);
    EXPECT_EQ(bare.message, "<html>  x");
}

INSTANTIATE_TEST_SUITE_P(Rows, AnthropicErrorTable,
                         testing::Values(Row{400, "invalid_request_error", 400, "invalid_request_error", ""},
                                         Row{401, "authentication_error", 401, "invalid_request_error", "invalid_api_key"},
                                         Row{402, "billing_error", 429, "insufficient_quota", "insufficient_quota"},
                                         Row{403, "permission_error", 403, "invalid_request_error", "permission_denied"},
                                         Row{404, "not_found_error", 404, "invalid_request_error", "model_not_found"},
                                         Row{409, "conflict_error", 409, "invalid_request_error", ""},
                                         Row{413, "request_too_large", 413, "invalid_request_error", "request_too_large"},
                                         Row{429, "rate_limit_error", 429, "rate_limit_error", "rate_limit_exceeded"},
                                         Row{500, "api_error", 500, "server_error", ""}, Row{504, "timeout_error", 504, "server_error", "timeout"},
                                         Row{529, "overloaded_error", 503, "server_error", "overloaded"}));

TEST(AnthropicError, TellsTooLongPromptsAndSpentBudgetsByTheirWords) {
    const auto decode = [](std::string_view message) { return anthropic_messages().decode_error(400, body_of("invalid_request_error", message)); };
    EXPECT_EQ(decode("prompt is too long: 210000 tokens > 200000 maximum").code, "context_length_exceeded");
    EXPECT_EQ(decode("input length and `max_tokens` exceed context limit: 1 + 2 > 3").code, "context_length_exceeded");
    const auto spent = decode("Your credit balance is too low to access the API.");
    EXPECT_EQ(spent.status, 429);
    EXPECT_EQ(spent.code, "insufficient_quota");
    EXPECT_TRUE(spent.should_not_retry);
    EXPECT_EQ(decode("You have reached your specified API usage limits.").code, "insufficient_quota");
    EXPECT_FALSE(decode("temperature: must be 1").should_not_retry);
}

TEST(AnthropicError, ReadsBodiesOfOtherShapes) {
    const auto decode = [](int status, std::string_view body) { return anthropic_messages().decode_error(status, body); };
    EXPECT_EQ(decode(520, "").message, "The provider answered with status 520.");
    EXPECT_EQ(decode(520, "").status, 520);
    EXPECT_EQ(decode(422, R"({"error":"odd"})").message, "odd");
    EXPECT_EQ(decode(422, R"({"error":"odd"})").type, "invalid_request_error");
    EXPECT_EQ(decode(429, R"({"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED"}})").code, "rate_limit_exceeded");
    EXPECT_EQ(decode(403, R"({"message":"signed wrongly"})").message, "signed wrongly");
    EXPECT_EQ(decode(200, body_of("overloaded_error")).status, 503);
    const auto page = decode(502, std::string(300, 'x'));
    EXPECT_EQ(page.message.size(), 200U);
    EXPECT_EQ(decode(502, "caf\xC3\xA9").message, "caf\xC3\xA9");
    EXPECT_EQ(decode(502, "caf\xE9").message, "caf?");
    EXPECT_EQ(decode(502, std::string(199, 'x') + "\xC3\xA9").message, std::string(199, 'x'));
}

std::string type_of(int status, std::string_view type, std::string_view code) {
    ProviderError error;
    error.status = status;
    error.type = type;
    error.code = code;
    return Json::parse(anthropic_messages().encode_error(error, ""))["error"]["type"];
}

TEST(AnthropicError, FindsAWordForErrorsOfOthers) {
    EXPECT_EQ(type_of(400, "invalid_request_error", ""), "invalid_request_error");
    EXPECT_EQ(type_of(401, "invalid_request_error", "invalid_api_key"), "authentication_error");
    EXPECT_EQ(type_of(429, "insufficient_quota", "insufficient_quota"), "billing_error");
    EXPECT_EQ(type_of(429, "rate_limit_error", "rate_limit_exceeded"), "rate_limit_error");
    EXPECT_EQ(type_of(503, "server_error", "overloaded"), "overloaded_error");
    EXPECT_EQ(type_of(503, "server_error", "service_unavailable"), "api_error");
    EXPECT_EQ(type_of(408, "", "request_timeout"), "timeout_error");
    EXPECT_EQ(type_of(422, "", ""), "invalid_request_error");
    EXPECT_EQ(type_of(502, "", ""), "api_error");
    EXPECT_EQ(type_of(0, "rate_limit_error", ""), "rate_limit_error");
    EXPECT_EQ(type_of(0, "server_error", ""), "api_error");
}

TEST(AnthropicError, OpenAisOneWordForAllMistakesIsToldApart) {
    for (const auto& [status, expected] :
         {std::pair(401, "authentication_error"), std::pair(403, "permission_error"), std::pair(404, "not_found_error"),
          std::pair(413, "request_too_large"), std::pair(400, "invalid_request_error")}) {
        ProviderError error;
        error.status = error.native_status = status;
        error.native_type = error.type = "invalid_request_error";
        EXPECT_EQ(messages::error_type(error), expected) << status;
    }
    ProviderError spent;
    spent.status = 429;
    spent.native_status = 400;
    spent.native_type = "invalid_request_error";
    spent.type = spent.code = "insufficient_quota";
    EXPECT_EQ(messages::error_type(spent), "billing_error");
}

TEST(AnthropicError, ATooLongPromptIsSaidInTheWordsThatAgentsKnow) {
    ProviderError error;
    error.status = 400;
    error.code = "context_length_exceeded";
    error.message = "This model's maximum context length is 8192 tokens.";
    const auto json = Json::parse(anthropic_messages().encode_error(error, "req_9"));
    EXPECT_EQ(json["error"]["message"], "prompt is too long: This model's maximum context length is 8192 tokens.");
    EXPECT_EQ(json["request_id"], "req_9");
}

}  // namespace
}  // namespace smg::codec
