// Settings, tools and errors that other gateways have carried wrong. The numbers are those of the project's list of edge cases.
#include <gmock/gmock.h>

#include "unit/codec/edge_case_testing.hpp"

namespace smg::codec {
namespace {

using namespace edge_testing;
using testing::ElementsAre;

TEST(EdgeCase13, SchemasReachGeminiWhole) {
    const auto schema = Json::parse(R"({"type":"object","$schema":"http://json-schema.org/draft-07/schema#","additionalProperties":false,
        "propertyNames":{"pattern":"^[a-z]+$"},"properties":{"n":{"type":"integer","exclusiveMinimum":0},"list":{"type":"array","uniqueItems":true,
        "items":{"enum":[1,2,3]}},"either":{"oneOf":[{"const":"a"},{"type":["string","null"]}]}},"required":["n"]})");
    const Json body{{"model", "m"},
                    {"messages", Json::array({Json{{"role", "user"}, {"content", "x"}}})},
                    {"tools", Json::array({Json{{"type", "function"}, {"function", {{"name", "f"}, {"parameters", schema}}}}})}};
    const auto function = request(openai_chat(), body.dump(), gemini(), target()).body["tools"][0]["functionDeclarations"][0];
    EXPECT_FALSE(function.contains("parameters")) << "that dialect knows half of these words, and refuses the request for the others";
    EXPECT_EQ(function["parametersJsonSchema"], schema);
    Json wanted = body;
    wanted.erase("tools");
    wanted["response_format"] = Json{{"type", "json_schema"}, {"json_schema", {{"name", "o"}, {"schema", schema}}}};
    const auto config = request(openai_chat(), wanted.dump(), gemini(), target()).body["generationConfig"];
    EXPECT_FALSE(config.contains("responseSchema"));
    EXPECT_EQ(config["responseJsonSchema"], schema);
}

TEST(EdgeCase27, CacheMarksReachAnthropic) {
    const auto body = R"({"model":"m","messages":[
        {"role":"system","content":[{"type":"text","text":"S","cache_control":{"type":"ephemeral","ttl":"1h"}}]},
        {"role":"user","content":[{"type":"text","text":"U","cache_control":{"type":"ephemeral"}}]},
        {"role":"assistant","content":[{"type":"text","text":"A","cache_control":{"type":"ephemeral"}}],
         "tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"c","content":[{"type":"text","text":"R"}],"cache_control":{"type":"ephemeral"}}],
        "tools":[{"type":"function","function":{"name":"f"},"cache_control":{"type":"ephemeral"}}]})";
    const auto sent = request(openai_chat(), body, anthropic_messages(), target()).body;
    const auto mark = Json::parse(R"({"type":"ephemeral"})");
    EXPECT_EQ(sent["system"][0]["cache_control"], Json::parse(R"({"type":"ephemeral","ttl":"1h"})"));
    EXPECT_EQ(sent["messages"][0]["content"][0]["cache_control"], mark);
    EXPECT_EQ(sent["messages"][1]["content"][0]["cache_control"], mark);
    EXPECT_EQ(sent["messages"][2]["content"][0]["cache_control"], mark);
    EXPECT_EQ(sent["tools"][0]["cache_control"], mark);
}

TEST(EdgeCase28, SamplingThatAModelRefusesStaysBehind) {
    const auto body = R"({"model":"m","messages":[{"role":"user","content":"x"}],"temperature":0.7,"top_p":0.9})";
    const auto thinking = R"({"model":"m","messages":[{"role":"user","content":"x"}],"temperature":0.7,"top_p":0.9,"reasoning_effort":"high"})";
    auto locked = target();
    locked.capabilities.sampling_locked = true;
    auto manual = target();
    manual.capabilities.thinking = ModelCapabilities::Thinking::manual;
    for (const auto& sent :
         {request(openai_chat(), body, anthropic_messages(), locked), request(openai_chat(), thinking, anthropic_messages(), manual)}) {
        EXPECT_FALSE(sent.body.contains("temperature"));
        EXPECT_FALSE(sent.body.contains("top_p"));
        EXPECT_THAT(sent.adjusted, ElementsAre("temperature", "top_p"));
    }
    auto either = target();
    either.capabilities.temperature_or_top_p = true;
    const auto one = request(openai_chat(), body, anthropic_messages(), either);
    EXPECT_EQ(one.body["temperature"], 0.7);
    EXPECT_FALSE(one.body.contains("top_p"));
}

