#include "gateway/usage_reader.hpp"

#include <gtest/gtest.h>

#include "providers/provider.hpp"

namespace smg::gateway {
namespace {

using providers::ApiFormat;

TEST(UsageReader, ChatTail) {
    UsageReader reader(ApiFormat::openai_chat);
    reader.take_tail(R"(…"content":"say \"usage\": {\"prompt_tokens\": 9}"}],"usage": {"prompt_tokens":11,"completion_tokens":5,"total_tokens":16,
        "prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":2}},"service_tier":"default"})");
    EXPECT_EQ(reader.usage().input, 11U);
    EXPECT_EQ(reader.usage().output, 5U);
    EXPECT_EQ(reader.usage().cached, 4U);
    EXPECT_EQ(reader.usage().reasoning, 2U);
}

TEST(UsageReader, MessagesTailCountsCachedInput) {
    UsageReader reader(ApiFormat::anthropic_messages);
    reader.take_tail(
        R"("stop_reason":"end_turn","usage":{"input_tokens":3,"cache_creation_input_tokens":10,"cache_read_input_tokens":100,"output_tokens":7}})");
    EXPECT_EQ(reader.usage().input, 113U);
    EXPECT_EQ(reader.usage().cached, 100U);
    EXPECT_EQ(reader.usage().cache_write, 10U);
    EXPECT_EQ(reader.usage().output, 7U);
}

TEST(UsageReader, GeminiTail) {
    UsageReader reader(ApiFormat::gemini);
    reader.take_tail(
        R"("usageMetadata": {"promptTokenCount": 8,"candidatesTokenCount": 20,"thoughtsTokenCount": 30,"totalTokenCount": 58},"modelVersion": "x"})");
    EXPECT_EQ(reader.usage().input, 8U);
    EXPECT_EQ(reader.usage().output, 50U);
    EXPECT_EQ(reader.usage().reasoning, 30U);
}

TEST(UsageReader, ATailWithoutCountsTellsNothing) {
    UsageReader reader(ApiFormat::openai_chat);
    reader.take_tail(R"({"choices":[],"usage":null})");
    reader.take_tail(R"("usage":{"prompt_tokens":1)");
    EXPECT_FALSE(reader.usage().any());
}

/// xAI's Chat leaves reasoning out of the output, which its total tells; its Responses do not. Nothing is added twice.
TEST(TokenCounts, OfXaiHoldReasoningOnce) {
    UsageReader chat(ApiFormat::openai_chat);
    chat.take_tail(
        R"("usage":{"prompt_tokens":361,"completion_tokens":26,"total_tokens":622,"completion_tokens_details":{"reasoning_tokens":235}}})");
    EXPECT_EQ(token_counts(chat.usage()).output, 261U);
    EXPECT_EQ(token_counts(chat.usage()).reasoning, 235U);
    UsageReader responses(ApiFormat::openai_responses);
    responses.take_tail(R"("usage":{"input_tokens":204,"output_tokens":80,"output_tokens_details":{"reasoning_tokens":79},"total_tokens":284}})");
    EXPECT_EQ(token_counts(responses.usage()).input, 204U);
    EXPECT_EQ(token_counts(responses.usage()).output, 80U);
}

std::string tier_beside(ApiFormat format, std::string_view text, int level) {
    UsageReader reader(format);
    reader.take_beside(text, level);
    return reader.charges().service_tier;
}

TEST(Charges, AnOpenAiAnswerStatesItsTierBesideItsCounts) {
    const auto chat = [](std::string_view text) { return tier_beside(ApiFormat::openai_chat, text, 1); };
    EXPECT_EQ(chat(R"({"choices":[],"usage":{"prompt_tokens":1},"service_tier":"priority","system_fingerprint":null})"), "priority");
    EXPECT_EQ(chat(R"("usage":{"prompt_tokens":1} , "service_tier" : "Flex" } )"), "flex") << "the end of a body is enough";
    for (const auto* standard : {"default", "standard", "auto", "on_demand"})
        EXPECT_EQ(chat(std::string(R"({"service_tier":")") + standard + "\"}"), "") << standard;
    EXPECT_EQ(chat(R"({"service_tier":null,"usage":{}})"), "");
    EXPECT_EQ(chat(R"({"usage":{}})"), "");
    EXPECT_EQ(tier_beside(ApiFormat::gemini, R"({"service_tier":"flex"})", 1), "");
}

