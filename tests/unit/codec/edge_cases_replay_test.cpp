// Histories that other gateways have sent on wrong. The numbers are those of the project's list of edge cases.
#include <gmock/gmock.h>

#include "codec/reasoning_envelope.hpp"
#include "unit/codec/edge_case_testing.hpp"

namespace smg::codec {
namespace {

using namespace edge_testing;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view sentinel = "skip_thought_signature_validator";

Target gemini_3() {
    auto out = target("gemini-3-pro-preview");
    auto& can = out.capabilities;
    can.thinking = ModelCapabilities::Thinking::adaptive;
    can.gemini_thinking_level = can.thought_signatures_required = can.native_tool_ids = true;
    return out;
}

Target claude_manual() {
    auto out = target("claude-sonnet-4-5");
    out.capabilities.thinking = ModelCapabilities::Thinking::manual;
    out.capabilities.max_output_tokens = 64000;
    return out;
}

Target claude_adaptive() {
    auto out = target("claude-opus-4-6");
    out.capabilities.thinking = ModelCapabilities::Thinking::adaptive;
    out.capabilities.max_output_tokens = 128000;
    return out;
}

/// Two parallel calls of Gemini 3, of which the first is signed.
const std::string two_calls = R"({"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"id":"g1","name":"f","args":{"a":1}},
    "thoughtSignature":"SIG1"},{"functionCall":{"id":"g2","name":"f","args":{"a":2}}}]},"finishReason":"STOP"}],"responseId":"r"})";

std::string chat_history(const Json& message, std::initializer_list<std::string_view> ids) {
    Json messages = Json::array({Json{{"role", "user"}, {"content", "x"}}, message});
    for (const auto id : ids) messages.push_back(Json{{"role", "tool"}, {"tool_call_id", id}, {"content", "ok"}});
    return Json{{"model", "m"}, {"messages", messages}}.dump();
}

std::string messages_history(const Json& content, std::initializer_list<std::string_view> ids, const Json& members = Json::object()) {
    Json results = Json::array();
    for (const auto id : ids) results.push_back(Json{{"type", "tool_result"}, {"tool_use_id", id}, {"content", "ok"}});
    Json body{{"model", "m"},
              {"max_tokens", 9000},
              {"messages", Json::array({Json{{"role", "user"}, {"content", "x"}}, Json{{"role", "assistant"}, {"content", content}}})}};
    if (!results.empty()) body["messages"].push_back(Json{{"role", "user"}, {"content", results}});
    body.update(members);
    return body.dump();
}

std::vector<std::string> signatures(const Json& content) {
    std::vector<std::string> out;
    for (const auto& part : content["parts"]) out.push_back(part.value("thoughtSignature", "-"));
    return out;
}

TEST(EdgeCase09, AThoughtSignatureReturnsThroughEveryClient) {
    const auto chat = answer(gemini(), two_calls, openai_chat())["choices"][0]["message"];
    EXPECT_EQ(chat["tool_calls"][0]["extra_content"]["google"]["thought_signature"], "SIG1");
    EXPECT_THAT(signatures(request(openai_chat(), chat_history(chat, {"g1", "g2"}), gemini(), gemini_3()).body["contents"][1]),
                ElementsAre("SIG1", "-"));

    const auto message = answer(gemini(), two_calls, anthropic_messages());
    EXPECT_THAT(
        signatures(request(anthropic_messages(), messages_history(message["content"], {"g1", "g2"}), gemini(), gemini_3()).body["contents"][1]),
        ElementsAre("SIG1", "-"));
    EXPECT_EQ(message["content"][0]["type"], "redacted_thinking") << "a place that agents send back";

    // A stream says the same.
    const auto events = events_of(gemini(), sse({two_calls}));
    const auto words = messages_words(stream_of(anthropic_messages(), events));
    EXPECT_THAT(words, ElementsAre("message_start", "start0 redacted_thinking", "stop0", "start1 tool_use", "delta1 input_json_delta", "stop1",
                                   "start2 tool_use", "delta2 input_json_delta", "stop2", "message_delta tool_use", "message_stop"));
    EXPECT_EQ(open_call(datas(stream_of(anthropic_messages(), events))[1]["content_block"]["data"].get<std::string>()), "SIG1");
}

