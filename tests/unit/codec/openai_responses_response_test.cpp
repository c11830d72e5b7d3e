#include "codec/reasoning_envelope.hpp"
#include "openai_responses_testing.hpp"

namespace smg::codec {
namespace {

using namespace responses_testing;

std::string response_of(std::string_view output, std::string_view members = R"(,"status":"completed")") {
    return R"({"id":"resp_1","object":"response","created_at":7,"model":"gpt-5.4","output":)" + std::string(output) + std::string(members) + "}";
}

Answer decoded(std::string_view body) {
    auto answer = openai_responses().decode_response(body, {});
    EXPECT_TRUE(answer) << answer.error().message;
    if (answer) return std::move(*answer);
    Answer nothing;
    nothing.choices.emplace_back().parts.emplace_back();
    return nothing;
}

Json encoded(const Answer& answer, const ClientView& view = {}) { return Json::parse(openai_responses().encode_response(answer, view)); }

TextPart words(std::string text, bool refusal = false) {
    TextPart part;
    part.text = std::move(text);
    part.refusal = refusal;
    return part;
}

ToolCallPart call(std::string id, std::string name, std::string arguments = {}) {
    ToolCallPart part;
    part.id = std::move(id);
    part.name = std::move(name);
    part.arguments = std::move(arguments);
    return part;
}

Answer answer_of(std::vector<Part> parts, StopReason reason = StopReason::stop, Origin origin = Origin::anthropic) {
    Answer answer;
    answer.id = "msg_01Ab";
    answer.model = "claude";
    answer.created = 7;
    answer.origin = origin;
    auto& choice = answer.choices.emplace_back();
    choice.parts = std::move(parts);
    choice.stop_reason = reason;
    return answer;
}

TEST(OpenAiResponsesAnswerIn, ItemsBecomeParts) {
    const auto answer = decoded(response_of(R"([
        {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"A"}],"encrypted_content":"E"},
        {"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[
            {"type":"output_text","text":"hi","annotations":[{"type":"url_citation","start_index":0,"end_index":2,"url":"https://x","title":"t"}],
             "logprobs":[{"token":"hi","logprob":-0.1,"bytes":[104,105],"top_logprobs":[]}]},{"type":"refusal","refusal":"no"}]},
        {"type":"function_call","id":"fc_1","call_id":"call_1","name":"f","arguments":"{\"a\":1}"},
        {"type":"custom_tool_call","id":"ctc_1","call_id":"call_2","name":"sh","input":"ls"},
        {"type":"web_search_call","id":"ws_1","status":"completed"}])"));
    EXPECT_EQ(answer.format, "openai_responses");
    EXPECT_EQ(answer.id, "resp_1");
    EXPECT_EQ(answer.created, 7);
    const auto& parts = answer.choices.at(0).parts;
    ASSERT_EQ(parts.size(), 6U);
    EXPECT_EQ(std::get<ReasoningPart>(parts[0]).signature, "E");
    EXPECT_EQ(std::get<ReasoningPart>(parts[0]).text, "A");
    EXPECT_EQ(std::get<ReasoningPart>(parts[0]).id, "rs_1");
    EXPECT_EQ(Json::parse(std::get<TextPart>(parts[1]).citations),
              Json::parse(R"([{"type":"url_citation","url_citation":{"start_index":0,"end_index":2,"url":"https://x","title":"t"}}])"));
    EXPECT_EQ(std::get<TextPart>(parts[1]).citations_origin, Origin::openai);
    EXPECT_TRUE(std::get<TextPart>(parts[2]).refusal);
    EXPECT_EQ(std::get<ToolCallPart>(parts[3]).arguments, "{\"a\":1}");
    EXPECT_EQ(std::get<ToolCallPart>(parts[4]).kind, ToolCallPart::Kind::custom);
    EXPECT_EQ(std::get<OpaquePart>(parts[5]).kind, "web_search_call");
    EXPECT_EQ(Json::parse(answer.choices[0].logprobs)["content"][0]["token"], "hi");
    EXPECT_EQ(answer.choices[0].stop_reason, StopReason::tool_calls);
}

TEST(OpenAiResponsesAnswerIn, HowItEnded) {
    constexpr std::string_view text = R"([{"type":"message","id":"m","role":"assistant","content":[{"type":"output_text","text":"x"}]}])";
    const auto reason = [&](std::string_view output, std::string_view members) {
        return decoded(response_of(output, members)).choices[0].stop_reason;
    };
    EXPECT_EQ(reason(text, R"(,"status":"completed")"), StopReason::stop);
    EXPECT_EQ(reason(text, R"(,"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"})"), StopReason::length);
    EXPECT_EQ(reason(text, R"(,"status":"incomplete","incomplete_details":{"reason":"content_filter"})"), StopReason::content_filter);
    EXPECT_EQ(reason(text, R"(,"status":"incomplete","incomplete_details":{"reason":"tomorrow"})"), StopReason::unknown);
    EXPECT_EQ(reason(text, R"(,"status":"cancelled")"), StopReason::unknown);
    EXPECT_EQ(reason("[]", R"(,"status":"queued")"), StopReason::none);
    EXPECT_EQ(reason(R"([{"type":"message","id":"m","role":"assistant","content":[{"type":"refusal","refusal":"no"}]}])", R"(,"status":"completed")"),
              StopReason::refusal);
}

TEST(OpenAiResponsesAnswerIn, Usage) {
    const auto answer = decoded(
        response_of("[]", R"(,"usage":{"input_tokens":204,"input_tokens_details":{"cached_tokens":128,"cache_write_tokens":3},"output_tokens":80,
        "output_tokens_details":{"reasoning_tokens":79},"total_tokens":284,"cost_in_usd_ticks":1})"));
    Usage counted{204, 80, 128, 3, 79, 284};
    counted.cost = 100;  // a tick is 1e-10 dollars
    EXPECT_EQ(answer.usage, counted) << "xAI's reasoning is within the output here";
    EXPECT_EQ(encoded(answer)["usage"]["cost_in_usd_ticks"], 1);
    EXPECT_TRUE(encoded(decoded(response_of("[]")))["usage"].is_null());
}

TEST(OpenAiResponsesAnswerIn, FailuresAreErrors) {
    for (const auto& body : {response_of("[]", R"(,"status":"failed","error":{"code":"server_error","message":"Boom."})"),
                             std::string(R"({"error":{"message":"Boom.","type":"server_error"}})")}) {
        const auto answer = openai_responses().decode_response(body, {});
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().failure, Failure::upstream_error);
        EXPECT_EQ(answer.error().message, "Boom.");
    }
    for (const std::string body : {"", "[]", "{}", R"({"output":{}})", R"({"status":"failed","output":[]})"})
        EXPECT_FALSE(openai_responses().decode_response(body, {})) << body;
}

