/// A Gemini client's request as a conversation, and back.
#include "gemini_testing.hpp"

namespace smg::codec::gemini_testing {
namespace {

Conversation decoded(std::string_view body) {
    auto out = gemini().decode_request(body);
    EXPECT_TRUE(out) << (out ? "" : out.error().param + ": " + out.error().message);
    return out ? std::move(*out) : Conversation{};
}

std::string wrong(std::string_view body) {
    const auto out = gemini().decode_request(body);
    EXPECT_FALSE(out);
    if (out) return "nothing";
    EXPECT_EQ(out.error().failure, Failure::invalid_request);
    EXPECT_FALSE(out.error().message.empty());
    return out.error().param;
}

/// A body with this in its first part.
std::string part(const std::string& json) { return R"({"contents":[{"parts":[)" + json + "]}]}"; }

TEST(GeminiRequestDecode, TurnsAndInstruction) {
    const auto c = decoded(
        R"({"model":"models/x","contents":[{"parts":[{"text":"Hi"}]},{"role":"model","parts":[{"text":"T","thought":true,"thoughtSignature":"S"},
        {"text":"Hello","thoughtSignature":"S2"}]}],"system_instruction":{"role":"user","parts":[{"text":"Be brief."}]}})");
    EXPECT_EQ(c.format, "gemini");
    EXPECT_TRUE(c.model.empty());
    ASSERT_EQ(c.turns.size(), 3U);
    EXPECT_EQ(c.turns[0].role, Role::system);
    EXPECT_EQ(std::get<TextPart>(c.turns[0].parts[0]).text, "Be brief.");
    EXPECT_EQ(c.turns[1].role, Role::user);
    EXPECT_EQ(c.turns[2].role, Role::assistant);
    const auto& thought = std::get<ReasoningPart>(c.turns[2].parts[0]);
    EXPECT_EQ(thought.text + thought.signature, "TS");
    EXPECT_EQ(thought.origin, Origin::gemini);
    EXPECT_EQ(std::get<TextPart>(c.turns[2].parts[1]).signature, "S2");
    EXPECT_FALSE(c.include_reasoning_text);
}

TEST(GeminiRequestDecode, MediaInBothSpellings) {
    const auto c = decoded(R"({"contents":[{"role":"user","parts":[{"inline_data":{"mime_type":"IMAGE/PNG","data":"QQ=="}},
        {"fileData":{"mimeType":"video/mp4","fileUri":"https://generativelanguage.googleapis.com/v1beta/files/abc"},"videoMetadata":{"fps":1}},
        {"fileData":{"fileUri":"https://example.com/a"}}]}]})");
    const auto& image = std::get<MediaPart>(c.turns[0].parts[0]);
    EXPECT_EQ(image.kind, MediaPart::Kind::image);
    EXPECT_EQ(image.source, MediaPart::Source::base64);
    EXPECT_EQ(image.media_type + image.data, "image/pngQQ==");
    const auto& video = std::get<MediaPart>(c.turns[0].parts[1]);
    EXPECT_EQ(video.kind, MediaPart::Kind::video);
    EXPECT_EQ(video.source, MediaPart::Source::url);
    EXPECT_EQ(video.origin, Origin::gemini);
    EXPECT_EQ(video.extras.unknown.front().first, "videoMetadata");
    EXPECT_EQ(std::get<MediaPart>(c.turns[0].parts[2]).origin, Origin::unknown);
}

