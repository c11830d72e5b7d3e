/// Between Chat clients and Anthropic, over recorded traffic: what is sent keeps Anthropic's rules, what comes back is whole.
#include <map>
#include <set>

#include "http/sse.hpp"
#include "unit/codec/anthropic_testing.hpp"
#include "unit/codec/recordings.hpp"

namespace smg::codec {
namespace {

using namespace messages_testing;
using recordings::Endpoint;

/// What the API refuses, written down apart from the encoder.
class MessagesRules {
public:
    void check(const Json& body) {
        static const std::set<std::string> known{"model",          "max_tokens",   "system",        "messages", "tools",    "tool_choice",
                                                 "stop_sequences", "temperature",  "top_p",         "top_k",    "thinking", "output_config",
                                                 "metadata",       "service_tier", "cache_control", "stream"};
        for (const auto& [name, value] : body.items()) EXPECT_TRUE(known.contains(name)) << name;
        EXPECT_GE(body.at("max_tokens").get<std::int64_t>(), 1);
        if (body.contains("system"))
            for (const auto& block : body["system"]) text(block);
        ASSERT_FALSE(body.at("messages").empty());
        for (const auto& message : body["messages"]) check_message(message);
        EXPECT_TRUE(calls_.empty()) << "calls without results";
        check_tools(body);
    }

private:
    static void text(const Json& block) {
        EXPECT_EQ(block.at("type"), "text");
        EXPECT_NE(block.at("text").get<std::string>().find_first_not_of(" \t\r\n"), std::string::npos);
    }

    void check_message(const Json& message) {
        const auto role = message.at("role").get<std::string>();
        EXPECT_NE(role, last_role_);
        if (last_role_.empty()) { EXPECT_EQ(role, "user"); }
        last_role_ = role;
        ASSERT_FALSE(message.at("content").empty());
        if (role == "user") check_results(message["content"]);
        for (const auto& block : message["content"]) check_block(block, role);
    }

    /// Each call of the assistant's last message has its result, in order, before anything else.
    void check_results(const Json& content) {
        for (std::size_t i = 0; i < calls_.size(); ++i) {
            ASSERT_LT(i, content.size());
            EXPECT_EQ(content[i].at("type"), "tool_result");
            EXPECT_EQ(content[i].value("tool_use_id", ""), calls_[i]);
        }
        for (std::size_t i = calls_.size(); i < content.size(); ++i) EXPECT_NE(content[i].at("type"), "tool_result");
        calls_.clear();
    }

    void check_block(const Json& block, const std::string& role) {
        const auto type = block.at("type").get<std::string>();
        if (type == "text") text(block);
        if (type == "tool_use") {
            EXPECT_EQ(role, "assistant");
            EXPECT_TRUE(block.at("input").is_object());
            EXPECT_TRUE(ids_.insert(block.at("id").get<std::string>()).second);
            calls_.push_back(block["id"]);
            used_.insert(block.at("name").get<std::string>());
        }
        if (type == "image") {
            EXPECT_TRUE(block.at("source").at("type") == "base64" || block["source"]["url"].get<std::string>().starts_with("https://"));
        }
    }

    void check_tools(const Json& body) {
        if (!used_.empty()) { EXPECT_TRUE(body.contains("tools")); }
        if (body.contains("tool_choice")) { EXPECT_TRUE(body.contains("tools")); }
        if (!body.contains("tools")) return;
        std::set<std::string> names;
        for (const auto& tool : body["tools"]) {
            EXPECT_TRUE(names.insert(tool.at("name").get<std::string>()).second);
            EXPECT_EQ(tool.at("input_schema").at("type"), "object");
        }
        if (body.contains("tool_choice") && body["tool_choice"].at("type") == "tool") { EXPECT_TRUE(names.contains(body["tool_choice"].at("name"))); }
    }

