/// Answers of Gemini as the conversation has them, and answers of any provider for a Gemini client.
#include "gemini_testing.hpp"

namespace smg::codec::gemini_testing {
namespace {

Answer decoded(std::string_view body, const RequestMemo& memo = {}) {
    auto out = gemini().decode_response(body, memo);
    EXPECT_TRUE(out) << (out ? "" : out.error().message);
    return out ? std::move(*out) : Answer{};
}

/// An answer with this finish reason and these parts.
std::string candidate(const std::string& reason, const std::string& parts = R"([{"text":"x"}])") {
    return R"({"candidates":[{"content":{"role":"model","parts":)" + parts + R"(},"finishReason":")" + reason + R"(","index":0}]})";
}

TEST(GeminiResponse, TextThoughtsAndSignatures) {
    const auto a = decoded(
        R"({"responseId":"r1","modelVersion":"gemini-3-pro","createTime":"2026-04-02T17:03:50.399550Z","candidates":[{"content":{"role":"model",
        "parts":[{"text":"hm","thought":true},{"text":"a"},{"text":"b","thoughtSignature":"S"},{"text":""}]},"finishReason":"STOP","index":0}]})");
    EXPECT_EQ(a.id, "r1");
    EXPECT_EQ(a.model, "gemini-3-pro");
    EXPECT_EQ(a.created, 1775149430);
    EXPECT_EQ(a.origin, Origin::gemini);
    ASSERT_EQ(a.choices.size(), 1U);
    ASSERT_EQ(a.choices[0].parts.size(), 3U);
    EXPECT_EQ(std::get<ReasoningPart>(a.choices[0].parts[0]).text, "hm");
    EXPECT_EQ(std::get<TextPart>(a.choices[0].parts[1]).text, "a");
    EXPECT_EQ(std::get<TextPart>(a.choices[0].parts[2]).signature, "S");
    EXPECT_EQ(a.choices[0].stop_reason, StopReason::stop);
    EXPECT_EQ(a.choices[0].native_stop_reason, "STOP");
}

TEST(GeminiResponse, CallsGetIdsAndEndInToolCalls) {
    const auto body = R"({"responseId":"r1","candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"n": 1.0}},
            "thoughtSignature":"S"},
        {"functionCall":{"name":"g"}},{"functionCall":{"id":"native","name":"f","args":{}}}]},"finishReason":"STOP"}]})";
    const auto a = decoded(body);
    const auto call_at = [&](std::size_t i) { return std::get<ToolCallPart>(a.choices[0].parts.at(i)); };
    EXPECT_EQ(a.choices[0].stop_reason, StopReason::tool_calls);
    EXPECT_EQ(call_at(0).arguments, R"({"n": 1.0})");
    EXPECT_EQ(call_at(0).signature, "S");
    EXPECT_EQ(call_at(1).arguments, "{}");
    EXPECT_EQ(call_at(2).id, "native");
    EXPECT_TRUE(call_at(2).native_id);
    EXPECT_FALSE(call_at(0).native_id);
    EXPECT_EQ(call_at(0).id.size(), 29U);
    EXPECT_EQ(call_at(0).id.find("call_"), 0U);
    EXPECT_NE(call_at(0).id, call_at(1).id);
    EXPECT_EQ(std::get<ToolCallPart>(decoded(body).choices[0].parts[0]).id, call_at(0).id);
    auto nameless = std::string(body);
    nameless.replace(nameless.find("r1"), 2, "");
    EXPECT_NE(std::get<ToolCallPart>(decoded(nameless).choices[0].parts[0]).id, std::get<ToolCallPart>(decoded(nameless).choices[0].parts[0]).id);
}

TEST(GeminiResponse, CallsGetTheClientsNamesAndKindsBack) {
    RequestMemo memo;
    memo.tool_names["_1st_abc"] = "1st tool";
    memo.custom_tools.insert("shell");
    const auto a = decoded(
        R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"_1st_abc"}},
          {"functionCall":{"name":"shell","args":{"input":"ls \"x\""}}}]},"finishReason":"STOP"}]})",
        memo);
    EXPECT_EQ(std::get<ToolCallPart>(a.choices[0].parts[0]).name, "1st tool");
    const auto& custom = std::get<ToolCallPart>(a.choices[0].parts[1]);
    EXPECT_EQ(custom.kind, ToolCallPart::Kind::custom);
    EXPECT_EQ(custom.arguments, "ls \"x\"");
}