TEST(GeminiRequestDecode, CallsWithoutIdsGetThemAndResultsFindTheirsByName) {
    const auto c = decoded(R"({"contents":[{"role":"user","parts":[{"text":"x"}]},
        {"role":"model","parts":[{"function_call":{"name":"f","args":{"n": 1.50}},"thought_signature":"S"},{"functionCall":{"name":"g"}},
                                 {"functionCall":{"name":"f","args":{}}}]},
        {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"one"}}},
          {"functionResponse":{"name":"f","response":{"error":"two"}}},
                                {"functionResponse":{"name":"g","response":{"a":1}}}]}]})");
    const auto& first = std::get<ToolCallPart>(c.turns[1].parts[0]);
    EXPECT_EQ(first.id, "call_1");
    EXPECT_FALSE(first.native_id);
    EXPECT_EQ(first.arguments, R"({"n": 1.50})");
    EXPECT_EQ(first.signature, "S");
    EXPECT_EQ(c.turns[2].role, Role::tool);
    const auto result_at = [&](std::size_t i) { return std::get<ToolResultPart>(c.turns[2].parts[i]); };
    EXPECT_EQ(result_at(0).call_id, "call_1");
    EXPECT_EQ(result_at(1).call_id, "call_3");
    EXPECT_EQ(result_at(2).call_id, "call_2");
    EXPECT_EQ(std::get<TextPart>(result_at(0).content[0]).text, "one");
    EXPECT_TRUE(result_at(1).is_error.value_or(false));
    EXPECT_EQ(std::get<TextPart>(result_at(2).content[0]).text, R"({"a":1})");
    EXPECT_EQ(result_at(2).structured, R"({"a":1})");
}

TEST(GeminiRequestDecode, NativeIdsAreKept) {
    const auto c = decoded(R"({"contents":[{"role":"model","parts":[{"functionCall":{"id":"b","name":"f"}},{"functionCall":{"id":"a","name":"f"}}]},
        {"role":"function","parts":[{"functionResponse":{"id":"a","name":"f","response":{}}}]}]})");
    EXPECT_TRUE(std::get<ToolCallPart>(c.turns[0].parts[0]).native_id);
    EXPECT_EQ(std::get<ToolResultPart>(c.turns[1].parts[0]).call_id, "a");
    EXPECT_EQ(c.turns[1].role, Role::tool);
}

TEST(GeminiRequestDecode, PartsOfOtherKindsStayWhole) {
    const auto c = decoded(part(R"({"executableCode":{"code":"1+1","language":"PYTHON"},"thoughtSignature":"S"})"));
    const auto& opaque = std::get<OpaquePart>(c.turns[0].parts[0]);
    EXPECT_EQ(opaque.kind, "executableCode");
    EXPECT_EQ(opaque.origin, Origin::gemini);
    EXPECT_EQ(opaque.json, R"({"executableCode":{"code":"1+1","language":"PYTHON"},"thoughtSignature":"S"})");
}

TEST(GeminiRequestDecode, Settings) {
    const auto c =
        decoded(R"({"contents":[{"parts":[{"text":"x"}]}],"generation_config":{"max_output_tokens":100,"temperature":0.70,"topP":1e-1,"topK":40,
        "candidateCount":2,"stopSequences":["E"],"presencePenalty":1,"frequencyPenalty":2,"seed":"7","responseLogprobs":true,"logprobs":3,
        "responseMimeType":"application/json","responseJsonSchema":{"type": "object"},"responseModalities":["TEXT"],"speechConfig":{"a":1}},
        "safetySettings":[],"serviceTier":"flex","store":false,"cachedContent":"cachedContents/1"})");
    EXPECT_EQ(c.max_tokens + "," + c.temperature + "," + c.top_p + "," + c.top_k + "," + c.n + "," + c.seed, "100,0.70,1e-1,40,2,7");
    EXPECT_EQ(c.presence_penalty + c.frequency_penalty + c.top_logprobs, "123");
    EXPECT_EQ(c.stop, std::vector<std::string>{"E"});
    EXPECT_TRUE(c.logprobs.value_or(false));
    ASSERT_TRUE(c.response_format);
    EXPECT_EQ(c.response_format->kind, ResponseFormat::Kind::json_schema);
    EXPECT_EQ(c.response_format->schema, R"({"type": "object"})");
    EXPECT_EQ(c.modalities, R"(["TEXT"])");
    EXPECT_EQ(c.service_tier, "flex");
    EXPECT_EQ(c.store, false);
    ASSERT_EQ(c.unknown.size(), 2U);
    EXPECT_EQ(c.unknown[0].first, "generationConfig.speechConfig");
    EXPECT_EQ(c.unknown[1].first, "cachedContent");
}