TEST(EdgeCase09, WithoutOneTheSentinelStandsIn) {
    const Json calls =
        Json::parse(R"({"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},
        {"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]})");
    EXPECT_THAT(signatures(request(openai_chat(), chat_history(calls, {"a", "b"}), gemini(), gemini_3()).body["contents"][1]),
                ElementsAre(sentinel, "-"));
    EXPECT_THAT(signatures(request(openai_chat(), chat_history(calls, {"a", "b"}), gemini(), target("gemini-2.5-flash")).body["contents"][1]),
                ElementsAre("-", "-"))
        << "older models do not ask";
    // A Gemini client whose history another provider gave.
    const auto own = R"({"contents":[{"role":"user","parts":[{"text":"x"}]},{"role":"model","parts":[
        {"text":"hm","thought":true,"thoughtSignature":"smg1.anthropic.czp4"},{"functionCall":{"name":"f","args":{}}}]},
        {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"ok"}}}]}]})";
    EXPECT_THAT(signatures(request(gemini(), own, gemini(), gemini_3()).body["contents"][1]), ElementsAre(sentinel));
}

TEST(EdgeCase10, OnlyTheFirstCallOfAStepIsSigned) {
    // Two steps: the first with its signature, the second without one.
    const Json messages = Json::parse(R"([{"role":"user","content":"x"},
        {"role":"assistant","content":"","tool_calls":[
            {"id":"a","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"SIG"}}},
            {"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"a","content":"1"},{"role":"tool","tool_call_id":"b","content":"2"},
        {"role":"assistant","content":"Next.","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}},
            {"id":"d","type":"function","function":{"name":"f","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"c","content":"1"},{"role":"tool","tool_call_id":"d","content":"2"}])");
    const auto contents = request(openai_chat(), Json{{"model", "m"}, {"messages", messages}}.dump(), gemini(), gemini_3()).body["contents"];
    EXPECT_THAT(signatures(contents[1]), ElementsAre("SIG", "-"));
    EXPECT_THAT(signatures(contents[3]), ElementsAre("-", sentinel, "-")) << "on the call, not on the text before it";
}

TEST(EdgeCase11, IdsStayShortAndArgumentsAreStreamed) {
    const std::string long_signature(4000, 'S');
    auto signed_call = Json::parse(two_calls);
    signed_call["candidates"][0]["content"]["parts"][0]["thoughtSignature"] = long_signature;
    const auto message = answer(gemini(), signed_call.dump(), anthropic_messages());
    for (const auto& block : message["content"]) EXPECT_LE(block.value("id", "").size(), 64U);
    const auto chat = answer(gemini(), signed_call.dump(), openai_chat());
    EXPECT_EQ(chat["choices"][0]["message"]["tool_calls"][0]["id"], "g1");
    std::string arguments;
    for (const auto& data : datas(streamed(gemini(), sse({signed_call.dump()}), anthropic_messages())))
        if (data["type"] == "content_block_delta") arguments += data["delta"].value("partial_json", "");
    EXPECT_EQ(arguments, R"({"a":1}{"a":2})");
}

TEST(EdgeCase12, ParallelResultsAreOneContent) {
    const Json calls =
        Json::parse(R"({"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},
        {"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]})");
    const auto contents = request(openai_chat(), chat_history(calls, {"b", "a"}), gemini(), target()).body["contents"];
    ASSERT_EQ(contents.size(), 3U);
    ASSERT_EQ(contents[2]["parts"].size(), 2U);
    EXPECT_EQ(contents[2]["parts"][0]["functionResponse"]["name"], "f") << "in the order of the calls";
    EXPECT_EQ(contents[2]["parts"][1]["functionResponse"]["name"], "g");
}

TEST(EdgeCase18, ResultsAreOneMessageAndComeFirst) {
    const auto body = R"({"model":"m","max_tokens":10,"messages":[{"role":"user","content":"x"},
        {"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},
            {"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"b","content":"2"},{"role":"user","content":"and?"},{"role":"tool","tool_call_id":"a","content":"1"}]})";
    const auto messages = request(openai_chat(), body, anthropic_messages(), target()).body["messages"];
    ASSERT_EQ(messages.size(), 3U);
    std::vector<std::string> blocks;
    for (const auto& block : messages[2]["content"])
        blocks.push_back(block["type"].get<std::string>() + (block.contains("tool_use_id") ? block["tool_use_id"].get<std::string>() : ""));
    EXPECT_THAT(blocks, ElementsAre("tool_resulta", "tool_resultb", "text"));
    // A Messages client that splits them, towards Chat: each result follows its calls before anything else is said.
    const auto split = R"({"model":"m","max_tokens":10,"messages":[{"role":"user","content":"x"},
        {"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}},{"type":"tool_use","id":"b","name":"f","input":{}}]},
        {"role":"user","content":[{"type":"text","text":"and?"},{"type":"tool_result","tool_use_id":"a","content":"1"}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"b","content":"2"}]}]})";
    std::vector<std::string> roles;
    const auto chat = request(anthropic_messages(), split, openai_chat(), target()).body;
    for (const auto& message : chat["messages"]) roles.push_back(message["role"].get<std::string>() + message.value("tool_call_id", ""));
    EXPECT_THAT(roles, ElementsAre("user", "assistant", "toola", "toolb", "user"));
}

TEST(EdgeCase19, ATurnWhoseTextIsEmptyKeepsItsCalls) {
    for (const auto* content : {R"("")", R"("  \n")", "null", R"([{"type":"text","text":""}])"}) {
        const auto message = Json::parse(R"({"role":"assistant","content":)" + std::string(content) +
                                         R"(,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]})");
        const auto messages = request(openai_chat(), chat_history(message, {"a"}), anthropic_messages(), target()).body["messages"];
        ASSERT_EQ(messages.size(), 3U) << content;
        ASSERT_EQ(messages[1]["content"].size(), 1U) << content;
        EXPECT_EQ(messages[1]["content"][0]["type"], "tool_use");
        EXPECT_EQ(messages[2]["content"][0]["tool_use_id"], "a");
    }
}

TEST(EdgeCase20, ThinkingIsSwitchedOffWhereTheHistoryLacksIt) {
    const auto call = R"("tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}])";
    const auto history = [&](std::string_view reasoning) {
        auto body = Json::parse(chat_history(Json::parse(R"({"role":"assistant","content":null,)" + std::string(reasoning) + call + "}"), {"a"}));
        body["reasoning_effort"] = "high";
        return body.dump();
    };
    const auto without = request(openai_chat(), history(""), anthropic_messages(), claude_manual());
    EXPECT_FALSE(without.body.contains("thinking"));
    EXPECT_THAT(without.adjusted, ElementsAre("reasoning_effort"));
    const auto foreign = request(openai_chat(), history(R"("reasoning_content":"hm",)"), anthropic_messages(), claude_manual());
    EXPECT_FALSE(foreign.body.contains("thinking"));
    EXPECT_THAT(foreign.body.dump(), Not(HasSubstr("hm"))) << "unsigned words are no thinking, and no text either";
    // Thinking that Anthropic signed, as this gateway gave it to the client.
    const auto chat = answer(anthropic_messages(), R"({"id":"msg_1","type":"message","role":"assistant","model":"c","content":[
        {"type":"thinking","thinking":"hm","signature":"EpAB"},{"type":"tool_use","id":"a","name":"f","input":{}}],"stop_reason":"tool_use"})",
                             openai_chat())["choices"][0]["message"];
    auto body = Json::parse(chat_history(chat, {"a"}));
    body["reasoning_effort"] = "high";
    const auto with = request(openai_chat(), body.dump(), anthropic_messages(), claude_manual());
    EXPECT_EQ(with.body["thinking"]["type"], "enabled");
    EXPECT_EQ(with.body["messages"][1]["content"][0], Json::parse(R"({"type":"thinking","thinking":"hm","signature":"EpAB"})"));
    EXPECT_EQ(request(openai_chat(), history(""), anthropic_messages(), claude_adaptive()).body["thinking"]["type"], "adaptive")
        << "adaptive models do not ask for it";
}

