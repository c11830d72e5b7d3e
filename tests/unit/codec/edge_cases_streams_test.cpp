// Streams that other gateways have told wrong. The numbers are those of the project's list of edge cases.
#include <gmock/gmock.h>

#include <algorithm>

#include "unit/codec/edge_case_testing.hpp"

namespace smg::codec {
namespace {

using namespace edge_testing;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string tool_start(int index, std::string_view id, std::string_view input = "{}") {
    return R"({"type":"content_block_start","index":)" + std::to_string(index) + R"(,"content_block":{"type":"tool_use","id":")" + std::string(id) +
           R"(","name":"f","input":)" + std::string(input) + "}}";
}
std::string tool_piece(int index, std::string_view piece) {
    return Json{{"type", "content_block_delta"}, {"index", index}, {"delta", {{"type", "input_json_delta"}, {"partial_json", piece}}}}.dump();
}
std::string stop_block(int index) { return R"({"type":"content_block_stop","index":)" + std::to_string(index) + "}"; }
std::string message_delta(std::string_view reason) {
    return R"({"type":"message_delta","delta":{"stop_reason":")" + std::string(reason) + R"(","stop_sequence":null},"usage":{"output_tokens":5}})";
}

TEST(EdgeCase01, ParallelToolUseStreamKeepsItsCallsApart) {
    const auto chunks =
        datas(streamed(anthropic_messages(),
                       sse({message_start, tool_start(0, "toolu_a"), tool_piece(0, R"({"x":)"), tool_piece(0, "1}"), stop_block(0),
                            tool_start(1, "toolu_b"), tool_piece(1, R"({"y":2})"), stop_block(1), message_delta("tool_use"), message_stop}),
                       openai_chat()));
    EXPECT_THAT(chat_arguments(chunks), ElementsAre(R"({"x":1})", R"({"y":2})"));
    std::vector<std::string> ids;
    for (const auto& data : chunks)
        if (data.is_object() && !data["choices"].empty())
            for (const auto& call : data["choices"][0]["delta"].value("tool_calls", Json::array()))
                if (call.contains("id")) ids.push_back(call["index"].dump() + call["id"].get<std::string>());
    EXPECT_THAT(ids, ElementsAre("0toolu_a", "1toolu_b"));
}

TEST(EdgeCase02, AToolWithoutArgumentsGetsAnEmptyObject) {
    const auto bytes = sse({message_start, tool_start(0, "toolu_a"), tool_piece(0, ""), stop_block(0), message_delta("tool_use"), message_stop});
    EXPECT_THAT(chat_arguments(datas(streamed(anthropic_messages(), bytes, openai_chat()))), ElementsAre("{}"));
    // and nothing is taken for an empty object on the way back
    const std::string_view history = R"({"model":"m","messages":[{"role":"user","content":"x"},
        {"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":""}}]},
        {"role":"tool","tool_call_id":"c","content":"ok"}]})";
    EXPECT_EQ(request(openai_chat(), history, anthropic_messages(), target()).body["messages"][1]["content"][0]["input"], Json::object());
    EXPECT_EQ(request(openai_chat(), history, gemini(), target()).body["contents"][1]["parts"][0]["functionCall"]["args"], Json::object());
}

TEST(EdgeCase03, TheEmptyInputOfABlocksStartIsNoArgument) {
    const auto told = [](std::string_view input, std::initializer_list<std::string_view> pieces) {
        std::string bytes = sse({message_start, tool_start(0, "toolu_a", input)});
        for (const auto piece : pieces) bytes += sse({tool_piece(0, piece)});
        bytes += sse({stop_block(0), message_delta("tool_use"), message_stop});
        return chat_arguments(datas(streamed(anthropic_messages(), bytes, openai_chat())));
    };
    EXPECT_THAT(told("{}", {"", R"({"a")", ":1}"}), ElementsAre(R"({"a":1})"));
    EXPECT_THAT(told(R"({"a":1})", {}), ElementsAre(R"({"a":1})")) << "an origin that streams no arguments";
}

