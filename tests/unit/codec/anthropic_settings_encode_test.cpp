/// Sampling, limits, thinking, structured output: what each model takes, and what becomes of the rest.
#include <gmock/gmock.h>

#include "unit/codec/anthropic_testing.hpp"

namespace smg::codec {
namespace {

using namespace messages_testing;
using testing::ElementsAre;
using testing::IsEmpty;

Encoded with(std::string_view members, const std::string& model = "claude-sonnet-4-5") { return encode(chat(hello, members), target(model)); }
std::string refused(std::string_view members, const std::string& model = "claude-sonnet-4-5") {
    return refusal(chat(hello, members), target(model)).param;
}

Encoded with_capabilities(std::string_view members, const ModelCapabilities& can) {
    auto to = target("some-model");
    to.capabilities = can;
    return encode(chat(hello, members), to);
}

TEST(AnthropicSettings, LimitIsRequiredSoThereIsADefault) {
    EXPECT_EQ(with("").body["max_tokens"], 20000);
    EXPECT_EQ(with(R"("stream":true)").body["max_tokens"], 64000);
    EXPECT_EQ(with(R"("stream":true)", "claude-opus-4-8").body["max_tokens"], 128000);
    EXPECT_EQ(with("", "claude-3-5-haiku").body["max_tokens"], 8192);
    EXPECT_EQ(with(R"("stream":true)", "never-heard-of").body["max_tokens"], 32000);
}

TEST(AnthropicSettings, LimitOfTheClientStandsWithinTheModels) {
    EXPECT_EQ(with(R"("max_completion_tokens":7,"max_tokens":9)").body["max_tokens"], 7);
    EXPECT_EQ(with(R"("max_tokens":9)").body["max_tokens"], 9);
    auto conversation = chat(hello);
    conversation.max_tokens = "100.0";
    EXPECT_EQ(encode(conversation).body["max_tokens"], 100);
    for (const auto* wrong : {"0", "1.5", "-3", "x"}) {
        conversation.max_tokens = wrong;
        EXPECT_EQ(refusal(conversation).param, "max_completion_tokens") << wrong;
    }
    const auto clamped = with(R"("max_tokens":999999)");
    EXPECT_EQ(clamped.body["max_tokens"], 64000);
    EXPECT_THAT(clamped.adjusted, ElementsAre("max_tokens=64000"));
    EXPECT_THAT(with(R"("max_completion_tokens":9999999999999999)").adjusted, ElementsAre("max_completion_tokens=64000"));
}

TEST(AnthropicSettings, TemperatureIsClampedToOne) {
    EXPECT_EQ(with(R"("temperature":0.70)").text.find(R"("temperature":0.70)") != std::string::npos, true);
    const auto hot = with(R"("temperature":1.5)");
    EXPECT_EQ(hot.body["temperature"], 1);
    EXPECT_THAT(hot.adjusted, ElementsAre("temperature=1"));
}

TEST(AnthropicSettings, SamplingIsLeftOutWhereItIsRefused) {
    const auto locked = with(R"("temperature":0.5,"top_p":0.9,"top_k":5)", "claude-opus-4-7");
    EXPECT_FALSE(locked.body.contains("temperature") || locked.body.contains("top_p") || locked.body.contains("top_k"));
    EXPECT_THAT(locked.adjusted, ElementsAre("temperature", "top_p", "top_k"));
    EXPECT_THAT(with(R"("temperature":1,"top_p":1.0)", "claude-opus-4-7").adjusted, IsEmpty());
    const auto either = with(R"("temperature":0.5,"top_p":0.9)", "claude-sonnet-4-5");
    EXPECT_EQ(either.body["temperature"], 0.5);
    EXPECT_FALSE(either.body.contains("top_p"));
    EXPECT_THAT(either.adjusted, ElementsAre("top_p"));
    const auto both = with(R"("temperature":0.5,"top_p":0.9,"top_k":5)", "claude-sonnet-4");
    EXPECT_EQ(both.body["top_p"], 0.9);
    EXPECT_EQ(both.body["top_k"], 5);
}

TEST(AnthropicSettings, ThinkingForbidsSampling) {
    const auto body = with(R"("reasoning_effort":"low","temperature":0.5,"top_p":0.5,"top_k":5)", "claude-sonnet-4");
    EXPECT_EQ(body.body["thinking"]["type"], "enabled");
    EXPECT_THAT(body.adjusted, ElementsAre("temperature", "top_p", "top_k"));
    EXPECT_EQ(with(R"("reasoning_effort":"low","top_p":0.96)", "claude-sonnet-4").body["top_p"], 0.96);
}

TEST(AnthropicSettings, EffortIsABudgetOnOlderModels) {
    const auto thinking = [](const std::string& members) { return with(members, "claude-sonnet-4").body["thinking"]; };
    EXPECT_EQ(thinking(R"("reasoning_effort":"minimal")"), Json::parse(R"({"type":"enabled","budget_tokens":1024})"));
    EXPECT_EQ(thinking(R"("reasoning_effort":"low")")["budget_tokens"], 2048);
    EXPECT_EQ(thinking(R"("reasoning_effort":"medium")")["budget_tokens"], 8192);
    EXPECT_EQ(thinking(R"("reasoning_effort":"high")")["budget_tokens"], 16384);
    EXPECT_EQ(thinking(R"("reasoning_effort":"xhigh")")["budget_tokens"], 32768);
    EXPECT_TRUE(thinking(R"("reasoning_effort":"none")").is_null());
    EXPECT_EQ(thinking(R"("reasoning_effort":"high","max_tokens":5000)")["budget_tokens"], 4999);
    const auto small = with(R"("reasoning_effort":"high","max_tokens":1024)", "claude-sonnet-4");
    EXPECT_FALSE(small.body.contains("thinking"));
    EXPECT_THAT(small.adjusted, ElementsAre("reasoning_effort"));
    EXPECT_EQ(with(R"("reasoning_effort":"high")", "claude-sonnet-4").body["max_tokens"], 36384);
}

TEST(AnthropicSettings, EffortIsAWordOnNewerModels) {
    const auto high = with(R"("reasoning_effort":"high")", "claude-opus-4-6");
    EXPECT_EQ(high.body["thinking"], Json::parse(R"({"type":"adaptive","display":"summarized"})"));
    EXPECT_EQ(high.body["output_config"], Json::parse(R"({"effort":"high"})"));
    EXPECT_THAT(high.adjusted, IsEmpty());
    EXPECT_THAT(with(R"("reasoning_effort":"minimal")", "claude-opus-4-6").adjusted, ElementsAre("reasoning_effort=low"));
    EXPECT_THAT(with(R"("reasoning_effort":"xhigh")", "claude-opus-4-6").adjusted, ElementsAre("reasoning_effort=max"));
    EXPECT_EQ(with(R"("reasoning_effort":"xhigh")", "claude-opus-4-7").body["output_config"]["effort"], "xhigh");
    EXPECT_EQ(with(R"("reasoning_effort":"none")", "claude-opus-4-7").body["thinking"], Json::parse(R"({"type":"disabled"})"));
    EXPECT_FALSE(with("", "claude-opus-4-7").body.contains("thinking"));
}

TEST(AnthropicSettings, ThinkingThatCannotBeSwitchedOffIsTurnedDown) {
    ModelCapabilities can;
    can.thinking = ModelCapabilities::Thinking::adaptive;
    can.thinking_can_be_disabled = false;
    can.max_output_tokens = 1000;
    const auto none = with_capabilities(R"("reasoning_effort":"none")", can);
    EXPECT_EQ(none.body["output_config"]["effort"], "low");
    EXPECT_FALSE(none.body.contains("thinking"));
    EXPECT_THAT(none.adjusted, ElementsAre("reasoning_effort=low"));
}

TEST(AnthropicSettings, EffortIsReportedWhereItIsNotKnownToWork) {
    EXPECT_THAT(with(R"("reasoning_effort":"high")", "claude-3-5-haiku").adjusted, ElementsAre("reasoning_effort"));
    EXPECT_THAT(with(R"("reasoning_effort":"high")", "never-heard-of").adjusted, ElementsAre("reasoning_effort"));
    EXPECT_THAT(with(R"("reasoning_effort":"none")", "never-heard-of").adjusted, IsEmpty());
    EXPECT_EQ(refused(R"("reasoning_effort":"huge")"), "reasoning_effort");
}

constexpr std::string_view tool_loop = R"([{"role":"user","content":"A"},{"role":"assistant","content":null,%s"tool_calls":[
    {"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"1"}])";

std::string loop_with(std::string_view reasoning) {
    std::string text(tool_loop);
    return text.replace(text.find("%s"), 2, reasoning);
}

TEST(AnthropicSettings, ManualThinkingNeedsASignedBeginningOfTheStep) {
    constexpr std::string_view members = R"("reasoning_effort":"low","tools":[{"type":"function","function":{"name":"f"}}])";
    const auto unsigned_step = encode(chat(loop_with(""), members));
    EXPECT_FALSE(unsigned_step.body.contains("thinking"));
    EXPECT_THAT(unsigned_step.adjusted, ElementsAre("reasoning_effort"));
    const auto signed_step =
        encode(chat(loop_with(R"("reasoning_details":[{"type":"thinking","text":"t","signature":"s","origin":"anthropic"}],)"), members));
    EXPECT_EQ(signed_step.body["thinking"]["type"], "enabled");
}

TEST(AnthropicSettings, ManualThinkingAndAForcedToolExcludeEachOther) {
    constexpr std::string_view members = R"("reasoning_effort":"low","tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"required")";
    const auto manual = with(members);
    EXPECT_FALSE(manual.body.contains("thinking"));
    EXPECT_EQ(manual.body["tool_choice"]["type"], "any");
    EXPECT_THAT(manual.adjusted, ElementsAre("reasoning_effort"));
    EXPECT_EQ(with(members, "claude-opus-4-6").body["thinking"]["type"], "adaptive");
}

TEST(AnthropicSettings, StopWordsOfWhiteSpaceAreLeftToTheGateway) {
    EXPECT_EQ(with(R"("stop":"END")").body["stop_sequences"], Json::parse(R"(["END"])"));
    const auto some = with(R"("stop":["\n","END",""])");
    EXPECT_EQ(some.body["stop_sequences"], Json::parse(R"(["END"])"));
    EXPECT_THAT(some.adjusted, testing::IsEmpty()) << "the gateway ends the answer at a line's end";
    EXPECT_FALSE(with(R"("stop":["\n"])").body.contains("stop_sequences"));
}

TEST(AnthropicSettings, WhatWouldChangeTheAnswerIsRefused) {
    EXPECT_EQ(refused(R"("n":2)"), "n");
    EXPECT_EQ(refused(R"("logprobs":true)"), "logprobs");
    EXPECT_EQ(refused(R"("top_logprobs":3)"), "top_logprobs");
    EXPECT_EQ(refused(R"("modalities":["text","audio"])"), "modalities");
    EXPECT_EQ(refused(R"("audio":{"voice":"alloy","format":"wav"})"), "audio");
    EXPECT_EQ(refused(R"("web_search_options":{})"), "web_search_options");
    EXPECT_THAT(with(R"("n":1,"logprobs":false,"modalities":["text"],"top_logprobs":0)").adjusted, IsEmpty());
}

TEST(AnthropicSettings, WhatMattersLittleIsLeftOutAndNamed) {
    const auto left = with(R"("seed":1,"frequency_penalty":0.5,"presence_penalty":-1,"logit_bias":{"5":1},"store":true,"metadata":{"a":"b"},
        "verbosity":"low","prompt_cache_key":"k","prediction":{"type":"content","content":"x"},"new_thing":[1],"gone":null)");
    EXPECT_THAT(left.adjusted, ElementsAre("seed", "frequency_penalty", "presence_penalty", "logit_bias", "store", "prediction", "metadata",
                                           "prompt_cache_key", "verbosity", "new_thing"));
    EXPECT_EQ(left.body.size(), 3U);
    EXPECT_THAT(with(R"("frequency_penalty":0,"presence_penalty":0.0,"logit_bias":{},"store":false,"metadata":{},"verbosity":"medium")").adjusted,
                IsEmpty());
}

TEST(AnthropicSettings, StrictMakesEachOfTheseAnError) {
    auto to = target();
    to.strict = true;
    EXPECT_EQ(refusal(chat(hello, R"("temperature":1.5)"), to).param, "temperature");
    EXPECT_EQ(refusal(chat(hello, R"("seed":1)"), to).param, "seed");
    EXPECT_TRUE(anthropic_messages().encode_request(chat(hello, R"("temperature":1)"), to));
}

TEST(AnthropicSettings, NamesAreThoseOfAGeminiClientToo) {
    auto conversation = chat(R"([{"role":"system","content":"S"},{"role":"user","content":"Hi"}])");
    conversation.format = "gemini";
    conversation.temperature = "1.5";
    conversation.max_tokens = "99999999";
    conversation.thinking = R"({"thinkingBudget":2000})";
    conversation.thinking_origin = Origin::gemini;
    const auto encoded = encode(conversation, target("claude-3-5-haiku"));
    EXPECT_THAT(encoded.adjusted,
                ElementsAre("generationConfig.maxOutputTokens=8192", "generationConfig.thinkingConfig", "generationConfig.temperature=1"));
    EXPECT_EQ(encode(conversation, target("claude-opus-4-6")).body["output_config"]["effort"], "low");
    MediaPart audio;
    audio.kind = MediaPart::Kind::audio;
    conversation.turns[1].parts.emplace_back(audio);
    EXPECT_EQ(refusal(conversation).param, "contents[0].parts[1]");
    conversation.n = "2";
    EXPECT_EQ(refusal(conversation).param, "generationConfig.candidateCount");
}

TEST(AnthropicSettings, TheUserIsToldByAnOpaqueId) {
    EXPECT_EQ(with(R"("user":"u")").body["metadata"], Json::parse(R"({"user_id":"u"})"));
    EXPECT_EQ(with(R"("user":"u","safety_identifier":"s")").body["metadata"]["user_id"], "s");
    const auto cut = with(R"("user":")" + std::string(255, 'x') + "é€" + "\"");
    EXPECT_EQ(cut.body["metadata"]["user_id"], std::string(255, 'x') + "é");
    EXPECT_THAT(cut.adjusted, ElementsAre("user"));
}

TEST(AnthropicSettings, ServiceTiers) {
    EXPECT_EQ(with(R"("service_tier":"auto")").body["service_tier"], "auto");
    EXPECT_EQ(with(R"("service_tier":"default")").body["service_tier"], "standard_only");
    EXPECT_EQ(with(R"("service_tier":"priority")").body["service_tier"], "auto");
    EXPECT_THAT(with(R"("service_tier":"flex")").adjusted, ElementsAre("service_tier=auto"));
}

// ---- structured output

constexpr std::string_view person = R"("response_format":{"type":"json_schema","json_schema":{"name":"p","strict":true,"schema":
    {"type":"object","properties":{"age":{"type":"integer","minimum":0,"description":"Years"},"kind":{"oneOf":[{"type":"string","format":"phone"},
    {"type":"null"}]},"tags":{"type":"array","items":{"type":"string","minLength":1},"minItems":1,"maxItems":3}},"required":["age"]}}})";

