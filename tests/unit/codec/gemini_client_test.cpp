// A client that speaks generateContent, served by Chat and by Messages: what its contents and settings become, and what it reads in return.
#include <gmock/gmock.h>

#include <set>

#include "codec/reasoning_envelope.hpp"
#include "unit/codec/edge_case_testing.hpp"

namespace smg::codec {
namespace {

using namespace edge_testing;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string with(std::string_view members) { return R"({"contents":[{"role":"user","parts":[{"text":"x"}]}])" + std::string(members) + "}"; }

Target claude() {
    auto out = target("claude");
    out.capabilities.thinking = ModelCapabilities::Thinking::adaptive;
    out.capabilities.efforts = {"low", "medium", "high", "xhigh", "max"};
    return out;
}
Translated chat(std::string_view body, std::string model = "gpt-4.1") { return request(gemini(), body, openai_chat(), target(std::move(model))); }
Translated messages(std::string_view body) { return request(gemini(), body, anthropic_messages(), claude()); }

TEST(GeminiClient, BothSpellingsMeanTheSame) {
    const auto camel = R"({"systemInstruction":{"role":"system","parts":[{"text":"S"}]},"contents":[{"role":"user","parts":[{"inlineData":
        {"mimeType":"image/png","data":"iVBORw0K"}}]}],"generationConfig":{"maxOutputTokens":5,"stopSequences":["a"],"topP":0.5},
        "tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT","properties":{"a":{"type":"STRING","nullable":true}}}}]}],
        "toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}}})";
    const auto snake = R"({"system_instruction":{"parts":[{"text":"S"}]},"contents":[{"role":"user","parts":[{"inline_data":
        {"mime_type":"image/png","data":"iVBORw0K"}}]}],"generation_config":{"max_output_tokens":5,"stop_sequences":["a"],"top_p":0.5},
        "tools":[{"function_declarations":[{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"string","nullable":true}}}}]}],
        "tool_config":{"function_calling_config":{"mode":"any","allowed_function_names":["f"]}}})";
    EXPECT_EQ(chat(camel).body, chat(snake).body);
    EXPECT_EQ(messages(camel).body, messages(snake).body);
    const auto body = chat(camel).body;
    EXPECT_EQ(body["messages"][0], Json::parse(R"({"role":"system","content":"S"})"));
    EXPECT_EQ(body["tools"][0]["function"]["parameters"], Json::parse(R"({"type":"object","properties":{"a":{"type":["string","null"]}}})"));
    EXPECT_EQ(body["tool_choice"]["function"]["name"], "f");
    EXPECT_EQ(body["max_completion_tokens"], 5);
}

TEST(GeminiClient, CallsWithoutIdsAreMatchedByOrderWithinAName) {
    const auto body = R"({"contents":[{"role":"user","parts":[{"text":"x"}]},{"role":"model","parts":[
        {"functionCall":{"name":"f","args":{"n":1}}},{"functionCall":{"name":"g","args":{}}},{"functionCall":{"name":"f","args":{"n":2}}}]},
        {"role":"user","parts":[{"functionResponse":{"name":"g","response":{"output":"G"}}},{"functionResponse":{"name":"f",
            "response":{"output":"F1"}}},
        {"functionResponse":{"name":"f","response":{"result":2}}}]}]})";
    const auto sent = chat(body).body["messages"];
    std::vector<std::string> ids;
    for (const auto& call : sent[1]["tool_calls"]) ids.push_back(call["id"]);
    ASSERT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 3U);
    const auto result = [&](std::size_t call) {
        for (const auto& message : sent)
            if (message.value("tool_call_id", "") == ids[call]) return message["content"].get<std::string>();
        return std::string("none");
    };
    EXPECT_EQ(result(0), "F1");
    EXPECT_EQ(result(1), "G");
    EXPECT_EQ(result(2), R"({"result":2})");
    EXPECT_EQ(messages(body).body["messages"][2]["content"][1]["content"], "G") << "in the order of the calls";
}

TEST(GeminiClient, SchemasAreToldAsJsonSchema) {
    const auto body =
        with(R"(,"generationConfig":{"responseMimeType":"application/json","responseSchema":{"type":"OBJECT","propertyOrdering":["b","a"],
        "properties":{"a":{"type":"STRING","format":"enum","enum":["x","y"]},"b":{"type":"ARRAY","minItems":"1","items":{"type":"INTEGER"}}},
        "required":["a"]}})");
    EXPECT_EQ(chat(body).body["response_format"]["json_schema"]["schema"],
              Json::parse(R"({"type":"object","properties":{"a":{"type":"string","enum":["x","y"]},
        "b":{"type":"array","minItems":1,"items":{"type":"integer"}}},"required":["a"]})"));
    EXPECT_EQ(messages(body).body["output_config"]["format"]["schema"]["properties"]["a"]["enum"], Json::parse(R"(["x","y"])"));
}

