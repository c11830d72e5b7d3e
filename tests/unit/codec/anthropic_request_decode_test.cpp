/// A Messages request as a conversation, and back.
#include "unit/codec/anthropic_testing.hpp"

namespace smg::codec {
namespace {

using namespace messages_testing;

/// What is written back equals what was read, member by member.
void expect_round_trip(const std::string& body) {
    const auto conversation = decode(body);
    Target to;
    to.model = conversation.model;
    const auto encoded = encode(conversation, to);
    EXPECT_EQ(nlohmann::json::parse(encoded.text), nlohmann::json::parse(body));
    EXPECT_EQ(encode(decode(encoded.text), to).text, encoded.text);
}

TEST(AnthropicRequestDecode, ReadsTheSettings) {
    const auto c = decode(request_body(hello, R"("temperature":0.70,"top_p":1e-1,"top_k":5,"stop_sequences":["a","\n"],"stream":true,
        "metadata":{"user_id":"u"},"service_tier":"standard_only","cache_control":{"type":"ephemeral"},
        "thinking":{"type":"enabled","budget_tokens":2000},
        "output_config":{"effort":"high","format":{"type":"json_schema","schema":{"type": "object"}}},
        "mcp_servers":[{"a":1}])"));
    EXPECT_EQ(c.format, "anthropic_messages");
    EXPECT_EQ(c.model, "claude-sonnet-4-5");
    EXPECT_EQ(c.max_tokens, "100");
    EXPECT_EQ(c.temperature, "0.70");
    EXPECT_EQ(c.top_p, "1e-1");
    EXPECT_EQ(c.top_k, "5");
    EXPECT_EQ(c.stop, (std::vector<std::string>{"a", "\n"}));
    EXPECT_TRUE(c.stream);
    EXPECT_EQ(c.user, "u");
    EXPECT_EQ(c.service_tier, "default");
    EXPECT_EQ(c.cache_control, R"({"type":"ephemeral"})");
    EXPECT_EQ(c.thinking, R"({"type":"enabled","budget_tokens":2000})");
    EXPECT_EQ(c.thinking_origin, Origin::anthropic);
    EXPECT_EQ(c.reasoning_effort, "high");
    ASSERT_TRUE(c.response_format);
    EXPECT_EQ(c.response_format->schema, R"({"type": "object"})");
    ASSERT_EQ(c.unknown.size(), 1U);
    EXPECT_EQ(c.unknown[0].first, "mcp_servers");
}

TEST(AnthropicRequestDecode, SystemIsTheFirstTurnWhereverItStands) {
    const auto c = decode(request_body(hello, R"("system":"Be kind.")"));
    ASSERT_EQ(c.turns.size(), 2U);
    EXPECT_EQ(c.turns[0].role, Role::system);
    EXPECT_TRUE(c.turns[0].content_is_string);
    EXPECT_EQ(std::get<TextPart>(c.turns[0].parts[0]).text, "Be kind.");
}

TEST(AnthropicRequestDecode, ReadsBlocks) {
    const auto c = decode(request_body(R"([{"role":"assistant","content":[
        {"type":"thinking","thinking":"hm","signature":"sig"},{"type":"redacted_thinking","data":"xyz"},
        {"type":"text","text":"t","citations":[{"type":"char_location"}]},
        {"type":"tool_use","id":"toolu_1","name":"f","input":{"x": 1.0},"cache_control":{"type":"ephemeral"},"caller":{"type":"direct"}},
        {"type":"server_tool_use","id":"srv","name":"web_search","input":{}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","is_error":true,"content":[{"type":"text","text":"no"},
        {"type":"image","source":{"type":"base64","media_type":"IMAGE/PNG","data":"AAAA"}},{"type":"search_result","source":"s"}]},
        {"type":"document","title":"T","source":{"type":"file","file_id":"file_1"},"context":"c"}]}])"));
    const auto& said = c.turns[0].parts;
    ASSERT_EQ(said.size(), 5U);
    EXPECT_EQ(std::get<ReasoningPart>(said[0]).signature, "sig");
    EXPECT_EQ(std::get<ReasoningPart>(said[0]).origin, Origin::anthropic);
    EXPECT_EQ(std::get<ReasoningPart>(said[1]).redacted, "xyz");
    EXPECT_EQ(std::get<TextPart>(said[2]).citations, R"([{"type":"char_location"}])");
    EXPECT_EQ(std::get<ToolCallPart>(said[3]).arguments, R"({"x": 1.0})");
    EXPECT_EQ(std::get<OpaquePart>(said[4]).kind, "server_tool_use");
    const auto& result = std::get<ToolResultPart>(c.turns[1].parts[0]);
    EXPECT_EQ(result.name, "f");
    EXPECT_EQ(result.is_error, true);
    EXPECT_EQ(std::get<MediaPart>(result.content[1]).media_type, "image/png");
    EXPECT_EQ(std::get<OpaquePart>(result.content[2]).kind, "search_result");
    const auto& document = std::get<MediaPart>(c.turns[1].parts[1]);
    EXPECT_EQ(document.source, MediaPart::Source::file_id);
    EXPECT_EQ(document.origin, Origin::anthropic);
    EXPECT_EQ(document.filename, "T");
}

