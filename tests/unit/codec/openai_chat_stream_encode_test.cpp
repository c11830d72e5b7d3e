#include "openai_chat_testing.hpp"

namespace smg::codec {
namespace {

using namespace chat_testing;

event::Started started(Origin origin = Origin::anthropic) { return {"msg_1", "claude", 7, origin}; }

/// The deltas of choice 0, in order, of a stream that begins with Started.
std::vector<Json> deltas(StreamEvents events, const ClientView& view = {}, Origin origin = Origin::anthropic) {
    events.insert(events.begin(), started(origin));
    std::vector<Json> found;
    for (const auto& chunk : chunks_of(encode_stream(events, view)))
        if (chunk.is_object() && chunk.contains("choices"))
            for (const auto& choice : chunk["choices"]) found.push_back(choice["delta"]);
    EXPECT_FALSE(found.empty());
    if (!found.empty()) found.erase(found.begin());  // the role
    return found;
}

std::vector<Json> jsons(std::initializer_list<std::string_view> texts) {
    std::vector<Json> made;
    for (const auto text : texts) made.push_back(Json::parse(text));
    return made;
}

ToolCallPart call(std::string id, std::string name) {
    ToolCallPart part;
    part.id = std::move(id);
    part.name = std::move(name);
    return part;
}

TEST(OpenAiChatStreamOut, TheBytesOfAStream) {
    const StreamEvents events{started(),
                              event::BlockStarted{0, 0, TextPart{}},
                              event::TextDelta{0, 0, "Hi\n"},
                              event::BlockFinished{0, 0},
                              event::ChoiceFinished{0, StopReason::stop, "end_turn", "", ""},
                              event::Completed{}};
    const std::string head = R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"claude",)"
                             R"("system_fingerprint":null,"choices":[{"index":0,"delta":)";
    EXPECT_EQ(encode_stream(events), head +
                                         R"({"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}]})"
                                         "\n\n" +
                                         head +
                                         R"({"content":"Hi\n"},"logprobs":null,"finish_reason":null}]})"
                                         "\n\n" +
                                         head +
                                         R"({},"logprobs":null,"finish_reason":"stop"}]})"
                                         "\n\n" +
                                         "data: [DONE]\n\n");
}

TEST(OpenAiChatStreamOut, UsageOnlyWhenAskedFor) {
    const StreamEvents events{started(),
                              event::UsageUpdate{{34824, std::nullopt, {}, {}, {}, {}}, "{}"},
                              event::BlockStarted{0, 0, TextPart{}},
                              event::TextDelta{0, 0, "x"},
                              event::BlockFinished{0, 0},
                              event::UsageUpdate{{34347, 5, 30464, 0, {}, {}}, "{}"},
                              event::ChoiceFinished{0, StopReason::length, "max_tokens", "", ""},
                              event::Completed{}};
    ClientView view;
    EXPECT_EQ(encode_stream(events, view).find("\"usage\""), std::string::npos);
    view.include_usage = true;
    const auto chunks = chunks_of(encode_stream(events, view));
    ASSERT_EQ(chunks.size(), 5U);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(chunks[i].at("usage").is_null());
    EXPECT_EQ(chunks[2]["choices"][0]["finish_reason"], "length");
    EXPECT_EQ(chunks[3]["choices"], Json::array());
    EXPECT_EQ(chunks[3]["usage"], Json::parse(R"({"prompt_tokens":34347,"completion_tokens":5,"total_tokens":34352,
        "prompt_tokens_details":{"cached_tokens":30464,"cache_write_tokens":0}})"))
        << "cumulative values replace";
    EXPECT_EQ(chunks[3]["id"], chunks[0]["id"]);
    EXPECT_EQ(chunks[4], "[DONE]");
}

TEST(OpenAiChatStreamOut, ParallelCallsCountFromZero) {
    EXPECT_EQ(deltas({event::BlockStarted{0, 0, TextPart{}}, event::TextDelta{0, 0, "a"}, event::BlockFinished{0, 0},
                      event::BlockStarted{0, 1, call("t1", "f")}, event::ArgumentsDelta{0, 1, ""}, event::ArgumentsDelta{0, 1, "{\"a\""},
                      event::ArgumentsDelta{0, 1, ":1}"}, event::BlockFinished{0, 1}, event::BlockStarted{0, 2, call("t2", "g")},
                      event::BlockFinished{0, 2}}),
              jsons({R"({"content":"a"})", R"({"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"f","arguments":""}}]})",
                     R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"a\""}}]})", R"({"tool_calls":[{"index":0,
            "function":{"arguments":":1}"}}]})",
                     R"({"tool_calls":[{"index":1,"id":"t2","type":"function","function":{"name":"g","arguments":""}}]})",
                     R"({"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]})"}));
}