TEST(EdgeCase04, AMixedTurnEndsWithToolUse) {
    for (const auto* finish : {R"("stop")", R"("tool_calls")"}) {
        const auto words = messages_words(streamed(openai_chat(),
                                                   sse({chunk(R"({"role":"assistant","content":"Let me look."})"),
                                                        chunk(R"({"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f",
            "arguments":"{}"}}]})"),
                                                        chunk("{}", finish), "[DONE]"}),
                                                   anthropic_messages()));
        EXPECT_EQ(words.at(words.size() - 2), "message_delta tool_use") << finish;
        const auto body = answer(openai_chat(),
                                 R"({"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"Let me look.","tool_calls":[
            {"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":)" +
                                     std::string(finish) + "}]}",
                                 anthropic_messages());
        EXPECT_EQ(body["stop_reason"], "tool_use") << finish;
    }
}

TEST(EdgeCase05, ACallBeforeASeparateStopIsRemembered) {
    const auto bytes = sse({candidate(R"([{"functionCall":{"name":"f","args":{}}}])"), candidate(R"([{"text":""}])", R"(,"finishReason":"STOP")")});
    EXPECT_THAT(chat_finishes(datas(streamed(gemini(), bytes, openai_chat()))), ElementsAre("tool_calls"));
    EXPECT_THAT(messages_words(streamed(gemini(), bytes, anthropic_messages())), testing::Contains("message_delta tool_use"));
}

TEST(EdgeCase06, AFinalEventWithoutPartsEndsTheStreamAndCounts) {
    for (const auto* last :
         {R"({"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5}})",
          R"({"candidates":[{"content":{},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,
            "totalTokenCount":5}})",
          R"({"candidates":[{"content":{"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":3,
            "candidatesTokenCount":2,"totalTokenCount":5}})"}) {
        const auto chunks = datas(streamed(gemini(), sse({candidate(R"([{"text":"Hi"}])"), last}), openai_chat()));
        EXPECT_THAT(chat_finishes(chunks), ElementsAre("stop")) << last;
        EXPECT_EQ(chunks.back(), "[DONE]");
        EXPECT_EQ(chunks.at(chunks.size() - 2)["usage"]["total_tokens"], 5);
    }
}

TEST(EdgeCase07, StopInEveryChunkIsToldOnce) {
    const auto stop = R"(,"finishReason":"STOP")";
    const auto chunks = datas(
        streamed(gemini(), sse({candidate(R"([{"text":"a"}])", stop), candidate(R"([{"text":"b"}])", stop), candidate(R"([{"text":"c"}])", stop)}),
                 openai_chat()));
    EXPECT_THAT(chat_finishes(chunks), ElementsAre("stop"));
    std::string text;
    for (const auto& data : chunks)
        if (data.is_object() && !data["choices"].empty()) text += data["choices"][0]["delta"].value("content", "");
    EXPECT_EQ(text, "abc");
}

TEST(EdgeCase08, MaxTokensIsALength) {
    const auto body = candidate(R"([{"text":"Hi"}])", R"(,"finishReason":"MAX_TOKENS")");
    EXPECT_EQ(answer(gemini(), body, openai_chat())["choices"][0]["finish_reason"], "length");
    EXPECT_EQ(answer(gemini(), body, anthropic_messages())["stop_reason"], "max_tokens");
    EXPECT_THAT(chat_finishes(datas(streamed(gemini(), sse({body}), openai_chat()))), ElementsAre("length"));
    // what was spent on thoughts alone
    EXPECT_EQ(answer(gemini(), R"({"candidates":[{"content":{"role":"model"},"finishReason":"MAX_TOKENS"}]})",
                     openai_chat())["choices"][0]["finish_reason"],
              "length");
}

TEST(EdgeCase22, ReasoningIsAWholeThinkingBlockWithOneSignature) {
    const auto bytes = streamed(openai_chat(),
                                sse({chunk(R"({"role":"assistant","reasoning_content":"Let "})"), chunk(R"({"reasoning_content":"me think."})"),
                                     chunk(R"({"content":"Hi"})"), chunk("{}", R"("stop")"), "[DONE]"}),
                                anthropic_messages());
    EXPECT_THAT(messages_words(bytes),
                ElementsAre("message_start", "start0 thinking", "delta0 thinking_delta", "delta0 thinking_delta", "delta0 signature_delta", "stop0",
                            "start1 text", "delta1 text_delta", "stop1", "message_delta end_turn", "message_stop"));
    const auto events = datas(bytes);
    EXPECT_EQ(events[1]["content_block"], Json::parse(R"({"type":"thinking","thinking":"","signature":""})"));
    EXPECT_EQ(events[2]["delta"]["thinking"], "Let ");
    EXPECT_THAT(events[4]["delta"]["signature"].get<std::string>(), testing::StartsWith("smg1."));
}

