#include "gateway/provider_error.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "unit/gateway/fixture.hpp"

namespace smg::gateway {
namespace {

class ProviderErrors : public ::testing::Test {
protected:
    ProviderErrors() {
        fleet_.add("openai", "http://127.0.0.1:1001", "sk-proj-stored-key-1");
        fleet_.add("anthropic", "http://127.0.0.1:1002", "sk-ant-stored-key-1");
        fleet_.add("xai", "http://127.0.0.1:1003", "xai-stored-key-1");
    }

    Reply answered(const std::string& model, int status, const std::string& body, const std::string& caller_key = {},
                   ErrorShape shape = ErrorShape::openai) {
        const auto choice = fleet_.choose(model, caller_key);
        http::ResponseHead head;
        head.status = status;
        head.fields.add("content-type", "application/json");
        if (wait_) head.fields.add("retry-after", "7");
        head.fields.add("set-cookie", "a=b");
        const bool same = error_codec(shape).name() == choice.worker->provider().codec().name();
        const ProviderAnswer answer{head, body, choice.worker->provider().format};
        return provider_error_answer(shape, same, choice, answer, "req-1", 0);
    }

    testing::Fleet fleet_;
    bool wait_ = true;  ///< the answer states one
};

TEST_F(ProviderErrors, SameFormatPassesTheBytes) {
    const std::string body =
        "{\n \"error\": {\"message\": \"slow down\", \"type\": \"tokens\", \"param\": null, \"code\": \"rate_limit_exceeded\"}\n}";
    const auto reply = answered("gpt-4o", 429, body);
    EXPECT_EQ(reply.head.status, 429);
    EXPECT_EQ(reply.body, body);
    EXPECT_EQ(reply.head.fields.get("retry-after"), "7");
    EXPECT_EQ(reply.head.fields.get("x-smg-error-code"), "rate_limit_exceeded");
    EXPECT_FALSE(reply.head.fields.contains("set-cookie"));
}

TEST_F(ProviderErrors, ARefusedStoredKeyIsTheGatewaysFault) {
    const auto reply =
        answered("gpt-4o", 401, R"({"error":{"message":"Incorrect API key provided: sk-proj-stored-key-1","code":"invalid_api_key"}})");
    EXPECT_EQ(reply.head.status, 502);
    EXPECT_EQ(reply.head.fields.get("x-smg-error-code"), "upstream_credential");
    EXPECT_EQ(reply.head.fields.get("x-should-retry"), "false");
    EXPECT_EQ(reply.body.find("stored-key-1"), std::string::npos);
}

TEST_F(ProviderErrors, ARefusedCallersKeyIsTheCallers) {
    const std::string body = R"({"error":{"message":"Incorrect API key","type":"invalid_request_error","param":null,"code":"invalid_api_key"}})";
    const auto reply = answered("gpt-4o", 401, body, "sk-proj-the-callers");
    EXPECT_EQ(reply.head.status, 401);
    EXPECT_EQ(reply.body, body);
}

TEST_F(ProviderErrors, AStoredKeyThatAnErrorRepeatsIsCutOut) {
    const auto reply = answered("gpt-4o", 400, R"({"error":{"message":"echo sk-proj-stored-key-1","type":"invalid_request_error"}})");
    EXPECT_EQ(reply.head.status, 400);
    EXPECT_EQ(reply.body.find("stored-key-1"), std::string::npos);
}

TEST_F(ProviderErrors, XaisErrorsTakeTheClientsShape) {
    const auto reply = answered("grok-4", 404, R"({"code":"Some requested entity was not found","error":"The model grok-4 does not exist"})");
    EXPECT_EQ(reply.head.status, 404);
    EXPECT_EQ(nlohmann::json::parse(reply.body)["error"]["message"], "The model grok-4 does not exist");
}

TEST_F(ProviderErrors, XaisBadKeyIsA401) {
    const auto reply = answered("grok-4", 400, R"({"code":"Client specified an invalid argument","error":"Incorrect API key provided: xa***le."})",
                                "xai-callers-key");
    EXPECT_EQ(reply.head.status, 401);
    EXPECT_EQ(reply.head.fields.get("x-smg-error-code"), "invalid_api_key");
}

TEST_F(ProviderErrors, MoneyIsA429ThatIsNotRetried) {
    const auto reply = answered("gpt-4o", 402, R"({"error":{"message":"Insufficient credits"}})");
    EXPECT_EQ(reply.head.status, 429);
    EXPECT_EQ(reply.head.fields.get("x-smg-error-code"), "insufficient_quota");
    EXPECT_EQ(reply.head.fields.get("x-should-retry"), "false");
}

TEST_F(ProviderErrors, OverloadedIs529InItsOwnFormatAnd503Elsewhere) {
    const std::string body = R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})";
    EXPECT_EQ(answered("claude-sonnet-4", 529, body, {}, ErrorShape::anthropic).head.status, 529);
    EXPECT_EQ(answered("claude-sonnet-4", 529, body).head.status, 503);
}