TEST(AnthropicSettings, StructuredOutputIsNativeWithTheSchemaMadeAcceptable) {
    const auto encoded = with(person);
    EXPECT_EQ(encoded.body["output_config"]["format"], Json::parse(R"({"type":"json_schema","schema":{"type":"object","properties":{
        "age":{"type":"integer","description":"Years\n\n{minimum: 0}"},
        "kind":{"anyOf":[{"type":"string","description":"{format: phone}"},{"type":"null"}]},
        "tags":{"type":"array","items":{"type":"string","description":"{minLength: 1}"},"minItems":1,"description":"{maxItems: 3}"}},
        "required":["age"],"additionalProperties":false}})"));
    EXPECT_THAT(encoded.adjusted, IsEmpty());
    EXPECT_EQ(with(std::string(person) + R"(,"reasoning_effort":"high")", "claude-opus-4-6").body["output_config"]["effort"], "high");
}

Encoded with_schema(std::string_view schema) {
    return with(R"("response_format":{"type":"json_schema","json_schema":{"name":"p","schema":)" + std::string(schema) + "}}");
}

TEST(AnthropicSettings, StructuredOutputOfMapsIsReportedAsTheyAreClosed) {
    for (const auto* map : {R"({"type":"object"})", R"({"type":"object","additionalProperties":{"type":"string"}})",
                            R"({"type":"object","properties":{"a":{"type":"object","additionalProperties":true}}})"})
        EXPECT_THAT(with_schema(map).adjusted, ElementsAre("response_format")) << map;
    EXPECT_THAT(with_schema(R"({"type":"object","properties":{},"additionalProperties":false})").adjusted, IsEmpty());
}