TEST(GeminiResponse, FinishReasons) {
    const auto reason = [](const std::string& word) { return decoded(candidate(word)).choices.at(0).stop_reason; };
    EXPECT_EQ(reason("MAX_TOKENS"), StopReason::length);
    EXPECT_EQ(reason("CONTINUATION"), StopReason::length);
    for (const auto* word : {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "MODEL_ARMOR", "LANGUAGE"})
        EXPECT_EQ(reason(word), StopReason::content_filter) << word;
    for (const auto* word : {"OTHER", "UNEXPECTED_TOOL_CALL", "MALFORMED_FUNCTION_CALL", "SOMETHING_NEW"})
        EXPECT_EQ(reason(word), StopReason::unknown) << word;
    EXPECT_EQ(decoded(candidate("SOMETHING_NEW", "[]")).choices[0].stop_reason, StopReason::content_filter);
    EXPECT_EQ(decoded(candidate("MAX_TOKENS", R"([{"functionCall":{"name":"f"}}])")).choices[0].stop_reason, StopReason::length);
    const auto malformed = gemini().decode_response(candidate("MALFORMED_FUNCTION_CALL", "[]"), {});
    ASSERT_FALSE(malformed);
    EXPECT_EQ(malformed.error().failure, Failure::upstream_error);
}

TEST(GeminiResponse, ContentMayBeMissingOrEmpty) {
    for (const auto* content :
         {"", R"("content":{},)", R"("content":{"role":"model"},)", R"("content":{"parts":[]},)", R"("content":{"parts":[{"text":""}]},)"}) {
        const auto a = decoded(std::string(R"({"candidates":[{)") + content + R"("finishReason":"MAX_TOKENS"}]})");
        EXPECT_TRUE(a.choices.at(0).parts.empty()) << content;
        EXPECT_EQ(a.choices[0].stop_reason, StopReason::length);
    }
}

TEST(GeminiResponse, ABlockedPromptIsARefusal) {
    const auto a = decoded(R"({"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":4,"totalTokenCount":4}})");
    ASSERT_EQ(a.choices.size(), 1U);
    EXPECT_EQ(a.choices[0].stop_reason, StopReason::content_filter);
    EXPECT_EQ(a.choices[0].refusal, "SAFETY");
    EXPECT_EQ(a.usage.output, 0U);
    EXPECT_EQ(decoded(R"({"promptFeedback":{"blockReason":"OTHER","blockReasonMessage":"No."}})").choices[0].refusal, "No.");
}

TEST(GeminiResponse, Usage) {
    const auto usage = [](const std::string& metadata) {
        return decoded(R"({"candidates":[{"finishReason":"STOP"}],"usageMetadata":)" + metadata + "}").usage;
    };
    const auto all = usage(
        R"({"promptTokenCount":100,"toolUsePromptTokenCount":20,"cachedContentTokenCount":60,"candidatesTokenCount":7,
          "thoughtsTokenCount":5,"totalTokenCount":132})");
    EXPECT_EQ(all.input, 120U);
    EXPECT_EQ(all.cached, 60U);
    EXPECT_EQ(all.output, 12U);
    EXPECT_EQ(all.reasoning, 5U);
    EXPECT_EQ(all.total, 132U);
    EXPECT_EQ(usage(R"({"promptTokenCount":15,"thoughtsTokenCount":2,"totalTokenCount":17})").output, 2U);
    EXPECT_FALSE(usage(R"({"trafficType":"ON_DEMAND"})").any());
    EXPECT_EQ(decoded(R"({"candidates":[{}],"usageMetadata":{"serviceTier":"standard"}})").service_tier, "default");
}

TEST(GeminiResponse, LogprobsAreInChatsShape) {
    const auto a = decoded(
        R"({"candidates":[{"content":{"parts":[{"text":"é"}]},"finishReason":"STOP","logprobsResult":{
          "chosenCandidates":[{"token":"é","logProbability":-0.10}],
        "topCandidates":[{"candidates":[{"token":"é","logProbability":-0.10},{"token":"e","logProbability":-2}]}]}}]})");
    EXPECT_EQ(a.choices[0].logprobs,
              R"({"content":[{"token":"é","logprob":-0.10,"bytes":[195,169],"top_logprobs":[{"token":"é","logprob":-0.10,"bytes":[195,169]},)"
              R"({"token":"e","logprob":-2,"bytes":[101]}]}]})");
    auto foreign = a;
    foreign.format = "openai_chat";
    const auto json = Json::parse(gemini().encode_response(foreign, {}));
    EXPECT_EQ(json["candidates"][0]["logprobsResult"]["topCandidates"][0]["candidates"][1], Json::parse(R"({"token":"e","logProbability":-2})"));
}