TEST(GeminiRequestDecode, ThinkingIsAnEffort) {
    const auto effort = [](const std::string& config) {
        const auto c = decoded(R"({"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"thinkingConfig":)" + config + "}}");
        EXPECT_EQ(c.thinking, config);
        EXPECT_EQ(c.thinking_origin, Origin::gemini);
        return c.reasoning_effort + (c.include_reasoning_text ? "+" : "");
    };
    EXPECT_EQ(effort(R"({"thinkingLevel":"HIGH","includeThoughts":true})"), "high+");
    EXPECT_EQ(effort(R"({"thinking_level":"low"})"), "low");
    EXPECT_EQ(effort(R"({"thinkingBudget":0})"), "none");
    EXPECT_EQ(effort(R"({"thinking_budget":1024})"), "low");
    EXPECT_EQ(effort(R"({"thinkingBudget":8192})"), "medium");
    EXPECT_EQ(effort(R"({"thinkingBudget":24576})"), "high");
    EXPECT_EQ(effort(R"({"thinkingBudget":32768})"), "xhigh");
    EXPECT_EQ(effort(R"({"thinkingBudget":-1})"), "");
}

TEST(GeminiRequestDecode, ToolsAndTheirDialects) {
    const auto c = decoded(R"({"contents":[{"parts":[{"text":"x"}]}],"tools":[{"function_declarations":[
        {"name":"f","description":null,"parameters_json_schema":{"type": "object"}},
        {"name":"g","description":"d","parameters":{"type":"OBJECT","properties":{
          "type":{"type":"STRING","nullable":true,"format":"enum","enum":["a"]},
          "n":{"type":"ARRAY","minItems":"2","items":{"type":"INTEGER","format":"int32"}}},"propertyOrdering":["n"],"required":["n"]}}]},
          {"google_search":{}}]})");
    ASSERT_EQ(c.tools.size(), 3U);
    EXPECT_EQ(c.tools[0].parameters, R"({"type": "object"})");
    EXPECT_FALSE(c.tools[0].has_description);
    EXPECT_EQ(Json::parse(c.tools[1].parameters), Json::parse(R"({"type":"object","properties":{"type":{"type":["string","null"],"enum":["a",null]},
        "n":{"type":"array","minItems":2,"items":{"type":"integer","format":"int32"}}},"required":["n"]})"));
    EXPECT_EQ(c.tools[2].kind, Tool::Kind::provider);
    EXPECT_EQ(c.tools[2].name, "googleSearch");
    EXPECT_EQ(c.tools[2].opaque, R"({"googleSearch":{}})");
}

TEST(GeminiRequestDecode, ToolConfig) {
    using Mode = ToolChoice::Mode;
    const auto choice = [](const std::string& config) {
        return decoded(R"({"contents":[{"parts":[{"text":"x"}]}],"toolConfig":{"functionCallingConfig":)" + config + "}}").tool_choice;
    };
    EXPECT_EQ(choice(R"({"mode":"AUTO"})")->mode, Mode::automatic);
    EXPECT_EQ(choice(R"({"mode":"NONE"})")->mode, Mode::none);
    EXPECT_EQ(choice(R"({"mode":"any"})")->mode, Mode::required);
    EXPECT_EQ(choice(R"({"mode":"ANY","allowed_function_names":["f"]})")->mode, Mode::named);
    const auto several = choice(R"({"mode":"ANY","allowedFunctionNames":["f","g"]})");
    EXPECT_EQ(several->mode, Mode::allowed);
    EXPECT_TRUE(several->allowed_required);
    const auto validated = choice(R"({"mode":"VALIDATED","allowedFunctionNames":["f","g"]})");
    EXPECT_EQ(validated->mode, Mode::allowed);
    EXPECT_FALSE(validated->allowed_required);
    EXPECT_FALSE(choice("{}"));
}