TEST(OpenAiChatStreamOut, WholeCallsAndSignatures) {
    auto whole = call("t1", "f");
    whole.arguments = "{\"a\":1}";
    whole.signature = "SIG";
    EXPECT_EQ(deltas({event::BlockStarted{0, 0, whole}, event::BlockFinished{0, 0}, event::BlockStarted{0, 1, call("t2", "g")},
                      event::SignatureDelta{0, 1, "LATE"}},
                     {}, Origin::gemini),
              jsons({R"({"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"f","arguments":""},
                "extra_content":{"google":{"thought_signature":"SIG"}}}]})",
                     R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":1}"}}]})",
                     R"({"tool_calls":[{"index":1,"id":"t2","type":"function","function":{"name":"g","arguments":""}}]})",
                     R"({"tool_calls":[{"index":1,"extra_content":{"google":{"thought_signature":"LATE"}}}]})"}));
    EXPECT_EQ(deltas({event::BlockStarted{0, 0, TextPart{}}, event::SignatureDelta{0, 0, "T"}}, {}, Origin::gemini),
              jsons({R"({"extra_content":{"google":{"thought_signature":"T"}}})"}));
}

TEST(OpenAiChatStreamOut, CustomAndDeprecatedCalls) {
    auto custom = call("t1", "h");
    custom.kind = ToolCallPart::Kind::custom;
    EXPECT_EQ(deltas({event::BlockStarted{0, 0, custom}, event::ArgumentsDelta{0, 0, "in"}, event::BlockFinished{0, 0}}),
              jsons({R"({"tool_calls":[{"index":0,"id":"t1","type":"custom","custom":{"name":"h","input":""}}]})",
                     R"({"tool_calls":[{"index":0,"custom":{"input":"in"}}]})"}));
    ClientView old;
    old.legacy_functions = true;
    EXPECT_EQ(deltas({event::BlockStarted{0, 0, call("t1", "f")}, event::ArgumentsDelta{0, 0, "{}"}, event::BlockFinished{0, 0}}, old),
              jsons({R"({"function_call":{"name":"f","arguments":""}})", R"({"function_call":{"arguments":"{}"}})"}));
    const auto chunks = chunks_of(encode_stream({started(), event::BlockStarted{0, 0, call("t1", "f")}, event::BlockFinished{0, 0},
                                                 event::ChoiceFinished{0, StopReason::tool_calls, "tool_use", "", ""}},
                                                old));
    EXPECT_EQ(chunks.back()["choices"][0]["finish_reason"], "function_call");
}

TEST(OpenAiChatStreamOut, ReasoningAndItsSignature) {
    ReasoningPart hidden;
    hidden.redacted = "R";
    EXPECT_EQ(deltas({event::BlockStarted{0, 0, ReasoningPart{}}, event::ReasoningDelta{0, 0, "a"}, event::SignatureDelta{0, 0, "S"},
                      event::BlockFinished{0, 0}, event::BlockStarted{0, 1, hidden}, event::BlockFinished{0, 1},
                      event::BlockStarted{0, 2, ReasoningPart{}}, event::ReasoningDelta{0, 2, "b"}, event::ReasoningDelta{0, 2, "c"}}),
              jsons({R"({"reasoning_content":"a"})",
                     R"({"reasoning_details":[{"type":"thinking","text":"a","signature":"smg1.anthropic.czpT","origin":"anthropic","index":0}]})",
                     R"({"reasoning_details":[{"type":"redacted","data":"smg1.anthropic.cjpS","origin":"anthropic",
            "index":1}]})",
                     R"({"reasoning_content":"\n\nb"})", R"({"reasoning_content":"c"})"}));
}