TEST(OpenAiResponsesAnswerOut, EveryRequiredMemberIsThere) {
    ClientView view;
    view.now = 9;
    auto answer = answer_of({words("Hi")});
    answer.created = 0;
    answer.usage = {30, 5, 10, 4, 2, {}};
    EXPECT_EQ(encoded(answer, view),
              Json::parse(R"({"id":"resp_01Ab","object":"response","created_at":9,"status":"completed","error":null,"incomplete_details":null,
        "model":"claude","output":[{"id":"msg_01Ab_0","type":"message","status":"completed","role":"assistant",
            "content":[{"type":"output_text","text":"Hi","annotations":[],"logprobs":[]}]}],
        "usage":{"input_tokens":30,"input_tokens_details":{"cached_tokens":10,"cache_write_tokens":4},"output_tokens":5,
            "output_tokens_details":{"reasoning_tokens":2},"total_tokens":35},
        "background":false,"instructions":null,"max_output_tokens":null,"max_tool_calls":null,"metadata":{},"parallel_tool_calls":true,
            "previous_response_id":null,
        "prompt_cache_key":null,"reasoning":{"effort":null,"summary":null},"safety_identifier":null,"store":false,"temperature":1,
            "text":{"format":{"type":"text"}},
        "tool_choice":"auto","tools":[],"top_logprobs":0,"top_p":1,"truncation":"disabled","user":null})"));
}

