#include <algorithm>
#include <memory>

#include "codec/reasoning_envelope.hpp"
#include "openai_responses_testing.hpp"

namespace smg::codec {
namespace {

using namespace responses_testing;

event::Started started(Origin origin = Origin::anthropic) { return {"msg_1", "claude", 7, origin}; }

ToolCallPart call(std::string id, std::string name) {
    ToolCallPart part;
    part.id = std::move(id);
    part.name = std::move(name);
    return part;
}

TextPart refusal_part() {
    TextPart part;
    part.refusal = true;
    return part;
}

/// Begun and completed.
StreamEvents whole(StreamEvents events, StopReason reason = StopReason::stop, Origin origin = Origin::anthropic) {
    events.insert(events.begin(), started(origin));
    events.emplace_back(event::ChoiceFinished{0, reason, "", "", ""});
    events.emplace_back(event::Completed{});
    return events;
}

TEST(OpenAiResponsesStreamOut, TheSequenceOfAText) {
    const auto sse = encode_stream(
        whole({event::BlockStarted{0, 0, TextPart{}}, event::TextDelta{0, 0, "Hi"}, event::TextDelta{0, 0, " you"}, event::BlockFinished{0, 0}}));
    EXPECT_EQ(types_of(sse),
              (std::vector<std::string>{"response.created", "response.in_progress", "response.output_item.added", "response.content_part.added",
                                        "response.output_text.delta", "response.output_text.delta", "response.output_text.done",
                                        "response.content_part.done", "response.output_item.done", "response.completed"}));
    const auto response = judged(sse);
    EXPECT_EQ(response["id"], "resp_1");
    EXPECT_EQ(response["created_at"], 7);
    EXPECT_EQ(response["output"][0]["content"][0]["text"], "Hi you");
    EXPECT_NE(sse.find("event: response.output_text.delta\ndata: "
                       "{\"type\":\"response.output_text.delta\",\"sequence_number\":4,\"item_id\":\"msg_1_0\",\"output_index\":0,"
                       "\"content_index\":0,\"delta\":\"Hi\",\"logprobs\":[]}\n\n"),
              std::string::npos);
}

TEST(OpenAiResponsesStreamOut, ThoughtsTextsAndCalls) {
    auto custom = call("c2", "sh");
    custom.kind = ToolCallPart::Kind::custom;
    const auto events = whole({event::BlockStarted{0, 0, ReasoningPart{}},
                               event::ReasoningDelta{0, 0, "h"},
                               event::ReasoningDelta{0, 0, "m"},
                               event::SignatureDelta{0, 0, "SIG"},
                               event::BlockFinished{0, 0},
                               event::BlockStarted{0, 1, TextPart{}},
                               event::TextDelta{0, 1, "a"},
                               event::BlockFinished{0, 1},
                               event::BlockStarted{0, 2, TextPart{}},
                               event::TextDelta{0, 2, "b"},
                               event::BlockFinished{0, 2},
                               event::BlockStarted{0, 3, call("c1", "f")},
                               event::ArgumentsDelta{0, 3, "{\"a\""},
                               event::ArgumentsDelta{0, 3, ":1}"},
                               event::BlockFinished{0, 3},
                               event::BlockStarted{0, 4, custom},
                               event::ArgumentsDelta{0, 4, "ls"},
                               event::BlockFinished{0, 4},
                               event::BlockStarted{0, 5, call("c3", "g")},
                               event::BlockFinished{0, 5}},
                              StopReason::tool_calls);
    const auto output = judged(encode_stream(events))["output"];
    ASSERT_EQ(output.size(), 5U);
    EXPECT_EQ(output[0]["summary"][0]["text"], "hm");
    EXPECT_TRUE(is_envelope(output[0]["encrypted_content"].get<std::string>()));
    EXPECT_EQ(output[1]["content"].size(), 2U);
    EXPECT_EQ(output[2]["arguments"], "{\"a\":1}");
    EXPECT_EQ(output[3]["input"], "ls");
    EXPECT_EQ(output[4]["arguments"], "{}") << "a call without arguments is still JSON";
}

TEST(OpenAiResponsesStreamOut, EveryDeltaGoesOutAtOnce) {
    const auto encoder = openai_responses().stream_encoder({});
    std::string out;
    encoder->write(started(), out);
    encoder->write(event::BlockStarted{0, 0, call("c1", "f")}, out);
    for (int i = 0; i < 3; ++i) {
        out.clear();
        encoder->write(event::ArgumentsDelta{0, 0, "x"}, out);
        EXPECT_FALSE(out.empty());
    }
    EXPECT_EQ(encoder->keep_alive(), ": keep-alive\n");
}

TEST(OpenAiResponsesStreamOut, WhatGeminiSigns) {
    auto signed_call = call("c1", "f");
    signed_call.arguments = "{}";
    signed_call.signature = "CALL";
    const auto output =
        judged(encode_stream(whole({event::BlockStarted{0, 0, signed_call}, event::BlockFinished{0, 0}, event::BlockStarted{0, 1, TextPart{}},
                                    event::TextDelta{0, 1, "x"}, event::SignatureDelta{0, 1, "TEXT"}, event::BlockFinished{0, 1}},
                                   StopReason::tool_calls, Origin::gemini)))["output"];
    ASSERT_EQ(output.size(), 4U);
    EXPECT_EQ(open_call(output[0]["encrypted_content"].get<std::string>()), "CALL");
    EXPECT_EQ(output[1]["type"], "function_call");
    EXPECT_EQ(output[3]["type"], "reasoning");
}

TEST(OpenAiResponsesStreamOut, RefusalsAndEnds) {
    const auto refused = judged(encode_stream(
        whole({event::BlockStarted{0, 0, refusal_part()}, event::RefusalDelta{0, 0, "No."}, event::BlockFinished{0, 0}}, StopReason::refusal)));
    EXPECT_EQ(refused["status"], "completed");
    EXPECT_EQ(refused["output"][0]["content"][0], Json::parse(R"({"type":"refusal","refusal":"No."})"));
    StreamEvents explained{started(),
                           event::BlockStarted{0, 0, TextPart{}},
                           event::TextDelta{0, 0, "I"},
                           event::BlockFinished{0, 0},
                           event::ChoiceFinished{0, StopReason::refusal, "refusal", "", "It is forbidden."},
                           event::Completed{}};
    const auto parts = judged(encode_stream(explained))["output"][0]["content"];
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(parts[1]["refusal"], "It is forbidden.");
    const auto cut = judged(encode_stream(
        whole({event::BlockStarted{0, 0, call("c", "f")}, event::ArgumentsDelta{0, 0, "{\"a"}, event::BlockFinished{0, 0}}, StopReason::length)));
    EXPECT_EQ(cut["status"], "incomplete");
    EXPECT_EQ(cut["incomplete_details"]["reason"], "max_output_tokens");
    EXPECT_EQ(cut["output"][0]["status"], "incomplete");
    EXPECT_EQ(cut["output"][0]["arguments"], "{\"a");
    EXPECT_EQ(judged(encode_stream(whole({})))["output"], Json::array());
}

TEST(OpenAiResponsesStreamOut, CitationsLogprobsAndUsage) {
    const auto response = judged(encode_stream(
        whole({event::UsageUpdate{{10, std::nullopt, {}, {}, {}, {}}, "{}"}, event::BlockStarted{0, 0, TextPart{}},
               event::LogprobsDelta{0, R"({"content":[{"token":"x","logprob":-1,"bytes":[120],"top_logprobs":[]}],"refusal":null})"},
               event::TextDelta{0, 0, "xé"}, event::CitationDelta{0, 0, R"({"type":"web_search_result_location","url":"https://x","title":"t"})"},
               event::BlockFinished{0, 0}, event::UsageUpdate{{30, 5, 20, 0, 2, 35}, R"({"input_tokens":30,"output_tokens":5})"}})));
    EXPECT_EQ(response["output"][0]["content"][0]["annotations"][0],
              Json::parse(R"({"type":"url_citation","start_index":0,"end_index":2,"url":"https://x","title":"t"})"));
    EXPECT_EQ(response["output"][0]["content"][0]["logprobs"][0]["token"], "x");
    EXPECT_EQ(response["usage"],
              Json::parse(R"({"input_tokens":30,"input_tokens_details":{"cached_tokens":20,"cache_write_tokens":0},"output_tokens":5,
        "output_tokens_details":{"reasoning_tokens":2},"total_tokens":35})"));
}

TEST(OpenAiResponsesStreamOut, FailuresAreToldInBothWays) {
    ProviderError error;
    error.status = 529;
    error.type = "server_error";
    error.code = "overloaded";
    error.message = "Busy.";
    const auto sse = encode_stream(
        {started(), event::BlockStarted{0, 0, TextPart{}}, event::TextDelta{0, 0, "x"}, event::Failed{error}, event::TextDelta{0, 0, "late"}});
    const auto events = events_of(sse);
    EXPECT_EQ(events[events.size() - 2]["error"], Json::parse(R"({"type":"server_error","code":"overloaded","message":"Busy.","param":null})"));
    const auto response = judged(sse);
    EXPECT_EQ(response["status"], "failed");
    EXPECT_EQ(response["error"], Json::parse(R"({"code":"overloaded","message":"Busy."})"));
    EXPECT_EQ(judged(encode_stream({event::Failed{error}}))["status"], "failed") << "even when nothing was begun";
}

TEST(OpenAiResponsesStreamOut, TheRequestNeedNotOutliveTheEncodersMaking) {
    auto request = std::make_unique<Conversation>(
        decode("{\"model\":\"m\",\"input\":\"x\",\"temperature\":0.5,\"tools\":[{\"type\":\"function\",\"name\":\"f\",\n\"parameters\":{\n}}]}"));
    ClientView view;
    view.request = request.get();
    const auto encoder = openai_responses().stream_encoder(view);
    request.reset();
    std::string out;
    for (const auto& event : whole({})) encoder->write(event, out);
    const auto response = judged(out);
    EXPECT_EQ(response["temperature"], 0.5);
    EXPECT_EQ(response["tools"][0]["name"], "f");
}

TEST(OpenAiResponsesStreamOut, OnlyTheFirstChoice) {
    const auto output =
        judged(encode_stream(whole({event::BlockStarted{0, 0, TextPart{}}, event::TextDelta{0, 0, "a"}, event::BlockStarted{1, 0, TextPart{}},
                                    event::TextDelta{1, 0, "b"}, event::BlockFinished{1, 0}, event::BlockFinished{0, 0}})))["output"];
    ASSERT_EQ(output.size(), 1U);
    EXPECT_EQ(output[0]["content"][0]["text"], "a");
}

// --- the other way ---

std::string created() {
    return R"({"type":"response.created","sequence_number":0,"response":{"id":"resp_1","model":"gpt-5.4","created_at":7,
        "status":"in_progress","output":[]}})";
}
std::string completed(std::string_view members = R"("status":"completed","output":[])") {
    return R"({"type":"response.completed","response":{"id":"resp_1","model":"gpt-5.4","created_at":7,)" + std::string(members) + "}}";
}

/// The text of all deltas of one kind.
template <typename Delta>
std::string all(const StreamEvents& events) {
    std::string text;
    for (const auto& event : events)
        if (const auto* delta = std::get_if<Delta>(&event)) text += delta->text;
    return text;
}

template <typename Event>
std::size_t count(const StreamEvents& events) {
    return static_cast<std::size_t>(
        std::count_if(events.begin(), events.end(), [](const auto& event) { return std::holds_alternative<Event>(event); }));
}

TEST(OpenAiResponsesStreamIn, DeltasOfEachKind) {
    const auto events = decode_stream(sse_of({
        created(),
        R"({"type":"response.output_item.added","output_index":0,"item":{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"EARLY"}})",
        R"({"type":"response.reasoning_summary_part.added","item_id":"rs_1","output_index":0,"summary_index":0,
            "part":{"type":"summary_text","text":""}})",
        R"({"type":"response.reasoning_summary_text.delta","item_id":"rs_1","output_index":0,"summary_index":0,"delta":"A","obfuscation":"zzz"})",
        R"({"type":"response.reasoning_summary_part.added","item_id":"rs_1","output_index":0,"summary_index":1,
            "part":{"type":"summary_text","text":""}})",
        R"({"type":"response.reasoning_summary_text.done","item_id":"rs_1","output_index":0,"summary_index":1,"text":"B"})",
        R"({"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text",
            "text":"A"},{"type":"summary_text","text":"B"}],"encrypted_content":"E"}})",
        R"({"type":"response.web_search_call.searching","output_index":1,"item_id":"ws_1"})",
        R"({"type":"response.output_item.added","output_index":1,"item":{"type":"web_search_call","id":"ws_1","status":"in_progress"}})",
        R"({"type":"response.output_item.done","output_index":1,"item":{"type":"web_search_call","id":"ws_1","status":"completed"}})",
        R"({"type":"response.output_item.added","output_index":2,"item":{"type":"message","id":"msg_1","role":"assistant","content":[]}})",
        R"({"type":"response.content_part.added","output_index":2,"content_index":0,"part":{"type":"output_text","text":""}})",
        R"({"type":"response.output_text.delta","output_index":2,"content_index":0,"delta":"hi","logprobs":[{"token":"hi"}]})",
        R"({"type":"response.output_text.annotation.added","output_index":2,"content_index":0,"annotation_index":0,
            "annotation":{"type":"url_citation","url":"https://x"}})",
        R"({"type":"response.content_part.done","output_index":2,"content_index":0,"part":{"type":"output_text","text":"hi",
            "annotations":[{"type":"url_citation","url":"https://x"}]}})",
        R"({"type":"response.output_item.done","output_index":2,"item":{"type":"message","id":"msg_1","role":"assistant",
            "content":[{"type":"output_text","text":"hi"}]}})",
        R"({"type":"response.output_item.added","output_index":3,"item":{"type":"function_call","id":"fc_1","call_id":"call_1",
            "name":"f","arguments":""}})",
        R"({"type":"response.function_call_arguments.delta","output_index":3,"delta":"{\"a\":1}"})",
        R"({"type":"response.function_call_arguments.done","output_index":3,"arguments":"{\"a\":1}"})",
        R"({"type":"response.output_item.done","output_index":3,"item":{"type":"function_call","id":"fc_1","call_id":"call_1","name":"f",
            "arguments":"{\"a\":1}"}})",
        R"({"type":"response.of_tomorrow","output_index":9})",
        completed(
            R"("status":"completed","output":[{},{},{},{}],"service_tier":"default","usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3})"),
    }));
    EXPECT_EQ(all<event::ReasoningDelta>(events), "A\n\nB");
    EXPECT_EQ(all<event::TextDelta>(events), "hi");
    EXPECT_EQ(all<event::ArgumentsDelta>(events), "{\"a\":1}");
    EXPECT_EQ(count<event::BlockStarted>(events), 4U);
    EXPECT_EQ(count<event::BlockFinished>(events), 4U);
    EXPECT_EQ(count<event::CitationDelta>(events), 1U);
    EXPECT_EQ(count<event::LogprobsDelta>(events), 1U);
    EXPECT_EQ(count<event::SignatureDelta>(events), 1U);
    for (const auto& event : events)
        if (const auto* signature = std::get_if<event::SignatureDelta>(&event)) { EXPECT_EQ(signature->signature, "E"); }
    const auto* finished = std::get_if<event::ChoiceFinished>(&events.at(events.size() - 2));
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->reason, StopReason::tool_calls);
    EXPECT_EQ(std::get<event::Completed>(events.back()).service_tier, "default");
}