TEST(EdgeCase23, OneMessageStartAndOneOpenBlock) {
    const auto bytes = streamed(
        openai_chat(),
        sse({chunk(R"({"role":"assistant","content":""})"), chunk(R"({"content":"Hm."})"),
             chunk(R"({"role":"assistant","reasoning_content":"Wait."})"), chunk(R"({"content":"Yes."})"), chunk("{}", R"("stop")"), "[DONE]"}),
        anthropic_messages());
    EXPECT_THAT(messages_words(bytes), ElementsAre("message_start", "start0 text", "delta0 text_delta", "stop0", "start1 thinking",
                                                   "delta1 thinking_delta", "delta1 signature_delta", "stop1", "start2 text", "delta2 text_delta",
                                                   "stop2", "message_delta end_turn", "message_stop"));
    // Anthropic itself has been seen to say it twice.
    const auto twice = sse({message_start, message_start, R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})",
                            R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}})", stop_block(0),
                            message_delta("end_turn"), message_stop});
    const auto roles = datas(streamed(anthropic_messages(), twice, openai_chat()));
    EXPECT_EQ(
        std::count_if(roles.begin(), roles.end(),
                      [](const Json& data) { return data.is_object() && !data["choices"].empty() && data["choices"][0]["delta"].contains("role"); }),
        1);
}

TEST(EdgeCase24, TextThatResumesAfterACallOpensItsOwnBlock) {
    const auto bytes = streamed(
        openai_chat(),
        sse({chunk(R"({"role":"assistant","tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]})"),
             chunk(R"({"content":"Looking."})"), chunk("{}", R"("tool_calls")"), "[DONE]"}),
        anthropic_messages());
    EXPECT_THAT(messages_words(bytes), ElementsAre("message_start", "start0 tool_use", "delta0 input_json_delta", "stop0", "start1 text",
                                                   "delta1 text_delta", "stop1", "message_delta tool_use", "message_stop"));
}

TEST(EdgeCase25, AnErrorInTheStreamEndsItAsAnError) {
    const auto text = R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})";
    const auto overloaded = sse({message_start, text, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"});
    const auto chat = streamed(anthropic_messages(), overloaded, openai_chat());
    EXPECT_THAT(chat, AllOf(HasSubstr("Overloaded"), Not(HasSubstr("[DONE]"))));
    EXPECT_THAT(chat_finishes(datas(chat)), ElementsAre());
    EXPECT_EQ(datas(chat).back()["error"]["type"], "server_error");
    const auto failed =
        streamed(openai_chat(), sse({chunk(R"({"content":"Hi"})"), R"({"error":{"message":"boom","type":"server_error"}})"}), anthropic_messages());
    EXPECT_THAT(failed, AllOf(HasSubstr("event: error\n"), HasSubstr("boom"), Not(HasSubstr("message_stop")), Not(HasSubstr("end_turn"))));
    const auto google = streamed(gemini(), sse({candidate(R"([{"text":"Hi"}])"), R"({"error":{"code":503,"message":"busy",
            "status":"UNAVAILABLE"}})"}),
                                 anthropic_messages());
    EXPECT_THAT(google, AllOf(HasSubstr("event: error\n"), HasSubstr("busy"), Not(HasSubstr("message_stop"))));
    // and a stream that breaks off is an error too
    for (const auto* codec : {&anthropic_messages(), &openai_chat(), &gemini()}) {
        const auto cut = codec == &gemini()        ? sse({candidate(R"([{"text":"Hi"}])")})
                         : codec == &openai_chat() ? sse({chunk(R"({"content":"Hi"})")})
                                                   : sse({message_start, text, stop_block(0), message_delta("end_turn")});
        const auto events = events_of(*codec, cut);
        ASSERT_TRUE(std::holds_alternative<event::Failed>(events.back())) << codec->name();
        EXPECT_EQ(std::get<event::Failed>(events.back()).error.code, "upstream_stream_truncated");
    }
}

/// What a client of Responses is told as `response.failed` comes from here; its codec's own tests hold the rest.
TEST(EdgeCase26, AnErrorEventIsAFailureWithItsWordsAndNothingFollows) {
    const auto events = events_of(
        openai_chat(), sse({chunk(R"({"content":"Hi"})"), R"({"error":{"message":"boom","type":"server_error","code":"exploded","param":null}})",
                            chunk(R"({"content":"more"})"), chunk("{}", R"("stop")"), "[DONE]"}));
    ASSERT_TRUE(std::holds_alternative<event::Failed>(events.back()));
    const auto& error = std::get<event::Failed>(events.back()).error;
    EXPECT_EQ(error.message, "boom");
    EXPECT_EQ(error.type, "server_error");
    EXPECT_EQ(error.code, "exploded");
}

