/// Unary answers, both ways.
#include "unit/codec/anthropic_testing.hpp"

namespace smg::codec {
namespace {

using namespace messages_testing;

std::string body_of(std::string_view content, std::string_view members = R"("stop_reason":"end_turn")") {
    return R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":)" + std::string(content) +
           R"(,"stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5},)" + std::string(members) + "}";
}

Answer answer_of(const std::string& body, const RequestMemo& memo = {}) {
    auto answer = anthropic_messages().decode_response(body, memo);
    EXPECT_TRUE(answer) << (answer ? "" : answer.error().message);
    return answer ? std::move(*answer) : Answer();
}

TEST(AnthropicResponseDecode, ReadsTheMessage) {
    const auto answer = answer_of(body_of(R"([{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"Hi"},
        {"type":"tool_use","id":"toolu_1","name":"f","input":{"x":1.0}},{"type":"brand_new","y":2}])",
                                          R"("stop_reason":"tool_use","container":null)"));
    EXPECT_EQ(answer.id, "msg_1");
    EXPECT_EQ(answer.model, "claude-x");
    EXPECT_EQ(answer.origin, Origin::anthropic);
    ASSERT_EQ(answer.choices.size(), 1U);
    const auto& choice = answer.choices[0];
    ASSERT_EQ(choice.parts.size(), 4U);
    EXPECT_EQ(std::get<ToolCallPart>(choice.parts[2]).arguments, R"({"x":1.0})");
    EXPECT_EQ(std::get<OpaquePart>(choice.parts[3]).kind, "brand_new");
    EXPECT_EQ(choice.stop_reason, StopReason::tool_calls);
    EXPECT_EQ(answer.usage.input, 10U);
    EXPECT_EQ(answer.usage.total, 15U);
}

TEST(AnthropicResponseDecode, CountsCachedTokensAsInput) {
    const auto answer = answer_of(R"({"id":"m","content":[],"stop_reason":"end_turn","usage":{"input_tokens":3,"cache_read_input_tokens":30,
        "cache_creation_input_tokens":300,"output_tokens":7,"output_tokens_details":{"thinking_tokens":4},"service_tier":"standard"}})");
    EXPECT_EQ(answer.usage, (Usage{333, 7, 30, 300, 4, 340}));
    EXPECT_EQ(answer.service_tier, "default");
    const auto nulls = answer_of(R"({"content":[],"usage":{"input_tokens":3,"cache_read_input_tokens":null,"output_tokens":7}})");
    EXPECT_EQ(nulls.usage, (Usage{3, 7, {}, {}, {}, 10}));
}

TEST(AnthropicResponseDecode, ReadsEveryStopReason) {
    const auto reason = [](std::string_view word, std::string_view content = "[]") {
        return answer_of(body_of(content, R"("stop_reason":)" + std::string(word))).choices[0].stop_reason;
    };
    constexpr std::string_view call = R"([{"type":"tool_use","id":"a","name":"f","input":{}}])";
    EXPECT_EQ(reason("\"end_turn\""), StopReason::stop);
    EXPECT_EQ(reason("\"stop_sequence\""), StopReason::stop_sequence);
    EXPECT_EQ(reason("\"max_tokens\"", call), StopReason::length);
    EXPECT_EQ(reason("\"model_context_window_exceeded\""), StopReason::length);
    EXPECT_EQ(reason("\"tool_use\"", call), StopReason::tool_calls);
    EXPECT_EQ(reason("\"pause_turn\""), StopReason::pause);
    EXPECT_EQ(reason("\"refusal\""), StopReason::refusal);
    EXPECT_EQ(reason("\"tomorrow\""), StopReason::unknown);
    EXPECT_EQ(reason("\"tomorrow\"", call), StopReason::tool_calls);
    EXPECT_EQ(reason("null"), StopReason::stop);
    EXPECT_EQ(reason("null", call), StopReason::tool_calls);
}

TEST(AnthropicResponseDecode, ReadsWhyItRefuses) {
    const auto answer =
        answer_of(body_of("[]", R"("stop_reason":"refusal","stop_details":{"type":"refusal","category":"cyber","explanation":"No."})"));
    EXPECT_EQ(answer.choices[0].refusal, "No.");
}

TEST(AnthropicResponseDecode, GivesCallsTheirNamesAndKindsBack) {
    RequestMemo memo;
    memo.tool_names["my_tool_1"] = "my.tool";
    memo.custom_tools.insert("sh");
    const auto answer = answer_of(body_of(R"([{"type":"tool_use","id":"a","name":"my_tool_1","input":{}},
        {"type":"tool_use","id":"b","name":"sh","input":{"input":"ls \"x\"\n"}}])"),
                                  memo);
    EXPECT_EQ(std::get<ToolCallPart>(answer.choices[0].parts[0]).name, "my.tool");
    const auto& custom = std::get<ToolCallPart>(answer.choices[0].parts[1]);
    EXPECT_EQ(custom.kind, ToolCallPart::Kind::custom);
    EXPECT_EQ(custom.arguments, "ls \"x\"\n");
}

