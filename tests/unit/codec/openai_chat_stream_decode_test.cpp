#include <gmock/gmock.h>

#include "openai_chat_testing.hpp"

namespace smg::codec {
namespace {

using namespace chat_testing;
using testing::ElementsAre;

/// A chunk with this delta of choice 0.
std::string delta(std::string_view json, std::string_view finish = "null", int choice = 0) {
    return R"({"id":"id1","object":"chat.completion.chunk","created":5,"model":"m","choices":[{"index":)" + std::to_string(choice) + R"(,"delta":)" +
           std::string(json) + R"(,"finish_reason":)" + std::string(finish) + "}]}";
}

std::string call(int index, std::string_view rest) {
    return delta(R"({"tool_calls":[{"index":)" + std::to_string(index) + "," + std::string(rest) + "}]}");
}

std::string arguments(int index, std::string_view escaped) { return call(index, R"("function":{"arguments":")" + std::string(escaped) + "\"}"); }

std::vector<std::string> lines(const std::vector<std::string>& chunks, const RequestMemo& memo = {}) {
    auto described = describe(decode_stream(sse_of(chunks), {}, memo));
    EXPECT_FALSE(described.empty());
    if (!described.empty() && described.front() == "started id1 m 5") described.erase(described.begin());
    return described;
}

const auto stop = delta("{}", "\"stop\"");
const auto calls = delta("{}", "\"tool_calls\"");
const std::string done = "[DONE]";
const std::string finished_stop = "finished 0 1 stop", finished_calls = "finished 0 4 tool_calls";

TEST(OpenAiChatStream, Text) {
    EXPECT_THAT(describe(decode_stream(sse_of({delta(R"({"role":"assistant","content":"","refusal":null})"), delta(R"({"content":"Hel"})"),
                                               delta(R"({"content":"lo"})"), stop, done}))),
                ElementsAre("started id1 m 5", "block 0/0 text ", "text 0/0 Hel", "text 0/0 lo", "end 0/0", finished_stop, "completed"));
}

TEST(OpenAiChatStream, UsageComesAfterTheFinish) {
    const std::string usage = R"({"id":"id1","choices":[],"usage":{"prompt_tokens":291,"completion_tokens":26,"total_tokens":513,)"
                              R"("completion_tokens_details":{"reasoning_tokens":196}}})";
    EXPECT_THAT(
        lines({delta(R"({"content":"x"})"), stop, usage, done}),
        ElementsAre("block 0/0 text ", "text 0/0 x", "end 0/0", finished_stop, "usage in 291 out 222 cached ? reasoning 196 total 513", "completed"));
}

TEST(OpenAiChatStream, UsageInOtherPlaces) {
    const std::string groq = R"({"id":"id1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"usage":{"prompt_tokens":1}}})";
    const std::string moonshot = R"({"id":"id1","choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":1}}]})";
    for (const auto& chunk : {groq, moonshot})
        EXPECT_THAT(lines({chunk, done}), testing::Contains("usage in 1 out ? cached ? reasoning ? total ?")) << chunk;
}

TEST(OpenAiChatStream, ReasoningThenText) {
    EXPECT_THAT(lines({delta(R"({"role":"assistant","reasoning_content":"a","content":null})"), delta(R"({"reasoning":"b"})"),
                       delta(R"({"content":"c"})"), delta(R"({"reasoning_content":"d"})"), stop, done}),
                ElementsAre("block 0/0 reasoning ", "reasoning 0/0 a", "reasoning 0/0 b", "end 0/0", "block 0/1 text ", "text 0/1 c", "end 0/1",
                            "block 0/2 reasoning ", "reasoning 0/2 d", "end 0/2", finished_stop, "completed"));
}

TEST(OpenAiChatStream, ReasoningDetails) {
    EXPECT_THAT(lines({delta(R"({"reasoning":"a","reasoning_details":[{"type":"reasoning.text","text":"a"}]})"),
                       delta(R"({"reasoning_details":[{"type":"reasoning.summary","summary":"b"}]})"),
                       delta(R"({"reasoning_details":[{"type":"thinking","text":"","signature":"S","origin":"anthropic","index":0}]})"),
                       delta(R"({"reasoning_details":[{"type":"redacted","data":"R","origin":"anthropic"}]})"), stop, done}),
                ElementsAre("block 0/0 reasoning ", "reasoning 0/0 a", "reasoning 0/0 b", "signature 0/0 S", "end 0/0", "block 0/1 reasoning R",
                            "end 0/1", finished_stop, "completed"));
}

