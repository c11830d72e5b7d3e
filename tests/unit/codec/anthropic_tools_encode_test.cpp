/// Tools and their choice on the way to Anthropic.
#include <gmock/gmock.h>

#include "unit/codec/anthropic_testing.hpp"

namespace smg::codec {
namespace {

using namespace messages_testing;
using testing::ElementsAre;
using testing::IsEmpty;

Encoded with(std::string_view members, const std::string& model = "claude-sonnet-4-5") { return encode(chat(hello, members), target(model)); }

std::string function(std::string_view members) { return R"("tools":[{"type":"function","function":{)" + std::string(members) + "}}]"; }

constexpr std::string_view two_tools = R"("tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g"}}])";

Json choice(std::string_view members) { return with(std::string(two_tools) + "," + std::string(members)).body["tool_choice"]; }

TEST(AnthropicTools, SchemaIsKeptByteForByte) {
    const auto encoded =
        with(function(R"("name":"f","description":"d","parameters":{"type":"object", "properties":{"x":{"maximum":1.50}}},"strict":true)"));
    EXPECT_NE(encoded.text.find(
                  R"("tools":[{"name":"f","description":"d","input_schema":{"type":"object", "properties":{"x":{"maximum":1.50}}},"strict":true}])"),
              std::string::npos)
        << encoded.text;
    EXPECT_FALSE(encoded.body.contains("tool_choice"));
}

TEST(AnthropicTools, SchemaIsCompletedToAnObject) {
    const auto schema = [](std::string_view members) { return with(function(members)).body["tools"][0]["input_schema"]; };
    const auto empty = Json::parse(R"({"type":"object","properties":{}})");
    EXPECT_EQ(schema(R"("name":"f")"), empty);
    EXPECT_EQ(schema(R"("name":"f","parameters":null)"), empty);
    EXPECT_EQ(schema(R"("name":"f","parameters":{})"), empty);
    EXPECT_EQ(schema(R"("name":"f","parameters":{"properties":{"x":{}}})"), Json::parse(R"({"type":"object","properties":{"x":{}}})"));
    EXPECT_EQ(schema(R"("name":"f","parameters":{"type":["object","null"]})"), Json::parse(R"({"type":"object"})"));
}

TEST(AnthropicTools, SchemaThatIsNoObjectIsRefused) {
    for (const auto* parameters : {R"({"type":"string"})", R"({"anyOf":[{"type":"object"}]})", R"({"type":"object","allOf":[]})"}) {
        const auto members = function(std::string(R"("name":"f","parameters":)") + parameters);
        EXPECT_EQ(refusal(chat(hello, members)).param, "tools[0].function.parameters") << parameters;
    }
}

TEST(AnthropicTools, StrictIsLeftOutWhereItIsUnknown) {
    const auto encoded = with(function(R"("name":"f","strict":true)"), "claude-sonnet-4");
    EXPECT_FALSE(encoded.body["tools"][0].contains("strict"));
    EXPECT_THAT(encoded.adjusted, ElementsAre("tools.function.strict"));
}

TEST(AnthropicTools, IllegalNamesTravelUnderAnother) {
    const auto encoded = encode(chat(R"([{"role":"user","content":"A"},{"role":"assistant","tool_calls":[
        {"id":"a","type":"function","function":{"name":"my.tool","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"1"}])",
                                     R"("tools":[{"type":"function","function":{"name":"my.tool"}}],
                                        "tool_choice":{"type":"function","function":{"name":"my.tool"}})"));
    const auto name = encoded.body["tools"][0]["name"].get<std::string>();
    EXPECT_TRUE(name.starts_with("my_tool_")) << name;
    EXPECT_EQ(encoded.body["messages"][1]["content"][0]["name"], name);
    EXPECT_EQ(encoded.body["tool_choice"]["name"], name);
    EXPECT_EQ(encoded.memo.tool_names.at(name), "my.tool");
    const auto long_name = with(function(R"("name":")" + std::string(80, 'n') + "\"")).body["tools"][0]["name"].get<std::string>();
    EXPECT_EQ(long_name.size(), 64U);
}

TEST(AnthropicTools, CacheMarksStay) {
    const auto encoded = with(R"("tools":[{"type":"function","function":{"name":"f"},"cache_control":{"type":"ephemeral"}}])");
    EXPECT_EQ(encoded.body["tools"][0]["cache_control"], Json::parse(R"({"type":"ephemeral"})"));
}

TEST(AnthropicTools, CustomToolsTravelAsFunctions) {
    const auto encoded = encode(chat(R"([{"role":"user","content":"A"},{"role":"assistant","tool_calls":[
        {"id":"a","type":"custom","custom":{"name":"sh","input":"ls \"x\""}}]},{"role":"tool","tool_call_id":"a","content":"1"}])",
                                     R"("tools":[{"type":"custom","custom":{"name":"sh","description":"Shell","format":{"type":"grammar",
                                        "grammar":{"syntax":"lark","definition":"start: /.+/"}}}}])"));
    EXPECT_EQ(encoded.body["tools"][0]["input_schema"],
              Json::parse(R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"]})"));
    EXPECT_NE(encoded.body["tools"][0]["description"].get<std::string>().find("start: /.+/"), std::string::npos);
    EXPECT_EQ(encoded.body["messages"][1]["content"][0]["input"], Json::parse(R"({"input":"ls \"x\""})"));
    EXPECT_TRUE(encoded.memo.custom_tools.contains("sh"));
    EXPECT_THAT(encoded.adjusted, ElementsAre("tools.custom.format"));
}

