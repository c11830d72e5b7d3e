#include <gtest/gtest.h>

#include "simulator/signature.hpp"
#include "unit/simulator/gemini_calls.hpp"

namespace smg::simulator {
namespace {

/// prompt + candidates + thoughts is the total, in every recorded answer.
void expect_sum(const OrderedJson& usage) {
    EXPECT_EQ(usage.value("promptTokenCount", 0) + usage.value("candidatesTokenCount", 0) + usage.value("thoughtsTokenCount", 0),
              usage.value("totalTokenCount", -1))
        << usage;
}

TEST(GeminiAnswer, IsACandidateWithItsUsage) {
    Gemini gemini;
    const auto answer = gemini.generate(asks("hello there"));
    ASSERT_EQ(answer.status, 200);
    EXPECT_EQ(answer.reply.fields.get("content-type"), "application/json; charset=UTF-8");
    EXPECT_EQ(parts_of(answer.body).size(), 1U);
    EXPECT_NE(parts_of(answer.body)[0]["text"].get<std::string>().find("You said: hello there"), std::string::npos);
    EXPECT_EQ(candidate_of(answer.body)["content"]["role"], "model");
    EXPECT_EQ(candidate_of(answer.body)["finishReason"], "STOP");
    EXPECT_EQ(candidate_of(answer.body)["index"], 0);
    EXPECT_EQ(answer.body["modelVersion"], "gemini-2.5-flash");
    EXPECT_FALSE(answer.body["responseId"].get<std::string>().empty());
    expect_sum(answer.body["usageMetadata"]);
    EXPECT_GT(answer.body["usageMetadata"]["thoughtsTokenCount"], 0) << "it thinks, shown or not";
}

TEST(GeminiAnswer, IsTheSameForTheSameRequest) {
    EXPECT_EQ(Gemini().generate(asks("hi")).body, Gemini().generate(asks("hi")).body);
    Gemini gemini;
    const auto first = gemini.generate(asks("hi")).body["responseId"];
    EXPECT_NE(first, gemini.generate(asks("hi")).body["responseId"]);
}

TEST(GeminiAnswer, ShowsThoughtsWhenAsked) {
    Gemini gemini;
    auto body = asks("hello");
    body["generationConfig"]["thinkingConfig"]["includeThoughts"] = true;
    const auto answer = gemini.generate(body);
    ASSERT_EQ(parts_of(answer.body).size(), 2U);
    EXPECT_EQ(parts_of(answer.body)[0]["thought"], true);
    EXPECT_FALSE(parts_of(answer.body)[1].contains("thought"));
}

TEST(GeminiAnswer, DoesNotThinkWithoutABudget) {
    Gemini gemini;
    auto body = asks("hello");
    body["generationConfig"]["thinkingConfig"] = {{"includeThoughts", true}, {"thinkingBudget", 0}};
    const auto answer = gemini.generate(body);
    EXPECT_EQ(parts_of(answer.body).size(), 1U);
    EXPECT_FALSE(answer.body["usageMetadata"].contains("thoughtsTokenCount"));
    expect_sum(answer.body["usageMetadata"]);
}

TEST(GeminiAnswer, CountsThoughtsAgainstTheLimit) {
    Gemini gemini;
    auto body = asks("simulate:tokens=400");
    body["generationConfig"]["maxOutputTokens"] = 40;
    const auto answer = gemini.generate(body);
    EXPECT_EQ(candidate_of(answer.body)["finishReason"], "MAX_TOKENS");
    const auto& usage = answer.body["usageMetadata"];
    EXPECT_EQ(usage["candidatesTokenCount"].get<int>() + usage["thoughtsTokenCount"].get<int>(), 40);
    body["generationConfig"]["maxOutputTokens"] = 2;
    const auto nothing = gemini.generate(body);
    EXPECT_EQ(candidate_of(nothing.body)["finishReason"], "MAX_TOKENS");
    EXPECT_TRUE(parts_of(nothing.body).empty()) << "all of it was thought";
}

TEST(GeminiAnswer, StopsAtASequence) {
    Gemini gemini;
    auto body = asks("one STOP two");
    body["generationConfig"]["stopSequences"] = {"STOP"};
    const auto answer = gemini.generate(body);
    const auto text = parts_of(answer.body)[0]["text"].get<std::string>();
    EXPECT_TRUE(text.ends_with("You said: one ")) << text;
    EXPECT_EQ(candidate_of(answer.body)["finishReason"], "STOP");
}

TEST(GeminiAnswer, RefusesForSafety) {
    Gemini gemini;
    EXPECT_EQ(candidate_of(gemini.generate(asks("simulate:refuse")).body)["finishReason"], "SAFETY");
}

TEST(GeminiAnswer, CallsATool) {
    Gemini gemini;
    const auto answer = gemini.generate(asks_with_tool("What is the weather in Oslo?"));
    ASSERT_EQ(answer.status, 200) << answer.body;
    ASSERT_EQ(parts_of(answer.body).size(), 1U);
    const auto& part = parts_of(answer.body)[0];
    EXPECT_EQ(part["functionCall"]["name"], "get_weather");
    EXPECT_EQ(part["functionCall"]["args"]["city"], "Oslo");
    EXPECT_FALSE(part["functionCall"].contains("id")) << "2.5 has none";
    EXPECT_EQ(candidate_of(answer.body)["finishReason"], "STOP") << "Gemini has no word for calls";
    const auto newer = gemini.generate(asks_with_tool("What is the weather in Oslo?"), "gemini-3-pro-preview");
    EXPECT_TRUE(parts_of(newer.body)[0]["functionCall"]["id"].is_string());
}

TEST(GeminiAnswer, SignsTheFirstOfParallelCalls) {
    Gemini gemini;
    const auto answer = gemini.generate(asks_with_tool("parallel weather in Oslo and Rome"), "gemini-3-pro-preview");
    ASSERT_EQ(parts_of(answer.body).size(), 2U);
    EXPECT_TRUE(is_issued("gemini", parts_of(answer.body)[0]["thoughtSignature"].get<std::string>()));
    EXPECT_FALSE(parts_of(answer.body)[1].contains("thoughtSignature"));
    EXPECT_NE(parts_of(answer.body)[0]["functionCall"]["id"], parts_of(answer.body)[1]["functionCall"]["id"]);
    EXPECT_NE(parts_of(answer.body)[0]["functionCall"]["args"], parts_of(answer.body)[1]["functionCall"]["args"]);
}

TEST(GeminiAnswer, HeedsTheChoiceOfTools) {
    Gemini gemini;
    auto none = asks_with_tool("What is the weather?");
    none["toolConfig"]["functionCallingConfig"]["mode"] = "NONE";
    EXPECT_TRUE(parts_of(gemini.generate(none).body)[0].contains("text"));
    auto any = asks_with_tool("Tell me a joke");
    any["toolConfig"]["functionCallingConfig"] = {{"mode", "ANY"}, {"allowedFunctionNames", {"get_weather"}}};
    EXPECT_TRUE(parts_of(gemini.generate(any).body)[0].contains("functionCall"));
}

TEST(GeminiAnswer, UsesWhatTheToolSaid) {
    Gemini gemini;
    auto body = asks_with_tool("What is the weather in Oslo?");
    body["contents"].push_back(turn("model", {function_call("get_weather")}));
    body["contents"].push_back(turn("user", {function_response("get_weather", "rain")}));
    const auto answer = gemini.generate(body);
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_NE(parts_of(answer.body)[0]["text"].get<std::string>().find("get_weather: rain"), std::string::npos);
}

TEST(GeminiAnswer, HasTheShapeThatWasAskedFor) {
    Gemini gemini;
    const auto schema = OrderedJson::parse(R"({"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}},
        "required":["name","age"]})");
    for (const std::string name : {"responseJsonSchema", "responseSchema"}) {
        auto body = asks("someone");
        body["generationConfig"] = {{"responseMimeType", "application/json"}, {name, schema}};
        const auto answer = gemini.generate(body);
        ASSERT_EQ(answer.status, 200) << answer.body;
        const auto value = OrderedJson::parse(parts_of(answer.body)[0]["text"].get<std::string>());
        EXPECT_TRUE(value["name"].is_string() && value["age"].is_number_integer()) << value;
    }
    auto body = asks("anything");
    body["generationConfig"]["responseMimeType"] = "application/json";
    EXPECT_TRUE(OrderedJson::parse(parts_of(gemini.generate(body).body)[0]["text"].get<std::string>()).is_object());
}

