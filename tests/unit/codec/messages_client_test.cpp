// A client that speaks Messages, served by Chat and by Gemini: what each of its blocks and settings becomes, and what it reads in return.
#include <gmock/gmock.h>

#include "unit/codec/edge_case_testing.hpp"

namespace smg::codec {
namespace {

using namespace edge_testing;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string body_of(std::string_view messages, std::string_view members = "") {
    return R"({"model":"m","max_tokens":100,"messages":)" + std::string(messages) + std::string(members) + "}";
}
std::string content_of(std::string_view blocks, std::string_view members = "") {
    return body_of(R"([{"role":"user","content":)" + std::string(blocks) + "}]", members);
}
std::string with(std::string_view members) { return body_of(R"([{"role":"user","content":"x"}])", members); }

Translated chat(const std::string& body, std::string model = "gpt-4.1") {
    return request(anthropic_messages(), body, openai_chat(), target(std::move(model)));
}

Target gemini_target(bool third = true) {
    auto out = target("gemini");
    out.capabilities.thinking = ModelCapabilities::Thinking::adaptive;
    out.capabilities.native_tool_ids = out.capabilities.gemini_thinking_level = third;
    return out;
}
Translated google(const std::string& body, bool third = true) { return request(anthropic_messages(), body, gemini(), gemini_target(third)); }

Error refusal(const std::string& body, const Codec& to) {
    const auto conversation = anthropic_messages().decode_request(body);
    EXPECT_TRUE(conversation);
    if (!conversation) return Error(Failure::internal_error);
    auto encoded = to.encode_request(*conversation, gemini_target());
    EXPECT_FALSE(encoded) << encoded->body;
    return encoded ? Error(Failure::internal_error) : encoded.error();
}

TEST(MessagesClient, InstructionsKeepTheirPlace) {
    const auto body = body_of(R"([{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"},
        {"role":"system","content":"Now be brief."}])",
                              R"(,"system":[{"type":"text","text":"S1"},{"type":"text","text":"S2"}])");
    const auto messages = chat(body).body["messages"];
    EXPECT_EQ(messages[0], Json::parse(R"({"role":"system","content":[{"type":"text","text":"S1"},{"type":"text","text":"S2"}]})"));
    EXPECT_EQ(messages[4], Json::parse(R"({"role":"system","content":"Now be brief."})"));
    EXPECT_EQ(chat(body, "gpt-5.1").body["messages"][0]["role"], "developer") << "of a reasoning model";
    const auto sent = google(body).body;
    EXPECT_EQ(sent["systemInstruction"]["parts"], Json::parse(R"([{"text":"S1"},{"text":"S2"}])"));
    EXPECT_EQ(sent["contents"][2]["parts"][1]["text"], "<system>Now be brief.</system>");
}