TEST(GeminiClient, ThinkingIsAnEffort) {
    const auto effort = [](std::string_view config) {
        return messages(with(R"(,"generationConfig":{"thinkingConfig":)" + std::string(config) + "}")).body;
    };
    EXPECT_EQ(effort(R"({"thinkingLevel":"HIGH","includeThoughts":true})")["output_config"]["effort"], "high");
    EXPECT_EQ(effort(R"({"thinkingLevel":"HIGH","includeThoughts":true})")["thinking"]["display"], "summarized");
    EXPECT_FALSE(effort(R"({"thinkingLevel":"HIGH"})")["thinking"].contains("display"));
    EXPECT_EQ(effort(R"({"thinkingBudget":1024})")["output_config"]["effort"], "low");
    EXPECT_EQ(effort(R"({"thinkingBudget":0})")["thinking"]["type"], "disabled");
    EXPECT_FALSE(effort(R"({"thinkingBudget":-1})").contains("thinking")) << "the model's own choice";
    EXPECT_EQ(chat(with(R"(,"generationConfig":{"thinkingConfig":{"thinkingLevel":"MEDIUM"}})"), "gpt-5.1").body["reasoning_effort"], "medium");
}

TEST(GeminiClient, IsToldOfItsSettingsInItsOwnWords) {
    const auto sent = chat(with(R"(,"generationConfig":{"topK":5,"temperature":0.5,"stopSequences":["a","b","c","d","e"]},"safetySettings":[{}],
        "tools":[{"googleSearch":{}}])"));
    EXPECT_THAT(sent.adjusted, testing::UnorderedElementsAre("generationConfig.topK", "safetySettings", "tools.googleSearch"))
        << "the gateway looks for the fifth sequence";
    EXPECT_THAT(messages(with(R"(,"generationConfig":{"seed":1},"tools":[{"googleSearch":{}}])")).adjusted,
                testing::UnorderedElementsAre("generationConfig.seed", "tools.googleSearch"));
    const auto several = gemini().decode_request(with(R"(,"generationConfig":{"candidateCount":2})"));
    ASSERT_TRUE(several);
    const auto refused = anthropic_messages().encode_request(*several, claude());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().param, "generationConfig.candidateCount");
}

// ---- what it reads

TEST(GeminiClient, ReadsAnAnswer) {
    const auto json = answer(anthropic_messages(), R"({"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[
        {"type":"thinking","thinking":"hm","signature":"EpAB"},{"type":"text","text":"Hi"},{"type":"tool_use","id":"toolu_1","name":"f",
            "input":{"a":1}}],
        "stop_reason":"tool_use","usage":{"input_tokens":3,"cache_read_input_tokens":7,"output_tokens":9,
            "output_tokens_details":{"thinking_tokens":4}}})",
                             gemini());
    const auto parts = json["candidates"][0]["content"]["parts"];
    EXPECT_EQ(parts[0]["text"], "hm");
    EXPECT_EQ(parts[0]["thought"], true);
    EXPECT_EQ(parts[1], Json::parse(R"({"text":"Hi"})"));
    EXPECT_EQ(parts[2]["functionCall"], Json::parse(R"({"id":"toolu_1","name":"f","args":{"a":1}})"));
    EXPECT_EQ(json["candidates"][0]["finishReason"], "STOP");
    EXPECT_EQ(
        json["usageMetadata"],
        Json::parse(R"({"promptTokenCount":10,"candidatesTokenCount":5,"totalTokenCount":19,"cachedContentTokenCount":7,"thoughtsTokenCount":4})"));
}

TEST(GeminiClient, ReadsCallsWholeAndNoTerminator) {
    const auto bytes =
        streamed(openai_chat(),
                 sse({chunk(R"({"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\""}}]})"),
                      chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]})"), chunk("{}", R"("tool_calls")"),
                      R"({"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}})", "[DONE]"}),
                 gemini());
    const auto chunks = datas(bytes);
    ASSERT_EQ(chunks.size(), 2U);
    EXPECT_EQ(chunks[0]["candidates"][0]["content"]["parts"][0]["functionCall"]["args"], Json::parse(R"({"x":1})"));
    EXPECT_FALSE(chunks[0]["candidates"][0].contains("finishReason"));
    EXPECT_EQ(chunks[1]["candidates"][0]["finishReason"], "STOP");
    EXPECT_EQ(chunks[1]["usageMetadata"]["totalTokenCount"], 7);
    EXPECT_THAT(bytes, Not(HasSubstr("[DONE]")));
    EXPECT_EQ(bytes.find("\n\n"), std::string::npos) << "its lines end in CRLF";
}