TEST(AnthropicResponseDecode, TheEmulatedStructureIsTheContent) {
    RequestMemo memo;
    memo.json_tool = "json_response";
    const auto answer =
        answer_of(body_of(R"([{"type":"tool_use","id":"a","name":"json_response","input":{"age":1.0}}])", R"("stop_reason":"tool_use")"), memo);
    EXPECT_EQ(std::get<TextPart>(answer.choices[0].parts[0]).text, R"({"age":1.0})");
    EXPECT_EQ(answer.choices[0].stop_reason, StopReason::stop);
}

TEST(AnthropicResponseDecode, RefusesWhatIsNoMessage) {
    for (const auto* body : {"", "<html>", "[]", "{}", R"({"content":"x"})", R"({"content":[1]})", R"({"content":[{"type":"text"}]})",
                             R"({"type":"error","error":{"type":"api_error","message":"oops"}})"}) {
        const auto answer = anthropic_messages().decode_response(body, {});
        ASSERT_FALSE(answer) << body;
        EXPECT_EQ(answer.error().failure, Failure::upstream_error) << body;
    }
}

// ---- and back, from answers of other formats

Answer foreign(std::vector<Part> parts, StopReason reason) {
    Answer answer;
    answer.id = "chatcmpl-abc";
    answer.model = "gpt-4o";
    answer.origin = Origin::openai;
    answer.format = "openai_chat";
    auto& choice = answer.choices.emplace_back();
    choice.parts = std::move(parts);
    choice.stop_reason = reason;
    return answer;
}

Part text(std::string words) {
    TextPart part;
    part.text = std::move(words);
    return part;
}
Part call(std::string arguments) {
    ToolCallPart part;
    part.id = "call_1";
    part.name = "f";
    part.arguments = std::move(arguments);
    return part;
}

Json encoded(const Answer& answer) { return Json::parse(anthropic_messages().encode_response(answer, {})); }

TEST(AnthropicResponseEncode, WritesEveryMemberThatClientsDemand) {
    auto answer = foreign({text("Hi")}, StopReason::stop);
    answer.usage = {100, 20, 60, 10, 5, 120};
    EXPECT_EQ(nlohmann::json(encoded(answer)), nlohmann::json::parse(R"({"id":"msg_abc","type":"message","role":"assistant","model":"gpt-4o",
        "content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","stop_sequence":null,"stop_details":null,"container":null,
        "usage":{"input_tokens":30,"cache_read_input_tokens":60,"cache_creation_input_tokens":10,"output_tokens":20,
                 "output_tokens_details":{"thinking_tokens":5}}})"));
}

TEST(AnthropicResponseEncode, ACallMeansToolUse) {
    EXPECT_EQ(encoded(foreign({text("x"), call("{}")}, StopReason::stop))["stop_reason"], "tool_use");
    EXPECT_EQ(encoded(foreign({call("{}")}, StopReason::length))["stop_reason"], "max_tokens");
    EXPECT_EQ(encoded(foreign({}, StopReason::unknown))["stop_reason"], "end_turn");
}

TEST(AnthropicResponseEncode, InputIsAlwaysAnObject) {
    const auto input = [](const std::string& arguments, StopReason reason = StopReason::tool_calls) {
        return encoded(foreign({call(arguments)}, reason))["content"][0]["input"];
    };
    EXPECT_EQ(input(R"({"x":1})"), Json::parse(R"({"x":1})"));
    EXPECT_EQ(input(""), Json::object());
    EXPECT_EQ(input("[1]"), Json::parse(R"({"value":[1]})"));
    EXPECT_EQ(input(R"({"x":)"), Json::parse(R"({"_raw":"{\"x\":"})"));
    EXPECT_EQ(input(R"({"x":)", StopReason::length), Json::object());
}

TEST(AnthropicResponseEncode, ForeignSignaturesAreSealed) {
    ReasoningPart part;
    part.text = "hm";
    part.signature = "theirs";
    part.origin = Origin::gemini;
    EXPECT_EQ(encoded(foreign({part, text("x")}, StopReason::stop))["content"][0],
              Json::parse(R"({"type":"thinking","thinking":"hm","signature":"smg1.gemini.czp0aGVpcnM"})"));
}

TEST(AnthropicResponseEncode, ARefusalHasDetails) {
    auto answer = foreign({}, StopReason::content_filter);
    answer.choices[0].refusal = "No.";
    const auto json = encoded(answer);
    EXPECT_EQ(json["stop_reason"], "refusal");
    EXPECT_EQ(json["stop_details"]["explanation"], "No.");
}

TEST(AnthropicResponseEncode, AnAnswerWithoutChoicesIsEmpty) {
    ClientView view;
    view.model = "m";
    view.request_id = "req-7";
    const auto json = Json::parse(anthropic_messages().encode_response(Answer(), view));
    EXPECT_EQ(json["content"], Json::array());
    EXPECT_EQ(json["model"], "m");
    EXPECT_EQ(json["id"], "msg_7");
}

}  // namespace
}  // namespace smg::codec