TEST(OpenAiChatStream, ParallelCallsOneAfterAnother) {
    EXPECT_THAT(
        lines({call(0, R"("id":"c0","type":"function","function":{"name":"f","arguments":""})"), arguments(0, R"({\"a\":)"), arguments(0, "1}"),
               call(1, R"("id":"c1","type":"function","function":{"name":"g","arguments":""})"), arguments(1, "{}"), calls, done}),
        ElementsAre("block 0/0 call c0 f", "arguments 0/0 {\"a\":", "arguments 0/0 1}", "end 0/0", "block 0/1 call c1 g", "arguments 0/1 {}",
                    "end 0/1", finished_calls, "completed"));
}

TEST(OpenAiChatStream, InterleavedCallsAreSetInOrder) {
    EXPECT_THAT(lines({call(0, R"("id":"c0","function":{"name":"f","arguments":"{\"a\""})"),
                       call(1, R"("id":"c1","function":{"name":"g","arguments":"{\"}"})"), arguments(0, ":1"), arguments(1, R"(\":2)"),
                       arguments(0, "}"), arguments(1, "}"), calls, done}),
                ElementsAre("block 0/0 call c0 f", "arguments 0/0 {\"a\"", "arguments 0/0 :1", "arguments 0/0 }", "end 0/0", "block 0/1 call c1 g",
                            "arguments 0/1 {\"}\":2", "arguments 0/1 }", "end 0/1", finished_calls, "completed"));
}

TEST(OpenAiChatStream, AllCallsAnnouncedFirst) {
    EXPECT_THAT(lines({call(0, R"("id":"c0","function":{"name":"f"})"), call(1, R"("id":"c1","function":{"name":"g","arguments":null})"),
                       arguments(1, "{}"), arguments(0, "{}"), calls, done}),
                ElementsAre("block 0/0 call c0 f", "arguments 0/0 {}", "end 0/0", "block 0/1 call c1 g", "arguments 0/1 {}", "end 0/1",
                            finished_calls, "completed"));
}

