#include "openai_chat_testing.hpp"

namespace smg::codec {
namespace {

using namespace chat_testing;

Answer answer_of(std::string_view body, const RequestMemo& memo = {}) {
    auto answer = openai_chat().decode_response(body, memo);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? std::move(*answer) : Answer();
}

/// An answer whose one choice has this message and reason.
Answer message_of(std::string_view message, std::string_view finish = "\"stop\"", const RequestMemo& memo = {}) {
    return answer_of(R"({"id":"chatcmpl-1","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,"message":)" +
                         std::string(message) + R"(,"finish_reason":)" + std::string(finish) + "}]}",
                     memo);
}

Json encoded(const Answer& answer, const ClientView& view = {}) { return Json::parse(openai_chat().encode_response(answer, view)); }

/// An answer as another format's codec decodes it.
Answer foreign(std::vector<Part> parts, StopReason reason = StopReason::stop, Origin origin = Origin::anthropic) {
    Answer answer;
    answer.id = origin == Origin::anthropic ? "msg_01" : "resp-x";
    answer.model = "claude";
    answer.origin = origin;
    answer.format = origin == Origin::anthropic ? "anthropic_messages" : "gemini";
    auto& choice = answer.choices.emplace_back();
    choice.parts = std::move(parts);
    choice.stop_reason = reason;
    return answer;
}

TextPart text(std::string words) {
    TextPart part;
    part.text = std::move(words);
    return part;
}

TEST(OpenAiChatResponse, Members) {
    const auto answer = answer_of(R"({"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt-4o-2024","choices":[
        {"index":0,"message":{"role":"assistant","content":"hi","refusal":null},"logprobs":{"content":[]},"finish_reason":"stop"},
        {"index":1,"message":{"role":"assistant","content":"ho"},"finish_reason":"length"}],
        "usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":2},
        "completion_tokens_details":{"reasoning_tokens":3}},"service_tier":"default","system_fingerprint":"fp","extra":{"a":1}})");
    EXPECT_EQ(answer.id, "chatcmpl-1");
    EXPECT_EQ(answer.model, "gpt-4o-2024");
    EXPECT_EQ(answer.created, 1700000000);
    EXPECT_EQ(answer.service_tier, "default");
    EXPECT_EQ(answer.system_fingerprint, "fp");
    EXPECT_EQ(answer.format, "openai_chat");
    ASSERT_EQ(answer.choices.size(), 2U);
    EXPECT_EQ(answer.choices[0].logprobs, R"({"content":[]})");
    EXPECT_EQ(answer.choices[1].index, 1);
    EXPECT_EQ(answer.choices[1].stop_reason, StopReason::length);
    EXPECT_EQ(answer.usage, (Usage{10, 5, 4, 2, 3, 15}));
    ASSERT_EQ(answer.unknown.size(), 1U);
    EXPECT_EQ(answer.unknown[0].first, "extra");
}

TEST(OpenAiChatResponse, FinishReasons) {
    const auto reason = [](std::string_view finish, std::string_view message = R"({"content":"x"})") {
        return message_of(message, finish).choices.at(0).stop_reason;
    };
    EXPECT_EQ(reason("\"stop\""), StopReason::stop);
    EXPECT_EQ(reason("\"length\""), StopReason::length);
    EXPECT_EQ(reason("\"model_length\""), StopReason::length);
    EXPECT_EQ(reason("\"content_filter\""), StopReason::content_filter);
    EXPECT_EQ(reason("null"), StopReason::stop);
    EXPECT_EQ(reason("\"weird\""), StopReason::unknown);
    constexpr std::string_view call = R"({"content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]})";
    for (const auto* finish : {"\"tool_calls\"", "\"function_call\"", "\"stop\"", "null", "\"weird\""})
        EXPECT_EQ(reason(finish, call), StopReason::tool_calls) << finish;
    EXPECT_EQ(reason("\"length\"", call), StopReason::length);
    EXPECT_EQ(reason("\"stop\"", R"({"content":null,"refusal":"I cannot"})"), StopReason::refusal);
}