/// Keep-alives are the server's; here: every piece of arguments leaves at once, and a ping may stand between any two events.
TEST(EdgeCase32, EveryPieceOfArgumentsIsToldAtOnce) {
    for (const auto* codec : {&anthropic_messages(), &openai_chat()}) {
        const auto encoder = codec->stream_encoder(view());
        std::string out;
        ToolCallPart call;
        call.id = "c";
        call.name = "f";
        encoder->write(event::Started{"x", "m", 1, Origin::openai}, out);
        encoder->write(event::BlockStarted{0, 0, call}, out);
        for (int piece = 0; piece < 20; ++piece) {
            const auto before = out.size();
            encoder->write(event::ArgumentsDelta{0, 0, "x"}, out);
            EXPECT_GT(out.size(), before) << codec->name();
            out += encoder->keep_alive();
        }
        encoder->write(event::BlockFinished{0, 0}, out);
        EXPECT_EQ(datas(out).empty(), false);
    }
    EXPECT_FALSE(gemini().stream_encoder(view())->keep_alive().empty());
}

TEST(EdgeCase33, DataLinesAreOneLineHoweverLongAndWhateverTheyHold) {
    std::string text =
        "a\nb\r\nc\xE2\x80\xA8"
        "d\xC2\x85"
        "e\"\\";
    text += std::string(3U << 20U, 'x');
    for (const auto* codec : {&anthropic_messages(), &openai_chat(), &gemini()}) {
        const auto bytes =
            stream_of(*codec, {event::Started{"x", "m", 1, Origin::unknown}, event::BlockStarted{0, 0, TextPart{}}, event::TextDelta{0, 0, text},
                               event::BlockFinished{0, 0}, event::ChoiceFinished{0, StopReason::stop, {}, {}, {}}, event::Completed{}});
        EXPECT_EQ(bytes.find('\n', bytes.find("aaa")), std::string::npos);
        std::string back;
        for (const auto& e : events_of(*codec, bytes))
            if (const auto* delta = std::get_if<event::TextDelta>(&e)) back += delta->text;
        EXPECT_TRUE(back == text) << codec->name() << ": " << back.size() << " of " << text.size();
        EXPECT_EQ(bytes.find("\xE2\x80\xA8"), std::string::npos) << "some clients take it for a line's end";
    }
}

TEST(EdgeCase34, ClaudesMaxTokensIsALength) {
    const auto bytes =
        sse({message_start, tool_start(0, "toolu_a"), tool_piece(0, R"({"x":)"), stop_block(0), message_delta("max_tokens"), message_stop});
    EXPECT_THAT(chat_finishes(datas(streamed(anthropic_messages(), bytes, openai_chat()))), ElementsAre("length"));
    const auto body =
        R"({"id":"msg_1","type":"message","role":"assistant","model":"c","content":[{"type":"text","text":"Hi"}],"stop_reason":"max_tokens",
        "usage":{"input_tokens":1,"output_tokens":1}})";
    EXPECT_EQ(answer(anthropic_messages(), body, openai_chat())["choices"][0]["finish_reason"], "length");
    EXPECT_EQ(answer(anthropic_messages(), body, gemini())["candidates"][0]["finishReason"], "MAX_TOKENS");
}

TEST(EdgeCase35, TagsInATextStayText) {
    const std::string text = "<think>not a thought</think>Hi";
    const auto bytes =
        streamed(openai_chat(), sse({chunk(Json{{"content", text}}.dump()), chunk("{}", R"("stop")"), "[DONE]"}), anthropic_messages());
    EXPECT_THAT(messages_words(bytes),
                ElementsAre("message_start", "start0 text", "delta0 text_delta", "stop0", "message_delta end_turn", "message_stop"));
    EXPECT_THAT(bytes, HasSubstr(text));
    const auto body = candidate(Json::array({Json{{"text", text}}}).dump(), R"(,"finishReason":"STOP")");
    const auto message = answer(gemini(), body, openai_chat())["choices"][0]["message"];
    EXPECT_EQ(message["content"], text);
    EXPECT_FALSE(message.contains("reasoning_content"));
}

}  // namespace
}  // namespace smg::codec
