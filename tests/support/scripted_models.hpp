#pragma once
/// A gateway with one worker that the test plays by hand, and the events that such a worker would send.
#include <string>

#include "support/raw_upstream.hpp"
#include "support/running_gateway.hpp"

namespace smg::test {

/// The worker has no key and takes the caller's; it serves what its provider's name says.
class PlayedWorker {
public:
    explicit PlayedWorker(const std::string& provider, config::Config config = test_config(), int send_buffer = 0)
        : upstream(send_buffer), gateway(std::move(config)), provider_(provider) {
        gateway.add_worker({{"url", upstream.url()}, {"provider", provider}, {"runtime_type", "external"}, {"name", "played"}});
    }
    [[nodiscard]] std::string model() const {
        if (provider_ == "anthropic") return "claude-sonnet-4-5";
        if (provider_ == "gemini") return "gemini-2.5-flash";
        return provider_ == "xai" ? "grok-3" : "gpt-4o";
    }
    [[nodiscard]] Headers key() const {
        if (provider_ == "anthropic") return {{"Authorization", "Bearer sk-ant-api03-caller"}};
        if (provider_ == "gemini") return {{"Authorization", "Bearer AIza-caller-0123456789"}};
        return {{"Authorization", provider_ == "xai" ? "Bearer xai-caller" : "Bearer sk-proj-caller"}};
    }
    /// Sends a chat in OpenAI's format; its request has then arrived at the worker.
    MessageStream ask(HttpClient& client, bool stream, const Headers& more = {}) {
        auto headers = key();
        headers.insert(headers.end(), more.begin(), more.end());
        client.send_request("POST", "/v1/chat/completions", chat(model(), "Hello", stream).dump(), headers);
        auto connection = upstream.accept();
        received = connection.read();
        return connection;
    }

    RawUpstream upstream;
    RunningGateway gateway;
    Answer received;  ///< the last request, as it arrived

private:
    std::string provider_;
};

/// Of OpenAI's chat stream.
[[nodiscard]] inline std::string chat_event(const std::string& text, const std::string& finish = {}) {
    const Json delta = finish.empty() ? Json{{"content", text}} : Json::object();
    const Json choice = {{"index", 0}, {"delta", delta}, {"finish_reason", finish.empty() ? Json() : Json(finish)}};
    const Json body = {
        {"id", "chatcmpl-1"}, {"object", "chat.completion.chunk"}, {"created", 1700000000}, {"model", "gpt-4o"}, {"choices", {choice}}};
    return "data: " + body.dump() + "\n\n";
}
inline constexpr std::string_view done_event = "data: [DONE]\n\n";

/// Of Anthropic's.
[[nodiscard]] inline std::string messages_event(const std::string& type, Json members) {
    members["type"] = type;
    return "event: " + type + "\ndata: " + members.dump() + "\n\n";
}
[[nodiscard]] inline std::string messages_start() {
    const Json message = {{"id", "msg_1"},
                          {"type", "message"},
                          {"role", "assistant"},
                          {"model", "claude-sonnet-4-5-20250929"},
                          {"content", Json::array()},
                          {"stop_reason", nullptr},
                          {"stop_sequence", nullptr},
                          {"usage", {{"input_tokens", 10}, {"output_tokens", 1}}}};
    return messages_event("message_start", {{"message", message}}) +
           messages_event("content_block_start", {{"index", 0}, {"content_block", {{"type", "text"}, {"text", ""}}}});
}
[[nodiscard]] inline std::string messages_text(const std::string& text) {
    return messages_event("content_block_delta", {{"index", 0}, {"delta", {{"type", "text_delta"}, {"text", text}}}});
}
[[nodiscard]] inline std::string messages_end() {
    return messages_event("content_block_stop", {{"index", 0}}) +
           messages_event("message_delta",
                          {{"delta", {{"stop_reason", "end_turn"}, {"stop_sequence", nullptr}}}, {"usage", {{"output_tokens", 7}}}}) +
           messages_event("message_stop", Json::object());
}

/// Of Gemini's.
[[nodiscard]] inline std::string gemini_event(const std::string& text, bool last = false) {
    Json candidate = {{"content", {{"role", "model"}, {"parts", {{{"text", text}}}}}}, {"index", 0}};
    if (last) candidate["finishReason"] = "STOP";
    const Json body = {{"candidates", {candidate}},
                       {"usageMetadata", {{"promptTokenCount", 4}, {"candidatesTokenCount", 2}, {"totalTokenCount", 6}}},
                       {"modelVersion", "gemini-2.5-flash"},
                       {"responseId", "r1"}};
    return "data: " + body.dump() + "\r\n\r\n";
}

/// The text that a chunk of OpenAI's stream carries; empty for any other event.
[[nodiscard]] inline std::string text_of(const std::string& event) {
    if (!event.starts_with("data: {")) return {};
    const auto body = Json::parse(event.substr(6));
    if (!body.contains("choices") || body["choices"].empty()) return {};
    const auto& delta = body["choices"][0]["delta"];
    return delta.contains("content") && delta["content"].is_string() ? delta["content"].get<std::string>() : std::string();
}

}  // namespace smg::test