TEST(EdgeCase20, AMessagesClientComesBackFromAnotherProvider) {
    // OpenAI answered the step; now the budgeted thinking of this client goes to Anthropic.
    const auto step = answer(openai_chat(), R"({"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":null,
            "reasoning_content":"hm",
        "tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]})",
                             anthropic_messages());
    EXPECT_THAT(step["content"][0]["signature"].get<std::string>(), StartsWith("smg1."));
    const auto members = Json::parse(R"({"thinking":{"type":"enabled","budget_tokens":2000}})");
    const auto sent = request(anthropic_messages(), messages_history(step["content"], {"a"}, members), anthropic_messages(), claude_manual());
    EXPECT_EQ(sent.body["messages"][1]["content"].size(), 1U) << "a forged block is refused";
    EXPECT_EQ(sent.body["thinking"]["type"], "disabled");
    EXPECT_THAT(sent.adjusted, ElementsAre("thinking"));
    // Its own history is left alone.
    const auto own = Json::parse(R"([{"type":"thinking","thinking":"hm","signature":"EpAB"},{"type":"tool_use","id":"a","name":"f","input":{}}])");
    const auto kept = request(anthropic_messages(), messages_history(own, {"a"}, members), anthropic_messages(), claude_manual());
    EXPECT_EQ(kept.body["thinking"]["type"], "enabled");
    EXPECT_EQ(kept.body["messages"][1]["content"], own);
}