    std::string last_role_;
    std::vector<std::string> calls_;
    std::set<std::string> ids_, used_;
};

TEST(AnthropicTranslation, RecordedChatRequestsKeepAnthropicsRules) {
    SMG_NEED_RECORDINGS();
    std::size_t sent = 0, refused = 0;
    for (const auto& recording : recordings::of("", Endpoint::chat)) {
        if (!recording.has_request()) continue;
        SCOPED_TRACE(recording.id);
        const auto conversation = openai_chat().decode_request(recording.request());
        if (!conversation) continue;  // some recordings are of bad requests
        for (const auto* model : {"claude-sonnet-4", "claude-sonnet-4-5", "claude-opus-4-8", "claude-fable-5", "unknown"}) {
            const auto encoded = anthropic_messages().encode_request(*conversation, target(model));
            if (!encoded) {
                EXPECT_FALSE(encoded.error().param.empty()) << encoded.error().message;
                ++refused;
                continue;
            }
            MessagesRules().check(Json::parse(encoded->body));
            EXPECT_TRUE(anthropic_messages().decode_request(encoded->body)) << encoded->body;
            ++sent;
        }
    }
    EXPECT_GT(sent, 5 * refused);
    RecordProperty("sent", static_cast<int>(sent));
    RecordProperty("refused", static_cast<int>(refused));
}

/// The message that an OpenAI client puts together from the chunks.
struct ChatMessage {
    std::string content, reasoning, finish;
    std::map<int, std::pair<std::string, std::string>> calls;  ///< name, arguments
    bool done = false;
    Json usage;
};

ChatMessage through_chat(const std::string& bytes) {
    auto decoder = anthropic_messages().stream_decoder({});
    ClientView view;
    view.include_usage = true;
    auto encoder = openai_chat().stream_encoder(view);
    std::string chunks;
    StreamEvents events;
    http::SseReader in, out;
    EXPECT_TRUE(in.feed(bytes, [&](const http::SseEvent& e) { decoder->on_event(e.name, e.data, events); }));
    decoder->on_end(events);
    for (const auto& e : events) encoder->write(e, chunks);
    ChatMessage message;
    EXPECT_TRUE(out.feed(chunks, [&](const http::SseEvent& e) {
        EXPECT_FALSE(message.done);
        if (e.data == "[DONE]") {
            message.done = true;
            return;
        }
        const auto chunk = Json::parse(e.data);
        if (chunk.contains("usage") && !chunk["usage"].is_null()) message.usage = chunk["usage"];
        for (const auto& choice : chunk.at("choices")) {
            const auto& delta = choice.at("delta");
            const auto text = [&](const char* name) { return delta.contains(name) && delta[name].is_string() ? delta[name].get<std::string>() : ""; };
            message.content += text("content");
            message.reasoning += text("reasoning_content");
            if (choice.at("finish_reason").is_string()) message.finish = choice["finish_reason"];
            if (!delta.contains("tool_calls")) continue;
            for (const auto& call : delta["tool_calls"]) {
                auto& [name, arguments] = message.calls[call.at("index").get<int>()];
                if (call["function"].contains("name")) name = call["function"]["name"];
                arguments += call["function"].value("arguments", "");
            }
        }
    }));
    return message;
}

TEST(AnthropicTranslation, RecordedStreamsReachChatClientsWhole) {
    SMG_NEED_RECORDINGS();
    std::size_t seen = 0;
    for (const auto& recording : recordings::of("", Endpoint::messages)) {
        if (!recording.is_sse() || recording.status != 200) continue;
        SCOPED_TRACE(recording.id);
        const auto bytes = recording.response();
        const auto message = through_chat(bytes);
        EXPECT_TRUE(message.done);
        // What the recording says, read without our decoder.
        std::string content, reasoning, stop;
        std::vector<std::string> names;
        http::SseReader reader;
        ASSERT_TRUE(reader.feed(bytes, [&](const http::SseEvent& e) {
            const auto json = Json::parse(e.data);
            if (json["type"] == "content_block_delta" && json["delta"]["type"] == "text_delta") content += json["delta"]["text"].get<std::string>();
            if (json["type"] == "content_block_delta" && json["delta"]["type"] == "thinking_delta")
                reasoning += json["delta"]["thinking"].get<std::string>();
            if (json["type"] == "content_block_start" && json["content_block"]["type"] == "tool_use") names.push_back(json["content_block"]["name"]);
            if (json["type"] == "message_delta") stop = json["delta"]["stop_reason"];
        }));
        EXPECT_EQ(message.content, content);
        EXPECT_EQ(message.reasoning, reasoning);
        EXPECT_EQ(message.finish, stop == "tool_use" ? "tool_calls" : stop == "max_tokens" ? "length" : "stop");
        ASSERT_EQ(message.calls.size(), names.size());
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto& [name, arguments] = message.calls.at(static_cast<int>(i));
            EXPECT_EQ(name, names[i]);
            EXPECT_TRUE(Json::parse(arguments).is_object()) << arguments;
        }
        EXPECT_GT(message.usage.at("prompt_tokens").get<int>(), 0);
        ++seen;
    }
    EXPECT_GT(seen, 15U);
}

TEST(AnthropicTranslation, RecordedAnswersReachChatClientsWhole) {
    SMG_NEED_RECORDINGS();
    for (const auto& recording : recordings::of("anthropic", Endpoint::messages)) {
        if (recording.is_sse() || recording.status != 200) continue;
        SCOPED_TRACE(recording.id);
        const auto body = recording.response();
        const auto original = Json::parse(body);
        const auto answer = anthropic_messages().decode_response(body, {});
        ASSERT_TRUE(answer) << answer.error().message;
        const auto chat = Json::parse(openai_chat().encode_response(*answer, {}));
        const auto& message = chat.at("choices").at(0).at("message");
        std::string content;
        std::size_t calls = 0;
        for (const auto& block : original["content"]) {
            if (block["type"] == "text") content += block["text"].get<std::string>();
            if (block["type"] == "tool_use") ++calls;
        }
        EXPECT_EQ(message.at("content").is_null() ? "" : message["content"].get<std::string>(), content);
        EXPECT_EQ(message.contains("tool_calls") ? message["tool_calls"].size() : 0, calls);
        // The text that signs the thinking comes back on the next turn.
        if (original["content"].size() > 0 && original["content"][0]["type"] == "thinking") {
            auto next = Json::parse(R"({"model":"c","messages":[{"role":"user","content":"A"}]})");
            next["messages"].push_back(message);
            for (const auto& call : message.value("tool_calls", Json::array()))
                next["messages"].push_back({{"role", "tool"}, {"tool_call_id", call["id"]}, {"content", "x"}});
            const auto again = openai_chat().decode_request(next.dump());
            ASSERT_TRUE(again) << again.error().message;
            EXPECT_EQ(encode(*again).body["messages"][1]["content"][0]["signature"], original["content"][0]["signature"]);
        }
    }
}

}  // namespace
}  // namespace smg::codec