TEST(MessagesClient, ImagesAndDocuments) {
    const auto body = content_of(R"([{"type":"text","text":"Look"},
        {"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0K"}},
        {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="},"title":"a.pdf"},
        {"type":"document","source":{"type":"text","media_type":"text/plain","data":"plain"}},
        {"type":"document","source":{"type":"content","content":[{"type":"text","text":"one"},{"type":"text","text":"two"}]}}])");
    EXPECT_EQ(chat(body).body["messages"][0]["content"],
              Json::parse(R"([{"type":"text","text":"Look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0K"}},
        {"type":"file","file":{"file_data":"data:application/pdf;base64,JVBERi0=","filename":"a.pdf"}},{"type":"text","text":"plain"},
        {"type":"text","text":"one\ntwo"}])"));
    EXPECT_EQ(google(body).body["contents"][0]["parts"], Json::parse(R"([{"text":"Look"},{"inlineData":{"mimeType":"image/png","data":"iVBORw0K"}},
        {"inlineData":{"mimeType":"application/pdf","data":"JVBERi0="}},{"text":"plain"},{"text":"one\ntwo"}])"));
    const auto by_url = content_of(R"([{"type":"image","source":{"type":"url","url":"https://e/x.png"}}])");
    EXPECT_EQ(chat(by_url).body["messages"][0]["content"][0]["image_url"]["url"], "https://e/x.png");
    EXPECT_EQ(refusal(by_url, gemini()).param, "messages[0].content[0]");
    const auto document = content_of(R"([{"type":"document","source":{"type":"url","url":"https://e/x.pdf"}}])");
    EXPECT_EQ(refusal(document, openai_chat()).param, "messages[0].content[0]");
    EXPECT_EQ(refusal(content_of(R"([{"type":"image","source":{"type":"file","file_id":"file_1"}}])"), openai_chat()).param,
              "messages[0].content[0]");
}

TEST(MessagesClient, ResultsWithImagesAndFailures) {
    const auto body =
        body_of(R"([{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"f","input":{"a":1}},
        {"type":"tool_use","id":"t2","name":"g","input":{}}]},{"role":"user","content":[
        {"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"seen"},
            {"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0K"}}]},
        {"type":"tool_result","tool_use_id":"t2","is_error":true,"content":"broken"},{"type":"text","text":"Go on."}]}])");
    const auto messages = chat(body).body["messages"];
    ASSERT_EQ(messages.size(), 6U);
    EXPECT_EQ(messages[1]["tool_calls"][0]["function"], Json::parse(R"({"name":"f","arguments":"{\"a\":1}"})"));
    EXPECT_EQ(messages[2], Json::parse(R"({"role":"tool","tool_call_id":"t1","content":"seen"})"));
    EXPECT_EQ(messages[3], Json::parse(R"({"role":"tool","tool_call_id":"t2","content":"Error: broken"})"));
    EXPECT_EQ(messages[4]["content"][0]["text"], "[attachment of tool result t1]");
    EXPECT_EQ(messages[4]["content"][1]["type"], "image_url");
    EXPECT_EQ(messages[5], Json::parse(R"({"role":"user","content":"Go on."})"));
    const auto parts = google(body).body["contents"][2]["parts"];
    EXPECT_EQ(parts[0]["functionResponse"]["parts"][0]["inlineData"]["data"], "iVBORw0K");
    EXPECT_EQ(parts[1]["functionResponse"]["response"], Json::parse(R"({"error":"broken"})"));
    const auto older = google(body, false).body["contents"][2]["parts"];
    EXPECT_FALSE(older[0]["functionResponse"].contains("parts"));
    EXPECT_FALSE(older[0]["functionResponse"].contains("id")) << "which older models do not know";
    EXPECT_EQ(older[3]["inlineData"]["data"], "iVBORw0K");
}

TEST(MessagesClient, ACompactionIsNotForgotten) {
    const auto body = body_of(R"([{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"compaction","content":"We spoke of cats."},
        {"type":"text","text":" Yes."}]},{"role":"user","content":"And?"}])");
    EXPECT_EQ(chat(body).body["messages"][1]["content"], "We spoke of cats. Yes.");
    EXPECT_EQ(google(body).body["contents"][1]["parts"], Json::parse(R"([{"text":"We spoke of cats."},{"text":" Yes."}])"));
}

TEST(MessagesClient, ServerToolsInTheHistoryAreLeftOutWithTheirResults) {
    const auto body = body_of(R"([{"role":"user","content":"x"},{"role":"assistant","content":[
        {"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"q"}},
        {"type":"web_search_tool_result","tool_use_id":"s","content":[]},{"type":"text","text":"Found."}]},{"role":"user","content":"ok"}])");
    const auto sent = chat(body);
    EXPECT_EQ(sent.body["messages"][1], Json::parse(R"({"role":"assistant","content":"Found."})"));
    EXPECT_THAT(sent.adjusted, ElementsAre("messages.server_tool_use", "messages.web_search_tool_result"));
    EXPECT_EQ(google(body).body["contents"][1]["parts"], Json::parse(R"([{"text":"Found."}])"));
}

TEST(MessagesClient, ToolsOfAnthropicThatTheClientRunsAreDescribed) {
    const auto body = with(R"(,"tools":[{"type":"bash_20250124","name":"bash"},{"type":"text_editor_20250728","name":"str_replace_based_edit_tool"},
        {"type":"memory_20250818","name":"memory"},{"type":"web_search_20250305","name":"web_search"},{"name":"mine",
            "input_schema":{"type":"object"}}])");
    const auto sent = chat(body);
    ASSERT_EQ(sent.body["tools"].size(), 4U);
    EXPECT_EQ(sent.body["tools"][0]["function"]["name"], "bash");
    EXPECT_TRUE(sent.body["tools"][0]["function"]["parameters"]["properties"].contains("command"));
    EXPECT_EQ(sent.body["tools"][1]["function"]["parameters"]["required"], Json::parse(R"(["command","path"])"));
    EXPECT_THAT(sent.adjusted, ElementsAre("tools.web_search"));
    EXPECT_EQ(google(body).body["tools"][0]["functionDeclarations"].size(), 4U);
    EXPECT_THAT(google(body).adjusted, ElementsAre("tools.web_search"));
    const auto own = request(anthropic_messages(), body, anthropic_messages(), target("m")).body["tools"];
    EXPECT_EQ(own, Json::parse(body)["tools"]) << "Anthropic knows them by heart";
    const auto computer = with(R"(,"tools":[{"type":"computer_20251124","name":"computer","display_width_px":1,"display_height_px":1}])");
    EXPECT_EQ(refusal(computer, openai_chat()).param, "tools[0].type");
    EXPECT_EQ(refusal(computer, openai_responses()).param, "tools[0].type");
    EXPECT_EQ(refusal(computer, gemini()).param, "tools[0].type");
}