TEST(OpenAiResponsesStreamIn, ItemsSideBySideComeOneAfterAnother) {
    const auto added = [](int index, std::string_view id) {
        return R"({"type":"response.output_item.added","output_index":)" + std::to_string(index) + R"(,"item":{"type":"function_call","id":")" +
               std::string(id) + R"(","call_id":")" + std::string(id) + R"(","name":"f","arguments":""}})";
    };
    const auto delta = [](int index, std::string_view text) {
        return R"({"type":"response.function_call_arguments.delta","output_index":)" + std::to_string(index) + R"(,"delta":")" + std::string(text) +
               "\"}";
    };
    const auto done = [](int index, std::string_view text) {
        return R"({"type":"response.output_item.done","output_index":)" + std::to_string(index) +
               R"(,"item":{"type":"function_call","id":"x","call_id":"x","name":"f","arguments":")" + std::string(text) + R"("}})";
    };
    const auto events = decode_stream(sse_of({created(), added(0, "a"), added(1, "b"), delta(0, "1"), delta(1, "x"), delta(0, "2"), delta(1, "y"),
                                              done(1, "xy"), done(0, "12"), completed()}));
    std::string order;
    for (const auto& event : events) {
        if (const auto* begun = std::get_if<event::BlockStarted>(&event))
            order += "<" + std::to_string(begun->block) + std::get<ToolCallPart>(begun->part).id;
        if (const auto* piece = std::get_if<event::ArgumentsDelta>(&event)) order += std::to_string(piece->block) + piece->text;
        if (const auto* end = std::get_if<event::BlockFinished>(&event)) order += std::to_string(end->block) + ">";
    }
    EXPECT_EQ(order, "<0a01020><1b1x1y1>");
}