TEST(OpenAiChatResponse, PartsAreInOrder) {
    const auto answer = message_of(R"({"role":"assistant","content":"text","refusal":"no","reasoning_content":"why",
        "tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"n\":12345678901234567890}"}},
                      {"id":"d","type":"custom","custom":{"name":"h","input":"raw"}}],
        "annotations":[{"type":"url_citation"}],"audio":{"id":"a"},"odd":1})",
                                   "\"tool_calls\"");
    const auto& parts = answer.choices[0].parts;
    ASSERT_EQ(parts.size(), 6U);
    EXPECT_EQ(std::get<ReasoningPart>(parts[0]).text, "why");
    EXPECT_EQ(std::get<TextPart>(parts[1]).text, "text");
    EXPECT_EQ(std::get<TextPart>(parts[1]).citations, R"([{"type":"url_citation"}])");
    EXPECT_TRUE(std::get<TextPart>(parts[2]).refusal);
    EXPECT_EQ(std::get<OpaquePart>(parts[3]).kind, "audio");
    EXPECT_EQ(std::get<ToolCallPart>(parts[4]).arguments, R"({"n":12345678901234567890})");
    EXPECT_EQ(std::get<ToolCallPart>(parts[5]).kind, ToolCallPart::Kind::custom);
    ASSERT_EQ(answer.choices[0].unknown.size(), 1U);
    EXPECT_EQ(answer.choices[0].unknown[0].first, "message.odd");
    const auto again = encoded(answer)["choices"][0]["message"];
    EXPECT_EQ(again["odd"], 1);
    EXPECT_EQ(again["audio"]["id"], "a");
    EXPECT_EQ(again["annotations"][0]["type"], "url_citation");
    EXPECT_EQ(again["tool_calls"][1], Json::parse(R"({"id":"d","type":"custom","custom":{"name":"h","input":"raw"}})"));
}

TEST(OpenAiChatResponse, VendorsShapes) {
    const auto mistral = message_of(R"({"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"so"}]})");
    EXPECT_EQ(std::get<ReasoningPart>(mistral.choices[0].parts.at(0)).text, "hm");
    EXPECT_EQ(std::get<TextPart>(mistral.choices[0].parts.at(1)).text, "so");
    const auto router =
        message_of(R"({"content":"x","reasoning":"because","images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}}]})");
    EXPECT_EQ(std::get<ReasoningPart>(router.choices[0].parts.at(0)).text, "because");
    EXPECT_EQ(std::get<MediaPart>(router.choices[0].parts.at(2)).media_type, "image/png");
    const auto object =
        message_of(R"({"tool_calls":[{"function":{"name":"f","arguments":{"a": 1}}},{"id":"","function":{"name":"f","arguments":null}}]})");
    const auto& first = std::get<ToolCallPart>(object.choices[0].parts.at(0));
    const auto& second = std::get<ToolCallPart>(object.choices[0].parts.at(1));
    EXPECT_EQ(first.arguments, R"({"a": 1})");
    EXPECT_FALSE(first.native_id);
    EXPECT_NE(first.id, second.id);
    const auto legacy = message_of(R"({"content":null,"function_call":{"name":"f","arguments":"{}"}})", "\"function_call\"");
    EXPECT_EQ(std::get<ToolCallPart>(legacy.choices[0].parts.at(0)).name, "f");
}

