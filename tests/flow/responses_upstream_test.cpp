/// Models whose tools OpenAI's Chat refuses: Chat, Messages and Gemini clients are served over Responses without noticing it.
#include <gtest/gtest.h>

#include "support/running_gateway.hpp"

namespace smg::test {
namespace {

class ResponsesUpstream : public testing::Test {
protected:
    ResponsesUpstream() { gateway.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-proj-stored"}}); }
    std::string asked() {
        const auto all = providers["openai"].requests();
        return all.empty() ? std::string() : all.back().target;
    }
    static Json schema() { return {{"type", "object"}, {"properties", {{"city", {{"type", "string"}}}}}}; }
    static Json chat_with_tools(const std::string& text, bool stream) {
        auto body = chat("gpt-5.4", text, stream);
        body["tools"] = {{{"type", "function"}, {"function", {{"name", "get_weather"}, {"parameters", schema()}}}}};
        return body;
    }
    Providers providers;
    RunningGateway gateway;
};

TEST_F(ResponsesUpstream, ToolsOfAChatClient) {
    const auto answer = gateway.post("/v1/chat/completions", chat_with_tools("the weather, please", false));
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(asked(), "/v1/responses");
    const auto body = Json::parse(answer.body);
    EXPECT_EQ(body.at("object"), "chat.completion");
    EXPECT_EQ(body.at("choices").at(0).at("finish_reason"), "tool_calls");
    EXPECT_EQ(body["choices"][0]["message"]["tool_calls"][0]["function"]["name"], "get_weather");
    EXPECT_GT(body.at("usage").at("prompt_tokens").get<int>(), 0);
}

TEST_F(ResponsesUpstream, ToolsOfAChatStream) {
    const auto answer = gateway.post("/v1/chat/completions", chat_with_tools("the weather, please", true));
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(asked(), "/v1/responses");
    EXPECT_NE(answer.body.find(R"("name":"get_weather")"), std::string::npos) << answer.body;
    EXPECT_NE(answer.body.find(R"("finish_reason":"tool_calls")"), std::string::npos);
    EXPECT_TRUE(answer.body.ends_with("data: [DONE]\n\n"));
    EXPECT_EQ(answer.body.find("\"usage\":{"), std::string::npos) << "nobody asked for it";
    EXPECT_GT(gateway.metric("smg_router_tokens_total", {"token_type=\"input\""}), 0);
}

TEST_F(ResponsesUpstream, ARoundTripWithTheToolsResult) {
    auto body = chat_with_tools("the weather, please", false);
    const auto first = Json::parse(gateway.post("/v1/chat/completions", body).body);
    const auto message = first.at("choices").at(0).at("message");
    body["messages"].push_back(message);
    for (const auto& call : message.at("tool_calls"))
        body["messages"].push_back({{"role", "tool"}, {"tool_call_id", call.at("id")}, {"content", "sunny"}});
    const auto second = gateway.post("/v1/chat/completions", body);
    ASSERT_EQ(second.status, 200) << second.body;
    EXPECT_EQ(Json::parse(second.body).at("choices").at(0).at("finish_reason"), "stop");
}

TEST_F(ResponsesUpstream, ToolsOfAMessagesClient) {
    for (const bool stream : {false, true}) {
        const Json body = {{"model", "gpt-5.4"},
                           {"max_tokens", 500},
                           {"stream", stream},
                           {"messages", {{{"role", "user"}, {"content", "the weather, please"}}}},
                           {"tools", {{{"name", "get_weather"}, {"input_schema", schema()}}}}};
        const auto answer = gateway.post("/v1/messages", body);
        ASSERT_EQ(answer.status, 200) << answer.body;
        EXPECT_EQ(asked(), "/v1/responses");
        EXPECT_NE(answer.body.find("tool_use"), std::string::npos) << answer.body;
    }
}

TEST_F(ResponsesUpstream, WithoutToolsOrWithoutReasoningChatPassesAsItIs) {
    gateway.post("/v1/chat/completions", chat("gpt-5.4", "hello"));
    EXPECT_EQ(asked(), "/v1/chat/completions");
    auto unreasoned = chat_with_tools("hello", false);
    unreasoned["reasoning_effort"] = "none";
    gateway.post("/v1/chat/completions", unreasoned);
    EXPECT_EQ(asked(), "/v1/chat/completions");
    auto older = chat_with_tools("hello", false);
    older["model"] = "gpt-4o";
    gateway.post("/v1/chat/completions", older);
    EXPECT_EQ(asked(), "/v1/chat/completions");
}

TEST_F(ResponsesUpstream, ErrorsKeepTheClientsShape) {
    auto body = chat_with_tools("simulate:status=400", false);
    const auto chat_error = gateway.post("/v1/chat/completions", body);
    EXPECT_EQ(chat_error.status, 400);
    EXPECT_TRUE(Json::parse(chat_error.body).at("error").contains("message"));
    const auto stored = gateway.post("/v1/responses", {{"model", "claude-sonnet-4-5"}, {"input", "x"}});
    EXPECT_EQ(stored.status, 404);  // no such worker here
}

TEST(ResponsesElsewhere, WhatNeedsAStoreSaysSo) {
    Providers providers;
    RunningGateway gateway;
    gateway.add_worker({{"url", providers["anthropic"].url()}, {"provider", "anthropic"}, {"api_key", "sk-ant-api03-stored"}});
    for (const auto& [field, value] : std::map<std::string, Json>{
             {"previous_response_id", "resp_1"}, {"conversation", "conv_1"}, {"background", true}, {"prompt", {{"id", "pmpt_1"}}}}) {
        const auto answer = gateway.post("/v1/responses", {{"model", "claude-sonnet-4-5"}, {"input", "x"}, {field, value}});
        EXPECT_EQ(answer.status, 400) << field << answer.body;
        EXPECT_EQ(Json::parse(answer.body).at("error").at("param"), field) << answer.body;
    }
}

}  // namespace
}  // namespace smg::test