TEST(AnthropicTools, ServerToolsOfOthersAreRefused) { EXPECT_EQ(refusal(chat(hello, R"("tools":[{"type":"live_search"}])")).param, "tools[0].type"); }

TEST(AnthropicTools, Choices) {
    EXPECT_EQ(choice(R"("tool_choice":"auto")"), Json::parse(R"({"type":"auto"})"));
    EXPECT_EQ(choice(R"("tool_choice":"none")"), Json::parse(R"({"type":"none"})"));
    EXPECT_EQ(choice(R"("tool_choice":"required")"), Json::parse(R"({"type":"any"})"));
    EXPECT_EQ(choice(R"("tool_choice":{"type":"function","function":{"name":"g"}})"), Json::parse(R"({"type":"tool","name":"g"})"));
    EXPECT_EQ(refusal(chat(hello, std::string(two_tools) + R"(,"tool_choice":{"type":"function","function":{"name":"h"}})")).param, "tool_choice");
}

TEST(AnthropicTools, ParallelCallsAreSwitchedOffInTheChoice) {
    EXPECT_EQ(choice(R"("parallel_tool_calls":false)"), Json::parse(R"({"type":"auto","disable_parallel_tool_use":true})"));
    EXPECT_EQ(choice(R"("parallel_tool_calls":false,"tool_choice":"required")"), Json::parse(R"({"type":"any","disable_parallel_tool_use":true})"));
    EXPECT_EQ(choice(R"("parallel_tool_calls":false,"tool_choice":"none")"), Json::parse(R"({"type":"none"})"));
    EXPECT_TRUE(choice(R"("parallel_tool_calls":true)").is_null());
}

TEST(AnthropicTools, AllowedToolsAreASelection) {
    constexpr std::string_view allowed =
        R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"%s","tools":[{"type":"function","function":{"name":"g"}}]}})";
    const auto in_mode = [&](std::string_view mode) {
        std::string text(allowed);
        return with(std::string(two_tools) + "," + text.replace(text.find("%s"), 2, mode));
    };
    const auto automatic = in_mode("auto");
    EXPECT_EQ(automatic.body["tools"].size(), 1U);
    EXPECT_EQ(automatic.body["tools"][0]["name"], "g");
    EXPECT_EQ(automatic.body["tool_choice"]["type"], "auto");
    EXPECT_THAT(automatic.adjusted, ElementsAre("tool_choice"));
    EXPECT_EQ(in_mode("required").body["tool_choice"], Json::parse(R"({"type":"tool","name":"g"})"));
}

TEST(AnthropicTools, ForcedChoiceIsLoosenedWhereItIsRefused) {
    const auto named = with(std::string(two_tools) + R"(,"tool_choice":{"type":"function","function":{"name":"g"}})", "claude-fable-5");
    EXPECT_EQ(named.body["tools"].size(), 1U);
    EXPECT_EQ(named.body["tool_choice"]["type"], "auto");
    EXPECT_THAT(named.adjusted, ElementsAre("tool_choice=auto"));
}

TEST(AnthropicTools, NoToolsNoChoice) {
    const auto none = with(R"("tools":[],"tool_choice":"auto","parallel_tool_calls":false)");
    EXPECT_FALSE(none.body.contains("tools") || none.body.contains("tool_choice"));
    EXPECT_THAT(none.adjusted, IsEmpty());
}

TEST(AnthropicTools, ToolsOfTheHistoryAreDefinedButMayNotBeCalled) {
    const auto encoded = encode(chat(R"([{"role":"user","content":"A"},{"role":"assistant","tool_calls":[
        {"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"a","content":"1"},{"role":"tool","tool_call_id":"b","content":"2"}])"));
    EXPECT_EQ(encoded.body["tools"], Json::parse(R"([{"name":"f","input_schema":{"type":"object","properties":{}}}])"));
    EXPECT_EQ(encoded.body["tool_choice"], Json::parse(R"({"type":"none"})"));
}

}  // namespace
}  // namespace smg::codec
