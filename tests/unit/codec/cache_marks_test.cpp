#include "codec/cache_marks.hpp"

#include <gmock/gmock.h>

#include "unit/codec/edge_case_testing.hpp"

namespace smg::codec {
namespace {

using namespace edge_testing;

Target marking(const std::string& model = "gpt-5.6") {
    auto out = target(model);
    out.capabilities.cache_breakpoints = true;
    return out;
}

const auto breakpoint = Json::parse(R"({"mode":"explicit"})");

/// Marks as a coding agent sets them: system, tools, a tool's result and the last words of the user.
const std::string marked_messages = R"({"model":"m","max_tokens":50,"system":[{"type":"text","text":"S","cache_control":{"type":"ephemeral"}}],
    "tools":[{"name":"f","input_schema":{"type":"object"},"cache_control":{"type":"ephemeral"}}],
    "messages":[{"role":"user","content":"a"},
        {"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{},"cache_control":{"type":"ephemeral"}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"R","cache_control":{"type":"ephemeral"}},
            {"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0K"},"cache_control":{"type":"ephemeral"}},
            {"type":"text","text":"b"}]}]})";

TEST(CacheMarks, ReachOpenAiOnTheirParts) {
    const auto chat = request(anthropic_messages(), marked_messages, openai_chat(), marking()).body;
    EXPECT_EQ(chat["messages"][0]["content"][0]["prompt_cache_breakpoint"], breakpoint);
    EXPECT_EQ(chat["messages"][1]["content"], "a");
    EXPECT_EQ(chat["messages"][3]["content"][0]["text"], "R");
    EXPECT_EQ(chat["messages"][3]["content"][0]["prompt_cache_breakpoint"], breakpoint);
    EXPECT_EQ(chat["messages"][4]["content"][0]["type"], "image_url");
    EXPECT_EQ(chat["messages"][4]["content"][0]["prompt_cache_breakpoint"], breakpoint);
    EXPECT_FALSE(chat["messages"][4]["content"][1].contains("prompt_cache_breakpoint"));
    EXPECT_EQ(chat["prompt_cache_options"], breakpoint) << "no fourth mark of OpenAI's own";
    const auto responses = request(anthropic_messages(), marked_messages, openai_responses(), marking());
    const auto& input = responses.body["input"];
    EXPECT_EQ(input[0]["content"][0]["prompt_cache_breakpoint"], breakpoint);
    EXPECT_EQ(input[1]["content"], "a");
    EXPECT_EQ(input[3]["output"][0], Json::parse(R"({"type":"input_text","text":"R","prompt_cache_breakpoint":{"mode":"explicit"}})"));
    EXPECT_EQ(input[4]["content"][0]["prompt_cache_breakpoint"], breakpoint);
    EXPECT_EQ(responses.body["prompt_cache_options"], breakpoint);
    EXPECT_THAT(responses.adjusted, testing::IsEmpty()) << "marks on tools and calls have no place: caching is automatic without them";
}

TEST(CacheMarks, OlderModelsGetNone) {
    for (const auto* to : {&openai_chat(), &openai_responses()}) {
        const auto sent = request(anthropic_messages(), marked_messages, *to, target("gpt-5.4"));
        EXPECT_EQ(sent.body.dump().find("cache"), std::string::npos) << sent.body;
        EXPECT_THAT(sent.adjusted, testing::IsEmpty());
    }
}

std::string with_marks(int count, const std::string& mark, const std::string& more = {}) {
    std::string parts;
    for (int i = 0; i < count; ++i) parts += (i ? "," : "") + std::string(R"({"type":"text","text":")") + std::to_string(i) + "\"," + mark + "}";
    return R"({"model":"m","max_tokens":50,"messages":[{"role":"user","content":[)" + parts + "]}]" + more + "}";
}

std::string texts_with(const Json& parts, const char* mark) {
    std::string texts;
    for (const auto& part : parts)
        if (part.contains(mark)) texts += part["text"].get<std::string>();
    return texts;
}

