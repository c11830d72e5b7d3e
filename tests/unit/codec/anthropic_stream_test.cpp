/// Streams, both ways. Recorded ones are in the recordings' test; here is what they do not show.
#include <gmock/gmock.h>

#include "http/sse.hpp"
#include "unit/codec/anthropic_testing.hpp"

namespace smg::codec {
namespace {

using namespace messages_testing;
using testing::ElementsAre;

/// Feeds data without names: what an event is stands in its `type`.
StreamEvents decoded(const std::vector<std::string>& data, const RequestMemo& memo = {}) {
    auto decoder = anthropic_messages().stream_decoder(memo);
    StreamEvents out;
    for (const auto& text : data) decoder->on_event("", text, out);
    decoder->on_end(out);
    return out;
}

/// One word an event.
struct Describe {
    std::string operator()(const event::Started& e) const { return "started " + e.id; }
    std::string operator()(const event::BlockStarted& e) const {
        const auto n = std::to_string(e.block);
        if (const auto* call = std::get_if<ToolCallPart>(&e.part))
            return (call->kind == ToolCallPart::Kind::custom ? "custom" : "call") + n + " " + call->name;
        if (const auto* opaque = std::get_if<OpaquePart>(&e.part)) return "opaque" + n + " " + opaque->kind;
        if (const auto* reasoning = std::get_if<ReasoningPart>(&e.part)) return "reasoning" + n + reasoning->redacted;
        return "text" + n;
    }
    std::string operator()(const event::TextDelta& e) const { return "+" + e.text; }
    std::string operator()(const event::RefusalDelta& e) const { return "no+" + e.text; }
    std::string operator()(const event::ReasoningDelta& e) const { return "think+" + e.text; }
    std::string operator()(const event::SignatureDelta& e) const { return "sign=" + e.signature; }
    std::string operator()(const event::ArgumentsDelta& e) const { return std::to_string(e.block) + "{" + e.text; }
    std::string operator()(const event::CitationDelta& e) const { return "cite " + e.citation; }
    std::string operator()(const event::BlockFinished& e) const { return "/" + std::to_string(e.block); }
    std::string operator()(const event::Opaque& e) const { return "opaque " + e.kind; }
    std::string operator()(const event::LogprobsDelta&) const { return "logprobs"; }
    std::string operator()(const event::UsageUpdate& e) const {
        return "usage " + std::to_string(e.usage.input.value_or(0)) + "/" + std::to_string(e.usage.output.value_or(0));
    }
    std::string operator()(const event::ChoiceFinished& e) const {
        return "finish " + std::to_string(static_cast<int>(e.reason)) + " " + e.native_reason;
    }
    std::string operator()(const event::Completed&) const { return "completed"; }
    std::string operator()(const event::Failed& e) const { return "failed " + std::to_string(e.error.status) + " " + e.error.code; }
    std::string operator()(const event::KeepAlive&) const { return "ping"; }
};

std::vector<std::string> words(const StreamEvents& events) {
    std::vector<std::string> out;
    for (const auto& e : events) out.push_back(std::visit(Describe(), e));
    return out;
}

const std::string start = R"({"type":"message_start","message":{"id":"m","model":"c","usage":{"input_tokens":5,"output_tokens":1}}})";
const std::string stop = R"({"type":"message_stop"})";
std::string block(int index, std::string_view json) {
    return R"({"type":"content_block_start","index":)" + std::to_string(index) + R"(,"content_block":)" + std::string(json) + "}";
}
std::string delta(int index, std::string_view json) {
    return R"({"type":"content_block_delta","index":)" + std::to_string(index) + R"(,"delta":)" + std::string(json) + "}";
}
std::string end(int index) { return R"({"type":"content_block_stop","index":)" + std::to_string(index) + "}"; }
std::string finish(std::string_view reason, std::string_view usage = R"({"output_tokens":9})") {
    return R"({"type":"message_delta","delta":{"stop_reason":")" + std::string(reason) + R"("},"usage":)" + std::string(usage) + "}";
}
std::string finished(StopReason reason, std::string_view native) {
    return "finish " + std::to_string(static_cast<int>(reason)) + " " + std::string(native);
}

TEST(AnthropicStreamDecode, ReadsBlocksInOrder) {
    EXPECT_THAT(words(decoded({start, R"({"type":"ping"})", block(0, R"({"type":"thinking","thinking":"","signature":""})"),
                               delta(0, R"({"type":"thinking_delta","thinking":"hm"})"), delta(0, R"({"type":"signature_delta","signature":"s"})"),
                               end(0), block(1, R"({"type":"redacted_thinking","data":"R"})"), end(1), block(2, R"({"type":"text","text":"H"})"),
                               delta(2, R"({"type":"text_delta","text":"i"})"), end(2), finish("end_turn"), stop})),
                ElementsAre("started m", "usage 5/1", "ping", "reasoning0", "think+hm", "sign=s", "/0", "reasoning1R", "/1", "text2", "+H", "+i",
                            "/2", "usage 5/9", finished(StopReason::stop, "end_turn"), "completed"));
}

TEST(AnthropicStreamDecode, ArgumentsComeFromDeltasElseFromTheStart) {
    const auto call = [](std::string_view input) { return R"({"type":"tool_use","id":"t","name":"f","input":)" + std::string(input) + "}"; };
    const auto of = [&](std::vector<std::string> data) {
        data.insert(data.begin(), start);
        data.push_back(finish("tool_use"));
        data.push_back(stop);
        auto all = words(decoded(data));
        return std::vector<std::string>(all.begin() + 2, all.end() - 3);
    };
    const auto json = [](std::string_view text) { return R"({"type":"input_json_delta","partial_json":")" + std::string(text) + "\"}"; };
    EXPECT_THAT(of({block(0, call("{}")), delta(0, json("")), delta(0, json(R"({\"a\":)")), delta(0, json("1}")), end(0)}),
                ElementsAre("call0 f", R"(0{{"a":)", "0{1}", "/0"));
    EXPECT_THAT(of({block(0, call("{}")), delta(0, json("")), end(0)}), ElementsAre("call0 f", "0{{}", "/0"));
    EXPECT_THAT(of({block(0, call(R"({"a":1.0})")), end(0)}), ElementsAre("call0 f", R"(0{{"a":1.0})", "/0"));
    EXPECT_THAT(of({block(0, call(R"({"a":1.0})")), delta(0, json(R"({\"a\":1.0})")), end(0)}), ElementsAre("call0 f", R"(0{{"a":1.0})", "/0"));
    // Two at once, by their indices.
    EXPECT_THAT(of({block(0, call("{}")), block(1, call("{}")), delta(1, json("{}")), delta(0, json("[]")), end(1), end(0)}),
                ElementsAre("call0 f", "call1 f", "1{{}", "0{[]", "/1", "/0"));
}

TEST(AnthropicStreamDecode, UsageIsReplacedNeverAdded) {
    const auto events = decoded(
        {R"({"type":"message_start","message":{"id":"m","usage":{"input_tokens":34824,"output_tokens":1}}})",
         finish("end_turn", R"({"input_tokens":3883,"cache_read_input_tokens":30464,"output_tokens":9,"cache_creation_input_tokens":null})"), stop});
    EXPECT_EQ(std::get<event::UsageUpdate>(events[2]).usage, (Usage{34347, 9, 30464, {}, {}, 34356}));
}

TEST(AnthropicStreamDecode, SkipsWhatItDoesNotKnow) {
    EXPECT_THAT(words(decoded({start, start, R"({"type":"brand_new","x":1})", delta(7, R"({"type":"text_delta","text":"lost"})"), end(7),
                               block(0, R"({"type":"text","text":""})"), delta(0, R"({"type":"new_delta"})"),
                               delta(0, R"({"type":"thinking_delta","thinking":"x"})"), end(0), finish("tomorrow"), stop, stop,
                               block(1, R"({"type":"text","text":"late"})")})),
                ElementsAre("started m", "usage 5/1", "text0", "/0", "usage 5/9", finished(StopReason::unknown, "tomorrow"), "completed"));
}

TEST(AnthropicStreamDecode, SkipsBlocksAndDeltasThatHoldNothing) {
    EXPECT_THAT(words(decoded({start, R"({"type":"content_block_start","index":0})", R"({"type":"content_block_start","index":1,"content_block":[]})",
                               block(2, R"({"type":"new"})"), R"({"type":"content_block_delta","index":2})", delta(2, "null"), end(2),
                               block(3, R"({"type":"text","text":""})"), delta(3, R"({"type":"citations_delta"})"), end(3), stop})),
                ElementsAre("started m", "usage 5/1", "opaque0 new", "/0", "text1", "/1", finished(StopReason::stop, ""), "completed"));
}

TEST(AnthropicStreamDecode, ServerToolsAreOpaque) {
    EXPECT_THAT(words(decoded({start, block(0, R"({"type":"server_tool_use","id":"s","name":"web_search","input":{}})"),
                               delta(0, R"({"type":"input_json_delta","partial_json":"{}"})"), end(0), finish("end_turn"), stop})),
                ElementsAre("started m", "usage 5/1", "opaque0 server_tool_use", "opaque content_block_delta", "/0", "usage 5/9",
                            finished(StopReason::stop, "end_turn"), "completed"));
}

TEST(AnthropicStreamDecode, ClosesWhatTheProviderLeftOpen) {
    EXPECT_THAT(words(decoded({start, block(0, R"({"type":"tool_use","id":"t","name":"f","input":{}})"), stop})),
                ElementsAre("started m", "usage 5/1", "call0 f", "0{{}", "/0", finished(StopReason::tool_calls, ""), "completed"));
}

TEST(AnthropicStreamDecode, CustomToolsAndEmulatedStructureAreUnwrapped) {
    RequestMemo memo;
    memo.custom_tools.insert("sh");
    memo.json_tool = "json_response";
    const auto json = [](std::string_view text) { return R"({"type":"input_json_delta","partial_json":")" + std::string(text) + "\"}"; };
    EXPECT_THAT(
        words(decoded({start, block(0, R"({"type":"tool_use","id":"t","name":"sh","input":{}})"), delta(0, json(R"({\"input\": \"l)")),
                       delta(0, json(R"(s\"})")), end(0), finish("tool_use"), stop},
                      memo)),
        ElementsAre("started m", "usage 5/1", "custom0 sh", "0{ls", "/0", "usage 5/9", finished(StopReason::tool_calls, "tool_use"), "completed"));
    EXPECT_THAT(
        words(decoded({start, block(0, R"({"type":"tool_use","id":"t","name":"json_response","input":{}})"), delta(0, json(R"({\"a\":)")),
                       delta(0, json("1}")), end(0), finish("tool_use"), stop},
                      memo)),
        ElementsAre("started m", "usage 5/1", "text0", R"(+{"a":)", "+1}", "/0", "usage 5/9", finished(StopReason::stop, "tool_use"), "completed"));
}

