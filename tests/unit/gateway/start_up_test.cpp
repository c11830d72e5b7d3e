#include "gateway/start_up.hpp"

#include <gtest/gtest.h>

#include "gateway/answer_stream.hpp"

namespace smg::gateway {
namespace {

using providers::ApiFormat;

bool chat(std::string_view delta) {
    const auto data = R"({"id":"c","choices":[{"index":0,"delta":)" + std::string(delta) + R"(,"logprobs":null,"finish_reason":null}],"usage":null})";
    return is_start_up(ApiFormat::openai_chat, {}, data);
}

TEST(StartUp, AChatDeltaThatSaysNothing) {
    EXPECT_TRUE(chat(R"({"role":"assistant","content":"","refusal":null})"));
    EXPECT_TRUE(chat(R"({ "role" : "assistant" , "content" : null , "tool_calls" : [] })"));
    EXPECT_TRUE(chat("{}"));
    EXPECT_FALSE(chat(R"({"content":"Hi"})"));
    EXPECT_FALSE(chat(R"({"content":"\n"})"));
    EXPECT_FALSE(chat(R"({"reasoning":"hm"})"));
    EXPECT_FALSE(chat(R"({"audio":{"data":"aa"}})"));
    EXPECT_FALSE(chat(R"({"tool_calls":[{"index":0,"id":"a"}]})"));
}

TEST(StartUp, WhatEndsAChatIsNone) {
    EXPECT_FALSE(is_start_up(ApiFormat::openai_chat, {}, R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"));
    EXPECT_FALSE(is_start_up(ApiFormat::openai_chat, {}, "[DONE]"));
    EXPECT_FALSE(is_start_up(ApiFormat::openai_chat, {}, R"({"choices":[],"usage":{"prompt_tokens":1}})"));
    EXPECT_TRUE(is_start_up(ApiFormat::openai_chat, {}, R"({"choices":[],"prompt_filter_results":[]})")) << "Azure's first chunk";
    EXPECT_TRUE(is_start_up(ApiFormat::openai_chat, {}, "")) << "a comment";
}

TEST(StartUp, TheOtherFormats) {
    EXPECT_TRUE(is_start_up(ApiFormat::anthropic_messages, "message_start", "{}"));
    EXPECT_TRUE(is_start_up(ApiFormat::anthropic_messages, "ping", "{}"));
    EXPECT_TRUE(is_start_up(ApiFormat::anthropic_messages, "content_block_start", R"({"content_block":{"type":"text","text":""}})"));
    EXPECT_FALSE(is_start_up(ApiFormat::anthropic_messages, "content_block_start", R"({"content_block":{"type":"tool_use","id":"a"}})"));
    EXPECT_FALSE(is_start_up(ApiFormat::anthropic_messages, "content_block_delta", "{}"));
    EXPECT_TRUE(is_start_up(ApiFormat::openai_responses, "response.created", "{}"));
    EXPECT_TRUE(is_start_up(ApiFormat::openai_responses, "response.in_progress", "{}"));
    EXPECT_FALSE(is_start_up(ApiFormat::openai_responses, "response.output_text.delta", "{}"));
    EXPECT_FALSE(is_start_up(ApiFormat::openai_responses, "response.web_search_call.searching", "{}"));
    EXPECT_TRUE(is_start_up(ApiFormat::gemini, {}, R"({"usageMetadata":{}})"));
    EXPECT_FALSE(is_start_up(ApiFormat::gemini, {}, R"({"candidates":[{"content":{"parts":[{"text":"Hi"}]}}]})"));
    EXPECT_FALSE(is_start_up(ApiFormat::gemini, {}, R"({"promptFeedback":{"blockReason":"SAFETY"}})"));
}

TEST(StartUp, AStreamBeginsWithItsFirstOutput) {
    const std::string role = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n";
    const std::string text = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":null}]}\n\n";
    for (const auto& client : {ApiFormat::openai_chat, ApiFormat::anthropic_messages}) {
        const codec::RequestMemo memo;
        const auto stream = client == ApiFormat::openai_chat
                                ? passing_stream(client, {}, false)
                                : translating_stream(providers::codec_of(ApiFormat::openai_chat), memo, providers::codec_of(client), {});
        (void)stream->feed(role);
        EXPECT_FALSE(stream->begun());
        (void)stream->feed(text);
        EXPECT_TRUE(stream->begun());
    }
}

TEST(StartUp, AnErrorIsNoBeginning) {
    const auto stream = passing_stream(ApiFormat::anthropic_messages, {}, false);
    (void)stream->feed("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n");
    EXPECT_FALSE(stream->begun());
    ASSERT_TRUE(stream->error());
    EXPECT_EQ(stream->error()->status, 503);
}

}  // namespace
}  // namespace smg::gateway
