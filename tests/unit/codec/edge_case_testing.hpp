#pragma once
/// What the tests of the thirty-seven edge cases share: one format's request, answer or stream, told in another format.
#include <gtest/gtest.h>

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "codec/codec.hpp"
#include "http/sse.hpp"

namespace smg::codec::edge_testing {

using Json = nlohmann::ordered_json;

inline ClientView view() {
    ClientView out;
    out.model = "model";
    out.request_id = "req_1";
    out.now = 1700000000;
    out.include_usage = true;
    return out;
}

/// Events as a provider sends them; those of Anthropic are named by their `type`.
inline std::string sse(std::initializer_list<std::string_view> events) {
    std::string out;
    for (const auto data : events) {
        const auto parsed = Json::parse(data, nullptr, false);
        const bool named = parsed.is_object() && parsed.contains("type");
        if (named) out += "event: " + parsed["type"].get<std::string>() + "\n";
        const bool one_line = data.find('\n') == std::string_view::npos;
        out.append("data: ").append(one_line ? std::string(data) : parsed.dump()).append("\n\n");
    }
    return out;
}

inline StreamEvents events_of(const Codec& from, std::string_view bytes, const RequestMemo& memo = {}) {
    StreamEvents out;
    const auto decoder = from.stream_decoder(memo);
    http::SseReader reader;
    const auto take = [&](const http::SseEvent& event) { decoder->on_event(event.name, event.data, out); };
    EXPECT_TRUE(reader.feed(bytes, take));
    reader.finish(take);
    decoder->on_end(out);
    return out;
}

inline std::string stream_of(const Codec& to, const StreamEvents& events) {
    std::string out;
    const auto encoder = to.stream_encoder(view());
    for (const auto& event : events) encoder->write(event, out);
    return out;
}

inline std::string streamed(const Codec& from, std::string_view bytes, const Codec& to, const RequestMemo& memo = {}) {
    return stream_of(to, events_of(from, bytes, memo));
}

/// The data of each event; `[DONE]` is the string `[DONE]`.
inline std::vector<Json> datas(std::string_view bytes) {
    std::vector<Json> out;
    http::SseReader reader;
    const auto take = [&](const http::SseEvent& event) {
        out.push_back(event.data == "[DONE]" ? Json("[DONE]") : Json::parse(event.data, nullptr, false));
        EXPECT_FALSE(out.back().is_discarded()) << event.data;
    };
    EXPECT_TRUE(reader.feed(bytes, take));
    return out;
}

inline Target target(std::string model = "model") {
    Target out;
    out.model = std::move(model);
    return out;
}

struct Translated {
    Json body;
    std::vector<std::string> adjusted;
    RequestMemo memo;
};

inline Translated request(const Codec& from, std::string_view body, const Codec& to, const Target& target) {
    const auto conversation = from.decode_request(body);
    EXPECT_TRUE(conversation) << (conversation ? "" : conversation.error().message) << "\n" << body;
    if (!conversation) return {};
    const auto encoded = to.encode_request(*conversation, target);
    EXPECT_TRUE(encoded) << (encoded ? "" : encoded.error().param + ": " + encoded.error().message) << "\n" << body;
    if (!encoded) return {};
    return {Json::parse(encoded->body), encoded->adjustments.names(), encoded->memo};
}

inline Json answer(const Codec& from, std::string_view body, const Codec& to, const RequestMemo& memo = {}) {
    const auto decoded = from.decode_response(body, memo);
    EXPECT_TRUE(decoded) << (decoded ? "" : decoded.error().message);
    return decoded ? Json::parse(to.encode_response(*decoded, view())) : Json();
}

/// The arguments of each call of a Chat stream, by index.
inline std::vector<std::string> chat_arguments(const std::vector<Json>& chunks) {
    std::vector<std::string> out;
    for (const auto& chunk : chunks) {
        if (!chunk.is_object() || chunk.value("choices", Json::array()).empty()) continue;
        for (const auto& call : chunk["choices"][0]["delta"].value("tool_calls", Json::array())) {
            const auto index = call["index"].get<std::size_t>();
            if (out.size() <= index) out.resize(index + 1);
            out[index] += call["function"].value("arguments", "");
        }
    }
    return out;
}

/// The finish reasons that a Chat stream told, nulls left out.
inline std::vector<std::string> chat_finishes(const std::vector<Json>& chunks) {
    std::vector<std::string> out;
    for (const auto& chunk : chunks)
        if (chunk.is_object() && !chunk.value("choices", Json::array()).empty() && chunk["choices"][0]["finish_reason"].is_string())
            out.push_back(chunk["choices"][0]["finish_reason"]);
    return out;
}

/// A Messages stream as short words: `start0 text`, `delta0 text_delta`, `stop0`, `message_stop`; `message_delta tool_use`.
inline std::vector<std::string> messages_words(std::string_view bytes) {
    std::vector<std::string> out;
    for (const auto& data : datas(bytes)) {
        const auto type = data.value("type", "");
        const auto index = data.contains("index") ? data["index"].dump() : "";
        if (type == "content_block_start")
            out.push_back("start" + index + " " + data["content_block"]["type"].get<std::string>());
        else if (type == "content_block_delta")
            out.push_back("delta" + index + " " + data["delta"]["type"].get<std::string>());
        else if (type == "content_block_stop")
            out.push_back("stop" + index);
        else if (type == "message_delta")
            out.push_back("message_delta " + (data["delta"]["stop_reason"].is_string() ? data["delta"]["stop_reason"].get<std::string>() : "null"));
        else
            out.push_back(type);
    }
    return out;
}

inline constexpr std::string_view message_start =
    R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[],"stop_reason":null,)"
    R"("stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":1}}})";
inline constexpr std::string_view message_stop = R"({"type":"message_stop"})";

/// A chunk of a Chat stream with this delta.
inline std::string chunk(std::string_view delta, std::string_view finish = "null") {
    return R"({"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt","choices":[{"index":0,"delta":)" + std::string(delta) +
           R"(,"finish_reason":)" + std::string(finish) + "}]}";
}

/// A chunk of a Gemini stream with these parts, and further members of the candidate (`,"finishReason":"STOP"`).
inline std::string candidate(std::string_view parts, std::string_view members = "") {
    return R"({"candidates":[{"index":0,"content":{"role":"model","parts":)" + std::string(parts) + "}" + std::string(members) +
           R"(}],"responseId":"r1","modelVersion":"gemini"})";
}

}  // namespace smg::codec::edge_testing