/// What Gemini cites in a stream, a Chat client reads as annotations, as it would in a whole answer.
TEST(GeminiCitations, ReachAChatClientInAStream) {
    const std::string last = R"(,"finishReason":"STOP","groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://e","title":"E"}}],
        "groundingSupports":[{"segment":{"startIndex":0,"endIndex":5,"text":"caf\u00e9"},"groundingChunkIndices":[0]}]})";
    const auto whole = answer(gemini(), candidate(R"([{"text":"caf\u00e9 is open"}])", last), openai_chat())["choices"][0]["message"]["annotations"];
    ASSERT_EQ(whole.size(), 1U);
    EXPECT_EQ(whole[0]["url_citation"]["end_index"], 4) << "characters, not bytes";
    Json streamed_ones = Json::array();
    for (const auto& data : datas(streamed(
             gemini(), sse({candidate(R"([{"text":"caf\u00e9 "}])"), candidate(R"([{"text":"is open"}])"), candidate(R"([{"text":""}])", last)}),
             openai_chat())))
        if (data.is_object() && !data["choices"].empty())
            for (const auto& one : data["choices"][0]["delta"].value("annotations", Json::array())) streamed_ones.push_back(one);
    EXPECT_EQ(streamed_ones, whole);
    // With a call after the text, and the metadata after both.
    streamed_ones = Json::array();
    for (const auto& data : datas(streamed(gemini(),
                                           sse({candidate(R"([{"text":"caf\u00e9 is open"}])"), candidate(R"([{"functionCall":{"name":"f",
            "args":{}}}])"),
                                                candidate("[]", last)}),
                                           openai_chat())))
        if (data.is_object() && !data["choices"].empty())
            for (const auto& one : data["choices"][0]["delta"].value("annotations", Json::array())) streamed_ones.push_back(one);
    EXPECT_EQ(streamed_ones, whole);
}

/// More than one answer, and log probabilities, go to the models that give them.
TEST(GeminiGates, SeveralAnswersAndLogprobs) {
    const auto body = R"({"model":"m","messages":[{"role":"user","content":"x"}],"n":2,"logprobs":true,"top_logprobs":3})";
    const auto can = request(openai_chat(), body, gemini(), target()).body["generationConfig"];
    EXPECT_EQ(can["candidateCount"], 2);
    EXPECT_EQ(can["responseLogprobs"], true);
    EXPECT_EQ(can["logprobs"], 3);
    const auto conversation = openai_chat().decode_request(body);
    ASSERT_TRUE(conversation);
    auto single = target();
    single.capabilities.many_answers = false;
    EXPECT_EQ(gemini().encode_request(*conversation, single).error().param, "n");
    auto silent = target();
    silent.capabilities.logprobs = false;
    EXPECT_EQ(gemini().encode_request(*conversation, silent).error().param, "logprobs");
}

TEST(GeminiAdjustments, NameWhatStaysBehind) {
    const auto body = R"({"model":"m","messages":[{"role":"user","name":"Ann","content":[{"type":"text","text":"x"},
        {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0K","detail":"high"}}]}]})";
    EXPECT_THAT(request(openai_chat(), body, gemini(), target()).adjusted, ElementsAre("messages.name", "image_url.detail"));
}

/// Google's SDKs send a streamed thought back as the pieces in which it came, the signature on the last.
TEST(GeminiClient, AThoughtInPiecesGoesBackToItsProviderAsOne) {
    const auto sealed = armoured(wrap_reasoning(Origin::anthropic, "s:SIG"));
    const auto body = messages(R"({"contents":[{"role":"user","parts":[{"text":"x"}]},{"role":"model","parts":[
        {"text":"The us","thought":true},{"text":"er wrote","thought":true},{"thought":true,"thoughtSignature":")" +
                               sealed + R"("},
        {"functionCall":{"name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"y"}}}]}],
        "tools":[{"functionDeclarations":[{"name":"f"}]}],"generationConfig":{"maxOutputTokens":9000,"thinkingConfig":{"thinkingLevel":"high"}}})")
                          .body;
    const auto& content = body["messages"][1]["content"];
    EXPECT_EQ(content[0], Json::parse(R"({"type":"thinking","thinking":"The user wrote","signature":"SIG"})")) << body;
    EXPECT_EQ(content[1]["type"], "tool_use");
}

}  // namespace
}  // namespace smg::codec