TEST_F(ProviderErrors, OverloadIs529ForAnthropicsClientsWhoeverHasIt) {
    for (const auto* body : {R"({"error":{"message":"The engine is overloaded","type":"server_error","param":null,"code":null}})", ""}) {
        const auto reply = answered("gpt-4o", 503, body, {}, ErrorShape::anthropic);
        EXPECT_EQ(reply.head.status, 529);
        EXPECT_EQ(nlohmann::json::parse(reply.body)["error"]["type"], "overloaded_error");
    }
    EXPECT_EQ(answered("gpt-4o", 503, "").head.status, 503);
    const auto own = error_reply(ErrorShape::anthropic, Error(Failure::service_unavailable, "no worker"), "req-1");
    EXPECT_EQ(own.head.status, 503) << "the gateway's own lack of workers is none";
}

TEST_F(ProviderErrors, ASpendLimitIsKnownByItsMissingWait) {
    const std::string body =
        R"({"type":"error","error":{"type":"rate_limit_error","message":"You have reached your monthly spend limit."},"request_id":"req_9"})";
    EXPECT_FALSE(answered("claude-sonnet-4", 429, body).head.fields.contains("x-should-retry")) << "a wait is stated";
    wait_ = false;
    for (const auto shape : {ErrorShape::openai, ErrorShape::anthropic}) {
        const auto reply = answered("claude-sonnet-4", 429, body, {}, shape);
        EXPECT_EQ(reply.head.status, 429);
        EXPECT_EQ(reply.head.fields.get("x-smg-error-code"), "insufficient_quota");
        EXPECT_EQ(reply.head.fields.get("x-should-retry"), "false");
    }
    EXPECT_EQ(nlohmann::json::parse(answered("claude-sonnet-4", 429, body).body)["error"]["code"], "insufficient_quota");
    EXPECT_EQ(answered("claude-sonnet-4", 429, body, {}, ErrorShape::anthropic).body, body);
    const auto limited = answered("gpt-4o", 429, R"({"error":{"message":"Rate limit reached","type":"tokens","code":"rate_limit_exceeded"}})");
    EXPECT_FALSE(limited.head.fields.contains("x-should-retry"));
}

TEST_F(ProviderErrors, WhatLacksTheClientsShapeIsGivenIt) {
    const auto message = [&](const std::string& model, const std::string& body, ErrorShape shape = ErrorShape::openai) {
        const auto reply = answered(model, 400, body, {}, shape);
        EXPECT_EQ(reply.head.status, 400) << body;
        const auto error = nlohmann::json::parse(reply.body, nullptr, false)["error"];
        return error.is_object() ? error.value("message", "") : "";
    };
    EXPECT_NE(message("gpt-4o", ""), "");
    EXPECT_NE(message("claude-sonnet-4", "", ErrorShape::anthropic), "");
    EXPECT_NE(message("claude-sonnet-4", "{}", ErrorShape::anthropic), "");
    EXPECT_EQ(message("gpt-4o", R"({"detail":"no such thing"})"), "no such thing");
    EXPECT_EQ(message("gpt-4o", R"({"error":"no such thing"})"), "no such thing");
    EXPECT_EQ(message("gpt-4o", R"({"object":"error","message":"no such thing","code":400})"), "no such thing");
}

TEST_F(ProviderErrors, OnlyAModelIsAMissingModel) {
    const auto code = [&](const std::string& model, const std::string& body) {
        return std::string(answered(model, 404, body).head.fields.get("x-smg-error-code"));
    };
    const auto openai = [](const std::string& message) { return R"({"error":{"message":")" + message + R"(","type":"invalid_request_error"}})"; };
    EXPECT_EQ(code("gpt-4o", openai("The model `gpt-4o` does not exist")), "model_not_found");
    EXPECT_EQ(code("gpt-4o", openai("No response found with id 'resp_1'")), "not_found");
    EXPECT_EQ(code("claude-sonnet-4", R"({"type":"error","error":{"type":"not_found_error","message":"model: x"}})"), "model_not_found");
    const auto xai = answered("grok-4", 404, R"({"code":"not-found","error":"No response with this id"})");
    EXPECT_TRUE(nlohmann::json::parse(xai.body)["error"]["code"].is_null()) << xai.body;
}

TEST_F(ProviderErrors, HtmlIsNotPassed) {
    const auto choice = fleet_.choose("gpt-4o");
    http::ResponseHead head;
    head.status = 502;
    head.fields.add("content-type", "text/html");
    const ProviderAnswer answer{head, "<html>bad gateway</html>"};
    const auto reply = provider_error_answer(ErrorShape::openai, true, choice, answer, "req-1", 0);
    EXPECT_EQ(reply.head.status, 502);
    EXPECT_TRUE(nlohmann::json::parse(reply.body)["error"].is_object());
}

}  // namespace
}  // namespace smg::gateway