TEST(OpenAiChatResponse, UsageArithmetic) {
    const auto usage = [](std::string_view json) { return answer_of(R"({"choices":[],"usage":)" + std::string(json) + "}").usage; };
    const auto xai = usage(R"({"prompt_tokens":361,"completion_tokens":26,"total_tokens":622,
            "completion_tokens_details":{"reasoning_tokens":235}})");
    EXPECT_EQ(xai.output, 261U) << "reasoning stands beside the completion";
    EXPECT_EQ(xai.reasoning, 235U);
    const auto openai = usage(R"({"prompt_tokens":10,"completion_tokens":26,"total_tokens":36,
            "completion_tokens_details":{"reasoning_tokens":20}})");
    EXPECT_EQ(openai.output, 26U);
    EXPECT_EQ(usage(R"({"prompt_tokens":10,"prompt_cache_hit_tokens":8})").cached, 8U);
    EXPECT_EQ(usage(R"({"prompt_tokens":10,"cached_tokens":7})").cached, 7U);
    EXPECT_EQ(usage(R"({"prompt_tokens":-1,"completion_tokens":"x","total_tokens":1.5})"), Usage());
}

TEST(OpenAiChatResponse, TheMemoTurnsCallsBack) {
    RequestMemo memo;
    memo.custom_tools.insert("grep");
    memo.tool_names["short"] = "the/long name";
    memo.json_tool = "json_response";
    const auto answer = message_of(R"({"content":null,"tool_calls":[
        {"id":"a","type":"function","function":{"name":"grep","arguments":"{\"input\":\"a b\"}"}},
        {"id":"b","type":"function","function":{"name":"grep","arguments":"not json"}},
        {"id":"c","type":"function","function":{"name":"short","arguments":"{}"}}]})",
                                   "\"tool_calls\"", memo);
    const auto& parts = answer.choices[0].parts;
    EXPECT_EQ(std::get<ToolCallPart>(parts.at(0)).kind, ToolCallPart::Kind::custom);
    EXPECT_EQ(std::get<ToolCallPart>(parts.at(0)).arguments, "a b");
    EXPECT_EQ(std::get<ToolCallPart>(parts.at(1)).arguments, "not json");
    EXPECT_EQ(std::get<ToolCallPart>(parts.at(2)).name, "the/long name");
    const auto json =
        message_of(R"({"content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"json_response","arguments":"{\"x\":1}"}}]})",
                   "\"tool_calls\"", memo);
    EXPECT_EQ(std::get<TextPart>(json.choices[0].parts.at(0)).text, "{\"x\":1}");
    EXPECT_EQ(json.choices[0].stop_reason, StopReason::stop);
}

TEST(OpenAiChatResponse, WhatIsNoAnswer) {
    for (const auto* body : {"", "<html>", "[]", "{}", R"({"choices":{}})", R"({"choices":[{}]})", R"({"choices":[{"message":null}]})",
                             R"({"error":{"message":"boom"}})", R"({"choices":[{"message":{"content":""},"error":{"message":"boom"}}]})"}) {
        const auto answer = openai_chat().decode_response(body, {});
        ASSERT_FALSE(answer) << body;
        EXPECT_EQ(answer.error().failure, Failure::upstream_error);
        EXPECT_FALSE(answer.error().message.empty());
    }
    EXPECT_EQ(openai_chat().decode_response(R"({"error":{"message":"boom"}})", {}).error().message, "boom");
}

TEST(OpenAiChatResponseOut, ForeignSkeleton) {
    ClientView view;
    view.now = 99;
    view.model = "asked-for";
    auto answer = foreign({text("a"), text("b")});
    answer.service_tier = "standard";
    answer.usage = {100, 20, 30, 40, 5, std::nullopt};
    answer.native_usage = "{\"input_tokens\":1}";
    answer.unknown.emplace_back("container", "{}");
    EXPECT_EQ(encoded(answer, view), Json::parse(R"({"id":"chatcmpl-01","object":"chat.completion","created":99,"model":"claude","choices":[
        {"index":0,"message":{"role":"assistant","content":"ab","refusal":null},"logprobs":null,"finish_reason":"stop"}],
        "usage":{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,"prompt_tokens_details":{"cached_tokens":30,"cache_write_tokens":40},
        "completion_tokens_details":{"reasoning_tokens":5}},"service_tier":"default","system_fingerprint":null})"));
    answer.model.clear();
    answer.id.clear();
    view.request_id = "req-1";
    EXPECT_EQ(encoded(answer, view)["model"], "asked-for");
    EXPECT_EQ(encoded(answer, view)["id"], "chatcmpl-req-1");
    EXPECT_EQ(encoded(foreign({}, StopReason::stop, Origin::gemini))["id"], "chatcmpl-resp-x");
    EXPECT_EQ(encoded(foreign({}))["choices"][0]["message"]["content"], "") << "an empty answer is an empty text";
    EXPECT_FALSE(encoded(foreign({})).contains("usage"));
}