TEST(AnthropicStreamDecode, ErrorsEndTheStream) {
    const std::string overloaded = R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})";
    EXPECT_THAT(words(decoded({start, overloaded, stop})), ElementsAre("started m", "usage 5/1", "failed 503 overloaded"));
    EXPECT_THAT(words(decoded({R"({"error":{"type":"api_error","message":"x"}})"})), ElementsAre("failed 500 "));
    EXPECT_THAT(words(decoded({start, "{\"type\":"})), ElementsAre("started m", "usage 5/1", "failed 502 upstream_error"));
    EXPECT_THAT(words(decoded({start, finish("end_turn")})),
                ElementsAre("started m", "usage 5/1", "usage 5/9", "failed 502 upstream_stream_truncated"));
    EXPECT_THAT(words(decoded({})), ElementsAre("failed 502 upstream_stream_truncated"));
    EXPECT_THAT(words(decoded({stop})), ElementsAre("failed 502 upstream_stream_truncated"));
    EXPECT_THAT(words(decoded({"[1]", "\"x\"", "[DONE]", ""})), ElementsAre("failed 502 upstream_stream_truncated"));
}

TEST(AnthropicStreamDecode, TheNameCountsWhereTheTypeIsMissing) {
    auto decoder = anthropic_messages().stream_decoder({});
    StreamEvents out;
    decoder->on_event("message_start", R"({"message":{"id":"m"}})", out);
    decoder->on_event("message_stop", "{}", out);
    EXPECT_THAT(words(out), ElementsAre("started m", finished(StopReason::stop, ""), "completed"));
}