TEST(GeminiRequestDecode, OneObjectStandsForAListOfIt) {
    const auto c =
        decoded(R"({"contents":{"parts":{"text":"x"}},"system_instruction":{"parts":{"text":"s"}},"tools":{"function_declarations":{"name":"f"}}})");
    ASSERT_EQ(c.turns.size(), 2U);
    EXPECT_EQ(std::get<TextPart>(c.turns[1].parts.at(0)).text, "x");
    EXPECT_EQ(c.tools.at(0).name, "f");
}

TEST(GeminiRequestDecode, WrongTypesNameTheirField) {
    EXPECT_EQ(wrong(""), "");
    EXPECT_EQ(wrong("[]"), "");
    EXPECT_EQ(wrong("{}"), "contents");
    EXPECT_EQ(wrong(R"({"contents":[]})"), "contents");
    EXPECT_EQ(wrong(R"({"contents":"x"})"), "contents");
    EXPECT_EQ(wrong(R"({"contents":[1]})"), "contents[0]");
    EXPECT_EQ(wrong(R"({"contents":[{"role":"system","parts":[]}]})"), "contents[0].role");
    EXPECT_EQ(wrong(R"({"contents":[{"role":1}]})"), "contents[0].role");
    EXPECT_EQ(wrong(R"({"contents":[{"parts":1}]})"), "contents[0].parts");
    EXPECT_EQ(wrong(part("1")), "contents[0].parts[0]");
    EXPECT_EQ(wrong(part(R"({"text":1})")), "contents[0].parts[0].text");
    EXPECT_EQ(wrong(part(R"({"text":"a","text":"b"})")), "contents[0].parts[0].text");
    EXPECT_EQ(wrong(part(R"({"inlineData":{},"inline_data":{}})")), "contents[0].parts[0].inline_data");
    EXPECT_EQ(wrong(part(R"({"thought":1,"text":""})")), "contents[0].parts[0].thought");
    EXPECT_EQ(wrong(part(R"({"inlineData":{"mimeType":"a"}})")), "contents[0].parts[0].inlineData.data");
    EXPECT_EQ(wrong(part(R"({"fileData":{"fileUri":2}})")), "contents[0].parts[0].fileData.fileUri");
    EXPECT_EQ(wrong(part(R"({"functionCall":{}})")), "contents[0].parts[0].functionCall.name");
    EXPECT_EQ(wrong(part(R"({"functionCall":{"name":"f","args":[]}})")), "contents[0].parts[0].functionCall.args");
    EXPECT_EQ(wrong(part(R"({"functionResponse":{"name":"f","response":"x"}})")), "contents[0].parts[0].functionResponse.response");
    EXPECT_EQ(wrong(part(R"({"functionResponse":{"response":{}}})")), "contents[0].parts[0].functionResponse.name");
    EXPECT_EQ(wrong(R"({"systemInstruction":"x","contents":[]})"), "systemInstruction");
    const auto with = [](const std::string& members) { return R"({"contents":[{"parts":[{"text":"x"}]}],)" + members + "}"; };
    EXPECT_EQ(wrong(with(R"("generationConfig":[])")), "generationConfig");
    EXPECT_EQ(wrong(with(R"("generation_config":{"temperature":"hot"})")), "generation_config.temperature");
    EXPECT_EQ(wrong(with(R"("generationConfig":{"maxOutputTokens":1.5})")), "generationConfig.maxOutputTokens");
    EXPECT_EQ(wrong(with(R"("generationConfig":{"stopSequences":[1]})")), "generationConfig.stopSequences[0]");
    EXPECT_EQ(wrong(with(R"("generationConfig":{"thinkingConfig":{"thinkingBudget":"x"}})")), "generationConfig.thinkingConfig.thinkingBudget");
    EXPECT_EQ(wrong(with(R"("generationConfig":{"responseSchema":[]})")), "generationConfig.responseSchema");
    EXPECT_EQ(wrong(with(R"("tools":"f")")), "tools");
    EXPECT_EQ(wrong(with(R"("tools":[{"functionDeclarations":[{}]}])")), "tools[0].functionDeclarations[0].name");
    EXPECT_EQ(wrong(with(R"("tools":[{"functionDeclarations":[{"name":"f","parameters":[]}]}])")), "tools[0].functionDeclarations[0].parameters");
    EXPECT_EQ(wrong(with(R"("toolConfig":{"functionCallingConfig":{"mode":"SOME"}})")), "toolConfig.functionCallingConfig.mode");
    EXPECT_EQ(wrong(with(R"("safetySettings":{})")), "safetySettings");
    EXPECT_EQ(wrong(with(R"("store":1)")), "store");
    EXPECT_EQ(wrong(with(R"("tools":[],"tools":[])")), "tools");
}