TEST(OpenAiChatStream, TextBetweenAndAfterCalls) {
    EXPECT_THAT(lines({delta(R"({"content":"a"})"), call(0, R"("id":"c0","function":{"name":"f","arguments":"{"})"), delta(R"({"content":"b"})"),
                       delta(R"({"content":"c"})"), delta(R"({"reasoning":"r"})"), arguments(0, "}"), delta(R"({"content":"d"})"), calls, done}),
                ElementsAre("block 0/0 text ", "text 0/0 a", "end 0/0", "block 0/1 call c0 f", "arguments 0/1 {", "arguments 0/1 }", "end 0/1",
                            "block 0/2 text ", "text 0/2 bc", "end 0/2", "block 0/3 reasoning ", "reasoning 0/3 r", "end 0/3", "block 0/4 text ",
                            "text 0/4 d", "end 0/4", finished_calls, "completed"));
}

TEST(OpenAiChatStream, CallWithoutArguments) {
    EXPECT_THAT(lines({call(0, R"("id":"c0","function":{"name":"f","arguments":""})"),
                       call(1, R"("id":"c1","function":{"name":"g","arguments":"{}"})"), calls, done}),
                ElementsAre("block 0/0 call c0 f", "end 0/0", "block 0/1 call c1 g", "arguments 0/1 {}", "end 0/1", finished_calls, "completed"));
}

TEST(OpenAiChatStream, IndicesThatAreNoCounter) {
    // Anthropic's compatible endpoint counts content blocks; others send no index, or always 0.
    EXPECT_THAT(lines({call(1, R"("id":"c0","function":{"name":"f","arguments":"{}"})"), calls, done}),
                ElementsAre("block 0/0 call c0 f", "arguments 0/0 {}", "end 0/0", finished_calls, "completed"));
    EXPECT_THAT(lines({call(0, R"("id":"c0","function":{"name":"f","arguments":"{}"})"),
                       call(0, R"("id":"c1","function":{"name":"f","arguments":"{}"})"), calls, done}),
                ElementsAre("block 0/0 call c0 f", "arguments 0/0 {}", "end 0/0", "block 0/1 call c1 f", "arguments 0/1 {}", "end 0/1",
                            finished_calls, "completed"));
    EXPECT_THAT(lines({delta(R"({"tool_calls":[{"id":"c0","function":{"name":"f","arguments":"{"}}]})"),
                       delta(R"({"tool_calls":[{"function":{"arguments":"}"}}]})"), calls, done}),
                ElementsAre("block 0/0 call c0 f", "arguments 0/0 {", "arguments 0/0 }", "end 0/0", finished_calls, "completed"));
    const auto without_ids = lines(
        {call(0, R"("id":"","function":{"name":"f","arguments":"{}"})"), call(0, R"("id":"","function":{"name":"g","arguments":"{}"})"), stop, done});
    EXPECT_THAT(without_ids, ElementsAre("block 0/0 call call_id1_0_0 f", "arguments 0/0 {}", "end 0/0", "block 0/1 call call_id1_0_1 g",
                                         "arguments 0/1 {}", "end 0/1", "finished 0 4 stop", "completed"));
}

TEST(OpenAiChatStream, RepeatedNamesAndLateNames) {
    EXPECT_THAT(lines({call(0, R"("id":"c0","function":{"name":"f","arguments":"{"})"),
                       call(0, R"("id":"c0","function":{"name":"f","arguments":"}"})"), calls, done}),
                ElementsAre("block 0/0 call c0 f", "arguments 0/0 {", "arguments 0/0 }", "end 0/0", finished_calls, "completed"));
    EXPECT_THAT(lines({call(0, R"("id":"c0","function":{"arguments":"{"})"), call(0, R"("function":{"name":"f","arguments":"}"})"), calls, done}),
                ElementsAre("block 0/0 call c0 f", "arguments 0/0 {}", "end 0/0", finished_calls, "completed"));
}

TEST(OpenAiChatStream, CustomAndDeprecatedCalls) {
    EXPECT_THAT(lines({call(0, R"("id":"c0","type":"custom","custom":{"name":"h","input":""})"), call(0, R"("custom":{"input":"ab"})"), calls, done}),
                ElementsAre("block 0/0 custom c0 h", "arguments 0/0 ab", "end 0/0", finished_calls, "completed"));
    EXPECT_THAT(lines({delta(R"({"function_call":{"name":"f","arguments":""}})"), delta(R"({"function_call":{"arguments":"{}"}})"),
                       delta("{}", "\"function_call\""), done}),
                ElementsAre("block 0/0 call call_id1_0_0 f", "arguments 0/0 {}", "end 0/0", "finished 0 4 function_call", "completed"));
}

TEST(OpenAiChatStream, ThoughtSignatures) {
    EXPECT_THAT(
        lines({call(0, R"("id":"c0","function":{"name":"f","arguments":"{"},"extra_content":{"google":{"thought_signature":"S"}})"),
               call(0, R"("function":{"arguments":"}"},"extra_content":{"google":{"thought_signature":"T"}})"), calls, done}),
        ElementsAre("block 0/0 call c0 f signed S", "arguments 0/0 {", "signature 0/0 T", "arguments 0/0 }", "end 0/0", finished_calls, "completed"));
}

TEST(OpenAiChatStream, TheMemoTurnsCallsBack) {
    RequestMemo memo;
    memo.custom_tools.insert("grep");
    memo.tool_names["g1"] = "grep";
    memo.json_tool = "json_response";
    EXPECT_THAT(lines({call(0, R"("id":"c0","function":{"name":"g1","arguments":"{\"input\":"})"), arguments(0, R"(\"a b\"})"), calls, done}, memo),
                ElementsAre("block 0/0 custom c0 grep", "arguments 0/0 a b", "end 0/0", finished_calls, "completed"));
    EXPECT_THAT(lines({call(0, R"("id":"c0","function":{"name":"json_response","arguments":"{\"a\":"})"), arguments(0, "1}"), calls, done}, memo),
                ElementsAre("block 0/0 text ", "text 0/0 {\"a\":", "text 0/0 1}", "end 0/0", "finished 0 1 tool_calls", "completed"));
}

TEST(OpenAiChatStream, RefusalsAndAnnotations) {
    EXPECT_THAT(lines({delta(R"({"refusal":"I "})"), delta(R"({"refusal":"will not"})"), stop, done}),
                ElementsAre("block 0/0 refusal ", "refusal 0/0 I ", "refusal 0/0 will not", "end 0/0", "finished 0 6 stop", "completed"));
    EXPECT_THAT(
        lines({delta(R"({"content":"x"})"), delta(R"({"annotations":[{"a":1},{"b":2}]})"), stop, done}),
        ElementsAre("block 0/0 text ", "text 0/0 x", "citation 0/0 {\"a\":1}", "citation 0/0 {\"b\":2}", "end 0/0", finished_stop, "completed"));
}

TEST(OpenAiChatStream, SeveralChoices) {
    EXPECT_THAT(lines({delta(R"({"content":"a"})"), delta(R"({"content":"b"})", "null", 1), delta(R"({"content":"c"})"), delta("{}", "\"stop\"", 1),
                       stop, done}),
                ElementsAre("block 0/0 text ", "text 0/0 a", "block 1/0 text ", "text 1/0 b", "text 0/0 c", "end 0/0", finished_stop, "end 1/0",
                            "finished 1 1 stop", "completed"));
    EXPECT_EQ(lines({delta(R"({"content":"a"})", "\"stop\""), delta(R"({"content":"b"})", "null", 1)}).back(),
              "failed upstream_stream_truncated The provider's stream ended before the answer was complete.");
}

TEST(OpenAiChatStream, LogprobsComeBeforeTheirText) {
    const std::string chunk =
        R"({"id":"id1","model":"m","created":5,"choices":[{"index":0,"delta":{"content":"x"},"logprobs":{"content":[1]},"finish_reason":null}]})";
    EXPECT_THAT(lines({chunk, stop, done}),
                ElementsAre("logprobs {\"content\":[1]}", "block 0/0 text ", "text 0/0 x", "end 0/0", finished_stop, "completed"));
}

TEST(OpenAiChatStream, MediaInAnswers) {
    EXPECT_THAT(lines({delta(R"({"images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}}]})"), delta(R"({"audio":{"id":"a"}})"),
                       stop, done}),
                ElementsAre("block 0/0 media image/png AA", "end 0/0", "opaque delta.audio {\"id\":\"a\"}", finished_stop, "completed"));
}