TEST(OpenAiResponsesAnswerOut, SettingsOfTheRequestAreRepeated) {
    const auto request = decode(
        R"({"model":"m","input":"x","instructions":"I","max_output_tokens":9,"metadata":{"k":"v"},"parallel_tool_calls":false,"prompt_cache_key":"p",
        "reasoning":{"effort":"low","summary":"auto"},"safety_identifier":"s","store":true,"temperature":0.5,
            "text":{"format":{"type":"json_object"},"verbosity":"low"},
        "tools":[{"type":"function","name":"f","parameters":{}},{"type":"custom","name":"c","format":{"type":"grammar","syntax":"lark",
            "definition":"x"}},{"type":"web_search"}],
        "tool_choice":{"type":"function","name":"f"},"top_p":0.25,"user":"u"})");
    ClientView view;
    view.request = &request;
    const auto response = encoded(answer_of({}), view);
    const auto expected =
        Json::parse(R"({"instructions":"I","max_output_tokens":9,"metadata":{"k":"v"},"parallel_tool_calls":false,"prompt_cache_key":"p",
        "reasoning":{"effort":"low","summary":"auto"},"safety_identifier":"s","store":false,"temperature":0.5,
            "text":{"format":{"type":"json_object"},"verbosity":"low"},
        "tools":[{"type":"function","name":"f","parameters":{}},{"type":"custom","name":"c","format":{"type":"grammar","syntax":"lark",
            "definition":"x"}},{"type":"web_search"}],
        "tool_choice":{"type":"function","name":"f"},"top_p":0.25,"user":"u"})");
    for (const auto& [name, value] : expected.items()) EXPECT_EQ(response[name], value) << name;
    EXPECT_EQ(response["output"], Json::array());
}