TEST(OpenAiResponsesStreamIn, ServersThatSendLess) {
    const std::string message =
        R"({"type":"message","id":"m","role":"assistant","content":[{"type":"output_text","text":"hi",
            "annotations":[{"type":"url_citation","url":"https://x"}]},{"type":"refusal","refusal":"no"}]})";
    const std::string function = R"({"type":"function_call","id":"f","call_id":"c","name":"f","arguments":"{}"})";
    // Only the last event, or only whole items, or no parts.
    for (const auto& stream :
         {sse_of({completed(R"("status":"completed","output":[)" + message + "," + function + "]")}),
          sse_of({created(), R"({"type":"response.output_item.done","output_index":0,"item":)" + message + "}",
                  R"({"type":"response.output_item.done","output_index":1,"item":)" + function + "}", completed()}),
          sse_of({created(),
                  R"({"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"m","role":"assistant","content":[]}})",
                  R"({"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"h"})",
                  R"({"type":"response.output_item.done","output_index":0,"item":)" + message + "}",
                  completed(R"("status":"completed","output":[)" + message + "," + function + "]")})}) {
        const auto events = decode_stream(stream);
        EXPECT_EQ(all<event::TextDelta>(events), "hi");
        EXPECT_EQ(all<event::RefusalDelta>(events), "no");
        EXPECT_EQ(all<event::ArgumentsDelta>(events), "{}");
        EXPECT_EQ(count<event::CitationDelta>(events), 1U);
        EXPECT_EQ(count<event::BlockStarted>(events), 3U);
        EXPECT_EQ(count<event::BlockFinished>(events), 3U);
        EXPECT_TRUE(std::holds_alternative<event::Completed>(events.back()));
    }
}