TEST(GeminiAnswer, SeesImages) {
    Gemini gemini;
    const OrderedJson inline_image{{"inlineData", {{"mimeType", "image/png"}, {"data", "aGVsbG8="}}}};
    const OrderedJson linked{{"fileData", {{"mimeType", "image/jpeg"}, {"fileUri", "https://example.com/a.jpg"}}}};
    const OrderedJson body{{"contents", OrderedJson::array({turn("user", {{{"text", "look"}}, inline_image, linked})})}};
    const auto text = parts_of(gemini.generate(body).body)[0]["text"].get<std::string>();
    EXPECT_NE(text.find("I see an image (image/png, 5 bytes)."), std::string::npos) << text;
    EXPECT_NE(text.find("I see an image at https://example.com/a.jpg."), std::string::npos) << text;
}

TEST(GeminiAnswer, CountsCachedTokens) {
    Gemini gemini;
    const auto usage = gemini.generate(asks("simulate:cached=4")).body["usageMetadata"];
    EXPECT_EQ(usage["cachedContentTokenCount"], 4);
    expect_sum(usage);
}

std::string text_of(const std::vector<OrderedJson>& events, bool thought) {
    std::string text;
    for (const auto& event : events)
        for (const auto& part : parts_of(event))
            if (part.contains("text") && part.value("thought", false) == thought) text += part["text"].get<std::string>();
    return text;
}

