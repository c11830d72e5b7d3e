/// The settings of a request: sampling, limits, structured output, thinking, and what is left out or refused.
#include "gemini_testing.hpp"

namespace smg::codec::gemini_testing {
namespace {

using Names = std::vector<std::string>;

Conversation simple() { return chat({says(Role::user, "x")}); }

TEST(GeminiSettingsEncode, NumbersKeepTheirSpelling) {
    auto c = simple();
    c.max_tokens = "100";
    c.temperature = "0.70";
    c.top_p = "1e-1";
    c.top_k = "40";
    c.frequency_penalty = "0.5";
    c.presence_penalty = "-0.5";
    c.seed = "12345678901";
    c.n = "2";
    c.logprobs = true;
    c.top_logprobs = "3";
    c.stop = {"END", "", "STOP"};
    const auto out = encoded(c);
    EXPECT_NE(out.body.find(R"("generationConfig":{"maxOutputTokens":100,"temperature":0.70,"topP":1e-1,"topK":40,"presencePenalty":-0.5,)"
                            R"("frequencyPenalty":0.5,"seed":12345678901,"candidateCount":2,"responseLogprobs":true,"logprobs":3,)"
                            R"("stopSequences":["END","STOP"]})"),
              std::string::npos)
        << out.body;
    EXPECT_TRUE(out.adjustments.empty());
}

TEST(GeminiSettingsEncode, AnEffortThatIsNoneIsRefusedRatherThanTakenForTheHighest) {
    auto c = simple();
    c.reasoning_effort = "bogus";
    for (const bool levels : {false, true}) {
        Target aim;
        aim.model = "gemini";
        aim.capabilities.thinking = ModelCapabilities::Thinking::manual;
        aim.capabilities.gemini_thinking_level = levels;
        const auto out = gemini().encode_request(c, aim);
        ASSERT_FALSE(out);
        EXPECT_EQ(out.error().param, "reasoning_effort");
        EXPECT_NE(out.error().message.find("minimal, low, medium"), std::string::npos);
    }
}

TEST(GeminiSettingsEncode, OneCandidateIsNotMentioned) {
    auto c = simple();
    c.n = "1";
    EXPECT_FALSE(body(c).contains("generationConfig"));
}

TEST(GeminiSettingsEncode, SurplusIsCutAndReported) {
    auto c = simple();
    c.stop = {"1", "2", "3", "4", "5", "6"};
    c.max_tokens = "100000";
    auto out = encoded(c);
    auto config = Json::parse(out.body)["generationConfig"];
    EXPECT_EQ(config["stopSequences"].size(), 5U);
    EXPECT_EQ(config["maxOutputTokens"], 65536);
    EXPECT_EQ(out.adjustments.names(), (Names{"max_completion_tokens=65536"}));
    EXPECT_EQ(out.memo.stop, (Names{"6"})) << "the gateway ends the answer there";
    c.max_tokens_legacy = true;
    EXPECT_EQ(encoded(c).adjustments.names().front(), "max_tokens=65536");
    c.format = "anthropic_messages";
    EXPECT_EQ(encoded(c).adjustments.names(), (Names{"max_tokens=65536"}));
}

TEST(GeminiSettingsEncode, StructuredOutput) {
    auto c = simple();
    c.response_format.emplace();
    c.response_format->kind = ResponseFormat::Kind::json_object;
    EXPECT_EQ(body(c)["generationConfig"], Json::parse(R"({"responseMimeType":"application/json"})"));
    c.response_format->kind = ResponseFormat::Kind::json_schema;
    c.response_format->schema = R"({"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":false})";
    EXPECT_EQ(body(c)["generationConfig"]["responseJsonSchema"], Json::parse(c.response_format->schema));
    c.response_format->kind = ResponseFormat::Kind::text;
    EXPECT_FALSE(body(c).contains("generationConfig"));
}

TEST(GeminiSettingsEncode, AModelWithoutStructuredOutputIsToldInWords) {
    auto c = chat({says(Role::system, "s"), says(Role::user, "x")});
    c.response_format.emplace();
    c.response_format->kind = ResponseFormat::Kind::json_schema;
    c.response_format->schema = R"({"type":"object"})";
    auto target = gemini_2_5();
    target.capabilities.structured_outputs = false;
    const auto out = encoded(c, target);
    const auto json = Json::parse(out.body);
    EXPECT_FALSE(json.contains("generationConfig"));
    ASSERT_EQ(json["systemInstruction"]["parts"].size(), 2U);
    EXPECT_NE(json["systemInstruction"]["parts"][1]["text"].get<std::string>().find(R"({"type":"object"})"), std::string::npos);
    EXPECT_EQ(out.adjustments.names(), Names{"response_format"});
}

TEST(GeminiSettingsEncode, EffortIsABudget) {
    const auto config = [](std::string effort, bool pro = false) {
        auto c = simple();
        c.reasoning_effort = std::move(effort);
        auto target = gemini_2_5();
        if (pro) {
            target.capabilities.thinking_can_be_disabled = false;
            target.capabilities.thinking_budget_min = 128;
            target.capabilities.thinking_budget_max = 32768;
        }
        const auto out = encoded(c, target);
        return Json::parse(out.body)["generationConfig"]["thinkingConfig"].dump() + (out.adjustments.empty() ? "" : out.adjustments.names().front());
    };
    EXPECT_EQ(config("none"), R"({"thinkingBudget":0})");
    EXPECT_EQ(config("minimal"), R"({"thinkingBudget":1024})");
    EXPECT_EQ(config("low"), R"({"thinkingBudget":1024})");
    EXPECT_EQ(config("medium"), R"({"thinkingBudget":8192})");
    EXPECT_EQ(config("high"), R"({"thinkingBudget":24576})");
    EXPECT_EQ(config("xhigh"), R"({"thinkingBudget":24576})");
    EXPECT_EQ(config("none", true), R"({"thinkingBudget":128}reasoning_effort=minimal)");
    EXPECT_EQ(config("max", true), R"({"thinkingBudget":32768})");
}

TEST(GeminiSettingsEncode, EffortIsALevelFromGemini3On) {
    const auto level = [](std::string effort, std::vector<std::string> known) {
        auto c = simple();
        c.reasoning_effort = std::move(effort);
        auto target = gemini_3();
        target.capabilities.efforts = std::move(known);
        const auto out = encoded(c, target);
        return Json::parse(out.body)["generationConfig"]["thinkingConfig"]["thinkingLevel"].get<std::string>() +
               (out.adjustments.empty() ? "" : " " + out.adjustments.names().front());
    };
    const Names all{"minimal", "low", "medium", "high"}, two{"low", "high"};
    EXPECT_EQ(level("none", all), "MINIMAL reasoning_effort=minimal");
    EXPECT_EQ(level("none", two), "LOW reasoning_effort=low");
    EXPECT_EQ(level("minimal", all), "MINIMAL");
    EXPECT_EQ(level("low", two), "LOW");
    EXPECT_EQ(level("medium", all), "MEDIUM");
    EXPECT_EQ(level("medium", two), "HIGH reasoning_effort=high");
    EXPECT_EQ(level("high", {}), "HIGH");
    EXPECT_EQ(level("max", all), "HIGH reasoning_effort=high");
    EXPECT_EQ(level("xhigh", {"low", "high", "xhigh"}), "XHIGH");
}

TEST(GeminiSettingsEncode, ThoughtsAreAskedForWhereTheyAreShown) {
    auto c = simple();
    c.include_reasoning_text = true;
    EXPECT_EQ(body(c)["generationConfig"], Json::parse(R"({"thinkingConfig":{"includeThoughts":true}})"));
    EXPECT_EQ(body(c, gemini_3())["generationConfig"], Json::parse(R"({"thinkingConfig":{"includeThoughts":true}})"));
    c.reasoning_effort = "none";
    EXPECT_EQ(body(c)["generationConfig"], Json::parse(R"({"thinkingConfig":{"thinkingBudget":0}})"));
    c.reasoning_effort = "low";
    EXPECT_EQ(body(c)["generationConfig"], Json::parse(R"({"thinkingConfig":{"thinkingBudget":1024,"includeThoughts":true}})"));
}

TEST(GeminiSettingsEncode, AModelThatDoesNotThinkIsNotAskedTo) {
    auto target = gemini_2_5();
    target.capabilities.thinking = ModelCapabilities::Thinking::none;
    auto c = simple();
    c.include_reasoning_text = true;
    c.reasoning_effort = "high";
    const auto out = encoded(c, target);
    EXPECT_FALSE(Json::parse(out.body).contains("generationConfig"));
    EXPECT_EQ(out.adjustments.names(), Names{"reasoning_effort"});
    c.reasoning_effort = "none";
    EXPECT_TRUE(encoded(c, target).adjustments.empty());
}

TEST(GeminiSettingsEncode, AnthropicThinkingIsTranslated) {
    auto c = simple();
    c.format = "anthropic_messages";
    c.thinking_origin = Origin::anthropic;
    const auto config = [&](std::string thinking, const Target& target) {
        c.thinking = std::move(thinking);
        return body(c, target)["generationConfig"]["thinkingConfig"].dump();
    };
    EXPECT_EQ(config(R"({"type":"disabled"})", gemini_2_5()), R"({"thinkingBudget":0})");
    EXPECT_EQ(config(R"({"type":"enabled","budget_tokens":2048})", gemini_2_5()), R"({"thinkingBudget":2048})");
    EXPECT_EQ(config(R"({"type":"enabled","budget_tokens":2048})", gemini_3()), R"({"thinkingLevel":"LOW"})");
    EXPECT_EQ(config(R"({"type":"enabled","budget_tokens":20000})", gemini_3()), R"({"thinkingLevel":"HIGH"})");
    c.thinking = R"({"type":"enabled","budget_tokens":90000})";
    EXPECT_EQ(encoded(c).adjustments.names(), Names{"thinking.budget_tokens=24576"});
    c.thinking = R"({"type":"adaptive"})";
    EXPECT_FALSE(body(c).contains("generationConfig"));
}

TEST(GeminiSettingsEncode, ToolChoice) {
    auto c = simple();
    c.tools = {function("f"), function("g")};
    c.tool_choice.emplace();
    const auto config = [&](ToolChoice::Mode mode, Names names = {}, bool required = false) {
        c.tool_choice->mode = mode;
        c.tool_choice->names = std::move(names);
        c.tool_choice->allowed_required = required;
        return body(c)["toolConfig"]["functionCallingConfig"].dump();
    };
    using Mode = ToolChoice::Mode;
    EXPECT_EQ(config(Mode::automatic), R"({"mode":"AUTO"})");
    EXPECT_EQ(config(Mode::none), R"({"mode":"NONE"})");
    EXPECT_EQ(config(Mode::required), R"({"mode":"ANY"})");
    EXPECT_EQ(config(Mode::named, {"g"}), R"({"mode":"ANY","allowedFunctionNames":["g"]})");
    EXPECT_EQ(config(Mode::allowed, {"f", "g"}), R"({"mode":"VALIDATED","allowedFunctionNames":["f","g"]})");
    EXPECT_EQ(config(Mode::allowed, {"f", "g"}, true), R"({"mode":"ANY","allowedFunctionNames":["f","g"]})");
    c.tools.clear();
    EXPECT_FALSE(body(c).contains("toolConfig"));
}

TEST(GeminiSettingsEncode, WhatHasNoFieldIsReported) {
    auto c = simple();
    c.parallel_tool_calls = false;
    c.metadata = R"({"a":"b"})";
    c.user = "u";
    c.logit_bias = R"({"1":5})";
    c.prediction = "{}";
    c.verbosity = "low";
    c.prompt_cache_key = "k";
    c.cache_control = "{}";
    c.service_tier = "scale";
    c.modalities = R"(["text"])";
    c.unknown = {{"foo", "1"}};
    const auto out = encoded(c);
    EXPECT_EQ(out.adjustments.names(),
              (Names{"parallel_tool_calls", "service_tier", "metadata", "user", "logit_bias", "prediction", "verbosity", "prompt_cache_key", "foo"}));
    EXPECT_EQ(Json::parse(out.body).size(), 1U);
}

TEST(GeminiSettingsEncode, StrictTargetsRefuseWhatOthersReport) {
    auto c = simple();
    c.logit_bias = R"({"1":5})";
    auto target = gemini_2_5();
    target.strict = true;
    EXPECT_EQ(refused(c, target), "logit_bias");
    c.logit_bias.clear();
    c.max_tokens = "999999";
    EXPECT_EQ(refused(c, target), "max_completion_tokens");
    EXPECT_TRUE(gemini().encode_request(simple(), target));
}

TEST(GeminiSettingsEncode, WhatWouldChangeTheAnswerIsRefused) {
    auto c = simple();
    c.web_search_options = "{}";
    EXPECT_EQ(refused(c), "web_search_options");
    c = simple();
    c.modalities = R"(["text","audio"])";
    EXPECT_EQ(refused(c), "modalities");
}

TEST(GeminiSettingsEncode, TiersStorageAndSafety) {
    auto c = simple();
    c.store = false;
    c.safety_settings = R"([{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"}])";
    const auto tier = [&](std::string word) {
        c.service_tier = std::move(word);
        const auto json = body(c);
        return json.contains("serviceTier") ? json["serviceTier"].get<std::string>() : "";
    };
    EXPECT_EQ(tier("flex"), "flex");
    EXPECT_EQ(tier("priority"), "priority");
    EXPECT_EQ(tier("default"), "standard");
    EXPECT_EQ(tier("auto"), "");
    EXPECT_EQ(body(c)["store"], false);
    EXPECT_EQ(body(c)["safetySettings"], Json::parse(c.safety_settings));
}

}  // namespace
}  // namespace smg::codec::gemini_testing
