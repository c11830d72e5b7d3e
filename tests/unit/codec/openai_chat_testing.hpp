#pragma once
/// What the tests of the Chat codec share: short ways to run it, and events as lines of text.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "codec/codec.hpp"
#include "http/sse.hpp"

namespace smg::codec::chat_testing {

using Json = nlohmann::json;

/// A request with one user message and further top-level members (`,"n":2`).
[[nodiscard]] inline std::string request_with(std::string_view members) {
    return R"({"model":"gpt-4o","messages":[{"role":"user","content":"hi"}])" + std::string(members) + "}";
}

[[nodiscard]] inline std::string request_of(std::string_view messages) { return R"({"model":"gpt-4o","messages":)" + std::string(messages) + "}"; }

[[nodiscard]] inline Conversation decode(std::string_view body) {
    auto conversation = openai_chat().decode_request(body);
    EXPECT_TRUE(conversation) << body << ": " << conversation.error().message;
    return conversation ? std::move(*conversation) : Conversation();
}

[[nodiscard]] inline Json encode(const Conversation& conversation, Target target = {}) {
    if (target.model.empty()) target.model = conversation.model;
    const auto encoded = openai_chat().encode_request(conversation, target);
    EXPECT_TRUE(encoded) << encoded.error().message;
    return encoded ? Json::parse(encoded->body) : Json();
}

/// One line an event, e.g. `text 0/0 Hello`.
[[nodiscard]] inline std::string describe(const StreamEvent& event) {
    const auto place = [](const auto& e) { return std::to_string(e.choice) + "/" + std::to_string(e.block); };
    struct Visitor {
        decltype(place)& at;
        std::string operator()(const event::Started& e) const { return "started " + e.id + " " + e.model + " " + std::to_string(e.created); }
        std::string operator()(const event::BlockStarted& e) const { return "block " + at(e) + " " + std::visit(*this, e.part); }
        std::string operator()(const TextPart& part) const { return (part.refusal ? "refusal " : "text ") + part.text; }
        std::string operator()(const MediaPart& part) const { return "media " + part.media_type + " " + part.data; }
        std::string operator()(const ReasoningPart& part) const { return "reasoning " + part.text + part.redacted; }
        std::string operator()(const ToolCallPart& part) const {
            return (part.kind == ToolCallPart::Kind::custom ? "custom " : "call ") + part.id + " " + part.name +
                   (part.signature.empty() ? "" : " signed " + part.signature);
        }
        std::string operator()(const ToolResultPart& part) const { return "result " + part.call_id; }
        std::string operator()(const OpaquePart& part) const { return "opaque " + part.kind; }
        std::string operator()(const event::TextDelta& e) const { return "text " + at(e) + " " + e.text; }
        std::string operator()(const event::RefusalDelta& e) const { return "refusal " + at(e) + " " + e.text; }
        std::string operator()(const event::ReasoningDelta& e) const { return "reasoning " + at(e) + " " + e.text; }
        std::string operator()(const event::SignatureDelta& e) const { return "signature " + at(e) + " " + e.signature; }
        std::string operator()(const event::ArgumentsDelta& e) const { return "arguments " + at(e) + " " + e.text; }
        std::string operator()(const event::CitationDelta& e) const { return "citation " + at(e) + " " + e.citation; }
        std::string operator()(const event::BlockFinished& e) const { return "end " + at(e); }
        std::string operator()(const event::Opaque& e) const { return "opaque " + e.kind + " " + e.json; }
        std::string operator()(const event::LogprobsDelta& e) const { return "logprobs " + e.logprobs; }
        std::string operator()(const event::UsageUpdate& e) const {
            const auto show = [](const auto& count) { return count ? std::to_string(*count) : std::string("?"); };
            return "usage in " + show(e.usage.input) + " out " + show(e.usage.output) + " cached " + show(e.usage.cached) + " reasoning " +
                   show(e.usage.reasoning) + " total " + show(e.usage.total);
        }
        std::string operator()(const event::ChoiceFinished& e) const {
            return "finished " + std::to_string(e.choice) + " " + std::to_string(static_cast<int>(e.reason)) + " " + e.native_reason;
        }
        std::string operator()(const event::Completed&) const { return "completed"; }
        std::string operator()(const event::Failed& e) const { return "failed " + e.error.code + " " + e.error.message; }
        std::string operator()(const event::KeepAlive&) const { return "keep-alive"; }
    };
    return std::visit(Visitor{place}, event);
}

[[nodiscard]] inline std::vector<std::string> describe(const StreamEvents& events) {
    std::vector<std::string> lines;
    for (const auto& event : events) lines.push_back(describe(event));
    return lines;
}

/// Feeds SSE text, cut into pieces at these offsets, and ends the stream.
[[nodiscard]] inline StreamEvents decode_stream(std::string_view sse, const std::vector<std::size_t>& cuts = {}, const RequestMemo& memo = {}) {
    StreamEvents events;
    const auto decoder = openai_chat().stream_decoder(memo);
    http::SseReader reader;
    const auto on_event = [&](const http::SseEvent& event) { decoder->on_event(event.name, event.data, events); };
    std::size_t from = 0;
    for (const auto cut : cuts) {
        EXPECT_TRUE(reader.feed(sse.substr(from, cut - from), on_event));
        from = cut;
    }
    EXPECT_TRUE(reader.feed(sse.substr(from), on_event));
    reader.finish(on_event);
    decoder->on_end(events);
    return events;
}

/// A stream of these chunks, each the text of a `data:` line.
[[nodiscard]] inline std::string sse_of(const std::vector<std::string>& chunks) {
    std::string out;
    for (const auto& chunk : chunks) out += "data: " + chunk + "\n\n";
    return out;
}

[[nodiscard]] inline std::string encode_stream(const StreamEvents& events, const ClientView& view = {}) {
    const auto encoder = openai_chat().stream_encoder(view);
    std::string out;
    for (const auto& event : events) encoder->write(event, out);
    return out;
}

/// The `data:` of each event of an encoded stream; `[DONE]` as a JSON string.
[[nodiscard]] inline std::vector<Json> chunks_of(std::string_view sse) {
    std::vector<Json> chunks;
    http::SseReader reader;
    EXPECT_TRUE(
        reader.feed(sse, [&](const http::SseEvent& event) { chunks.push_back(event.data == "[DONE]" ? Json("[DONE]") : Json::parse(event.data)); }));
    EXPECT_TRUE(reader.at_boundary());
    return chunks;
}

}  // namespace smg::codec::chat_testing