TEST(MessagesClient, AToolThatIsStrictByAnthropicsRulesAlone) {
    const auto tool = [](const std::string& schema) { return with(R"(,"tools":[{"name":"f","strict":true,"input_schema":)" + schema + "}]"); };
    const std::string closed = R"("additionalProperties":false,"required":["a"])";
    const auto nested = [&](const std::string& inner) { return R"({"type":"object","properties":{"a":)" + inner + "}," + closed + "}"; };
    const std::string optional = R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},)" + closed + "}";
    for (const auto& loose : {optional, nested(optional), nested(R"({"type":"array","items":)" + optional + "}"),
                              nested(R"({"type":["object","null"]})"), nested(R"({"allOf":[]})"),
                              nested(R"({"anyOf":[{"type":"null"},)" + optional + "]}"),
                              std::string(R"({"type":"object","properties":{}})")}) {
        const auto sent = chat(tool(loose));
        EXPECT_EQ(sent.body["tools"][0]["function"]["strict"], false) << loose;
        EXPECT_THAT(sent.adjusted, ElementsAre("tools.strict=false")) << loose;
        const auto responses = request(anthropic_messages(), tool(loose), openai_responses(), target("gpt-5.4"));
        EXPECT_EQ(responses.body["tools"][0]["strict"], false) << loose;
        EXPECT_THAT(responses.adjusted, ElementsAre("tools.strict=false")) << loose;
    }
    for (const auto& fit : {nested(R"({"type":"string"})"), nested(R"({"type":["array","null"],"items":{"$ref":"#/$defs/x"}})"),
                            nested(nested(R"({"anyOf":[{"type":"null"},{"type":"number"}]})"))}) {
        const auto sent = chat(tool(fit));
        EXPECT_EQ(sent.body["tools"][0]["function"]["strict"], true) << fit;
        EXPECT_THAT(sent.adjusted, ElementsAre()) << fit;
    }
}

TEST(MessagesClient, AnImageThatAnAnswerCannotHoldIsNamed) {
    const std::string part = R"({"inlineData":{"mimeType":"image/png","data":"iVBORw0K"}})";
    const auto candidates = R"({"candidates":[{"content":{"role":"model","parts":[)" + part + R"(]},"finishReason":"STOP","index":0}]})";
    const auto answer = gemini().decode_response(candidates, {});
    ASSERT_TRUE(answer);
    const auto content = Json::parse(anthropic_messages().encode_response(*answer, view()))["content"];
    ASSERT_EQ(content.size(), 1U);
    EXPECT_THAT(content[0]["text"].get<std::string>(), HasSubstr("image/png left out"));
    EXPECT_EQ(content[0].dump().find("iVBOR"), std::string::npos);
    const auto events = datas(streamed(gemini(), sse({candidates}), anthropic_messages()));
    ASSERT_EQ(events.size(), 6U);
    EXPECT_EQ(events[2]["delta"]["text"], content[0]["text"]);
    EXPECT_EQ(events[3]["type"], "content_block_stop");
}