TEST(OpenAiChatResponseOut, ForeignCalls) {
    ToolCallPart call;
    call.id = "toolu_1";
    call.name = "f";
    auto signed_call = call;
    signed_call.arguments = R"({"a": 1})";
    signed_call.signature = "SIG";
    const auto body = encoded(foreign({call, signed_call}, StopReason::stop))["choices"][0];
    EXPECT_EQ(body["finish_reason"], "tool_calls");
    EXPECT_TRUE(body["message"]["content"].is_null());
    EXPECT_EQ(body["message"]["tool_calls"], Json::parse(R"([{"id":"toolu_1","type":"function","function":{"name":"f","arguments":"{}"}},
        {"id":"toolu_1","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"},
          "extra_content":{"google":{"thought_signature":"SIG"}}}])"));
    ClientView old;
    old.legacy_functions = true;
    const auto legacy = encoded(foreign({signed_call}, StopReason::tool_calls), old)["choices"][0];
    EXPECT_EQ(legacy["finish_reason"], "function_call");
    EXPECT_EQ(legacy["message"]["function_call"], Json::parse(R"({"name":"f","arguments":"{\"a\": 1}"})"));
    EXPECT_FALSE(legacy["message"].contains("tool_calls"));
}

TEST(OpenAiChatResponseOut, ForeignFinishes) {
    const auto word = [](StopReason reason, std::vector<Part> parts = {}) {
        return encoded(foreign(std::move(parts), reason))["choices"][0]["finish_reason"];
    };
    EXPECT_EQ(word(StopReason::stop), "stop");
    EXPECT_EQ(word(StopReason::stop_sequence), "stop");
    EXPECT_EQ(word(StopReason::length), "length");
    EXPECT_EQ(word(StopReason::length, {ToolCallPart()}), "length");
    EXPECT_EQ(word(StopReason::tool_calls), "tool_calls");
    EXPECT_EQ(word(StopReason::content_filter), "content_filter");
    EXPECT_EQ(word(StopReason::refusal), "content_filter");
    EXPECT_EQ(word(StopReason::pause), "stop");
    EXPECT_EQ(word(StopReason::unknown), "stop");
    EXPECT_EQ(word(StopReason::none), "stop");
    EXPECT_EQ(word(StopReason::unknown, {ToolCallPart()}), "tool_calls");
    auto refused = foreign({text("partly")}, StopReason::refusal);
    EXPECT_EQ(encoded(refused)["choices"][0]["message"]["refusal"], "refused");
    refused.choices[0].refusal = "because";
    refused.choices[0].stop_sequence = "END";
    EXPECT_EQ(encoded(refused)["choices"][0]["message"]["refusal"], "because");
    EXPECT_EQ(encoded(refused)["choices"][0]["message"]["content"], "partly");
    EXPECT_EQ(encoded(refused)["choices"][0]["stop_sequence"], "END");
}