TEST(OpenAiChatStreamOut, CitationsWaitForTheirPlace) {
    EXPECT_EQ(
        deltas({event::BlockStarted{0, 0, TextPart{}}, event::TextDelta{0, 0, "\xC3\xA9"}, event::BlockFinished{0, 0},
                event::BlockStarted{0, 1, TextPart{}}, event::CitationDelta{0, 1, R"({"type":"web_search_result_location","url":"u","title":"t"})"},
                event::TextDelta{0, 1, "abc"}, event::BlockFinished{0, 1}}),
        jsons({"{\"content\":\"\xC3\xA9\"}", R"({"content":"abc"})",
               R"({"annotations":[{"type":"url_citation","url_citation":{"start_index":1,"end_index":4,"url":"u","title":"t"}}]})"}));
}

TEST(OpenAiChatStreamOut, CitationsInChatsShapeStayAsTheyAre) {
    const std::string citation = R"({"type":"url_citation","url_citation":{"start_index":0,"end_index":3,"url":"u","title":"t"}})";
    for (const auto origin : {Origin::gemini, Origin::openai})
        EXPECT_EQ(deltas({event::BlockStarted{0, 0, TextPart{}}, event::CitationDelta{0, 0, citation}, event::CitationDelta{0, 0, citation},
                          event::BlockFinished{0, 0}},
                         {}, origin)
                      .back()["annotations"]
                      .back(),
                  Json::parse(citation));
}

TEST(OpenAiChatStreamOut, Finishes) {
    const auto finish = [](StopReason reason, std::string native, Origin origin, bool with_call = false) {
        StreamEvents events{started(origin)};
        if (with_call) events.insert(events.end(), {event::BlockStarted{0, 0, call("a", "f")}, event::BlockFinished{0, 0}});
        events.push_back(event::ChoiceFinished{0, reason, std::move(native), "", ""});
        return chunks_of(encode_stream(events)).back()["choices"][0]["finish_reason"].get<std::string>();
    };
    EXPECT_EQ(finish(StopReason::stop, "STOP", Origin::gemini), "stop");
    EXPECT_EQ(finish(StopReason::stop, "STOP", Origin::gemini, true), "tool_calls");
    EXPECT_EQ(finish(StopReason::length, "max_tokens", Origin::anthropic, true), "length");
    EXPECT_EQ(finish(StopReason::tool_calls, "stop", Origin::openai, true), "stop") << "as OpenAI says it after a forced call";
    EXPECT_EQ(finish(StopReason::refusal, "stop", Origin::openai), "stop");
    EXPECT_EQ(finish(StopReason::pause, "pause_turn", Origin::anthropic), "stop");
    const auto refused = chunks_of(encode_stream({started(), event::ChoiceFinished{0, StopReason::refusal, "refusal", "", "why"}}));
    EXPECT_EQ(refused.at(1)["choices"][0]["delta"]["refusal"], "why");
    EXPECT_EQ(refused.at(2)["choices"][0]["finish_reason"], "content_filter");
    const auto sequence = chunks_of(encode_stream({started(), event::ChoiceFinished{0, StopReason::stop_sequence, "stop_sequence", "END", ""}}));
    EXPECT_EQ(sequence.back()["choices"][0]["stop_sequence"], "END");
}

TEST(OpenAiChatStreamOut, AFailureEndsWithoutDone) {
    ProviderError error;
    error.status = 503;
    error.message = "Overloaded";
    error.code = "overloaded";
    StreamEvents events{started(), event::BlockStarted{0, 0, TextPart{}}, event::TextDelta{0, 0, "x"}, event::Failed{error}, event::Completed{}};
    const auto sse = encode_stream(events);
    EXPECT_TRUE(sse.ends_with("data: {\"error\":{\"message\":\"Overloaded\",\"type\":\"server_error\",\"param\":null,\"code\":\"overloaded\"}}\n\n"))
        << sse;
    EXPECT_EQ(sse.find("[DONE]"), std::string::npos);
    EXPECT_EQ(sse.find("\"stop\""), std::string::npos);
    EXPECT_TRUE(std::holds_alternative<event::Failed>(decode_stream(sse).back()));
    EXPECT_EQ(encode_stream({event::Failed{error}}).find("chat.completion.chunk"), std::string::npos);
}

