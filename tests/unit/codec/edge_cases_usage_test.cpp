// Token counts that other gateways have told wrong. The numbers are those of the project's list of edge cases.
#include <gtest/gtest.h>

#include "unit/codec/edge_case_testing.hpp"

namespace smg::codec {
namespace {

using namespace edge_testing;

/// The usage that a Chat client reads at the end of a Messages stream with these two counts.
Json chat_usage(std::string_view at_start, std::string_view at_end) {
    const auto start = R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"c","content":[],"usage":)" +
                       std::string(at_start) + "}}";
    const auto end = R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":)" + std::string(at_end) + "}";
    const auto chunks = datas(streamed(anthropic_messages(), sse({start, end, message_stop}), openai_chat()));
    return chunks.at(chunks.size() - 2)["usage"];
}

TEST(EdgeCase14, CumulativeCountsReplaceAndAreNotAdded) {
    const auto counts = R"({"input_tokens":10,"cache_read_input_tokens":100,"cache_creation_input_tokens":5,"output_tokens":7})";
    const auto usage = chat_usage(counts, counts);
    EXPECT_EQ(usage["prompt_tokens"], 115);
    EXPECT_EQ(usage["prompt_tokens_details"]["cached_tokens"], 100);
    EXPECT_EQ(usage["completion_tokens"], 7);
    EXPECT_EQ(usage["total_tokens"], 122);
    // They may even shrink (recorded): what was counted as input turns out to be cached.
    EXPECT_EQ(
        chat_usage(R"({"input_tokens":34824,"output_tokens":1})",
                   R"({"input_tokens":3883,"cache_read_input_tokens":30464,"cache_creation_input_tokens":0,"output_tokens":9})")["prompt_tokens"],
        34347);
    // A count that is left out keeps its value.
    EXPECT_EQ(chat_usage(R"({"input_tokens":10,"cache_read_input_tokens":90,"output_tokens":1})", R"({"output_tokens":9})")["total_tokens"], 109);
}

TEST(EdgeCase15, PromptTokensIncludeWhatWasCached) {
    const auto usage =
        answer(anthropic_messages(), R"({"id":"msg_1","type":"message","role":"assistant","model":"c","content":[],"stop_reason":"end_turn",
        "usage":{"input_tokens":3,"cache_creation_input_tokens":20,"cache_read_input_tokens":100,"output_tokens":4}})",
               openai_chat())["usage"];
    EXPECT_EQ(usage["prompt_tokens"], 123);
    EXPECT_EQ(usage["total_tokens"], 127);
    EXPECT_EQ(usage["prompt_tokens_details"]["cached_tokens"], 100);
    EXPECT_EQ(usage["prompt_tokens_details"]["cache_write_tokens"], 20);
    const auto google =
        answer(anthropic_messages(), R"({"id":"msg_1","type":"message","role":"assistant","model":"c","content":[],"stop_reason":"end_turn",
        "usage":{"input_tokens":3,"cache_read_input_tokens":100,"output_tokens":4}})",
               gemini())["usageMetadata"];
    EXPECT_EQ(google["promptTokenCount"], 103);
    EXPECT_EQ(google["cachedContentTokenCount"], 100);
}

TEST(EdgeCase16, InputTokensExcludeWhatWasCached) {
    const auto usage =
        answer(openai_chat(), R"({"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],
        "usage":{"prompt_tokens":100,"completion_tokens":10,"total_tokens":110,"prompt_tokens_details":{"cached_tokens":75,
            "cache_write_tokens":5}}})",
               anthropic_messages())["usage"];
    EXPECT_EQ(usage["input_tokens"], 20);
    EXPECT_EQ(usage["cache_read_input_tokens"], 75);
    EXPECT_EQ(usage["cache_creation_input_tokens"], 5);
    EXPECT_EQ(usage["output_tokens"], 10);
}

TEST(EdgeCase17, ReasoningThatAVendorLeavesOutIsCounted) {
    const auto body = R"({"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{
        "prompt_tokens":361,"completion_tokens":26,"total_tokens":622,"completion_tokens_details":{"reasoning_tokens":235}}})";
    const auto decoded = openai_chat().decode_response(body, {});
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->usage.output, 261U);
    EXPECT_EQ(decoded->usage.reasoning, 235U);
    EXPECT_EQ(answer(openai_chat(), body, anthropic_messages())["usage"]["output_tokens"], 261);
    EXPECT_EQ(answer(openai_chat(), body, gemini())["usageMetadata"]["candidatesTokenCount"], 26);
    EXPECT_EQ(answer(openai_chat(), body, gemini())["usageMetadata"]["thoughtsTokenCount"], 235);
    // OpenAI counts it in already.
    const auto own = openai_chat().decode_response(R"({"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"}}],"usage":{
        "prompt_tokens":10,"completion_tokens":30,"total_tokens":40,"completion_tokens_details":{"reasoning_tokens":20}}})",
                                                   {});
    ASSERT_TRUE(own);
    EXPECT_EQ(own->usage.output, 30U);
}

}  // namespace
}  // namespace smg::codec