TEST(GeminiRequestDecode, ARoundTripLosesNothing) {
    const std::string full = R"({"systemInstruction":{"parts":[{"text":"s"}],"role":"user"},"contents":[
        {"role":"user","parts":[{"text":""},{"inlineData":{"mimeType":"image/gif","data":"QQ==","displayName":"d"},
          "mediaResolution":{"level":"HIGH"}},
            {"fileData":{"mimeType":"video/mp4","fileUri":"https://example.com/v"},"videoMetadata":{"fps":2}}]},
        {"role":"model","parts":[{"text":"t","thought":true,"thoughtSignature":"A"},{"text":"x","partMetadata":{"a":1}},
            {"functionCall":{"name":"f","args":{"n":1.50}},"thoughtSignature":"B"},{"functionCall":{"id":"1","name":"f","args":{}}},
            {"executableCode":{"code":"1"}}]},
        {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"o"},"scheduling":"SILENT"}},
            {"functionResponse":{"id":"1","name":"f","response":{"error":"e"},"parts":[{"inlineData":{"mimeType":"image/png","data":"QQ=="}}]}}]},
        {"role":"user","parts":[{"text":"y"}]}],
        "tools":[{"functionDeclarations":[{"name":"f","description":"d","parameters":{"type":"OBJECT"},"behavior":"BLOCKING"},
            {"name":"g","parametersJsonSchema":{"type":"object"},"response":{"type":"STRING"}}]},{"googleSearch":{"a":1}},{"codeExecution":{}}],
        "toolConfig":{"functionCallingConfig":{"mode":"VALIDATED","streamFunctionCallArguments":true},"retrievalConfig":{"languageCode":"de"}},
        "safetySettings":[{"category":"c","threshold":"t"}],
        "generationConfig":{"maxOutputTokens":1,"temperature":1.0,"topP":0.5,"topK":2,"presencePenalty":0,"frequencyPenalty":0,
          "seed":3,"candidateCount":1,
            "responseLogprobs":false,"logprobs":2,"stopSequences":["1","2","3","4","5","6"],"responseModalities":["TEXT","IMAGE"],
            "responseMimeType":"application/json","responseJsonSchema":{"type":"object"},
            "thinkingConfig":{"thinkingLevel":"low","includeThoughts":true},"speechConfig":{"a":1}},
        "serviceTier":"standard","store":true,"cachedContent":"c","labels":{"a":"b"}})";
    const auto out = gemini().encode_request(decoded(full), gemini_3());
    ASSERT_TRUE(out);
    using Plain = nlohmann::json;
    EXPECT_EQ(Plain::diff(Plain::parse(full), Plain::parse(out->body)), Plain::array());
    EXPECT_NE(out->body.find("\"temperature\":1.0"), std::string::npos);
    EXPECT_TRUE(out->adjustments.empty());
}

}  // namespace
}  // namespace smg::codec::gemini_testing