// ---- encoding

struct Sent {
    std::string name;
    Json data;
};

std::vector<Sent> sent(const StreamEvents& events) {
    ClientView view;
    view.model = "shown";
    view.request_id = "req_5";
    auto encoder = anthropic_messages().stream_encoder(view);
    std::string bytes;
    for (const auto& e : events) encoder->write(e, bytes);
    std::vector<Sent> out;
    http::SseReader reader;
    EXPECT_TRUE(reader.feed(bytes, [&](const http::SseEvent& e) {
        out.push_back({std::string(e.name), Json::parse(e.data)});
        EXPECT_EQ(out.back().data["type"], e.name);
    }));
    EXPECT_TRUE(reader.at_boundary());
    return out;
}

std::vector<std::string> names(const std::vector<Sent>& events) {
    std::vector<std::string> out;
    for (const auto& e : events) {
        auto name = e.name.starts_with("content_block_") ? e.name.substr(14) + std::to_string(e.data["index"].get<int>()) : e.name;
        if (e.data.contains("content_block")) name += " " + e.data["content_block"]["type"].get<std::string>();
        if (e.name == "content_block_delta") {
            const auto& d = e.data["delta"];
            for (const auto* member : {"text", "thinking", "signature", "partial_json"})
                if (d.contains(member)) name += " " + std::string(member) + "=" + d[member].get<std::string>();
        }
        out.push_back(name);
    }
    return out;
}