TEST(Charges, WhatACallerOrAModelWroteIsNoTier) {
    const auto of_event = [](std::string_view text) { return tier_beside(ApiFormat::openai_responses, text, 2); };
    const std::string own = R"("service_tier":"priority",)";
    const std::string behind = R"("tools":[{"parameters":{"default":{"service_tier":"flex"}}}],"usage":{"input_tokens":1}},"sequence_number":7})";
    const std::string before = R"(data: {"type":"response.completed","response":{"metadata":{"service_tier":"flex"},)"
                               R"("output":[{"text":"\"service_tier\":\"flex\"}\\"}],)";
    EXPECT_EQ(of_event(before + own + behind), "priority");
    EXPECT_EQ(of_event(before + behind), "");
    EXPECT_EQ(tier_beside(ApiFormat::openai_chat, R"({"choices":[{"message":{"content":"\"service_tier\":\"flex\""}}],"usage":{}})", 1), "");
}

TEST(Charges, SearchesAreCountedWhereTheProviderCountsThem) {
    UsageReader responses(ApiFormat::openai_responses);
    responses.take_tail(R"({"id":"resp_1","service_tier":"default","tool_usage":{"image_gen":{},"web_search":{"num_requests":3}},"tools":[],)"
                        R"("usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2}})");
    EXPECT_EQ(token_counts(responses.usage(), responses.charges()).web_searches, 3U);
    UsageReader messages(ApiFormat::anthropic_messages);
    messages.take_tail(R"("usage":{"input_tokens":3,"output_tokens":7,"server_tool_use":{"web_search_requests":2},"service_tier":"batch"}})");
    EXPECT_EQ(token_counts(messages.usage(), messages.charges()).web_searches, 2U);
    EXPECT_EQ(token_counts(messages.usage(), messages.charges()).service_tier, "batch");
    UsageReader gemini(ApiFormat::gemini);
    gemini.take_tail(R"("usageMetadata": {"promptTokenCount": 8,"candidatesTokenCount": 2,"serviceTier": "PRIORITY"},"modelVersion": "x"})");
    EXPECT_EQ(gemini.charges().service_tier, "priority");
}

TEST(Charges, AudioAndImagesAreToldApart) {
    using telemetry::MediaTokens;
    const auto of = [](ApiFormat format, std::string_view tail) {
        UsageReader reader(format);
        reader.take_tail(tail);
        return token_counts(reader.usage(), reader.charges()).media;
    };
    EXPECT_EQ(of(ApiFormat::openai_chat, R"("usage":{"prompt_tokens":90,"completion_tokens":50,"total_tokens":140,
        "prompt_tokens_details":{"audio_tokens":70,"cached_tokens":64,"cached_tokens_details":{"audio_tokens":60}},
        "completion_tokens_details":{"audio_tokens":40,"reasoning_tokens":0}}})"),
              (MediaTokens{70, 60, 40, {}, {}}));
    EXPECT_EQ(of(ApiFormat::openai_chat, R"("usage":{"prompt_tokens":9,"prompt_tokens_details":{"audio_tokens":0,"image_tokens":0}}})"),
              MediaTokens());
    EXPECT_EQ(of(ApiFormat::openai_chat, R"("usage":{"input_tokens":50,"input_tokens_details":{"image_tokens":40,"text_tokens":10},"output_tokens":50,
        "output_tokens_details":{"image_tokens":50},"total_tokens":100}})"),
              (MediaTokens{{}, {}, {}, 40, 50}))
        << "of the images endpoint";
    EXPECT_EQ(of(ApiFormat::gemini, R"("usageMetadata":{"promptTokenCount":691,"promptTokensDetails":[{"modality":"TEXT","tokenCount":100},
        {"modality":"IMAGE","tokenCount":532},{"modality":"AUDIO","tokenCount":59}],"cacheTokensDetails":[{"modality":"AUDIO","tokenCount":9}],
        "candidatesTokenCount":12,"candidatesTokensDetails":[{"modality":"AUDIO","tokenCount":12}]},"modelVersion":"x"})"),
              (MediaTokens{59, 9, 12, 532, {}}));
}

TEST(UsageReader, ImagesAndTranscriptionsAreCountedAsResponsesAre) {
    UsageReader reader(ApiFormat::openai_chat);
    reader.take_tail(R"({"text":"Hi","usage":{"type":"tokens","total_tokens":101,"input_tokens":14,
        "input_token_details":{"text_tokens":10,"audio_tokens":4},"output_tokens":87}})");
    const auto counts = token_counts(reader.usage(), reader.charges());
    EXPECT_EQ(counts.input, 14U);
    EXPECT_EQ(counts.output, 87U);
    EXPECT_EQ(counts.media.audio_input, 4U);
}

TEST(BalancedObject, MindsStrings) {
    EXPECT_EQ(balanced_object(R"({"a":"}\"}","b":[{}]} tail)"), R"({"a":"}\"}","b":[{}]})");
    EXPECT_EQ(balanced_object(R"({"a":1)"), "");
}

}  // namespace
}  // namespace smg::gateway