TEST(CacheMarks, AreFourAtMostTheLatestOnes) {
    const auto body = with_marks(6, R"("cache_control":{"type":"ephemeral"})");
    EXPECT_EQ(texts_with(request(anthropic_messages(), body, openai_chat(), marking()).body["messages"][0]["content"], "prompt_cache_breakpoint"),
              "2345");
    EXPECT_EQ(texts_with(request(anthropic_messages(), body, openai_responses(), marking()).body["input"][0]["content"], "prompt_cache_breakpoint"),
              "2345");
    const auto back = with_marks(6, R"("prompt_cache_breakpoint":{"mode":"explicit"})", R"(,"prompt_cache_options":{"mode":"explicit"})");
    const auto sent = request(openai_chat(), back, anthropic_messages(), target());
    EXPECT_EQ(texts_with(sent.body["messages"][0]["content"], "cache_control"), "2345");
    EXPECT_THAT(sent.adjusted, testing::IsEmpty());
    const auto beside = with_marks(6, R"("prompt_cache_breakpoint":{"mode":"explicit"})",
                                   R"(,"tools":[{"type":"function","function":{"name":"f"},"cache_control":{"type":"ephemeral"}}])");
    EXPECT_EQ(texts_with(request(openai_chat(), beside, anthropic_messages(), target()).body["messages"][0]["content"], "cache_control"), "345");
}

TEST(CacheMarks, AMarkOfTheWholeRequestIsOpenAisDefault) {
    const auto body = with_marks(4, R"("cache_control":{"type":"ephemeral"})", R"(,"cache_control":{"type":"ephemeral"})");
    const auto sent = request(anthropic_messages(), body, openai_chat(), marking()).body;
    EXPECT_FALSE(sent.contains("prompt_cache_options"));
    EXPECT_EQ(texts_with(sent["messages"][0]["content"], "prompt_cache_breakpoint"), "123") << "OpenAI's own is the fourth";
}

TEST(CacheMarks, AnHourIsTheLongerRetention) {
    const auto body = with_marks(1, R"("cache_control":{"type":"ephemeral","ttl":"1h"})");
    for (const auto* to : {&openai_chat(), &openai_responses()}) {
        const auto sent = request(anthropic_messages(), body, *to, marking()).body;
        EXPECT_EQ(sent["prompt_cache_retention"], "24h");
        EXPECT_FALSE(sent.contains("prompt_cache_options")) << "OpenAI takes one of the two";
        EXPECT_FALSE(request(anthropic_messages(), body, *to, target("gpt-5.4")).body.contains("prompt_cache_retention"));
    }
    const auto back = with_marks(1, R"("prompt_cache_breakpoint":{"mode":"explicit"})", R"(,"prompt_cache_retention":"24h")");
    EXPECT_EQ(request(openai_chat(), back, anthropic_messages(), target()).body["messages"][0]["content"][0]["cache_control"],
              Json::parse(R"({"type":"ephemeral","ttl":"1h"})"));
}

TEST(CacheMarks, OfAChatClientReachResponses) {
    const auto body = R"({"model":"m","messages":[{"role":"system","content":"S","cache_control":{"type":"ephemeral"}},
        {"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a/b.png"},"prompt_cache_breakpoint":{"mode":"explicit"}},
        {"type":"text","text":"x","cache_control":{"type":"ephemeral","ttl":"1h"}}]}],"prompt_cache_options":{"mode":"explicit","ttl":"30m"}})";
    const auto sent = request(openai_chat(), body, openai_responses(), marking()).body;
    EXPECT_EQ(sent["input"][0]["content"][0]["prompt_cache_breakpoint"], breakpoint);
    EXPECT_EQ(sent["input"][1]["content"][0]["prompt_cache_breakpoint"], breakpoint);
    EXPECT_EQ(sent["input"][1]["content"][1]["prompt_cache_breakpoint"], breakpoint);
    EXPECT_EQ(sent["prompt_cache_options"], Json::parse(R"({"mode":"explicit","ttl":"30m"})")) << "what the client says itself stands";
    EXPECT_FALSE(sent.contains("prompt_cache_retention"));
}

TEST(CacheMarks, OfAResponsesClientReachAnthropic) {
    const auto body = R"({"model":"m","input":[{"role":"user","content":[{"type":"input_text","text":"x",
        "prompt_cache_breakpoint":{"mode":"explicit"}}]},
        {"type":"function_call","call_id":"c","name":"f","arguments":"{}"},
        {"type":"function_call_output","call_id":"c","output":[{"type":"input_text","text":"R","prompt_cache_breakpoint":{"mode":"explicit"}}]}],
        "tools":[{"type":"function","name":"f","parameters":{"type":"object"}}]})";
    const auto sent = request(openai_responses(), body, anthropic_messages(), target()).body;
    const auto mark = Json::parse(R"({"type":"ephemeral"})");
    EXPECT_EQ(sent["messages"][0]["content"][0]["cache_control"], mark);
    EXPECT_EQ(sent["messages"][2]["content"][0]["content"][0]["cache_control"], mark);
}

}  // namespace
}  // namespace smg::codec
