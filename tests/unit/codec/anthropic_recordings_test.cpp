/// Recorded Messages traffic through the codec: nothing fails to decode, and a round trip loses nothing.
#include "http/sse.hpp"
#include "unit/codec/anthropic_testing.hpp"
#include "unit/codec/recordings.hpp"

namespace smg::codec {
namespace {

using namespace messages_testing;
using recordings::Endpoint;
using recordings::Recording;

/// What says the same is made the same: `stream: false` is what is meant by its absence.
nlohmann::json meaning(const std::string& body) {
    auto json = nlohmann::json::parse(body);
    if (json.contains("stream") && json["stream"] == false) json.erase("stream");
    return json;
}

std::vector<Recording> with_status(int status) {
    auto all = recordings::of("", Endpoint::messages);
    std::erase_if(all, [&](const Recording& r) { return r.status != status; });
    return all;
}

TEST(AnthropicRecordings, RequestsSurviveTheRoundTrip) {
    SMG_NEED_RECORDINGS();
    std::size_t seen = 0;
    for (const auto& recording : recordings::of("anthropic", Endpoint::messages)) {
        if (!recording.has_request()) continue;
        SCOPED_TRACE(recording.id);
        const auto body = recording.request();
        const auto conversation = decode(body);
        Target to;
        to.model = conversation.model;
        const auto encoded = encode(conversation, to);
        EXPECT_EQ(meaning(encoded.text), meaning(body));
        EXPECT_TRUE(encoded.adjusted.empty());
        EXPECT_EQ(encode(decode(encoded.text), to).text, encoded.text);
        ++seen;
    }
    EXPECT_GT(seen, 30U);
}

/// A conversation that says it is Chat's goes through everything that translates.
TEST(AnthropicRecordings, RequestsCanBeTranslated) {
    SMG_NEED_RECORDINGS();
    for (const auto& recording : recordings::of("anthropic", Endpoint::messages)) {
        if (!recording.has_request()) continue;
        SCOPED_TRACE(recording.id);
        auto conversation = decode(recording.request());
        conversation.format = "openai_chat";
        auto encoded = anthropic_messages().encode_request(conversation, target(conversation.model));
        if (!encoded) {
            EXPECT_NE(encoded.error().param, "") << encoded.error().message;
            continue;
        }
        const auto again = decode(encoded->body);
        EXPECT_FALSE(again.turns.empty());
    }
}

TEST(AnthropicRecordings, AnswersSurviveTheRoundTrip) {
    SMG_NEED_RECORDINGS();
    std::size_t seen = 0;
    for (const auto& recording : with_status(200)) {
        if (recording.is_sse()) continue;
        SCOPED_TRACE(recording.id);
        const auto body = recording.response();
        const auto answer = anthropic_messages().decode_response(body, {});
        ASSERT_TRUE(answer) << answer.error().message;
        auto expected = nlohmann::json::parse(body);
        for (const auto* name : {"stop_details", "container"})
            if (!expected.contains(name)) expected[name] = nullptr;
        EXPECT_EQ(nlohmann::json::parse(anthropic_messages().encode_response(*answer, {})), expected);
        EXPECT_EQ(answer->usage.input.value_or(0), expected["usage"]["input_tokens"].get<std::uint64_t>() +
                                                       expected["usage"].value("cache_read_input_tokens", 0ULL) +
                                                       expected["usage"].value("cache_creation_input_tokens", 0ULL));
        ++seen;
    }
    EXPECT_GT(seen, 20U);
}

TEST(AnthropicRecordings, ErrorsKeepTheirWordsAndStatus) {
    SMG_NEED_RECORDINGS();
    std::size_t seen = 0;
    for (const auto& recording : recordings::all()) {
        if (recording.provider != "anthropic" || recording.status < 400) continue;
        SCOPED_TRACE(recording.id);
        const auto body = recording.response();
        const auto expected = nlohmann::json::parse(body);
        const auto error = anthropic_messages().decode_error(recording.status, body);
        EXPECT_EQ(error.status, recording.status);
        EXPECT_EQ(error.message, expected["error"]["message"]);
        EXPECT_EQ(nlohmann::json::parse(anthropic_messages().encode_error(error, expected["request_id"].get<std::string>())), expected);
        ++seen;
    }
    EXPECT_GE(seen, 3U);
}

// ---- streams

using Feed = std::function<void(http::SseReader&, const std::function<void(const http::SseEvent&)>&)>;

StreamEvents events_of(const Feed& feed) {
    auto decoder = anthropic_messages().stream_decoder({});
    http::SseReader reader;
    StreamEvents out;
    feed(reader, [&](const http::SseEvent& e) { decoder->on_event(e.name, e.data, out); });
    decoder->on_end(out);
    return out;
}

StreamEvents events_of(const std::string& bytes) {
    return events_of([&](auto& reader, const auto& on_event) { ASSERT_TRUE(reader.feed(bytes, on_event)); });
}

/// As Messages events: easy to compare, and the encoder gets its share of the test.
std::string encoded(const StreamEvents& events) {
    auto encoder = anthropic_messages().stream_encoder({});
    std::string out;
    for (const auto& event : events) encoder->write(event, out);
    return out;
}

/// The message that a client puts together, as Anthropic's own clients do it.
nlohmann::json assembled(const std::string& bytes) {
    nlohmann::json message;
    std::map<std::size_t, std::string> inputs;
    http::SseReader reader;
    const auto on_event = [&](const http::SseEvent& e) {
        const auto json = nlohmann::json::parse(e.data);
        ASSERT_EQ(json.at("type").get<std::string>(), e.name);
        if (e.name == "message_start") {
            if (message.is_null()) message = json.at("message");
        } else if (e.name == "content_block_start") {
            ASSERT_EQ(json.at("index").get<std::size_t>(), message["content"].size());
            message["content"].push_back(json.at("content_block"));
        } else if (e.name == "content_block_delta") {
            const auto index = json.at("index").get<std::size_t>();
            auto& block = message["content"].at(index);
            const auto& delta = json.at("delta");
            const auto type = delta.at("type").get<std::string>();
            const auto append = [&](const char* name) { block[name] = block[name].get<std::string>() + delta.at(name).get<std::string>(); };
            if (type == "text_delta") append("text");
            if (type == "thinking_delta") append("thinking");
            if (type == "signature_delta") block["signature"] = delta.at("signature");
            if (type == "input_json_delta") inputs[index] += delta.at("partial_json").get<std::string>();
            if (type == "citations_delta") block["citations"].push_back(delta.at("citation"));
        } else if (e.name == "message_delta") {
            message.update(json.at("delta"));
            message["usage"].update(json.at("usage"));
        }
    };
    EXPECT_TRUE(reader.feed(bytes, on_event));
    for (const auto& [index, text] : inputs) message["content"][index]["input"] = nlohmann::json::parse(text.empty() ? "{}" : text);
    for (const auto* name : {"stop_details", "container"})
        if (!message.contains(name)) message[name] = nullptr;
    // A start may announce citations by an empty list; the end of it says the same without.
    for (auto& block : message["content"])
        if (block.contains("citations") && block["citations"].empty()) block.erase("citations");
    return message;
}

std::vector<Recording> streams() {
    auto all = with_status(200);
    std::erase_if(all, [](const Recording& r) { return !r.is_sse(); });
    return all;
}

TEST(AnthropicRecordings, StreamsSayTheSameAfterTheRoundTrip) {
    SMG_NEED_RECORDINGS();
    std::size_t seen = 0;
    for (const auto& recording : streams()) {
        SCOPED_TRACE(recording.id);
        const auto bytes = recording.response();
        const auto events = events_of(bytes);
        ASSERT_TRUE(std::holds_alternative<event::Completed>(events.back()));
        EXPECT_EQ(assembled(encoded(events)), assembled(bytes));
        EXPECT_EQ(encoded(events_of(encoded(events))), encoded(events));
        ++seen;
    }
    EXPECT_GT(seen, 15U);
}

/// The decoder sees whole events only, so equal events at every split mean equal answers; some splits go all the way.
TEST(AnthropicRecordings, StreamsSayTheSameAtEverySplit) {
    SMG_NEED_RECORDINGS();
    const auto split_at = [](const std::string& bytes, std::size_t at, auto& reader, const auto& on_event) {
        ASSERT_TRUE(reader.feed(std::string_view(bytes).substr(0, at), on_event));
        ASSERT_TRUE(reader.feed(std::string_view(bytes).substr(at), on_event));
    };
    for (const auto& recording : streams()) {
        SCOPED_TRACE(recording.id);
        const auto bytes = recording.response();
        const auto text_of = [&](std::size_t at) {
            std::string text;
            http::SseReader reader;
            split_at(bytes, at, reader, [&](const http::SseEvent& e) { text.append(e.name).append("\n").append(e.data).append("\n"); });
            return text;
        };
        const auto whole_text = text_of(0);
        for (std::size_t at = 1; at < bytes.size(); ++at) ASSERT_EQ(text_of(at), whole_text) << "split at " << at;
        const auto whole = encoded(events_of(bytes));
        for (std::size_t at = 1; at < bytes.size(); at += bytes.size() / 40 + 1)
            ASSERT_EQ(encoded(events_of([&](auto& reader, const auto& on_event) { split_at(bytes, at, reader, on_event); })), whole)
                << "split at " << at;
        const auto bytewise = events_of([&](auto& reader, const auto& on_event) {
            for (const char& c : bytes) ASSERT_TRUE(reader.feed(std::string_view(&c, 1), on_event));
        });
        EXPECT_EQ(encoded(bytewise), whole);
    }
}

TEST(AnthropicRecordings, AStreamCutAnywhereIsNeverComplete) {
    SMG_NEED_RECORDINGS();
    for (const auto& recording : streams()) {
        SCOPED_TRACE(recording.id);
        const auto bytes = recording.response();
        const auto last = bytes.rfind("data:", bytes.rfind("message_stop"));
        ASSERT_NE(last, std::string::npos);
        for (std::size_t at = 0; at <= last; at += 97) {
            const auto events = events_of(bytes.substr(0, at));
            ASSERT_FALSE(events.empty());
            const auto* failed = std::get_if<event::Failed>(&events.back());
            ASSERT_TRUE(failed) << at;
            EXPECT_EQ(failed->error.code, "upstream_stream_truncated");
            EXPECT_EQ(encoded(events).find("message_stop"), std::string::npos);
        }
    }
}

}  // namespace
}  // namespace smg::codec