TEST(OpenAiChatStream, StopInEveryChunkIsNotTheEnd) {
    EXPECT_THAT(lines({delta(R"({"content":"a"})", "\"stop\""), delta(R"({"content":"b"})", "\"stop\""), done}),
                ElementsAre("block 0/0 text ", "text 0/0 a", "text 0/0 b", "end 0/0", finished_stop, "completed"));
}

TEST(OpenAiChatStream, AWholeMessageInAStream) {
    EXPECT_THAT(lines({R"({"id":"id1","model":"m","created":5,"choices":[{"index":0,"message":{"content":"x"},"finish_reason":"stop"}]})", done}),
                ElementsAre("block 0/0 text ", "text 0/0 x", "end 0/0", finished_stop, "completed"));
}

TEST(OpenAiChatStream, WhatCompletesAStream) {
    const auto text = delta(R"({"content":"x"})");
    EXPECT_EQ(lines({text, stop}).back(), "completed") << "DONE may be missing after a reason to finish";
    EXPECT_EQ(lines({text, done}).back(), "completed") << "the reason may be missing before DONE";
    EXPECT_TRUE(lines({text}).back().starts_with("failed upstream_stream_truncated"));
    EXPECT_TRUE(lines({done}).back().starts_with("failed upstream_stream_truncated"));
    EXPECT_TRUE(
        lines({call(0, R"("id":"c0","function":{"name":"f","arguments":"{\"a"})"), done}).back().starts_with("failed upstream_stream_truncated"));
    EXPECT_EQ(lines({call(0, R"("id":"c0","function":{"name":"f","arguments":"{}"})"), done}).back(), "completed");
    EXPECT_TRUE(describe(decode_stream("")).back().starts_with("failed upstream_stream_truncated"));
    EXPECT_EQ(lines({text, stop, done, text, R"({"error":{"message":"late"}})"}).back(), "completed") << "nothing comes after the end";
}

TEST(OpenAiChatStream, ErrorsInTheStream) {
    const auto text = delta(R"({"content":"x"})");
    const auto failure = [&](std::string_view event) {
        const auto events = decode_stream(sse_of({text}) + std::string(event));
        const auto* failed = std::get_if<event::Failed>(&events.back());
        EXPECT_TRUE(failed) << event;
        return failed ? failed->error : ProviderError();
    };
    const auto server = failure("data: {\"error\":{\"message\":\"boom\",\"type\":\"server_error\",\"code\":null}}\n\n");
    EXPECT_EQ(server.message, "boom");
    EXPECT_EQ(server.status, 500);
    EXPECT_EQ(failure("data: {\"error\":{\"message\":\"slow down\",\"code\":429}}\n\n").status, 429);
    EXPECT_EQ(failure("data: {\"code\":\"x\",\"error\":\"Rate\"}\n\n").message, "Rate");
    EXPECT_EQ(failure("event: error\ndata: {\"message\":\"m\",\"type\":\"overloaded\"}\n\n").status, 503);
    EXPECT_EQ(failure("data: {\"object\":\"error\",\"message\":\"vllm\",\"code\":400}\n\n").status, 400);
    EXPECT_EQ(failure("data: not json\n\n").code, "upstream_error");
    EXPECT_EQ(failure("data: [1]\n\n").status, 502);
}

TEST(OpenAiChatStream, QuietEventsAreSkipped) {
    const std::string azure = R"({"id":"","object":"","created":0,"model":"","choices":[],"prompt_filter_results":[]})";
    EXPECT_THAT(
        describe(decode_stream(": OPENROUTER PROCESSING\n\ndata: \n\n" + sse_of({azure, delta(R"({"content":"x"})"), stop}) + "data: [DONE] \n\n")),
        ElementsAre("started id1 m 5", "block 0/0 text ", "text 0/0 x", "end 0/0", finished_stop, "completed"));
}

}  // namespace
}  // namespace smg::codec