TEST(GeminiResponse, GroundingBecomesCitationsInCodePoints) {
    const auto a = decoded(R"({"candidates":[{"content":{"parts":[{"text":"é ok. "},{"text":"Über"}]},"finishReason":"STOP","groundingMetadata":{
        "groundingChunks":[{"web":{"uri":"https://a","title":"A"}},{"retrievedContext":{}}],
        "groundingSupports":[{"segment":{"startIndex":3,"endIndex":9},"groundingChunkIndices":[0,1,7]}]}}]})");
    const auto& first = std::get<TextPart>(a.choices[0].parts[0]);
    EXPECT_EQ(first.citations_origin, Origin::openai);
    EXPECT_EQ(Json::parse(first.citations),
              Json::parse(R"([{"type":"url_citation","url_citation":{"end_index":7,"start_index":2,"title":"A","url":"https://a"}}])"));
}

TEST(GeminiResponse, WhatIsNoAnswerIsAnError) {
    for (const auto* body :
         {"", "<html>", "[]", "1", "{}", R"({"candidates":[]})", R"({"error":{"code":500,"message":"m"}})", R"([{"error":{"code":500}}])"}) {
        const auto out = gemini().decode_response(body, {});
        ASSERT_FALSE(out) << body;
        EXPECT_EQ(out.error().failure, Failure::upstream_error);
    }
}

TEST(GeminiResponse, SeveralCandidates) {
    const auto a = decoded(
        R"({"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"},
          {"content":{"parts":[{"text":"b"}]},"finishReason":"MAX_TOKENS"}]})");
    ASSERT_EQ(a.choices.size(), 2U);
    EXPECT_EQ(a.choices[1].index, 1);
    EXPECT_EQ(a.choices[1].stop_reason, StopReason::length);
}

TEST(GeminiResponse, APartialStreamInAnArrayIsOneAnswer) {
    const auto a = decoded(
        R"([{"responseId":"r","candidates":[{"content":{"parts":[{"text":"a"}]},"index":0}],
          "usageMetadata":{"promptTokenCount":1,"totalTokenCount":1}},
        {"candidates":[{"content":{"parts":[{"text":"b"}]},"finishReason":"STOP","index":0}],
          "usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2,"totalTokenCount":3}}])");
    ASSERT_EQ(a.choices.at(0).parts.size(), 1U);
    EXPECT_EQ(std::get<TextPart>(a.choices[0].parts[0]).text, "ab");
    EXPECT_EQ(a.usage.output, 2U);
}

TEST(GeminiResponse, OneForAClient) {
    Answer answer;
    answer.origin = Origin::openai;
    answer.format = "openai_chat";
    answer.id = "chatcmpl-1";
    answer.model = "gpt-4o";
    answer.created = 1775149430;
    auto& choice = answer.choices.emplace_back();
    ReasoningPart thought;
    thought.text = "hm";
    thought.signature = "of another";
    thought.origin = Origin::openai;
    choice.parts = {thought, text("hi"), call("c1", "f", ""), call("c2", "g", "{\"n\":1.0}"), call("c3", "h", "{broken")};
    choice.stop_reason = StopReason::tool_calls;
    answer.usage = {.input = 10, .output = 7, .cached = 4, .cache_write = {}, .reasoning = 3, .total = 17};
    EXPECT_EQ(Json::parse(gemini().encode_response(answer, {})), Json::parse(R"({"candidates":[{"content":{"parts":[{"text":"hm","thought":true,
            "thoughtSignature":"c21nMS5vcGVuYWkuY3pwdlppQmhibTkwYUdWeQ=="},{"text":"hi"},
        {"functionCall":{"id":"c1","name":"f","args":{}}},{"functionCall":{"id":"c2","name":"g","args":{"n":1.0}}},
        {"functionCall":{"id":"c3","name":"h","args":{"_raw":"{broken"}}}],"role":"model"},"finishReason":"STOP","index":0}],
        "usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":4,"totalTokenCount":17,"cachedContentTokenCount":4,"thoughtsTokenCount":3},
        "modelVersion":"gpt-4o","responseId":"chatcmpl-1","createTime":"2026-04-02T17:03:50Z"})"));
}

TEST(GeminiResponse, StopReasonsForAClient) {
    const auto word = [](StopReason reason) {
        Answer answer;
        answer.choices.emplace_back().stop_reason = reason;
        answer.choices.front().native_stop_reason = "stop";
        return Json::parse(gemini().encode_response(answer, {}))["candidates"][0]["finishReason"].get<std::string>();
    };
    EXPECT_EQ(word(StopReason::stop), "STOP");
    EXPECT_EQ(word(StopReason::stop_sequence), "STOP");
    EXPECT_EQ(word(StopReason::tool_calls), "STOP");
    EXPECT_EQ(word(StopReason::length), "MAX_TOKENS");
    EXPECT_EQ(word(StopReason::content_filter), "SAFETY");
    EXPECT_EQ(word(StopReason::refusal), "SAFETY");
    EXPECT_EQ(word(StopReason::unknown), "OTHER");
}

}  // namespace
}  // namespace smg::codec::gemini_testing