TEST(MessagesClient, Settings) {
    const auto sent = chat(with(R"(,"temperature":0.5,"top_p":0.9,"top_k":5,"stop_sequences":["a","b","c","d","e"],"metadata":{"user_id":"u"},
        "service_tier":"standard_only","context_management":{"edits":[]},"output_config":{"format":{"type":"json_schema",
            "schema":{"type":"object"}}})"));
    EXPECT_EQ(sent.body["max_completion_tokens"], 100);
    EXPECT_EQ(sent.body["temperature"], 0.5);
    EXPECT_EQ(sent.body["stop"].size(), 4U);
    EXPECT_EQ(sent.body["safety_identifier"], "u");
    EXPECT_FALSE(sent.body.contains("metadata"));
    EXPECT_EQ(sent.body["service_tier"], "default");
    EXPECT_EQ(sent.body["response_format"]["json_schema"], Json::parse(R"({"name":"output","schema":{"type":"object"},"strict":false})"));
    EXPECT_THAT(sent.adjusted, testing::UnorderedElementsAre("top_k", "context_management"));
    const auto third = google(with(R"(,"temperature":0.5,"top_k":5,"stop_sequences":["a"],"metadata":{"user_id":"u"},
        "output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}})"));
    EXPECT_EQ(third.body["generationConfig"],
              Json::parse(R"({"maxOutputTokens":100,"temperature":0.5,"topK":5,"stopSequences":["a"],"responseMimeType":"application/json",
        "responseJsonSchema":{"type":"object"}})"));
    EXPECT_THAT(third.adjusted, ElementsAre("metadata.user_id"));
    EXPECT_FALSE(chat(with(R"(,"tools":[],"tool_choice":{"type":"auto"})")).body.contains("tool_choice")) << "OpenAI refuses an empty list";
    for (const auto* name : {"thread", "compaction"})
        for (const auto* codec : {&openai_chat(), &gemini()}) EXPECT_EQ(refusal(with(",\"" + std::string(name) + "\":{}"), *codec).param, name);
}

TEST(MessagesClient, Thinking) {
    const auto level = [](const std::string& members) {
        return google(with(members)).body.value("generationConfig", Json::object()).value("thinkingConfig", Json());
    };
    EXPECT_EQ(level(R"(,"thinking":{"type":"disabled"})")["thinkingLevel"], "MINIMAL");
    EXPECT_EQ(level(R"(,"thinking":{"type":"enabled","budget_tokens":20000})"), Json::parse(R"({"thinkingLevel":"HIGH","includeThoughts":true})"));
    EXPECT_EQ(level(R"(,"thinking":{"type":"adaptive"},"output_config":{"effort":"low"})")["thinkingLevel"], "LOW");
    EXPECT_EQ(level(""), Json()) << "who does not speak of thinking is not told thoughts";
    EXPECT_FALSE(level(R"(,"thinking":{"type":"adaptive","display":"omitted"},"output_config":{"effort":"low"})").contains("includeThoughts"));
}

TEST(MessagesClient, FormatAndFunctionsTogetherOnAnOlderGemini) {
    const auto body = with(R"(,"tools":[{"name":"f","input_schema":{"type":"object"}}],
        "output_config":{"format":{"type":"json_schema","schema":{"type":"object","title":"T"}}})");
    const auto older = google(body, false);
    EXPECT_FALSE(older.body["generationConfig"].contains("responseMimeType"));
    EXPECT_THAT(older.body["systemInstruction"].dump(), HasSubstr("JSON Schema"));
    EXPECT_THAT(older.adjusted, ElementsAre("output_config.format"));
    const auto third = google(body);
    EXPECT_EQ(third.body["generationConfig"]["responseMimeType"], "application/json");
    EXPECT_THAT(third.adjusted, IsEmpty());
}

// ---- what it reads

std::string completion(std::string_view message, std::string_view finish, std::string_view usage = "{}") {
    return R"({"id":"chatcmpl-abc","object":"chat.completion","model":"gpt","choices":[{"index":0,"message":)" + std::string(message) +
           R"(,"finish_reason":")" + std::string(finish) + R"("}],"usage":)" + std::string(usage) + "}";
}

TEST(MessagesClient, ReadsAnAnswer) {
    const auto message =
        answer(openai_chat(),
               completion(R"({"role":"assistant","content":"Hi","reasoning_content":"hm","tool_calls":[
        {"id":"c","type":"function","function":{"name":"f","arguments":""}}]})",
                          "tool_calls",
                          R"({"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"completion_tokens_details":{"reasoning_tokens":2}})"),
               anthropic_messages());
    EXPECT_EQ(message["id"], "msg_abc");
    EXPECT_EQ(message["type"], "message");
    std::vector<std::string> blocks;
    for (const auto& block : message["content"]) blocks.push_back(block["type"]);
    EXPECT_THAT(blocks, ElementsAre("thinking", "text", "tool_use"));
    EXPECT_EQ(message["content"][2], Json::parse(R"({"type":"tool_use","id":"c","name":"f","input":{}})"));
    for (const auto* name : {"stop_sequence", "stop_details", "container"}) EXPECT_TRUE(message.contains(name) && message[name].is_null()) << name;
    EXPECT_EQ(message["usage"]["output_tokens_details"]["thinking_tokens"], 2);
}