TEST(OpenAiChatResponseOut, ForeignReasoning) {
    ReasoningPart one, two, hidden;
    one.text = "first";
    one.signature = "SIG";
    two.text = "second";
    hidden.redacted = "HIDDEN";
    const auto message = encoded(foreign({one, text("a"), two, hidden}))["choices"][0]["message"];
    EXPECT_EQ(message["reasoning_content"], "first\n\nsecond");
    EXPECT_EQ(message["reasoning_details"], Json::parse(R"([{"type":"thinking","text":"first","signature":"smg1.anthropic.czpTSUc",
            "origin":"anthropic","index":0},
        {"type":"redacted","data":"smg1.anthropic.cjpISURERU4","origin":"anthropic","index":2}])"));
    // A client that sends it back is understood.
    auto history = message;
    const auto conversation = decode(request_of("[" + history.dump() + "]"));
    EXPECT_EQ(std::get<ReasoningPart>(conversation.turns[0].parts.at(0)).signature, "SIG");
    EXPECT_EQ(std::get<ReasoningPart>(conversation.turns[0].parts.at(0)).origin, Origin::anthropic);
    EXPECT_EQ(std::get<ReasoningPart>(conversation.turns[0].parts.at(1)).redacted, "HIDDEN");
    auto signed_text = text("t");
    signed_text.signature = "TSIG";
    const auto gemini = encoded(foreign({signed_text}, StopReason::stop, Origin::gemini))["choices"][0]["message"];
    EXPECT_EQ(gemini["extra_content"]["google"]["thought_signature"], "TSIG");
    EXPECT_EQ(std::get<TextPart>(decode(request_of("[" + gemini.dump() + "]")).turns[0].parts.at(0)).signature, "TSIG");
}

TEST(OpenAiChatResponseOut, WhatOpenAiEncryptedIsSealedLikeAnyOther) {
    ReasoningPart part;
    part.text = "hm";
    part.signature = "ENC==";
    part.id = "rs_1";
    auto answer = foreign({part, text("a")}, StopReason::stop, Origin::openai);
    answer.format = "openai_responses";
    const auto message = encoded(answer)["choices"][0]["message"];
    EXPECT_EQ(message.dump().find("ENC=="), std::string::npos) << message;
    EXPECT_EQ(message.dump().find("rs_1"), std::string::npos) << message;
    const auto back = std::get<ReasoningPart>(decode(request_of("[" + message.dump() + "]")).turns[0].parts.at(0));
    EXPECT_EQ(back.signature, "ENC==");
    EXPECT_EQ(back.id, "rs_1");
    EXPECT_EQ(back.origin, Origin::openai);
}

TEST(OpenAiChatResponseOut, WebCitationsGetTheirPlace) {
    auto cited = text("caf\xC3\xA9 is open");
    cited.citations = R"([{"type":"web_search_result_location","url":"https://e","title":"E","cited_text":"x"},{"type":"char_location"}])";
    cited.citations_origin = Origin::anthropic;
    const auto message = encoded(foreign({text("\xC3\xA9\xC3\xA9"), cited}))["choices"][0]["message"];
    EXPECT_EQ(message["annotations"],
              Json::parse(R"([{"type":"url_citation","url_citation":{"url":"https://e","title":"E","start_index":2,"end_index":14}}])"));
    cited.citations = R"([{"type":"char_location"}])";
    EXPECT_FALSE(encoded(foreign({cited}))["choices"][0]["message"].contains("annotations"));
}

TEST(OpenAiChatResponseOut, ForeignExtrasAreNotForOthers) {
    MediaPart image;
    image.media_type = "image/png";
    image.data = "AA";
    const auto message =
        encoded(foreign({image, OpaquePart{"executableCode", "{}", Origin::gemini}, OpaquePart{"server_tool_use", "{}", Origin::anthropic}},
                        StopReason::stop, Origin::gemini))["choices"][0]["message"];
    EXPECT_EQ(message["images"][0]["image_url"]["url"], "data:image/png;base64,AA");
    EXPECT_EQ(message.dump().find("executableCode"), std::string::npos);
    EXPECT_FALSE(message.contains("tool_calls"));
}

TEST(OpenAiChatResponseOut, NativeUsageKeepsItsDetails) {
    const auto body =
        R"({"id":"x","object":"chat.completion","created":1,"model":"m","choices":[],
            "usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"cost":0.10}})";
    EXPECT_NE(openai_chat().encode_response(answer_of(body), {}).find("\"cost\":0.10"), std::string::npos);
}

}  // namespace
}  // namespace smg::codec
