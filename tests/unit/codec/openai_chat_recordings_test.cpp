#include <set>

#include "openai_chat_testing.hpp"
#include "recordings.hpp"

namespace smg::codec {
namespace {

using namespace chat_testing;
using recordings::Endpoint;

/// Recorded requests say things that this codec spells in one way: nulls are left out.
void drop_nulls(Json& value) {
    if (value.is_object()) {
        for (auto it = value.begin(); it != value.end();) {
            if (it->is_null())
                it = value.erase(it);
            else
                drop_nulls(*it++);
        }
    } else if (value.is_array()) {
        for (auto& item : value) drop_nulls(item);
    }
}

/// Where two texts differ, as a JSON patch: recorded bodies are too long to print.
std::string difference(const Json& from, const Json& to) { return Json::diff(from, to).dump().substr(0, 2000); }

Json normalised(Json request) {
    drop_nulls(request);
    if (request.value("stream", true) == false) request.erase("stream");
    if (request.contains("tools") && request["tools"].empty()) request.erase("tools");
    return request;
}

TEST(OpenAiChatRecordings, RequestsSurviveTheRoundTrip) {
    SMG_NEED_RECORDINGS();
    std::size_t count = 0;
    for (const auto& recording : recordings::of("", Endpoint::chat)) {
        if (!recording.has_request()) continue;
        SCOPED_TRACE(recording.id);
        const auto body = recording.request();
        if (recording.has_feature("err400") && Json::parse(body)["messages"].empty()) {
            const auto refused = openai_chat().decode_request(body);
            ASSERT_FALSE(refused);
            EXPECT_EQ(refused.error().param, "messages");
            EXPECT_EQ(refused.error().message, Json::parse(recording.response())["error"]["message"]);
            continue;
        }
        const auto conversation = openai_chat().decode_request(body);
        ASSERT_TRUE(conversation) << conversation.error().message << " at " << conversation.error().param;
        Target target;
        target.model = conversation->model;
        target.strict = true;
        const auto encoded = openai_chat().encode_request(*conversation, target);
        ASSERT_TRUE(encoded) << encoded.error().message;
        EXPECT_EQ(difference(normalised(Json::parse(body)), normalised(Json::parse(encoded->body))), "[]");
        ++count;
    }
    EXPECT_GT(count, 45U);
}

/// What of a recorded answer this codec spells in its own way.
Json normalised_answer(Json answer) {
    drop_nulls(answer);
    for (auto& choice : answer["choices"]) {
        auto& message = choice["message"];
        if (message.contains("reasoning")) {
            message["reasoning_content"] = message["reasoning"];
            message.erase("reasoning");
        }
        if (message.value("content", "x").empty()) message.erase("content");
        if (message.contains("annotations") && message["annotations"].empty()) message.erase("annotations");
        if (message.value("reasoning_content", "x").empty()) message.erase("reasoning_content");
    }
    return answer;
}

TEST(OpenAiChatRecordings, AnswersSurviveTheRoundTrip) {
    SMG_NEED_RECORDINGS();
    std::size_t count = 0;
    for (const auto& recording : recordings::of("", Endpoint::chat)) {
        if (recording.is_sse() || recording.status != 200 || recording.provider == "gemini") continue;
        SCOPED_TRACE(recording.id);
        const auto body = recording.response();
        const auto answer = openai_chat().decode_response(body, {});
        ASSERT_TRUE(answer) << answer.error().message;
        EXPECT_TRUE(answer->usage.any());
        EXPECT_FALSE(answer->choices.empty());
        auto expected = normalised_answer(Json::parse(body));
        auto got = normalised_answer(Json::parse(openai_chat().encode_response(*answer, {})));
        if (recording.provider == "xai") {  // its arithmetic becomes ours
            const auto& usage = expected["usage"];
            const auto reasoning = usage["completion_tokens_details"].value("reasoning_tokens", 0);
            EXPECT_EQ(answer->usage.input.value_or(0) + answer->usage.output.value_or(0), answer->usage.total.value_or(0));
            EXPECT_EQ(answer->usage.output.value_or(0), usage["completion_tokens"].get<std::uint64_t>() + static_cast<std::uint64_t>(reasoning));
            expected.erase("usage");
            got.erase("usage");
        }
        EXPECT_EQ(difference(expected, got), "[]");
        ++count;
    }
    EXPECT_GT(count, 30U);
}

TEST(OpenAiChatRecordings, GeminisCompatibleEndpointDecodes) {
    SMG_NEED_RECORDINGS();
    for (const auto& recording : recordings::of("gemini", Endpoint::chat)) {
        SCOPED_TRACE(recording.id);
        const auto answer = openai_chat().decode_response(recording.response(), {});
        ASSERT_TRUE(answer) << answer.error().message;
        const auto* call = std::get_if<ToolCallPart>(&answer->choices.at(0).parts.at(0));
        ASSERT_TRUE(call);
        EXPECT_FALSE(call->signature.empty());
        EXPECT_FALSE(call->native_id);
        EXPECT_TRUE(call->id.starts_with("call_")) << call->id;
        EXPECT_EQ(answer->choices[0].stop_reason, StopReason::tool_calls);
    }
}

TEST(OpenAiChatRecordings, ErrorsKeepTheirWords) {
    SMG_NEED_RECORDINGS();
    std::size_t count = 0;
    for (const auto& recording : recordings::all()) {
        if (recording.provider != "openai" || recording.status < 400) continue;
        SCOPED_TRACE(recording.id);
        const auto native = Json::parse(recording.response());
        if (!native.contains("error") || !native["error"].is_object()) continue;
        const auto error = openai_chat().decode_error(recording.status, recording.response());
        EXPECT_EQ(error.status, recording.status);
        EXPECT_EQ(error.native_status, recording.status);
        EXPECT_EQ(Json::parse(openai_chat().encode_error(error, "")), native);
        ++count;
    }
    EXPECT_GE(count, 6U);
}

/// Where pieces of this size end.
std::vector<std::size_t> cuts(std::size_t size, std::size_t piece) {
    std::vector<std::size_t> found;
    for (std::size_t at = piece; at < size; at += piece) found.push_back(at);
    return found;
}

TEST(OpenAiChatRecordings, StreamsDecodeTheSameAtEverySplit) {
    SMG_NEED_RECORDINGS();
    std::size_t count = 0;
    for (const auto& recording : recordings::of("", Endpoint::chat)) {
        if (!recording.is_sse()) continue;
        SCOPED_TRACE(recording.id);
        const auto sse = recording.response();
        const auto whole = describe(decode_stream(sse));
        ASSERT_FALSE(whole.empty());
        EXPECT_EQ(whole.back(), "completed");
        for (const std::size_t piece : {1, 2, 3, 7, 1000}) EXPECT_EQ(describe(decode_stream(sse, cuts(sse.size(), piece))), whole) << piece;
        // One cut: anywhere in a short stream; in a long one at some twenty places.
        for (const auto at : cuts(sse.size(), sse.size() < 1300 ? 1 : (sse.size() / 20) | 1))
            ASSERT_EQ(describe(decode_stream(sse, {at})), whole) << "cut at " << at;
        ++count;
    }
    EXPECT_GT(count, 15U);
}

/// Blocks come one after another, numbered from 0, and deltas belong to the open one.
void expect_orderly(const StreamEvents& events) {
    std::map<std::int64_t, std::pair<std::size_t, bool>> state;  // choice → next block, open
    for (const auto& event : events) {
        if (const auto* started = std::get_if<event::BlockStarted>(&event)) {
            auto& [next, open] = state[started->choice];
            EXPECT_FALSE(open);
            EXPECT_EQ(started->block, next);
            open = true;
        } else if (const auto* finished = std::get_if<event::BlockFinished>(&event)) {
            auto& [next, open] = state[finished->choice];
            EXPECT_TRUE(open);
            EXPECT_EQ(finished->block, next++);
            open = false;
        } else if (const auto* text = std::get_if<event::TextDelta>(&event)) {
            EXPECT_TRUE(state[text->choice].second);
            EXPECT_EQ(text->block, state[text->choice].first);
        } else if (const auto* arguments = std::get_if<event::ArgumentsDelta>(&event)) {
            EXPECT_TRUE(state[arguments->choice].second);
            EXPECT_EQ(arguments->block, state[arguments->choice].first);
        } else if (const auto* done = std::get_if<event::ChoiceFinished>(&event)) {
            EXPECT_FALSE(state[done->choice].second);
        }
    }
}

TEST(OpenAiChatRecordings, StreamsSurviveTheRoundTrip) {
    SMG_NEED_RECORDINGS();
    for (const auto& recording : recordings::of("", Endpoint::chat)) {
        if (!recording.is_sse()) continue;
        SCOPED_TRACE(recording.id);
        const auto events = decode_stream(recording.response());
        expect_orderly(events);
        ClientView view;
        view.include_usage = true;
        const auto again = encode_stream(events, view);
        auto first = describe(events), second = describe(decode_stream(again));
        const auto is_usage = [](const std::string& line) { return line.starts_with("usage"); };
        // xAI tells its usage several times, we once; calls without arguments get their braces.
        const auto last_usage = [&](const std::vector<std::string>& lines) {
            std::string last = "usage in 0 out 0 cached ? reasoning ? total 0";
            for (const auto& line : lines)
                if (is_usage(line)) last = line;
            return last;
        };
        EXPECT_EQ(last_usage(first), last_usage(second));
        for (auto* lines : {&first, &second}) {
            std::erase_if(*lines, is_usage);
            for (auto& line : *lines)  // where the vendor gave no reason to finish, we do
                if (line.starts_with("finished ")) line.resize(line.rfind(' '));
        }
        if (recording.id != "openai-compat/chat-toolstream-d0")
            EXPECT_EQ(first, second);
        else
            EXPECT_EQ(first.size() + 1, second.size());
    }
}

TEST(OpenAiChatRecordings, AStreamCutAnywhereIsNeverComplete) {
    SMG_NEED_RECORDINGS();
    for (const auto& recording : recordings::of("", Endpoint::chat)) {
        if (!recording.is_sse()) continue;
        SCOPED_TRACE(recording.id);
        const auto sse = recording.response();
        const auto end = std::min(sse.find("\"finish_reason\":\""), sse.find("[DONE]"));  // two vendors give no reason
        ASSERT_NE(end, std::string::npos);
        for (std::size_t at = 0; at < end; at += 1 + end / 24) {
            const auto events = decode_stream(std::string_view(sse).substr(0, at));
            ASSERT_FALSE(events.empty());
            EXPECT_TRUE(std::holds_alternative<event::Failed>(events.back())) << "cut at " << at;
        }
    }
}

}  // namespace
}  // namespace smg::codec