event::BlockStarted text_block(std::size_t n) { return {0, n, TextPart()}; }
event::BlockStarted call_block(std::size_t n, std::string name, ToolCallPart::Kind kind = ToolCallPart::Kind::function) {
    ToolCallPart call;
    call.id = "call_" + name;
    call.name = std::move(name);
    call.kind = kind;
    return {0, n, call};
}
event::BlockStarted reasoning_block(std::size_t n, Origin origin) {
    ReasoningPart part;
    part.origin = origin;
    return {0, n, part};
}
const event::Started started{"chatcmpl-1", "gpt", 7, Origin::openai};

TEST(AnthropicStreamEncode, WritesAWholeMessage) {
    event::UsageUpdate usage;
    usage.usage = {100, 8, 40, {}, {}, 108};
    const auto events = sent({started, text_block(0), event::TextDelta{0, 0, "Hi"}, event::BlockFinished{0, 0},
                              event::ChoiceFinished{0, StopReason::stop, "stop", "", ""}, usage, event::Completed{}});
    EXPECT_THAT(names(events), ElementsAre("message_start", "start0 text", "delta0 text=Hi", "stop0", "message_delta", "message_stop"));
    EXPECT_EQ(events[0].data["message"]["id"], "msg_1");
    EXPECT_EQ(events[0].data["message"]["content"], Json::array());
    EXPECT_EQ(events[0].data["message"]["usage"]["output_tokens"], 0);
    EXPECT_EQ(nlohmann::json(events[4].data), nlohmann::json::parse(R"({"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null,
        "stop_details":null,"container":null},"usage":{"input_tokens":60,"cache_read_input_tokens":40,"cache_creation_input_tokens":0,
        "output_tokens":8}})"));
}

TEST(AnthropicStreamEncode, KnowsThePromptsCountsAtTheStartIfTheyCameByThen) {
    event::UsageUpdate usage;
    usage.usage.input = 12;
    EXPECT_EQ(sent({started, usage, text_block(0), event::TextDelta{0, 0, "x"}})[0].data["message"]["usage"]["input_tokens"], 12);
}

TEST(AnthropicStreamEncode, CallsHaveArgumentsAndMakeToolUse) {
    const auto events =
        sent({started, call_block(0, "f"), event::ArgumentsDelta{0, 0, "{\"a\":"}, event::ArgumentsDelta{0, 0, "1}"}, event::BlockFinished{0, 0},
              call_block(1, "g"), event::BlockFinished{0, 1}, event::ChoiceFinished{0, StopReason::stop, "stop", "", ""}, event::Completed{}});
    EXPECT_THAT(names(events), ElementsAre("message_start", "start0 tool_use", "delta0 partial_json={\"a\":", "delta0 partial_json=1}", "stop0",
                                           "start1 tool_use", "delta1 partial_json={}", "stop1", "message_delta", "message_stop"));
    EXPECT_EQ(events[1].data["content_block"], Json::parse(R"({"type":"tool_use","id":"call_f","name":"f","input":{}})"));
    EXPECT_EQ(events[8].data["delta"]["stop_reason"], "tool_use");
}