/// Bytes that pass unread are the gateway's; what the codec writes back is spelled as it was.
TEST(EdgeCase21, WhatIsSignedOverIsNotSpelledAnew) {
    const std::string_view body = R"({"model":"m","max_tokens":10,"temperature":1.0,"system":[{"type":"text","text":"S"}],
        "tools":[{"name":"f","description":"","input_schema":{"type":"object", "properties":{"b":{"const":1.50},"a":{}}}}],"messages":[
        {"role":"user","content":"x"},{"role":"assistant","content":[{"type":"thinking","thinking":" hm \n","signature":"EpAB+/=="},
        {"type":"tool_use","id":"a","name":"f","input":{"b":1.50,"a":"\u00e9","n":12345678901234567890}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"ok"}]}]})";
    const auto decoded = anthropic_messages().decode_request(body);
    ASSERT_TRUE(decoded);
    const auto encoded = anthropic_messages().encode_request(*decoded, target("m"));
    ASSERT_TRUE(encoded);
    for (const auto* piece :
         {R"("temperature":1.0)", R"({"type":"object", "properties":{"b":{"const":1.50},"a":{}}})",
          R"({"type":"thinking","thinking":" hm \n","signature":"EpAB+/=="})", R"({"b":1.50,"a":"\u00e9","n":12345678901234567890})"})
        EXPECT_THAT(encoded->body, HasSubstr(piece));
    // The same call towards Chat: its arguments are text, so they stay as they are.
    const auto chat = openai_chat().encode_request(*decoded, target("m"));
    ASSERT_TRUE(chat);
    EXPECT_EQ(Json::parse(chat->body)["messages"][2]["tool_calls"][0]["function"]["arguments"],
              R"({"b":1.50,"a":"\u00e9","n":12345678901234567890})");
}

