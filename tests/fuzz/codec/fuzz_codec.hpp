#pragma once
/// What the codecs' fuzz targets share. The first byte chooses what the rest is: a request, an answer, a stream or an error of the format.
/// Whatever can be read is told in every format; what comes out must be JSON, and must be readable by the format in which it was told.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "codec/codec.hpp"
#include "codec/json_tree.hpp"
#include "fuzz/require.hpp"
#include "http/sse.hpp"

namespace smg::codec::fuzzing {

using smg::fuzzing::require;

inline const Codec* const codecs[] = {&openai_chat(), &openai_responses(), &anthropic_messages(), &gemini()};

inline bool is_json(std::string_view text) {
    JsonTree tree;
    return tree.parse(text).has_value();
}

inline Target target(bool rich) {
    Target out;
    out.model = rich ? "gpt-5.1" : "a-model";
    if (!rich) return out;
    auto& can = out.capabilities;
    can.thinking = ModelCapabilities::Thinking::manual;
    can.max_output_tokens = 64000;
    can.mid_conversation_system = can.native_tool_ids = can.gemini_thinking_level = can.thought_signatures_required = true;
    return out;
}

inline ClientView view() {
    ClientView out;
    out.model = "m";
    out.request_id = "req_1";
    out.now = 1;
    out.include_usage = true;
    return out;
}

inline void request(const Codec& from, std::string_view body) {
    const auto conversation = from.decode_request(body);
    if (!conversation) return require(!conversation.error().message.empty());
    for (const auto* to : codecs) {
        for (const bool rich : {false, true}) {
            const auto encoded = to->encode_request(*conversation, target(rich));
            if (!encoded) continue;
            require(is_json(encoded->body));
            require(to != &from || to->decode_request(encoded->body).has_value());
        }
    }
}

inline void answer(const Codec& from, std::string_view body) {
    const auto decoded = from.decode_response(body, {});
    if (!decoded) return require(!decoded.error().message.empty());
    for (const auto* to : codecs) require(is_json(to->encode_response(*decoded, view())));
}

/// The events of a stream, told in one format: whole SSE events whose data are JSON, and nothing after the end.
inline void told(const Codec& to, const StreamEvents& events) {
    std::string out;
    const auto encoder = to.stream_encoder(view());
    for (const auto& event : events) {
        out.clear();
        encoder->write(event, out);
        http::SseReader reader;
        require(reader.feed(out, [](const http::SseEvent& e) { require(e.data.empty() || e.data == "[DONE]" || is_json(e.data)); }));
        require(reader.at_boundary());
    }
    out.clear();
    encoder->write(event::TextDelta{0, 0, "after the end"}, out);
    require(out.empty());
}

inline void stream(const Codec& from, std::string_view bytes) {
    StreamEvents events;
    const auto decoder = from.stream_decoder({});
    http::SseReader reader;
    const auto take = [&](const http::SseEvent& event) { decoder->on_event(event.name, event.data, events); };
    if (!reader.feed(bytes, take)) return;
    reader.finish(take);
    decoder->on_end(events);
    std::size_t ends = 0;
    for (const auto& event : events) {
        require(ends == 0);
        ends += std::holds_alternative<event::Completed>(event) || std::holds_alternative<event::Failed>(event);
    }
    require(ends == 1);
    for (const auto* to : codecs) told(*to, events);
}

inline void error(const Codec& from, std::string_view body) {
    for (const int status : {200, 400, 429, 503}) {
        const auto decoded = from.decode_error(status, body);
        for (const auto* to : codecs) require(is_json(to->encode_error(decoded, "req_1")));
    }
}

inline int run(const Codec& codec, const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 4) {
        case 0: request(codec, text); break;
        case 1: answer(codec, text); break;
        case 2: stream(codec, text); break;
        default: error(codec, text); break;
    }
    return 0;
}

}  // namespace smg::codec::fuzzing