TEST(OpenAiResponsesStreamIn, HowItEnds) {
    const auto last = [](std::string_view event) { return decode_stream(sse_of({created(), std::string(event)})); };
    const auto cut =
        last(R"({"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]}})");
    EXPECT_EQ(std::get<event::ChoiceFinished>(cut.at(cut.size() - 2)).reason, StopReason::length);
    const auto failure = [&](std::string_view event) {
        const auto events = last(event);
        const auto* failed = std::get_if<event::Failed>(&events.back());
        EXPECT_TRUE(failed);
        return failed ? failed->error : ProviderError();
    };
    EXPECT_EQ(failure(R"({"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"Slow."}}})").status,
              429);
    const auto flat = failure(R"({"type":"error","code":"server_error","message":"Boom.","param":null})");
    EXPECT_EQ(flat.message, "Boom.");
    EXPECT_EQ(flat.status, 500);
    EXPECT_EQ(failure(R"({"type":"error","error":{"type":"invalid_request_error","code":"context_length_exceeded","message":"Long."}})").status, 400);
    EXPECT_EQ(failure(R"({"type":"response.in_progress"})").code, "upstream_stream_truncated");
    EXPECT_TRUE(std::holds_alternative<event::Failed>(decode_stream("data: nonsense\n\n").back()));
    EXPECT_TRUE(std::holds_alternative<event::Failed>(decode_stream("data: {\"error\":{\"message\":\"x\"}}\n\n").back()));
    EXPECT_TRUE(std::holds_alternative<event::Failed>(decode_stream("data: [DONE]\n\n").back()));
}

}  // namespace
}  // namespace smg::codec