TEST(OpenAiResponsesAnswerOut, PartsInTheirOrder) {
    ReasoningPart thought;
    thought.text = "hm";
    thought.signature = "SIG";
    ReasoningPart redacted;
    redacted.redacted = "DATA";
    auto cited = words("b");
    cited.citations = R"([{"type":"web_search_result_location","url":"https://x","title":"t","cited_text":"c"},{"type":"char_location"}])";
    cited.citations_origin = Origin::anthropic;
    auto custom = call("toolu_2", "sh", "ls");
    custom.kind = ToolCallPart::Kind::custom;
    const auto response =
        encoded(answer_of({thought, redacted, words("a"), cited, words(""), call("toolu_1", "f"), custom, words("c")}, StopReason::tool_calls));
    const auto& output = response["output"];
    ASSERT_EQ(output.size(), 6U) << output.dump(1);
    EXPECT_EQ(output[0]["type"], "reasoning");
    EXPECT_EQ(output[0]["id"], "rs_01Ab_0");
    EXPECT_EQ(output[0]["summary"], Json::parse(R"([{"type":"summary_text","text":"hm"}])"));
    ReasoningPart back;
    open_reasoning(output[0]["encrypted_content"].get<std::string>(), Origin::openai, back);
    EXPECT_EQ(back.signature, "SIG");
    EXPECT_EQ(back.origin, Origin::anthropic);
    open_reasoning(output[1]["encrypted_content"].get<std::string>(), Origin::openai, back);
    EXPECT_EQ(back.redacted, "DATA");
    ASSERT_EQ(output[2]["content"].size(), 2U) << "texts in a row are parts of one message";
    EXPECT_EQ(output[2]["content"][1]["annotations"],
              Json::parse(R"([{"type":"url_citation","start_index":0,"end_index":1,"url":"https://x","title":"t"}])"));
    EXPECT_EQ(output[3],
              Json::parse(R"({"id":"fc_01Ab_3","type":"function_call","status":"completed","call_id":"toolu_1","name":"f","arguments":"{}"})"));
    EXPECT_EQ(output[4],
              Json::parse(R"({"id":"ctc_01Ab_4","type":"custom_tool_call","status":"completed","call_id":"toolu_2","name":"sh","input":"ls"})"));
    EXPECT_EQ(output[5]["content"][0]["text"], "c");
}

TEST(OpenAiResponsesAnswerOut, ThoughtsOfOpenAiStayAsTheyAre) {
    ReasoningPart thought;
    thought.signature = "ENC";
    thought.id = "rs_9";
    for (const auto origin : {Origin::openai, Origin::xai, Origin::unknown}) {
        thought.origin = origin;
        const auto item = encoded(answer_of({thought}, StopReason::stop, Origin::openai))["output"][0];
        EXPECT_EQ(item["encrypted_content"], "ENC");
        EXPECT_EQ(item["id"], "rs_9");
    }
    EXPECT_EQ(encoded(answer_of({ReasoningPart()}, StopReason::stop, Origin::openai))["output"], Json::array()) << "nothing to send back";
}

TEST(OpenAiResponsesAnswerOut, SignaturesOfGeminiStandBeside) {
    auto signed_call = call("c1", "f", "{}");
    signed_call.signature = "CALL";
    auto signed_text = words("done");
    signed_text.signature = "TEXT";
    const auto output = encoded(answer_of({signed_call, call("c2", "f", "{}"), signed_text}, StopReason::tool_calls, Origin::gemini))["output"];
    ASSERT_EQ(output.size(), 5U);
    EXPECT_EQ(open_call(output[0]["encrypted_content"].get<std::string>()), "CALL");
    EXPECT_EQ(output[1]["call_id"], "c1");
    EXPECT_EQ(output[3]["type"], "message");
    EXPECT_EQ(output[4]["type"], "reasoning");
    Json input = Json::array({{{"role", "user"}, {"content", "x"}}});
    for (const auto& item : output) input.push_back(item);
    const auto parts = decode(request_of(input.dump())).turns.at(1).parts;
    ASSERT_EQ(parts.size(), 3U);
    EXPECT_EQ(std::get<ToolCallPart>(parts[0]).signature, "CALL");
    EXPECT_EQ(std::get<ToolCallPart>(parts[1]).signature, "");
    EXPECT_EQ(std::get<TextPart>(parts[2]).signature, "TEXT");
}

TEST(OpenAiResponsesAnswerOut, HowItEnded) {
    const auto ended = [](StopReason reason, std::string refusal = {}, std::vector<Part> parts = {words("x")}) {
        auto answer = answer_of(std::move(parts), reason);
        answer.choices[0].refusal = std::move(refusal);
        auto response = encoded(answer);
        return Json{response["status"], response["incomplete_details"], response["output"].back()["status"],
                    response["output"].back()["content"].back()["type"]};
    };
    EXPECT_EQ(ended(StopReason::stop), Json::parse(R"(["completed",null,"completed","output_text"])"));
    EXPECT_EQ(ended(StopReason::stop_sequence)[0], "completed");
    EXPECT_EQ(ended(StopReason::pause)[0], "completed");
    EXPECT_EQ(ended(StopReason::length), Json::parse(R"(["incomplete",{"reason":"max_output_tokens"},"incomplete","output_text"])"));
    EXPECT_EQ(ended(StopReason::content_filter), Json::parse(R"(["incomplete",{"reason":"content_filter"},"incomplete","output_text"])"));
    EXPECT_EQ(ended(StopReason::refusal), Json::parse(R"(["incomplete",{"reason":"content_filter"},"incomplete","output_text"])"));
    EXPECT_EQ(ended(StopReason::refusal, "I must not."), Json::parse(R"(["completed",null,"completed","refusal"])"));
    EXPECT_EQ(ended(StopReason::refusal, "", {words("No.", true)}), Json::parse(R"(["completed",null,"completed","refusal"])"));
    auto cut = answer_of({words("x"), call("c", "f", "{\"a\":")}, StopReason::length);
    EXPECT_EQ(encoded(cut)["output"][0]["status"], "completed");
    EXPECT_EQ(encoded(cut)["output"][1]["status"], "incomplete");
    EXPECT_EQ(encoded(cut)["output"][1]["arguments"], "{\"a\":");
}

TEST(OpenAiResponsesAnswerOut, ForeignThings) {
    MediaPart image;
    image.media_type = "image/png";
    image.data = "QUJD";
    auto answer = answer_of({image, OpaquePart{"audio", R"({"id":"a","data":"x"})", Origin::openai},
                             OpaquePart{"server_tool_use", R"({"type":"server_tool_use"})", Origin::anthropic}});
    EXPECT_EQ(encoded(answer)["output"], Json::parse(R"([{"id":"ig_01Ab_0","type":"image_generation_call","status":"completed","result":"QUJD"}])"));
    answer.id = "chatcmpl-9";
    EXPECT_EQ(encoded(answer)["id"], "resp_9");
    answer.id.clear();
    ClientView view;
    view.request_id = "req_7";
    view.model = "asked";
    answer.model.clear();
    EXPECT_EQ(encoded(answer, view)["id"], "resp_req_7");
    EXPECT_EQ(encoded(answer, view)["model"], "asked");
    answer.choices[0].logprobs = R"({"content":[{"token":"x","logprob":-1,"bytes":null,"top_logprobs":[]}],"refusal":null})";
    answer.choices[0].parts = {words("x")};
    EXPECT_EQ(encoded(answer)["output"][0]["content"][0]["logprobs"][0]["token"], "x");
}

}  // namespace
}  // namespace smg::codec