/// Which API a model is reached by is the provider's table; here: the effort that Chat would take with tools can be said.
TEST(EdgeCase29, AnEffortOfNoneReachesChatBesideTools) {
    const auto body = R"({"model":"m","max_tokens":10,"thinking":{"type":"disabled"},"messages":[{"role":"user","content":"x"}],
        "tools":[{"name":"f","input_schema":{"type":"object"}}]})";
    const auto sent = request(anthropic_messages(), body, openai_chat(), target("gpt-5.6")).body;
    EXPECT_EQ(sent["reasoning_effort"], "none");
    EXPECT_EQ(sent["tools"].size(), 1U);
}

TEST(EdgeCase31, AllowedToolsAndSingleCallsAreCarried) {
    const auto body = R"({"model":"m","messages":[{"role":"user","content":"x"}],"parallel_tool_calls":false,
        "tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g"}},{"type":"function",
            "function":{"name":"h"}}],
        "tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}},
        {"type":"function","function":{"name":"g"}}]}}})";
    const auto sent = request(openai_chat(), body, anthropic_messages(), target());
    EXPECT_EQ(sent.body["tool_choice"], Json::parse(R"({"type":"auto","disable_parallel_tool_use":true})"));
    ASSERT_EQ(sent.body["tools"].size(), 2U);
    EXPECT_EQ(sent.body["tools"][1]["name"], "g");
    const auto google = request(openai_chat(), body, gemini(), target());
    EXPECT_EQ(google.body["toolConfig"]["functionCallingConfig"], Json::parse(R"({"mode":"VALIDATED","allowedFunctionNames":["f","g"]})"));
    EXPECT_EQ(google.body["tools"][0]["functionDeclarations"].size(), 3U);
    EXPECT_THAT(google.adjusted, ElementsAre("parallel_tool_calls"));
    const auto single =
        R"({"model":"m","max_tokens":10,"messages":[{"role":"user","content":"x"}],"tools":[{"name":"f","input_schema":{"type":"object"}}],
        "tool_choice":{"type":"any","disable_parallel_tool_use":true}})";
    const auto chat = request(anthropic_messages(), single, openai_chat(), target()).body;
    EXPECT_EQ(chat["tool_choice"], "required");
    EXPECT_EQ(chat["parallel_tool_calls"], false);
}

/// Statuses are the gateway's to send; here: a refusal stays a refusal, and no client is told to come again.
TEST(EdgeCase37, ARefusedSignatureStaysABadRequest) {
    const auto error = anthropic_messages().decode_error(400, R"({"type":"error","error":{"type":"invalid_request_error",
        "message":"messages.1.content.0: Invalid `signature` in `thinking` block"}})");
    EXPECT_EQ(error.status, 400);
    EXPECT_EQ(error.type, "invalid_request_error");
    EXPECT_EQ(Json::parse(openai_chat().encode_error(error, "req"))["error"]["type"], "invalid_request_error");
    EXPECT_EQ(Json::parse(anthropic_messages().encode_error(error, "req"))["error"]["type"], "invalid_request_error");
    const auto google = gemini().decode_error(400, R"({"error":{"code":400,"status":"INVALID_ARGUMENT",
            "message":"Corrupted thought signature."}})");
    EXPECT_EQ(google.status, 400);
    EXPECT_EQ(Json::parse(gemini().encode_error(google, "req"))["error"]["status"], "INVALID_ARGUMENT");
}

}  // namespace
}  // namespace smg::codec