TEST(AnthropicSettings, StructuredOutputKeepsReferencesAlone) {
    EXPECT_EQ(with_schema(R"({"$ref":"#/$defs/a","description":"x","$defs":{"a":{"type":"object","properties":{"b":{"$ref":"#/$defs/c","title":"B"}}},
                              "c":{"enum":[1.50,"x"]}}})")
                  .body["output_config"]["format"]["schema"],
              Json::parse(R"({"$ref":"#/$defs/a","$defs":{"a":{"type":"object","properties":{"b":{"$ref":"#/$defs/c"}},"additionalProperties":false},
                              "c":{"enum":[1.50,"x"]}}})"));
}

TEST(AnthropicSettings, StructuredOutputIsAForcedToolOnOlderModels) {
    const auto encoded = with(person, "claude-sonnet-4");
    EXPECT_EQ(encoded.memo.json_tool, "json_response");
    EXPECT_EQ(encoded.body["tools"][0]["name"], "json_response");
    EXPECT_EQ(encoded.body["tools"][0]["input_schema"]["properties"]["age"]["minimum"], 0);
    EXPECT_EQ(encoded.body["tool_choice"], Json::parse(R"({"type":"tool","name":"json_response"})"));
    EXPECT_FALSE(encoded.body.contains("output_config"));
}

TEST(AnthropicSettings, StructuredOutputIsAskedForInWordsWhereNothingElseWorks) {
    const auto tools = with(std::string(person) + R"(,"tools":[{"type":"function","function":{"name":"f"}}])", "claude-sonnet-4");
    EXPECT_TRUE(tools.memo.json_tool.empty());
    EXPECT_NE(tools.body["system"][0]["text"].get<std::string>().find("\"age\""), std::string::npos);
    EXPECT_THAT(tools.adjusted, ElementsAre("response_format"));
    const auto object = with(R"("response_format":{"type":"json_object"})");
    EXPECT_NE(object.body["system"][0]["text"].get<std::string>().find("JSON object"), std::string::npos);
    EXPECT_THAT(object.adjusted, ElementsAre("response_format"));
    const auto thinking = with(std::string(person) + R"(,"reasoning_effort":"low")", "claude-sonnet-4");
    EXPECT_EQ(thinking.body["thinking"]["type"], "enabled");
    EXPECT_THAT(thinking.adjusted, ElementsAre("response_format"));
    EXPECT_THAT(with(R"("response_format":{"type":"text"})").adjusted, IsEmpty());
}

}  // namespace
}  // namespace smg::codec