TEST(AnthropicStreamEncode, InterleavedBlocksAreToldOneAfterTheOther) {
    const auto events =
        sent({started, call_block(0, "f"), call_block(1, "g"), event::ArgumentsDelta{0, 1, "{}"}, event::ArgumentsDelta{0, 0, "[]"},
              event::BlockFinished{0, 1}, text_block(2), event::TextDelta{0, 2, "x"}, event::BlockFinished{0, 0},
              event::ArgumentsDelta{0, 9, "never opened"}, event::ChoiceFinished{0, StopReason::tool_calls, "", "", ""}, event::Completed{}});
    EXPECT_THAT(names(events),
                ElementsAre("message_start", "start0 tool_use", "delta0 partial_json=[]", "stop0", "start1 tool_use", "delta1 partial_json={}",
                            "stop1", "start2 text", "delta2 text=x", "stop2", "message_delta", "message_stop"));
}

TEST(AnthropicStreamEncode, ThinkingIsSignedOnceAndAnothersIsSealed) {
    const auto of = [](Origin origin) {
        auto begin = started;
        begin.origin = origin;
        return names(sent({begin, reasoning_block(0, origin), event::ReasoningDelta{0, 0, "hm"}, event::SignatureDelta{0, 0, "a"},
                           event::SignatureDelta{0, 0, "b"}, event::BlockFinished{0, 0}}));
    };
    EXPECT_THAT(of(Origin::anthropic), ElementsAre("message_start", "start0 thinking", "delta0 thinking=hm", "delta0 signature=b", "stop0"));
    EXPECT_THAT(of(Origin::gemini),
                ElementsAre("message_start", "start0 thinking", "delta0 thinking=hm", "delta0 signature=smg1.gemini.czpi", "stop0"));
}

TEST(AnthropicStreamEncode, EmptyBlocksAndOtherChoicesAreNotTold) {
    EXPECT_THAT(names(sent({started, text_block(0), event::TextDelta{0, 0, ""}, event::BlockFinished{0, 0}, reasoning_block(1, Origin::openai),
                            event::BlockFinished{0, 1}, event::BlockStarted{1, 0, TextPart()}, event::TextDelta{1, 0, "second"},
                            event::BlockStarted{0, 2, OpaquePart{"x", "{}", Origin::gemini}}, event::Opaque{"y", "1"}, event::BlockFinished{0, 2},
                            text_block(3), event::RefusalDelta{0, 3, "No."}, event::BlockFinished{0, 3}})),
                ElementsAre("message_start", "start0 text", "delta0 text=No.", "stop0"));
}

TEST(AnthropicStreamEncode, CustomInputBecomesAnObject) {
    const auto events = sent({started, call_block(0, "sh", ToolCallPart::Kind::custom), event::ArgumentsDelta{0, 0, "ls \""},
                              event::ArgumentsDelta{0, 0, "x\"\n"}, event::BlockFinished{0, 0}});
    std::string input;
    for (const auto& e : events)
        if (e.name == "content_block_delta") input += e.data["delta"]["partial_json"].get<std::string>();
    EXPECT_EQ(Json::parse(input), Json::parse(R"({"input":"ls \"x\"\n"})"));
}

TEST(AnthropicStreamEncode, AFailureIsTheLastWord) {
    ProviderError error;
    error.status = 502;
    error.type = "server_error";
    error.message = "cut";
    const auto events = sent({started, text_block(0), event::TextDelta{0, 0, "Hi"}, event::Failed{error}, event::Completed{}});
    EXPECT_THAT(names(events), ElementsAre("message_start", "start0 text", "delta0 text=Hi", "error"));
    EXPECT_EQ(events[3].data, Json::parse(R"({"type":"error","error":{"type":"api_error","message":"cut"},"request_id":"req_5"})"));
}

TEST(AnthropicStreamEncode, ARefusalHasDetails) {
    const auto events = sent({started, event::ChoiceFinished{0, StopReason::refusal, "", "", "No."}, event::Completed{}});
    EXPECT_EQ(events[1].data["delta"]["stop_details"]["explanation"], "No.");
}

TEST(AnthropicStreamEncode, PingsKeepTheConnection) {
    const auto encoder = anthropic_messages().stream_encoder({});
    EXPECT_EQ(encoder->keep_alive(), "event: ping\ndata: {\"type\":\"ping\"}\n\n");
    EXPECT_THAT(names(sent({started, event::KeepAlive{}})), ElementsAre("ping"));
}

}  // namespace
}  // namespace smg::codec
