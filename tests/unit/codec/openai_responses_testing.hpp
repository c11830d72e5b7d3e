#pragma once
/// What the tests of the Responses codec share: short ways to run it, and a judge of its streams that knows the rules of OpenAI's SDKs.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "codec/codec.hpp"
#include "http/sse.hpp"

namespace smg::codec::responses_testing {

using Json = nlohmann::json;

/// A request with one user message and further top-level members (`,"store":false`).
[[nodiscard]] inline std::string request_with(std::string_view members) { return R"({"model":"gpt-5.4","input":"hi")" + std::string(members) + "}"; }
[[nodiscard]] inline std::string request_of(std::string_view input) { return R"({"model":"gpt-5.4","input":)" + std::string(input) + "}"; }

[[nodiscard]] inline Conversation decode(std::string_view body) {
    auto conversation = openai_responses().decode_request(body);
    EXPECT_TRUE(conversation) << body << ": " << conversation.error().message;
    return conversation ? std::move(*conversation) : Conversation();
}

[[nodiscard]] inline Error refused(std::string_view body) {
    auto conversation = openai_responses().decode_request(body);
    EXPECT_FALSE(conversation) << body;
    return conversation ? Error(Failure::upstream_error, "accepted") : conversation.error();
}

[[nodiscard]] inline EncodedRequest encode_whole(const Conversation& conversation, Target target = {}) {
    if (target.model.empty()) target.model = conversation.model;
    auto encoded = openai_responses().encode_request(conversation, target);
    EXPECT_TRUE(encoded) << encoded.error().message;
    return encoded ? std::move(*encoded) : EncodedRequest();
}

[[nodiscard]] inline Json encode(const Conversation& conversation, Target target = {}) {
    const auto encoded = encode_whole(conversation, std::move(target));
    return encoded.body.empty() ? Json() : Json::parse(encoded.body);
}

/// Feeds SSE text, in pieces of this size (0: whole), and ends the stream.
[[nodiscard]] inline StreamEvents decode_stream(const Codec& codec, std::string_view sse, std::size_t piece = 0) {
    StreamEvents events;
    const auto decoder = codec.stream_decoder({});
    http::SseReader reader;
    const auto on_event = [&](const http::SseEvent& event) { decoder->on_event(event.name, event.data, events); };
    for (std::size_t at = 0; at < sse.size(); at += piece == 0 ? sse.size() : piece)
        EXPECT_TRUE(reader.feed(sse.substr(at, piece == 0 ? sse.size() : piece), on_event));
    reader.finish(on_event);
    decoder->on_end(events);
    return events;
}

[[nodiscard]] inline StreamEvents decode_stream(std::string_view sse, std::size_t piece = 0) { return decode_stream(openai_responses(), sse, piece); }

/// A stream of these events; their names are the types.
[[nodiscard]] inline std::string sse_of(const std::vector<std::string>& events) {
    std::string out;
    for (const auto& event : events) {
        const auto json = Json::parse(event);
        out += "event: " + json["type"].get<std::string>() + "\ndata: " + json.dump() + "\n\n";
    }
    return out;
}

[[nodiscard]] inline std::string encode_stream(const Codec& codec, const StreamEvents& events, const ClientView& view = {}) {
    const auto encoder = codec.stream_encoder(view);
    std::string out;
    for (const auto& event : events) encoder->write(event, out);
    return out;
}

[[nodiscard]] inline std::string encode_stream(const StreamEvents& events, const ClientView& view = {}) {
    return encode_stream(openai_responses(), events, view);
}

/// The events of an encoded stream, each of whose names must be its type.
[[nodiscard]] inline std::vector<Json> events_of(std::string_view sse) {
    std::vector<Json> events;
    http::SseReader reader;
    EXPECT_TRUE(reader.feed(sse, [&](const http::SseEvent& event) {
        events.push_back(Json::parse(event.data));
        EXPECT_EQ(events.back()["type"], event.name);
    }));
    EXPECT_TRUE(reader.at_boundary());
    return events;
}

[[nodiscard]] inline std::vector<std::string> types_of(std::string_view sse) {
    std::vector<std::string> types;
    for (const auto& event : events_of(sse)) types.push_back(event["type"]);
    return types;
}

/// Follows a stream as the SDKs' accumulators do, and expects what they need: numbers from 0, an item announced before its content, a part
/// before its text, `done` that repeats the deltas, items one after another, and a last event that holds them all. Answers with the response.
[[nodiscard]] Json judged(std::string_view sse);

}  // namespace smg::codec::responses_testing
