#include <optional>
#include <tuple>

#include "openai_responses_testing.hpp"
#include "recordings.hpp"

namespace smg::codec {
namespace {

using namespace responses_testing;
using recordings::Endpoint;

const Codec* codec_of(Endpoint endpoint) {
    switch (endpoint) {
        case Endpoint::chat: return &openai_chat();
        case Endpoint::messages: return &anthropic_messages();
        case Endpoint::generate: return &gemini();
        default: return nullptr;
    }
}

bool fails(const StreamEvents& events) { return events.empty() || std::holds_alternative<event::Failed>(events.back()); }

TEST(OpenAiResponsesTranslation, EveryRecordedStreamObeysTheSdks) {
    SMG_NEED_RECORDINGS();
    std::size_t count = 0;
    for (const auto& recording : recordings::all()) {
        const auto* codec = codec_of(recording.endpoint);
        if (!codec || !recording.is_sse()) continue;
        SCOPED_TRACE(recording.id);
        const auto events = decode_stream(*codec, recording.response());
        const auto response = judged(encode_stream(events));
        EXPECT_EQ(response["status"] == "failed", fails(events));
        ++count;
    }
    EXPECT_GT(count, 40U);
}

TEST(OpenAiResponsesTranslation, EveryRecordedAnswerComesBackWhole) {
    SMG_NEED_RECORDINGS();
    std::size_t count = 0;
    for (const auto& recording : recordings::all()) {
        const auto* codec = codec_of(recording.endpoint);
        if (!codec || recording.is_sse() || recording.status != 200) continue;
        const auto answer = codec->decode_response(recording.response(), {});
        if (!answer || answer->choices.empty()) continue;
        SCOPED_TRACE(recording.id);
        const auto response = Json::parse(openai_responses().encode_response(*answer, {}));
        const auto back = openai_responses().decode_response(response.dump(), {});
        ASSERT_TRUE(back) << back.error().message;
        std::string said, said_back;
        std::vector<std::string> calls, calls_back;
        for (const auto& [from, text, ids] : {std::tuple(&*answer, &said, &calls), std::tuple(&*back, &said_back, &calls_back)})
            for (const auto& part : from->choices[0].parts) {
                if (const auto* words = std::get_if<TextPart>(&part)) *text += words->text;
                if (const auto* call = std::get_if<ToolCallPart>(&part)) ids->push_back(call->id + call->name);
            }
        if (answer->choices[0].refusal.empty()) { EXPECT_EQ(said, said_back); }
        EXPECT_EQ(calls, calls_back);
        EXPECT_EQ(back->usage.input.value_or(0), answer->usage.input.value_or(0));
        EXPECT_EQ(back->usage.output.value_or(0), answer->usage.output.value_or(0));
        // What a client sends back must be taken.
        Json input = Json::array({{{"role", "user"}, {"content", "x"}}});
        for (const auto& item : response["output"]) input.push_back(item);
        input.push_back({{"role", "user"}, {"content", "y"}});
        const auto request = openai_responses().decode_request(request_of(input.dump()));
        EXPECT_TRUE(request) << request.error().message;
        ++count;
    }
    EXPECT_GT(count, 60U);
}

/// What a stream says, whatever its blocks are.
struct Said {
    std::string text, arguments;
    std::vector<std::string> calls;
    StopReason reason = StopReason::none;
    std::optional<std::uint64_t> output;
};

Said said_in(const StreamEvents& events) {
    Said said;
    for (const auto& event : events) {
        if (const auto* begun = std::get_if<event::BlockStarted>(&event))
            if (const auto* call = std::get_if<ToolCallPart>(&begun->part)) said.calls.push_back(call->id + " " + call->name);
        if (const auto* delta = std::get_if<event::TextDelta>(&event)) said.text += delta->text;
        if (const auto* delta = std::get_if<event::ArgumentsDelta>(&event)) said.arguments += delta->text;
        if (const auto* usage = std::get_if<event::UsageUpdate>(&event); usage && usage->usage.output) said.output = usage->usage.output;
        if (const auto* end = std::get_if<event::ChoiceFinished>(&event)) said.reason = end->reason;
    }
    return said;
}

TEST(OpenAiResponsesTranslation, RecordedStreamsReachOtherClients) {
    SMG_NEED_RECORDINGS();
    std::size_t count = 0;
    for (const auto& recording : recordings::of("", Endpoint::responses)) {
        if (!recording.is_sse()) continue;
        const auto events = decode_stream(recording.response());
        if (fails(events) || recording.id.find("refusal") != std::string::npos) continue;
        SCOPED_TRACE(recording.id);
        ClientView view;
        view.include_usage = true;
        const auto first = said_in(events);
        for (const auto* codec : {&openai_chat(), &anthropic_messages()}) {
            SCOPED_TRACE(codec->name());
            const auto again = decode_stream(*codec, encode_stream(*codec, events, view));
            ASSERT_FALSE(fails(again));
            const auto second = said_in(again);
            EXPECT_EQ(first.text, second.text);
            EXPECT_EQ(first.calls, second.calls);
            EXPECT_EQ(first.reason, second.reason);
            EXPECT_EQ(first.output, second.output);
            if (recording.id.find("custom") == std::string::npos) { EXPECT_EQ(first.arguments, second.arguments); }
        }
        ++count;
    }
    EXPECT_GT(count, 15U);
}

TEST(OpenAiResponsesTranslation, SignedThinkingOfClaudeMakesTheRoundTrip) {
    const auto answer = anthropic_messages().decode_response(
        R"({"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[{"type":"thinking","thinking":"hm",
            "signature":"SIG"},{"type":"redacted_thinking","data":"DATA"},
        {"type":"text","text":"ok"},{"type":"tool_use","id":"toolu_1","name":"f","input":{"a":1}}],"stop_reason":"tool_use","stop_sequence":null,
        "usage":{"input_tokens":10,"cache_read_input_tokens":5,"cache_creation_input_tokens":2,"output_tokens":3}})",
        {});
    ASSERT_TRUE(answer);
    const auto response = Json::parse(openai_responses().encode_response(*answer, {}));
    EXPECT_EQ(response["usage"]["input_tokens"], 17);
    EXPECT_EQ(response["usage"]["input_tokens_details"], Json::parse(R"({"cached_tokens":5,"cache_write_tokens":2})"));
    Json input = Json::array({{{"role", "user"}, {"content", "x"}}});
    for (const auto& item : response["output"]) input.push_back(item);
    input.push_back({{"type", "function_call_output"}, {"call_id", "toolu_1"}, {"output", "r"}});
    const auto request =
        decode(R"({"model":"m","tools":[{"type":"function","name":"f","parameters":{"type":"object"}}],"input":)" + input.dump() + "}");
    Target target;
    target.model = "claude";
    target.strict = true;
    const auto encoded = anthropic_messages().encode_request(request, target);
    ASSERT_TRUE(encoded) << encoded.error().message;
    EXPECT_EQ(Json::parse(encoded->body)["messages"][1]["content"],
              Json::parse(R"([{"type":"thinking","thinking":"hm","signature":"SIG"},{"type":"redacted_thinking","data":"DATA"},
        {"type":"text","text":"ok"},{"type":"tool_use","id":"toolu_1","name":"f","input":{"a":1}}])"));
}