TEST(MessagesClient, ReadsWhyAnAnswerEnded) {
    const auto reason = [](std::string_view message, std::string_view finish) {
        return answer(openai_chat(), completion(message, finish), anthropic_messages())["stop_reason"].get<std::string>();
    };
    const auto text = R"({"role":"assistant","content":"x"})";
    EXPECT_EQ(reason(text, "stop"), "end_turn");
    EXPECT_EQ(reason(text, "length"), "max_tokens");
    EXPECT_EQ(reason(text, "content_filter"), "refusal");
    EXPECT_EQ(reason(R"({"role":"assistant","content":null,"refusal":"No."})", "stop"), "refusal");
    EXPECT_EQ(answer(openai_chat(), completion(R"({"role":"assistant","content":null,"refusal":"No."})", "stop"),
                     anthropic_messages())["content"][0]["text"],
              "No.");
    const auto cut = answer(openai_chat(),
                            completion(R"({"role":"assistant","content":null,"tool_calls":[
        {"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":"}}]})",
                                       "length"),
                            anthropic_messages());
    EXPECT_EQ(cut["stop_reason"], "max_tokens");
    EXPECT_EQ(cut["content"][0]["input"], Json::object());
    const auto broken = answer(openai_chat(),
                               completion(R"({"role":"assistant","content":null,"tool_calls":[
        {"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":"}}]})",
                                          "tool_calls"),
                               anthropic_messages());
    EXPECT_EQ(broken["content"][0]["input"], Json::parse(R"({"_raw":"{\"a\":"})"));
}

TEST(MessagesClient, ReadsInterleavedCallsOneAfterTheOther) {
    const auto piece = [](int index, std::string_view members) {
        return chunk(R"({"tool_calls":[{"index":)" + std::to_string(index) + "," + std::string(members) + "}]}");
    };
    const auto bytes =
        streamed(openai_chat(),
                 sse({piece(0, R"("id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":"})"),
                      piece(1, R"("id":"b","type":"function","function":{"name":"g","arguments":"{\"y\":"})"),
                      piece(0, R"("function":{"arguments":"1}"})"), piece(1, R"("function":{"arguments":"2}"})"), chunk("{}", R"("tool_calls")"),
                      R"({"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}})", "[DONE]"}),
                 anthropic_messages());
    std::vector<std::string> inputs;
    for (const auto& data : datas(bytes)) {
        if (data["type"] == "content_block_start") inputs.emplace_back();
        if (data["type"] == "content_block_delta") inputs.at(data["index"].get<std::size_t>()) += data["delta"]["partial_json"].get<std::string>();
        if (data["type"] == "message_delta") { EXPECT_EQ(data["usage"]["output_tokens"], 4) << "the count that comes after the finish"; }
    }
    EXPECT_THAT(inputs, ElementsAre(R"({"x":1})", R"({"y":2})"));
    EXPECT_THAT(bytes, Not(HasSubstr("[DONE]")));
}

TEST(MessagesClient, ReadsErrorsInItsOwnWords) {
    const auto type = [](int status, std::string_view body) {
        return Json::parse(anthropic_messages().encode_error(openai_chat().decode_error(status, body), "req_1"));
    };
    const auto of = [&](int status) {
        return type(status, R"({"error":{"message":"m","type":"t","code":null}})")["error"]["type"].get<std::string>();
    };
    EXPECT_EQ(of(400), "invalid_request_error");
    EXPECT_EQ(of(403), "permission_error");
    EXPECT_EQ(of(404), "not_found_error");
    EXPECT_EQ(of(413), "request_too_large");
    EXPECT_EQ(of(429), "rate_limit_error");
    EXPECT_EQ(of(500), "api_error");
    EXPECT_EQ(of(504), "timeout_error");
    EXPECT_EQ(type(503, R"({"error":{"message":"The engine is overloaded","type":"server_error","code":"overloaded"}})")["error"]["type"],
              "overloaded_error");
    EXPECT_THAT(type(400, R"({"error":{"message":"too many","type":"invalid_request_error","code":"context_length_exceeded"}})")["error"]["message"]
                    .get<std::string>(),
                testing::StartsWith("prompt is too long"));
    EXPECT_EQ(type(400, "{}")["request_id"], "req_1");
}

TEST(MessagesClient, LearnsThatNobodyKeepsAThread) {
    const auto body = R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}],"thread":{"type":"create"}})";
    const auto conversation = anthropic_messages().decode_request(body);
    ASSERT_TRUE(conversation);
    for (const auto* to : {&openai_chat(), &openai_responses(), &gemini()}) {
        const auto encoded = to->encode_request(*conversation, Target());
        ASSERT_FALSE(encoded);
        ProviderError error;
        error.status = 400;
        error.param = encoded.error().param;
        const auto told = Json::parse(anthropic_messages().encode_error(error, "req_1"))["error"];
        EXPECT_EQ(told["details"]["error_code"], "thread_unsupported_request") << told;
        error.param = "messages";
        EXPECT_FALSE(Json::parse(anthropic_messages().encode_error(error, "req_1"))["error"].contains("details"));
    }
}

}  // namespace
}  // namespace smg::codec