TEST(GeminiStream, IsThePiecesOfTheAnswer) {
    auto body = asks("tell me about the sea");
    body["generationConfig"]["thinkingConfig"]["includeThoughts"] = true;
    for (const std::string model : {"gemini-2.5-flash", "gemini-3-pro-preview"}) {
        const auto events = Gemini().stream(body, model);
        const auto whole = Gemini().generate(body, model).body;
        ASSERT_GT(events.size(), 3U);
        EXPECT_EQ(text_of(events, true), parts_of(whole)[0]["text"]);
        EXPECT_EQ(text_of(events, false), parts_of(whole)[1]["text"]);
        for (std::size_t i = 0; i < events.size(); ++i) {
            EXPECT_EQ(candidate_of(events[i]).contains("finishReason"), i + 1 == events.size()) << "the last one ends it";
            EXPECT_EQ(events[i]["responseId"], events[0]["responseId"]);
            expect_sum(events[i]["usageMetadata"]);
        }
        EXPECT_EQ(candidate_of(events.back())["finishReason"], "STOP");
        EXPECT_EQ(events.back()["usageMetadata"], whole["usageMetadata"]);
    }
}

TEST(GeminiStream, OfAGemini3TextEndsWithAnEmptySignedPart) {
    const auto last = parts_of(Gemini().stream(asks("hello"), "gemini-3-pro-preview").back()).at(0);
    EXPECT_EQ(last["text"], "");
    EXPECT_TRUE(is_issued("gemini", last["thoughtSignature"].get<std::string>()));
}

TEST(GeminiStream, BringsCallsWhole) {
    const auto events = Gemini().stream(asks_with_tool("parallel weather in Oslo and Rome"), "gemini-3-pro-preview");
    std::vector<OrderedJson> calls;
    for (const auto& event : events)
        for (const auto& part : parts_of(event))
            if (part.contains("functionCall")) calls.push_back(part["functionCall"]);
    ASSERT_EQ(calls.size(), 2U);
    EXPECT_EQ(calls[0]["args"]["city"], "Oslo");
    EXPECT_EQ(calls[1]["args"]["city"], "Rome");
}

TEST(GeminiStream, WithoutEventsIsOneList) {
    const auto called = Gemini().post("/v1beta/models/gemini-2.5-flash:streamGenerateContent", asks("hello"));
    EXPECT_EQ(called.reply.fields.get("content-type"), "application/json; charset=UTF-8");
    ASSERT_TRUE(called.body.is_array());
    EXPECT_EQ(OrderedJson(Gemini().stream(asks("hello"))), called.body);
}

TEST(GeminiStream, BreaksOffWithAnError) {
    const auto events = Gemini().stream(asks("simulate:error-event"));
    ASSERT_GT(events.size(), 1U);
    EXPECT_TRUE(events.front().contains("candidates"));
    EXPECT_EQ(events.back()["error"]["status"], "UNAVAILABLE");
    const auto first = Gemini().stream(asks("simulate:error-first"));
    ASSERT_EQ(first.size(), 1U);
    EXPECT_TRUE(first[0].contains("error"));
    EXPECT_EQ(Gemini().generate(asks("simulate:error-event")).status, 503) << "unary, it is the whole answer";
}

TEST(GeminiStream, EndsAsItIsTold) {
    Gemini gemini;
    const std::string path = "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse";
    EXPECT_EQ(gemini.post(path, asks("hi")).reply.ending, Ending::complete);
    const auto cut = gemini.post(path, asks("simulate:cut")).reply;
    EXPECT_EQ(cut.ending, Ending::cut);
    EXPECT_EQ(cut.content().find("finishReason"), std::string::npos);
    EXPECT_EQ(gemini.post(path, asks("simulate:stall")).reply.ending, Ending::hang);
    EXPECT_TRUE(gemini.post(path, asks("simulate:reset")).reply.silent);
    const auto slow = gemini.post(path, asks("simulate:slow simulate:chunks=3")).reply;
    EXPECT_EQ(slow.pieces.at(0).wait.count(), 0);
    EXPECT_EQ(slow.pieces.at(1).wait, std::chrono::milliseconds(100));
}

}  // namespace
}  // namespace smg::simulator
