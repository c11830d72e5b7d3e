#include "payloads.hpp"

#include <algorithm>
#include <cstdio>

namespace smg::bench {
namespace {

/// Prose with the escapes that prose has.
constexpr std::string_view words =
    "The quick brown fox jumps over the lazy dog, and says: \\\"well done\\\".\\nA second line follows, of no particular interest; ";

std::string text_of(std::size_t bytes) {
    std::string text;
    while (text.size() + words.size() <= bytes) text += words;
    text.append(bytes - text.size(), 'x');
    return text;
}

std::string sized(std::string head, const std::string& body) {
    head += "content-length: " + std::to_string(body.size()) + "\r\n\r\n";
    return head + body;
}

std::string chunk(const std::string& data) {
    char size[16];
    std::snprintf(size, sizeof size, "%zx\r\n", data.size());
    return size + data + "\r\n";
}

std::string event(std::string_view choices, bool usage, std::string_view counts = "null") {
    std::string data =
        R"(data: {"id":"chatcmpl-Bn4hTq0pVxM3","object":"chat.completion.chunk","created":1760000000,"model":"gpt-4o-2024-08-06",)"
        R"("service_tier":"default","system_fingerprint":"fp_5d58a6052a","choices":)";
    data += choices;
    if (usage) data.append(",\"usage\":").append(counts);
    return data + "}\n\n";
}

std::string end_of(bool usage) {
    std::string end = chunk(event(R"([{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}])", usage));
    if (usage) end += chunk(event("[]", true, R"({"prompt_tokens":210,"completion_tokens":200,"total_tokens":410})"));
    return end + chunk("data: [DONE]\n\n") + "0\r\n\r\n";
}

/// An event of Anthropic's: its type stands before the data and in it.
std::string named(std::string_view type, std::string_view members) {
    return chunk("event: " + std::string(type) + "\ndata: {\"type\":\"" + std::string(type) + "\"," + std::string(members) + "}\n\n");
}

std::string stream_head(std::string_view fields) {
    return "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n" + std::string(fields) + "transfer-encoding: chunked\r\n\r\n";
}

constexpr std::string_view messages_fields =
    "request-id: req_011CSHoEeqs5C35K2UUqR7Fy\r\nanthropic-ratelimit-requests-limit: 4000\r\nanthropic-ratelimit-requests-remaining: 3999\r\n"
    "anthropic-ratelimit-requests-reset: 2030-01-01T00:00:00Z\r\n";

constexpr std::string_view usual_fields =
    "openai-processing-ms: 412\r\nopenai-version: 2020-10-01\r\nx-ratelimit-limit-requests: 10000\r\n"
    "x-ratelimit-remaining-requests: 9999\r\nx-ratelimit-reset-requests: 6ms\r\nx-request-id: req_0b6d2c0f4d3e4f1c8a56\r\n";

}  // namespace

std::string chat_request(std::string_view model, std::size_t user, std::size_t body_bytes, bool stream) {
    std::string body = "{\"model\":\"" + std::string(model) + "\",\"user\":\"" + std::to_string(user) + "\",";
    if (stream) body += "\"stream\":true,";
    body += R"("temperature":0.7,"messages":[{"role":"system","content":"You are a helpful assistant."})";
    // A conversation rather than one long text: turns of a kilobyte.
    bool user_speaks = true;
    while (body.size() + 60 < body_bytes) {
        body += user_speaks ? R"(,{"role":"user","content":")" : R"(,{"role":"assistant","content":")";
        body += text_of(std::min<std::size_t>(1000, body_bytes - body.size() - 5)) + "\"}";
        user_speaks = !user_speaks;
    }
    body += "]}";
    return sized(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\ncontent-type: application/json\r\n"
        "user-agent: OpenAI/Python 2.0.0\r\nx-stainless-lang: python\r\n",
        body);
}

std::string chat_answer(std::size_t body_bytes) {
    std::string body =
        R"({"id":"chatcmpl-Bn4hTq0pVxM3","object":"chat.completion","created":1760000000,"model":"gpt-4o-2024-08-06",)"
        R"("choices":[{"index":0,"message":{"role":"assistant","content":")";
    const std::string end =
        R"(","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":210,)"
        R"("completion_tokens":200,"total_tokens":410,"prompt_tokens_details":{"cached_tokens":0}},"service_tier":"default"})";
    const auto fixed = body.size() + end.size();
    body += text_of(body_bytes > fixed ? body_bytes - fixed : 1) + end;
    return sized("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n" + std::string(usual_fields), body);
}

std::string messages_answer(std::size_t body_bytes) {
    std::string body = R"({"id":"msg_01XFDUDYJgAACzvnptvVoYEL","type":"message","role":"assistant","model":"claude-sonnet-4-20250514",)"
                       R"("content":[{"type":"text","text":")";
    const std::string end =
        R"("}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":210,"cache_creation_input_tokens":0,)"
        R"("cache_read_input_tokens":0,"output_tokens":200,"service_tier":"standard"}})";
    const auto fixed = body.size() + end.size();
    body += text_of(body_bytes > fixed ? body_bytes - fixed : 1) + end;
    return sized("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n" + std::string(messages_fields), body);
}

const StreamParts& chat_stream(bool usage) {
    static const auto make = [](bool with_usage) {
        return StreamParts{
            stream_head(usual_fields),
            chunk(event(R"([{"index":0,"delta":{"role":"assistant","content":" gateway"},"logprobs":null,"finish_reason":null}])", with_usage)),
            end_of(with_usage)};
    };
    static const StreamParts plain = make(false);
    static const StreamParts with_usage = make(true);
    return usage ? with_usage : plain;
}

const StreamParts& messages_stream() {
    static const StreamParts parts{
        stream_head(messages_fields) +
            named("message_start",
                  R"("message":{"id":"msg_01XFDUDYJgAACzvnptvVoYEL","type":"message","role":"assistant","model":"claude-sonnet-4-20250514",)"
                  R"("content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":210,"output_tokens":1}})") +
            named("content_block_start", R"("index":0,"content_block":{"type":"text","text":""})"),
        named("content_block_delta", R"("index":0,"delta":{"type":"text_delta","text":" gateway"})"),
        named("content_block_stop", R"("index":0)") +
            named("message_delta", R"("delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":200})") +
            chunk("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n") + "0\r\n\r\n"};
    return parts;
}

const std::string& models_answer() {
    static const std::string answer =
        sized("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n",
              R"({"object":"list","data":[{"id":"gpt-4o","object":"model","created":1760000000,"owned_by":"openai"}]})");
    return answer;
}

}  // namespace smg::bench