TEST(AnthropicRequestDecode, FlattensDocumentsMadeOfText) {
    const auto c = decode(request_body(R"([{"role":"user","content":[{"type":"document","source":{"type":"content",
        "content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}}]}])"));
    EXPECT_EQ(std::get<MediaPart>(c.turns[0].parts[0]).data, "a\nb");
}

TEST(AnthropicRequestDecode, ReadsToolsAndChoices) {
    const auto c =
        decode(request_body(hello, R"("tools":[{"name":"f","description":"","input_schema":{"type":"object"},"strict":true,"defer_loading":true},
        {"type":"web_search_20250305","name":"web_search","max_uses":2}],
        "tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true})"));
    ASSERT_EQ(c.tools.size(), 2U);
    EXPECT_TRUE(c.tools[0].has_description);
    EXPECT_EQ(c.tools[0].strict, true);
    EXPECT_EQ(c.tools[1].kind, Tool::Kind::provider);
    EXPECT_EQ(c.tools[1].origin, Origin::anthropic);
    EXPECT_EQ(c.tool_choice->mode, ToolChoice::Mode::named);
    EXPECT_EQ(c.parallel_tool_calls, false);
}

TEST(AnthropicRequestDecode, WritesBackWhatItRead) {
    expect_round_trip(request_body(R"([
        {"role":"user","content":"A"},
        {"role":"user","content":[{"type":"text","text":""},{"type":"text","text":"B","cache_control":null,"citations":null,"extra":[1.0]}]},
        {"role":"assistant","content":[],"note":"x"},
        {"role":"system","content":[{"type":"tool_addition","tool":{"type":"tool_reference","name":"f"}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"z"},{"type":"tool_result","tool_use_id":"y","content":""},
            {"type":"tool_result","tool_use_id":"x","content":[],"is_error":false,"cache_control":{"type":"ephemeral"}},
            {"type":"tool_result","tool_use_id":"w","content":null,"is_error":null},
            {"type":"tool_result","tool_use_id":"v","content":[{"type":"text","text":" "},{"type":"tool_reference","tool_name":"f"}]},
            {"type":"image","source":{"type":"url","url":"http://x.test/a","more":1}},
            {"type":"image","source":{"type":"base64","media_type":"Image/JPG","data":"AAAA"}},
            {"type":"document","source":{"type":"content","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]},"title":null,
             "citations":{"enabled":true}},
            {"type":"document","source":{"type":"content","content":[{"type":"image","source":{"type":"url","url":"https://x.test"}}]}},
            {"type":"document","source":{"type":"file","file_id":"f"},"title":"T"}]},
        {"role":"assistant","content":"trailing "}])",
                                   R"("system":[{"type":"text","text":"S","cache_control":{"type":"ephemeral","ttl":"1h"}}],"tools":[
            {"name":"f","input_schema":{"type":"object"},"type":"custom","description":null},
            {"name":"g","input_schema":{},"type":null,"strict":false},
            {"type":"bash_20250124","name":"bash"}],
        "tool_choice":{"type":"auto","disable_parallel_tool_use":false},"stop_sequences":[],"metadata":{"user_id":null,"more":1},
        "output_config":{"effort":"high","task_budget":5},"service_tier":"auto","temperature":2,"top_k":0,"container":null,"stream":true)"));
    expect_round_trip(request_body(hello, R"("metadata":{},"output_config":{},"tool_choice":{"type":"none"},"system":[])"));
    expect_round_trip(request_body(hello, R"("system":[],"tool_choice":{"type":"any","later":true},
        "output_config":{"format":{"type":"json_schema","schema":{"b":1,"a":2.50},"name":"x"}},"thinking":{"type":"adaptive","display":"omitted"})"));
}

}  // namespace
}  // namespace smg::codec