TEST(OpenAiResponsesTranslation, SignedCallsOfGeminiMakeTheRoundTrip) {
    const auto answer = gemini().decode_response(
        R"({"responseId":"r","modelVersion":"gemini-3","candidates":[{"index":0,"finishReason":"STOP","content":{"role":"model","parts":[
        {"functionCall":{"id":"g1","name":"f","args":{"a":1}},"thoughtSignature":"U0lH"},{"functionCall":{"id":"g2","name":"f","args":{}}}]}}]})",
        {});
    ASSERT_TRUE(answer);
    const auto response = Json::parse(openai_responses().encode_response(*answer, {}));
    EXPECT_EQ(response["status"], "completed");
    Json input = Json::array({{{"role", "user"}, {"content", "x"}}});
    for (const auto& item : response["output"]) input.push_back(item);
    for (const auto* id : {"g1", "g2"}) input.push_back({{"type", "function_call_output"}, {"call_id", id}, {"output", "r"}});
    const auto request =
        decode(R"({"model":"m","tools":[{"type":"function","name":"f","parameters":{"type":"object"}}],"input":)" + input.dump() + "}");
    Target target;
    target.model = "gemini-3";
    target.capabilities.native_tool_ids = true;
    target.capabilities.thought_signatures_required = true;
    const auto encoded = gemini().encode_request(request, target);
    ASSERT_TRUE(encoded) << encoded.error().message;
    const auto parts = Json::parse(encoded->body)["contents"][1]["parts"];
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(parts[0]["thoughtSignature"], "U0lH");
    EXPECT_FALSE(parts[1].contains("thoughtSignature"));
}

TEST(OpenAiResponsesTranslation, AResponsesAnswerForOtherClients) {
    const auto answer = openai_responses().decode_response(
        R"({"id":"resp_1","object":"response","created_at":7,"status":"completed","model":"gpt-5.6","output":[
        {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"ENC"},
        {"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"ok","annotations":[]}]},
        {"type":"function_call","id":"fc_1","call_id":"call_1","name":"f","arguments":"{\"a\":1}"}],
        "usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":5,
            "output_tokens_details":{"reasoning_tokens":2},"total_tokens":15}})",
        {});
    ASSERT_TRUE(answer);
    const auto chat = Json::parse(openai_chat().encode_response(*answer, {}));
    EXPECT_EQ(chat["choices"][0]["finish_reason"], "tool_calls");
    EXPECT_EQ(chat["choices"][0]["message"]["content"], "ok");
    EXPECT_EQ(chat["choices"][0]["message"]["reasoning_content"], "hm");
    EXPECT_EQ(chat["choices"][0]["message"]["tool_calls"][0]["id"], "call_1");
    EXPECT_EQ(chat["usage"]["completion_tokens_details"]["reasoning_tokens"], 2);
    const auto message = Json::parse(anthropic_messages().encode_response(*answer, {}));
    EXPECT_EQ(message["stop_reason"], "tool_use");
    EXPECT_EQ(message["usage"]["input_tokens"], 6);
    EXPECT_EQ(message["content"].back()["input"], Json::parse(R"({"a":1})"));
}

TEST(OpenAiResponsesTranslation, AllowedToolsAndSerialCallsReachEveryone) {
    const auto request = decode(request_with(R"(,"parallel_tool_calls":false,"tools":[{"type":"function","name":"f","parameters":{"type":"object"}},
        {"type":"function","name":"g","parameters":{"type":"object"}}],"tool_choice":{"type":"allowed_tools","mode":"required",
            "tools":[{"type":"function","name":"g"}]})"));
    Target target;
    target.model = "m";
    const auto chat = openai_chat().encode_request(request, target);
    ASSERT_TRUE(chat);
    EXPECT_EQ(Json::parse(chat->body)["tool_choice"]["allowed_tools"]["tools"][0]["function"]["name"], "g");
    EXPECT_EQ(Json::parse(chat->body)["parallel_tool_calls"], false);
    const auto claude = anthropic_messages().encode_request(request, target);
    ASSERT_TRUE(claude);
    EXPECT_EQ(Json::parse(claude->body)["tool_choice"]["disable_parallel_tool_use"], true);
}

}  // namespace
}  // namespace smg::codec
