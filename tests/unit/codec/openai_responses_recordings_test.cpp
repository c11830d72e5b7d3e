#include <map>
#include <set>

#include "openai_responses_testing.hpp"
#include "recordings.hpp"

namespace smg::codec {
namespace {

using namespace responses_testing;
using recordings::Endpoint;

std::string difference(const Json& from, const Json& to) { return Json::diff(from, to).dump().substr(0, 2000); }

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

/// What this codec says in one way only.
Json normalised(Json request) {
    drop_nulls(request);
    if (request.value("stream", true) == false) request.erase("stream");
    request["include"] = {"reasoning.encrypted_content"};  // always asked for
    return request;
}

/// Requests that lean on the provider's store are none for a codec without one.
bool needs_store(const Json& request) { return request.contains("previous_response_id") || request.value("background", false); }

TEST(OpenAiResponsesRecordings, RequestsSurviveTheRoundTrip) {
    SMG_NEED_RECORDINGS();
    std::size_t count = 0, stored = 0;
    for (const auto& recording : recordings::of("", Endpoint::responses)) {
        if (!recording.has_request()) continue;
        SCOPED_TRACE(recording.id);
        const auto body = recording.request();
        const auto native = Json::parse(body);
        const auto conversation = openai_responses().decode_request(body);
        if (needs_store(native)) {
            ASSERT_FALSE(conversation);
            EXPECT_NE(conversation.error().message.find("store"), std::string::npos);
            ++stored;
            continue;
        }
        ASSERT_TRUE(conversation) << conversation.error().message << " at " << conversation.error().param;
        Target target;
        target.model = conversation->model;
        target.strict = true;
        EXPECT_EQ(difference(normalised(native), normalised(encode(*conversation, target))), "[]");
        ++count;
    }
    EXPECT_GT(count, 25U);
    EXPECT_EQ(stored, 2U);
}

TEST(OpenAiResponsesRecordings, RequestsReachOtherFormatsWithoutLoss) {
    SMG_NEED_RECORDINGS();
    std::size_t count = 0;
    for (const auto& recording : recordings::of("", Endpoint::responses)) {
        if (!recording.has_request() || needs_store(Json::parse(recording.request()))) continue;
        SCOPED_TRACE(recording.id);
        const auto conversation = decode(recording.request());
        if (recording.has_feature("q:input_file") || !conversation.unknown.empty()) continue;  // an id of OpenAI, or options of its own
        for (const auto* codec : {&openai_chat(), &anthropic_messages(), &gemini()}) {
            SCOPED_TRACE(codec->name());
            Target target;
            target.model = "m";
            target.capabilities.thinking = ModelCapabilities::Thinking::adaptive;
            const auto encoded = codec->encode_request(conversation, target);
            ASSERT_TRUE(encoded) << encoded.error().message;
            for (const auto& name : encoded->adjustments.names())
                EXPECT_TRUE(name == "tools.parameters" || name.starts_with("reasoning_effort") || name.find("chema") != std::string::npos ||
                            name.find("response_format") != std::string::npos || name.find("strict") != std::string::npos ||
                            name.find("temperature") != std::string::npos)
                    << name;
            ++count;
        }
    }
    EXPECT_GT(count, 60U);
}

/// What of a recorded answer this codec spells in its own way.
Json normalised_answer(Json answer) {
    drop_nulls(answer);
    for (auto& item : answer["output"])
        for (auto& part : item.value("type", "") == "message" ? item["content"] : Json::array()) {
            for (const auto* name : {"annotations", "logprobs"})
                if (part.contains(name) && part[name].empty()) part.erase(name);
        }
    for (const auto* setting : {"background", "max_tool_calls", "metadata", "truncation", "top_logprobs", "store"})  // we always say them
        if (answer.contains(setting) &&
            (answer[setting] == 0 || answer[setting] == false || answer[setting] == "disabled" || answer[setting].empty()))
            answer.erase(setting);
    return answer;
}

TEST(OpenAiResponsesRecordings, AnswersSurviveTheRoundTrip) {
    SMG_NEED_RECORDINGS();
    std::size_t count = 0;
    for (const auto& recording : recordings::of("", Endpoint::responses)) {
        if (recording.is_sse() || recording.status != 200) continue;
        SCOPED_TRACE(recording.id);
        const auto native = Json::parse(recording.response());
        const auto answer = openai_responses().decode_response(recording.response(), {});
        ASSERT_TRUE(answer) << answer.error().message;
        ASSERT_EQ(answer->choices.size(), 1U);
        EXPECT_EQ(answer->origin, recording.provider == "xai" ? Origin::xai : Origin::openai);
        if (native["object"] != "response") continue;  // a compaction, which no client asks for through here
        EXPECT_EQ(difference(normalised_answer(native), normalised_answer(Json::parse(openai_responses().encode_response(*answer, {})))), "[]");
        if (native["usage"].is_object() && recording.provenance == "recorded") {
            EXPECT_EQ(*answer->usage.input + *answer->usage.output, *answer->usage.total);
        }
        ++count;
    }
    EXPECT_GT(count, 14U);
}

/// OpenAI encrypts its thoughts once more for the last event, and xAI's thoughts have a status, which a stream tells too late.
void forget_state(Part& part) {
    auto* thought = std::get_if<ReasoningPart>(&part);
    if (!thought) return;
    if (!thought->signature.empty()) thought->signature = "state";
    std::erase_if(thought->extras.framing, [](const auto& member) { return member.first == "status"; });
}

Json output_without_state(Json output) {
    for (auto& item : output) {
        if (item["type"] != "reasoning") continue;
        item.erase("status");
        if (item.contains("encrypted_content")) item["encrypted_content"] = "state";
    }
    return normalised_answer(Json{{"output", output}});
}

/// The blocks of a stream put together into an answer.
Answer folded(const StreamEvents& events) {
    Answer answer;
    answer.choices.emplace_back();
    auto& parts = answer.choices[0].parts;
    struct Fold {
        Answer& answer;
        std::vector<Part>& parts;
        void operator()(const event::Started& e) const {
            answer.id = e.id;
            answer.model = e.model;
            answer.created = e.created;
            answer.origin = e.origin;
        }
        void operator()(const event::BlockStarted& e) const {
            EXPECT_EQ(e.block, parts.size()) << "blocks count up";
            parts.push_back(e.part);
        }
        void operator()(const event::TextDelta& e) const { std::get<TextPart>(at(e.block)).text += e.text; }
        void operator()(const event::RefusalDelta& e) const { std::get<TextPart>(at(e.block)).text += e.text; }
        void operator()(const event::ReasoningDelta& e) const { std::get<ReasoningPart>(at(e.block)).text += e.text; }
        void operator()(const event::SignatureDelta& e) const { std::get<ReasoningPart>(at(e.block)).signature = e.signature; }
        void operator()(const event::ArgumentsDelta& e) const { std::get<ToolCallPart>(at(e.block)).arguments += e.text; }
        void operator()(const event::CitationDelta&) const {}
        void operator()(const event::BlockFinished& e) const { EXPECT_EQ(e.block, parts.size() - 1); }
        void operator()(const event::Opaque&) const {}
        void operator()(const event::LogprobsDelta&) const {}
        void operator()(const event::UsageUpdate& e) const {
            answer.usage = e.usage;
            answer.native_usage = e.native;
        }
        void operator()(const event::ChoiceFinished& e) const {
            answer.choices[0].stop_reason = e.reason;
            answer.choices[0].native_stop_reason = e.native_reason;
        }
        void operator()(const event::Completed&) const {}
        void operator()(const event::Failed& e) const { ADD_FAILURE() << e.error.message; }
        void operator()(const event::KeepAlive&) const {}
        Part& at(std::size_t block) const {
            EXPECT_EQ(block, parts.size() - 1) << "only the open block grows";
            return parts.back();
        }
    };
    for (const auto& event : events) std::visit(Fold{answer, parts}, event);
    return answer;
}

/// The last event's response of a recorded stream (of the first, where a recording holds two).
Json last_response(const std::string& sse) {
    Json response;
    http::SseReader reader;
    EXPECT_TRUE(reader.feed(sse, [&](const http::SseEvent& event) {
        if (event.data == "[DONE]" || !response.is_null()) return;
        auto parsed = Json::parse(event.data);
        if (parsed["type"] == "response.completed") response = parsed["response"];
    }));
    return response;
}

bool fails(const recordings::Recording& recording) { return recording.id.find("midstream-error") != std::string::npos; }

/// Recorded in pieces: two answers behind one another, texts shortened, or an output that the last event leaves out.
bool is_edited(const recordings::Recording& recording) { return recording.provenance != "recorded"; }

TEST(OpenAiResponsesRecordings, AFoldedStreamIsTheAnswer) {
    SMG_NEED_RECORDINGS();
    std::size_t count = 0;
    for (const auto& recording : recordings::of("", Endpoint::responses)) {
        if (!recording.is_sse() || is_edited(recording)) continue;
        SCOPED_TRACE(recording.id);
        const auto sse = recording.response();
        const auto events = decode_stream(sse);
        ASSERT_TRUE(std::holds_alternative<event::Completed>(events.back()));
        const auto stream = folded(events);
        const auto unary = openai_responses().decode_response(last_response(sse).dump(), {});
        ASSERT_TRUE(unary);
        EXPECT_EQ(stream.choices[0].stop_reason, unary->choices[0].stop_reason);
        EXPECT_EQ(stream.usage, unary->usage);
        for (const auto* codec : {&openai_chat(), &anthropic_messages(), &openai_responses()}) {
            // As any client would see them; what only this format's answers hold is left out.
            auto whole = *unary, pieces = stream;
            for (auto* answer : {&whole, &pieces}) {
                answer->format = {};
                answer->unknown.clear();
                answer->service_tier.clear();
                answer->system_fingerprint.clear();
                for (auto& part : answer->choices[0].parts) forget_state(part);
            }
            auto first = Json::parse(codec->encode_response(whole, {})), second = Json::parse(codec->encode_response(pieces, {}));
            EXPECT_EQ(difference(first, second), "[]") << codec->name();
        }
        ++count;
    }
    EXPECT_GT(count, 10U);
}

std::vector<std::string> bytes_of(const StreamEvents& events) {
    std::vector<std::string> pieces;
    const auto encoder = openai_responses().stream_encoder({});
    for (const auto& event : events) encoder->write(event, pieces.emplace_back());
    return pieces;
}

TEST(OpenAiResponsesRecordings, StreamsDecodeTheSameAtEverySplit) {
    SMG_NEED_RECORDINGS();
    std::size_t count = 0;
    for (const auto& recording : recordings::of("", Endpoint::responses)) {
        if (!recording.is_sse()) continue;
        SCOPED_TRACE(recording.id);
        const auto sse = recording.response();
        const auto whole = bytes_of(decode_stream(sse));
        ASSERT_FALSE(whole.empty());
        for (const std::size_t piece : {1, 7, 1000}) EXPECT_EQ(bytes_of(decode_stream(sse, piece)), whole) << piece;
        ++count;
    }
    EXPECT_GT(count, 18U);
}

TEST(OpenAiResponsesRecordings, StreamsSurviveTheRoundTrip) {
    SMG_NEED_RECORDINGS();
    for (const auto& recording : recordings::of("", Endpoint::responses)) {
        if (!recording.is_sse() || fails(recording)) continue;
        SCOPED_TRACE(recording.id);
        const auto sse = recording.response();
        const auto response = judged(encode_stream(decode_stream(sse)));
        const auto native = last_response(sse);
        EXPECT_EQ(response["status"], "completed");
        EXPECT_EQ(response["model"], native.value("model", ""));
        EXPECT_EQ(response["usage"]["total_tokens"], native["usage"]["total_tokens"]);
        if (is_edited(recording)) continue;
        EXPECT_EQ(difference(output_without_state(native["output"]), output_without_state(response["output"])), "[]");
    }
}

TEST(OpenAiResponsesRecordings, AStreamThatFailsSaysSo) {
    SMG_NEED_RECORDINGS();
    std::size_t count = 0;
    for (const auto& recording : recordings::of("openai", Endpoint::responses)) {
        if (!recording.is_sse() || !fails(recording)) continue;
        const auto events = decode_stream(recording.response());
        const auto* failed = std::get_if<event::Failed>(&events.back());
        ASSERT_TRUE(failed);
        EXPECT_EQ(failed->error.status, 429);
        EXPECT_EQ(failed->error.code, "insufficient_quota");
        EXPECT_TRUE(failed->error.should_not_retry);
        const auto response = judged(encode_stream(events));
        EXPECT_EQ(response["error"]["code"], "insufficient_quota");
        ++count;
    }
    EXPECT_EQ(count, 1U);
}

TEST(OpenAiResponsesRecordings, AStreamCutAnywhereIsNeverComplete) {
    SMG_NEED_RECORDINGS();
    for (const auto& recording : recordings::of("", Endpoint::responses)) {
        if (!recording.is_sse()) continue;
        SCOPED_TRACE(recording.id);
        const auto sse = recording.response();
        const auto end = std::min(sse.find("event: response.completed"), sse.find("data: {\"type\":\"response.completed\""));
        for (std::size_t at = 0; at < std::min(end, sse.size()); at += 1 + sse.size() / 24) {
            const auto events = decode_stream(std::string_view(sse).substr(0, at));
            ASSERT_FALSE(events.empty());
            EXPECT_TRUE(std::holds_alternative<event::Failed>(events.back())) << "cut at " << at;
        }
    }
}

TEST(OpenAiResponsesRecordings, ErrorsKeepTheirWords) {
    SMG_NEED_RECORDINGS();
    std::size_t count = 0;
    for (const auto& recording : recordings::of("", Endpoint::responses)) {
        if (recording.status < 400) continue;
        SCOPED_TRACE(recording.id);
        const auto native = Json::parse(recording.response());
        const auto error = openai_responses().decode_error(recording.status, recording.response());
        if (recording.provider == "xai") {
            EXPECT_EQ(error.status, 401) << "a bad key, said with 400";
            EXPECT_EQ(error.message, native["error"]);
        } else {
            EXPECT_EQ(Json::parse(openai_responses().encode_error(error, "")), native);
        }
        ++count;
    }
    EXPECT_EQ(count, 4U);
}

}  // namespace
}  // namespace smg::codec
