#include <gtest/gtest.h>

#include "simulator/signature.hpp"
#include "unit/simulator/gemini_calls.hpp"

namespace smg::simulator {
namespace {

/// A body is refused with INVALID_ARGUMENT and these words.
void expect_refused(const OrderedJson& body, const std::string& words, const std::string& model = "gemini-2.5-flash") {
    const auto refused = Gemini().generate(body, model);
    ASSERT_EQ(refused.status, 400) << refused.body;
    EXPECT_EQ(refused.body["error"]["status"], "INVALID_ARGUMENT");
    EXPECT_NE(message_of(refused).find(words), std::string::npos) << message_of(refused);
}

void expect_accepted(const OrderedJson& body, const std::string& model = "gemini-2.5-flash") {
    const auto answer = Gemini().generate(body, model);
    EXPECT_EQ(answer.status, 200) << answer.body;
}

OrderedJson configured(const std::string& config) {
    auto body = asks("hello");
    body["generationConfig"] = OrderedJson::parse(config);
    return body;
}

OrderedJson conversation(const std::vector<OrderedJson>& turns) {
    auto body = asks_with_tool("");
    body["contents"] = OrderedJson(turns);
    return body;
}

TEST(GeminiPayload, MustBeJson) {
    for (const std::string text : {"", "{", "[]", "\"text\"", "null"})
        EXPECT_EQ(Gemini().post("/v1beta/models/gemini-2.5-flash:generateContent", text).status, 400) << text;
}

TEST(GeminiPayload, HasNoUnknownNames) {
    auto body = asks("hello");
    body["messages"] = OrderedJson::array();
    expect_refused(body, R"(Unknown name "messages": Cannot find field.)");
    expect_refused(configured(R"({"max_tokens":5})"), R"(Cannot find field.)");
    auto nested = asks("hello");
    nested["contents"][0]["parts"][0]["type"] = "text";
    expect_refused(nested, R"(Unknown name "type" at 'contents[0].parts[0]': Cannot find field.)");
    const auto refused = Gemini().generate(nested);
    const auto& details = refused.body["error"]["details"][0];
    EXPECT_EQ(details["@type"], "type.googleapis.com/google.rpc.BadRequest");
    EXPECT_EQ(details["fieldViolations"][0]["field"], "contents[0].parts[0]");
    EXPECT_EQ(details["fieldViolations"][0]["description"], message_of(refused));
}

TEST(GeminiPayload, TakesBothSpellingsOfNames) {
    auto body = asks("look");
    body["contents"][0]["parts"].push_back({{"inline_data", {{"mime_type", "image/png"}, {"data", "aGVsbG8="}}}});
    body["system_instruction"] = turn("user", {OrderedJson{{"text", "Be brief."}}});
    body["generation_config"] = {{"max_output_tokens", 100}, {"thinking_config", {{"thinking_budget", 0}}}};
    body["safety_settings"] = nullptr;
    const auto answer = Gemini().generate(body);
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_NE(parts_of(answer.body)[0]["text"].get<std::string>().find("image/png"), std::string::npos);
    EXPECT_FALSE(answer.body["usageMetadata"].contains("thoughtsTokenCount"));
}

TEST(GeminiPayload, HasTheRightTypes) {
    expect_refused({{"contents", "hello"}}, "Invalid value at 'contents'");
    expect_refused(configured(R"({"temperature":"warm"})"), "Invalid value at 'generation_config.temperature'");
    expect_refused(configured(R"({"stopSequences":"x"})"), "Invalid value at 'generation_config.stop_sequences'");
}

TEST(GeminiContents, AreNeeded) {
    expect_refused(OrderedJson::object(), "contents is not specified");
    expect_refused({{"contents", OrderedJson::array()}}, "contents is not specified");
    expect_refused({{"contents", OrderedJson::array({turn("user", {})})}}, "contents.parts must not be empty");
    expect_refused({{"contents", OrderedJson::array({turn("user", {OrderedJson::object()})})}}, "must have one initialized field");
    expect_accepted({{"contents", OrderedJson::array({turn("user", {OrderedJson{{"text", ""}}})})}});
}

TEST(GeminiContents, HaveTheRolesOfUserAndModel) {
    expect_refused({{"contents", OrderedJson::array({turn("assistant", {OrderedJson{{"text", "x"}}})})}}, "Please use a valid role: user, model.");
    auto without = asks("x");
    without["contents"][0].erase("role");
    expect_accepted(without);
    expect_accepted({{"contents", OrderedJson::array({user_turn("a"), turn("model", {OrderedJson{{"text", "b"}}}), user_turn("c")})}});
}

TEST(GeminiContents, HaveOneKindOfDataAPart) {
    const OrderedJson both{{"text", "x"}, {"inlineData", {{"mimeType", "image/png"}, {"data", "aGVsbG8="}}}};
    expect_refused({{"contents", OrderedJson::array({turn("user", {both})})}}, "Cannot set more than one");
    const OrderedJson broken{{"inlineData", {{"mimeType", "image/png"}, {"data", "no base64!"}}}};
    expect_refused({{"contents", OrderedJson::array({turn("user", {broken})})}}, "Base64 decoding failed");
}

TEST(GeminiCalls, AreAnsweredInTheNextTurn) {
    const auto ask = user_turn("What is the weather?");
    const auto call = function_call("get_weather");
    const auto result = function_response("get_weather", "rain");
    expect_accepted(conversation({ask, turn("model", {call}), turn("user", {result})}));
    expect_accepted(conversation({ask, turn("model", {call, call}), turn("user", {result, result})}));
    expect_refused(conversation({ask, turn("model", {call, call}), turn("user", {result})}), "number of function response parts is equal");
    expect_refused(conversation({ask, turn("model", {call}), user_turn("never mind")}), "number of function response parts is equal");
    expect_refused(conversation({ask, turn("user", {result})}), "immediately after a function call turn");
    expect_refused(conversation({turn("model", {call}), turn("user", {result})}), "immediately after a user turn");
    expect_refused(conversation({turn("user", {call})}), "role 'model'");
    const OrderedJson text{{"functionResponse", {{"name", "get_weather"}, {"response", "rain"}}}};
    expect_refused(conversation({ask, turn("model", {call}), turn("user", {text})}), "function_response.response");
    const OrderedJson nameless{{"functionResponse", {{"response", OrderedJson::object()}}}};
    expect_refused(conversation({ask, turn("model", {call}), turn("user", {nameless})}), "function_response.name");
}

TEST(GeminiSignatures, AreNeededByGemini3InThisTurn) {
    const auto ask = user_turn("What is the weather?");
    const auto result = turn("user", {function_response("get_weather", "rain")});
    const auto issued = issue_signature("gemini", "get_weather");
    const auto plain = conversation({ask, turn("model", {function_call("get_weather")}), result});
    expect_refused(plain, "missing a thought_signature", "gemini-3-pro-preview");
    expect_accepted(plain, "gemini-2.5-flash");
    expect_accepted(conversation({ask, turn("model", {function_call("get_weather", issued)}), result}), "gemini-3-pro-preview");
    expect_accepted(conversation({ask, turn("model", {function_call("get_weather", "skip_thought_signature_validator")}), result}),
                    "gemini-3-pro-preview");
    const auto step = turn("model", {function_call("get_weather", issued), function_call("get_weather")});
    const auto results = turn("user", {function_response("get_weather", "a"), function_response("get_weather", "b")});
    expect_accepted(conversation({ask, step, results}), "gemini-3-pro-preview");
    expect_refused(conversation({ask, step, results, turn("model", {function_call("get_weather")}), result}), "missing a thought_signature",
                   "gemini-3-pro-preview");
    expect_accepted(conversation({ask, turn("model", {function_call("get_weather")}), result, turn("model", {OrderedJson{{"text", "Rain."}}}),
                                  user_turn("thanks")}),
                    "gemini-3-pro-preview");
}

TEST(GeminiSignatures, AreGenuine) {
    const auto replayed = [](const std::string& signature) {
        return conversation({user_turn("hi"), turn("model", {OrderedJson{{"text", "hello"}, {"thoughtSignature", signature}}}), user_turn("again")});
    };
    expect_accepted(replayed(issue_signature("gemini", "hello")));
    expect_refused(replayed(issue_signature("anthropic", "hello")), "hought signature is not valid");
    expect_refused(replayed("bm90IGlzc3VlZA=="), "hought signature is not valid");
}

TEST(GeminiSignatures, OfAnAnswerAreGoodInTheNextRequest) {
    Gemini gemini;
    auto body = asks_with_tool("parallel weather in Oslo and Rome");
    const auto answer = gemini.generate(body, "gemini-3-flash-preview");
    body["contents"].push_back(candidate_of(answer.body)["content"]);
    body["contents"].push_back(turn("user", {function_response("get_weather", "a"), function_response("get_weather", "b")}));
    const auto last = gemini.generate(body, "gemini-3-flash-preview");
    ASSERT_EQ(last.status, 200) << last.body;
    body["contents"].push_back(candidate_of(last.body)["content"]);
    body["contents"].push_back(user_turn("thanks"));
    EXPECT_EQ(gemini.generate(body, "gemini-3-flash-preview").status, 200);
}

OrderedJson with_parameters(const std::string& schema, const std::string& name = "parameters") {
    auto body = asks_with_tool("hello");
    auto& function = body["tools"][0]["functionDeclarations"][0];
    function.erase("parameters");
    function[name] = OrderedJson::parse(schema);
    return body;
}

TEST(GeminiTools, HaveASubsetOfSchemas) {
    for (const std::string keyword : {R"("additionalProperties":false)", R"("$schema":"x")", R"("$ref":"#/a")", R"("oneOf":[])", R"("const":1)",
                                      R"("exclusiveMinimum":1)", R"("patternProperties":{})"}) {
        const auto schema = R"({"type":"object","properties":{"a":{"type":"string"}},)" + keyword + "}";
        expect_refused(with_parameters(schema), "Cannot find field.");
        expect_accepted(with_parameters(schema, "parametersJsonSchema"));
    }
    expect_refused(with_parameters(R"({"type":"object","properties":{"a":{"type":"array","items":{"multipleOf":2}}}})"), "multipleOf");
    expect_refused(with_parameters(R"({"type":"object","properties":{"a":{"anyOf":[{"not":{}}]}}})"), "\"not\"");
    expect_refused(with_parameters(R"({"type":["object","null"]})"), "parameters.type");
    expect_refused(with_parameters(R"({"type":"object","properties":{"a":{"enum":[1]}}})"), "TYPE_STRING");
    expect_accepted(with_parameters(R"({"type":"OBJECT","properties":{"a":{"type":"STRING","enum":["x"],"nullable":true}},"required":["a"]})"));
}

TEST(GeminiTools, HaveProperNames) {
    for (const std::string name : {"", "1st", "a b", "naïve"}) {
        auto body = asks_with_tool("hello");
        body["tools"][0]["functionDeclarations"][0]["name"] = name;
        expect_refused(body, "Invalid function name");
    }
    auto longest = asks_with_tool("hello");
    longest["tools"][0]["functionDeclarations"][0]["name"] = std::string(64, 'a');
    expect_accepted(longest);
    longest["tools"][0]["functionDeclarations"][0]["name"] = std::string(65, 'a');
    expect_refused(longest, "Invalid function name");
    auto twice = asks_with_tool("hello");
    twice["tools"][0]["functionDeclarations"].push_back(OrderedJson(twice["tools"][0]["functionDeclarations"][0]));
    expect_refused(twice, "Duplicate function declaration found: get_weather");
}

TEST(GeminiTools, AreChosenFromThoseDeclared) {
    auto body = asks_with_tool("hello");
    body["toolConfig"]["functionCallingConfig"] = {{"mode", "ANY"}, {"allowedFunctionNames", {"other"}}};
    expect_refused(body, "not declared");
    body["toolConfig"]["functionCallingConfig"] = {{"mode", "AUTO"}, {"allowedFunctionNames", {"get_weather"}}};
    expect_refused(body, "only allowed with mode ANY");
    body["toolConfig"]["functionCallingConfig"] = {{"mode", "SOMETIMES"}};
    expect_refused(body, "function_calling_config.mode");
    body.erase("tools");
    body["toolConfig"]["functionCallingConfig"] = {{"mode", "ANY"}};
    expect_refused(body, "without function_declarations");
}

TEST(GeminiTools, AndJsonGoTogetherFromGemini3On) {
    auto body = asks_with_tool("hello");
    body["generationConfig"]["responseMimeType"] = "application/json";
    expect_refused(body, "Function calling with a response mime type");
    expect_accepted(body, "gemini-3-pro-preview");
}

TEST(GeminiSettings, HaveRanges) {
    for (const std::string config : {R"({"temperature":2.1})", R"({"temperature":-1})", R"({"topP":1.5})", R"({"maxOutputTokens":0})",
                                     R"({"maxOutputTokens":65537})", R"({"candidateCount":0})", R"({"candidateCount":9})"})
        expect_refused(configured(config), "out of its supported range");
    expect_accepted(configured(R"({"temperature":2,"topP":1,"topK":40,"maxOutputTokens":65536,"seed":1})"));
    expect_refused(configured(R"({"stopSequences":["1","2","3","4","5","6"]})"), "stop_sequences");
}

TEST(GeminiSettings, WantJsonForASchema) {
    expect_refused(configured(R"({"responseJsonSchema":{"type":"object"}})"), "response_mime_type application/json");
    expect_refused(configured(R"({"responseMimeType":"application/pdf"})"), "allowed mimetypes");
    expect_refused(configured(R"({"responseMimeType":"application/json","responseSchema":{"type":"object","additionalProperties":false}})"),
                   "Cannot find field.");
    expect_accepted(configured(R"({"responseMimeType":"application/json","responseJsonSchema":{"type":"object","additionalProperties":false}})"));
}

TEST(GeminiThinking, HasABudgetOrALevelByModel) {
    const std::string level = R"({"thinkingConfig":{"thinkingLevel":"LOW"}})";
    const std::string budget = R"({"thinkingConfig":{"thinkingBudget":1024}})";
    expect_accepted(configured(budget));
    expect_refused(configured(level), "Thinking level is not supported for this model.");
    expect_accepted(configured(level), "gemini-3-pro-preview");
    expect_accepted(configured(R"({"thinkingConfig":{"thinkingLevel":"high"}})"), "gemini-3-pro-preview");
    expect_refused(configured(R"({"thinkingConfig":{"thinkingLevel":"MEDIUM"}})"), "not supported for this model", "gemini-3-pro-preview");
    expect_accepted(configured(R"({"thinkingConfig":{"thinkingLevel":"MEDIUM"}})"), "gemini-3-flash-preview");
    expect_refused(configured(R"({"thinkingConfig":{"thinkingLevel":"LOW","thinkingBudget":128}})"), "only one of thinking budget",
                   "gemini-3-pro-preview");
    expect_refused(configured(R"({"thinkingConfig":{"thinkingBudget":0}})"), "only works in thinking mode", "gemini-2.5-pro");
    expect_refused(configured(R"({"thinkingConfig":{"thinkingBudget":100000}})"), "The thinking budget 100000 is invalid");
    expect_refused(configured(budget), "thinking is not supported by this model", "gemini-2.0-flash");
}

}  // namespace
}  // namespace smg::simulator
