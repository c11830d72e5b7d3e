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

TEST(BalancedObject, MindsStrings) {
    EXPECT_EQ(balanced_object(R"({"a":"}\"}","b":[{}]} tail)"), R"({"a":"}\"}","b":[{}]})");
    EXPECT_EQ(balanced_object(R"({"a":1)"), "");
}

}  // namespace
}  // namespace smg::gateway