TEST(OpenAiChatStreamOut, LineSeparatorsAreEscaped) {
    const auto sse = encode_stream({started(), event::BlockStarted{0, 0, TextPart{}},
                                    event::TextDelta{0, 0,
                                                     "a\xC2\x85"
                                                     "b\xE2\x80\xA8"
                                                     "c\xE2\x80\xA9\r"}});
    EXPECT_NE(sse.find(R"(a\u0085b\u2028c\u2029\r)"), std::string::npos) << sse;
}

TEST(OpenAiChatStreamOut, ProvidersJsonStaysOnOneLine) {
    const std::string json = "{\n\t\"a\":\r\n\"\xE2\x80\xA8\xE2\x80\xA9\xC2\x85\\n\xC3\xA9\"}";
    ClientView view;
    view.include_usage = true;
    const auto chunks = chunks_of(encode_stream(
        {started(Origin::openai), event::BlockStarted{0, 0, TextPart{}}, event::CitationDelta{0, 0, json}, event::LogprobsDelta{0, json},
         event::TextDelta{0, 0, "x"}, event::Opaque{"delta.audio", json}, event::UsageUpdate{{}, json}, event::Completed{}},
        view));
    ASSERT_EQ(chunks.size(), 6U);
    const auto expected = Json::parse(json);
    EXPECT_EQ(chunks[1]["choices"][0]["delta"]["annotations"][0], expected);
    EXPECT_EQ(chunks[2]["choices"][0]["logprobs"], expected);
    EXPECT_EQ(chunks[3]["choices"][0]["delta"]["audio"], expected);
    EXPECT_EQ(chunks[4]["usage"], expected);
}

TEST(OpenAiChatStreamOut, KeepAlivesAreOneComment) {
    const auto encoder = openai_chat().stream_encoder({});
    EXPECT_EQ(encoder->keep_alive(), ": keep-alive\n");
    std::string out;
    encoder->write(started(), out);
    out += encoder->keep_alive();
    encoder->write(event::BlockStarted{0, 0, TextPart{}}, out);
    encoder->write(event::KeepAlive{}, out);
    encoder->write(event::TextDelta{0, 0, "x"}, out);
    EXPECT_EQ(chunks_of(out).size(), 2U) << "legal between any two events";
}

TEST(OpenAiChatStreamOut, ChoicesAndLogprobs) {
    const auto chunks =
        chunks_of(encode_stream({started(Origin::openai), event::BlockStarted{1, 0, TextPart{}}, event::LogprobsDelta{1, R"({"content":[1]})"},
                                 event::TextDelta{1, 0, "x"}, event::TextDelta{1, 0, "y"}}));
    ASSERT_EQ(chunks.size(), 4U);
    EXPECT_EQ(chunks[1]["choices"][0]["index"], 1);
    EXPECT_EQ(chunks[1]["choices"][0]["delta"]["role"], "assistant");
    EXPECT_EQ(chunks[2]["choices"][0]["logprobs"], Json::parse(R"({"content":[1]})"));
    EXPECT_TRUE(chunks[3]["choices"][0]["logprobs"].is_null());
}

TEST(OpenAiChatStreamOut, WhatTheViewFillsIn) {
    ClientView view;
    view.model = "asked-for";
    view.now = 42;
    view.request_id = "chatcmpl-abc";
    const auto chunk = chunks_of(encode_stream({event::Started{}}, view)).at(0);
    EXPECT_EQ(chunk["id"], "chatcmpl-abc");
    EXPECT_EQ(chunk["model"], "asked-for");
    EXPECT_EQ(chunk["created"], 42);
    EXPECT_EQ(chunks_of(encode_stream({event::Opaque{"ping", "{}"}, event::BlockStarted{0, 0, OpaquePart{}}}, view)).size(), 1U)
        << "foreign extras become nothing but the role";
}

TEST(OpenAiChatStreamOut, ImagesOfAnAnswer) {
    MediaPart image;
    image.media_type = "image/png";
    image.data = "AA";
    EXPECT_EQ(deltas({event::BlockStarted{0, 0, image}, event::BlockFinished{0, 0}}, {}, Origin::gemini),
              jsons({R"({"images":[{"type":"image_url","index":0,"image_url":{"url":"data:image/png;base64,AA"}}]})"}));
}

}  // namespace
}  // namespace smg::codec