/// OpenAI's reasoning (an item with an id and encrypted content) on its way through clients of other formats, as the Responses codec
/// hands it over: it stays next to the call that it led to.
TEST(EdgeCase30, OpenAisReasoningReturnsWholeAndInItsPlace) {
    ReasoningPart reasoning;
    reasoning.origin = Origin::openai;
    reasoning.id = "rs_123";
    reasoning.signature = "gAAAAencrypted==";
    reasoning.text = "A summary.";
    ToolCallPart call;
    call.id = "call_1";
    call.name = "f";
    call.arguments = "{}";
    for (const auto* summary : {"A summary.", ""}) {
        reasoning.text = summary;
        Answer from;
        from.id = "resp_1";
        from.origin = Origin::openai;
        from.choices.emplace_back().parts = {reasoning, call};
        from.choices[0].stop_reason = StopReason::tool_calls;
        StreamEvents events{event::Started{"resp_1", "gpt", 1, Origin::openai}};
        ReasoningPart open = reasoning;
        open.text.clear();
        open.signature.clear();
        events.emplace_back(event::BlockStarted{0, 0, open});
        if (*summary) events.emplace_back(event::ReasoningDelta{0, 0, summary});
        events.emplace_back(event::SignatureDelta{0, 0, reasoning.signature});
        events.emplace_back(event::BlockFinished{0, 0});
        events.emplace_back(event::BlockStarted{0, 1, call});
        events.emplace_back(event::BlockFinished{0, 1});
        events.emplace_back(event::ChoiceFinished{0, StopReason::tool_calls, {}, {}, {}});
        events.emplace_back(event::Completed{});

        const auto expect_back = [&](const Result<Conversation>& back) {
            ASSERT_TRUE(back);
            const auto& parts = back->turns[1].parts;
            ASSERT_EQ(parts.size(), 2U);
            const auto* first = std::get_if<ReasoningPart>(&parts[0]);
            ASSERT_TRUE(first);
            EXPECT_EQ(first->origin, Origin::openai);
            EXPECT_EQ(first->id, "rs_123");
            EXPECT_EQ(first->signature, reasoning.signature);
            EXPECT_EQ(first->text, summary);
            EXPECT_TRUE(std::holds_alternative<ToolCallPart>(parts[1]));
        };
        const auto message = Json::parse(anthropic_messages().encode_response(from, view()));
        expect_back(anthropic_messages().decode_request(messages_history(message["content"], {"call_1"})));
        const auto chat = Json::parse(openai_chat().encode_response(from, view()))["choices"][0]["message"];
        expect_back(openai_chat().decode_request(chat_history(chat, {"call_1"})));
        const auto google = Json::parse(gemini().encode_response(from, view()))["candidates"][0]["content"];
        expect_back(gemini().decode_request(
            Json{{"contents", Json::array({Json::parse(R"({"role":"user","parts":[{"text":"x"}]})"), google,
                                           Json::parse(R"({"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]})")})}}
                .dump()));

        // Streams say the same, the signature in one piece.
        Json blocks = Json::array();
        for (const auto& data : datas(stream_of(anthropic_messages(), events))) {
            if (data["type"] == "content_block_start") blocks.push_back(data["content_block"]);
            if (data["type"] != "content_block_delta") continue;
            if (data["delta"].contains("thinking"))
                blocks.back()["thinking"] = blocks.back()["thinking"].get<std::string>() + data["delta"]["thinking"].get<std::string>();
            if (data["delta"].contains("signature")) blocks.back()["signature"] = data["delta"]["signature"];
        }
        EXPECT_EQ(blocks, message["content"]);
        Json details = Json::array();
        for (const auto& data : datas(stream_of(openai_chat(), events)))
            if (data.is_object() && !data["choices"].empty())
                for (const auto& detail : data["choices"][0]["delta"].value("reasoning_details", Json::array())) details.push_back(detail);
        EXPECT_EQ(details, chat["reasoning_details"]);

        // Elsewhere it is neither forged nor told as text.
        for (const auto* other : {&anthropic_messages(), &gemini(), &openai_chat()}) {
            const auto sent = request(anthropic_messages(), messages_history(message["content"], {"call_1"}), *other, claude_manual());
            EXPECT_THAT(sent.body.dump(), testing::AllOf(Not(HasSubstr("smg1.")), Not(HasSubstr("gAAAA")), Not(HasSubstr("A summary"))))
                << other->name();
        }
    }
}

TEST(EdgeCase36, SystemMessagesWithinMessagesAreTaken) {
    const auto body = R"({"model":"m","max_tokens":10,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"y"},
        {"role":"user","content":"z"},{"role":"system","content":"Be brief."}]})";
    const auto chat = request(anthropic_messages(), body, openai_chat(), target()).body["messages"];
    EXPECT_EQ(chat[3]["content"], "Be brief.");
    EXPECT_THAT(chat[3]["role"].get<std::string>(), testing::AnyOf("system", "developer"));
    const auto google = request(anthropic_messages(), body, gemini(), target()).body["contents"];
    EXPECT_EQ(google[2]["parts"][1]["text"], "<system>Be brief.</system>");
    EXPECT_EQ(request(anthropic_messages(), body, anthropic_messages(), target()).body["messages"][3]["role"], "system");
}

}  // namespace
}  // namespace smg::codec
