/// Service tiers and searches: what an answer says beside its token counts is priced, whichever way the answer takes through the gateway.
#include <gtest/gtest.h>

#include <cmath>

#include "support/request_log.hpp"
#include "support/running_gateway.hpp"
#include "support/scripted_upstream.hpp"

namespace smg::test {
namespace {

/// A provider that always gives the same answer, to whatever it is asked.
class Charged : public testing::Test {
protected:
    Charged() { loops.start(); }
    ~Charged() override { loops.stop(); }

    /// Registers the provider once it will answer with its list of models.
    void serve(const std::string& provider) {
        upstream.answer(200, "{}");
        gateway.add_worker({{"url", upstream.url()}, {"provider", provider}, {"runtime_type", "external"}, {"name", provider}});
    }
    /// The log line of a request whose answer is `body`.
    Json line_of(const std::string& path, const Json& asked, const std::string& body, const std::string& key) {
        const std::string type = body.starts_with("{") ? "application/json" : "text/event-stream";
        upstream.script([body, type](const http::RequestHead&) {
            ScriptedReply reply(200, body);
            reply.fields.add("content-type", type);
            return reply;
        });
        const auto answer = gateway.client().post(path, asked.dump(), {{"Authorization", "Bearer " + key}});
        EXPECT_EQ(answer.status, 200) << answer.body;
        ++count;
        EXPECT_EQ(gateway.metric("smg_router_requests_total", {}, count), count);
        return log.lines().back();
    }
    static std::uint64_t picodollars(const Json& line) { return static_cast<std::uint64_t>(std::llround(line.value("cost_usd", 0.0) * 1e12)); }

    RequestLog log;
    net::EventLoops loops{1};
    ScriptedUpstream upstream{loops};
    RunningGateway gateway;
    double count = 0;
};

const std::string openai_key = "sk-proj-of-a-caller", anthropic_key = "sk-ant-api03-of-a-caller";

TEST_F(Charged, AChatAtAnotherTier) {
    serve("openai");
    // 1000 tokens in and 100 out at gpt-5's priority prices: 2.5 and 20 dollars a million.
    constexpr std::uint64_t price = 1000ULL * 2'500'000 + 100ULL * 20'000'000;
    const Json usage = {{"prompt_tokens", 1000}, {"completion_tokens", 100}, {"total_tokens", 1100}};
    const Json unary = {{"id", "c"}, {"object", "chat.completion"}, {"model", "gpt-5"}, {"usage", usage}, {"service_tier", "priority"},
                        {"choices", {{{"index", 0}, {"message", {{"role", "assistant"}, {"content", "Hi"}}}, {"finish_reason", "stop"}}}}};
    const Json piece = {{"id", "c"}, {"object", "chat.completion.chunk"}, {"model", "gpt-5"}, {"service_tier", "priority"}, {"usage", nullptr},
                        {"choices", {{{"index", 0}, {"delta", {{"content", "Hi"}}}, {"finish_reason", "stop"}}}}};
    auto last = piece;
    last["choices"] = Json::array();
    last["usage"] = usage;
    const auto events = "data: " + piece.dump() + "\n\ndata: " + last.dump() + "\n\ndata: [DONE]\n\n";
    Json message = chat("gpt-5", "Hello");
    message["max_tokens"] = 200;
    Json message_stream = chat("gpt-5", "Hello", true);
    message_stream["max_tokens"] = 200;
    for (const auto& line : {line_of("/v1/chat/completions", chat("gpt-5", "Hello"), unary.dump(), openai_key),
                             line_of("/v1/chat/completions", chat("gpt-5", "Hello", true), events, openai_key),
                             line_of("/v1/messages", message, unary.dump(), openai_key),
                             line_of("/v1/messages", message_stream, events, openai_key)}) {
        EXPECT_EQ(line.value("service_tier", ""), "priority") << line;
        EXPECT_EQ(picodollars(line), price) << line;
    }
}

TEST_F(Charged, AResponseThatSearched) {
    serve("openai");
    // 1000 tokens in and 100 out at gpt-5's standard prices, and two searches at 10 dollars a thousand.
    constexpr std::uint64_t price = 1000ULL * 1'250'000 + 100ULL * 10'000'000 + 2ULL * 10'000'000'000;
    const Json part = {{"type", "output_text"}, {"text", "Hi"}, {"annotations", Json::array()}};
    const Json item = {{"type", "message"}, {"id", "msg_1"}, {"role", "assistant"}, {"status", "completed"}, {"content", Json::array({part})}};
    const Json response = {{"id", "resp_1"}, {"object", "response"}, {"status", "completed"}, {"model", "gpt-5"}, {"service_tier", "default"},
                           {"output", Json::array({item})},
                           {"tool_usage", {{"web_search", {{"num_requests", 2}}}}},
                           {"usage", {{"input_tokens", 1000}, {"output_tokens", 100}, {"total_tokens", 1100}}}};
    const Json completed = {{"type", "response.completed"}, {"response", response}, {"sequence_number", 1}};
    const Json asked = {{"model", "gpt-5"}, {"input", "Hello"}};
    auto streamed = asked;
    streamed["stream"] = true;
    for (const auto& line : {line_of("/v1/responses", asked, response.dump(), openai_key),
                             line_of("/v1/responses", streamed, "event: response.completed\ndata: " + completed.dump() + "\n\n", openai_key)}) {
        EXPECT_EQ(line.value("web_searches", 0), 2) << line;
        EXPECT_FALSE(line.contains("service_tier")) << line;
        EXPECT_EQ(picodollars(line), price) << line;
    }
}

TEST_F(Charged, AMessageThatSearchedAndWroteTwoCaches) {
    serve("anthropic");
    // 100 plain tokens, 600 read, 200 written for five minutes and 100 for an hour, 50 out, one search at 10 dollars a thousand.
    constexpr std::uint64_t price =
        100ULL * 3'000'000 + 600ULL * 300'000 + 200ULL * 3'750'000 + 100ULL * 6'000'000 + 50ULL * 15'000'000 + 10'000'000'000ULL;
    const Json usage = {{"input_tokens", 100},
                        {"cache_read_input_tokens", 600},
                        {"cache_creation_input_tokens", 300},
                        {"cache_creation", {{"ephemeral_5m_input_tokens", 200}, {"ephemeral_1h_input_tokens", 100}}},
                        {"output_tokens", 50},
                        {"server_tool_use", {{"web_search_requests", 1}}},
                        {"service_tier", "standard"}};
    const Json answer = {{"id", "msg_1"}, {"type", "message"}, {"role", "assistant"}, {"model", "claude-sonnet-4-5"},
                         {"content", {{{"type", "text"}, {"text", "Hi"}}}},
                         {"stop_reason", "end_turn"}, {"stop_sequence", nullptr}, {"usage", usage}};
    auto start = answer;
    start["content"] = Json::array();
    start["stop_reason"] = nullptr;
    start["usage"]["output_tokens"] = 1;
    start["usage"].erase("server_tool_use");
    const auto event = [](const std::string& type, Json members) {
        members["type"] = type;
        return "event: " + type + "\ndata: " + members.dump() + "\n\n";
    };
    const auto events =
        event("message_start", {{"message", start}}) +
        event("content_block_start", {{"index", 0}, {"content_block", {{"type", "text"}, {"text", ""}}}}) +
        event("content_block_delta", {{"index", 0}, {"delta", {{"type", "text_delta"}, {"text", "Hi"}}}}) +
        event("content_block_stop", {{"index", 0}}) +
        event("message_delta", {{"delta", {{"stop_reason", "end_turn"}, {"stop_sequence", nullptr}}},
                                {"usage", {{"output_tokens", 50}, {"server_tool_use", {{"web_search_requests", 1}}}}}}) +
        event("message_stop", Json::object());
    auto asked = chat("claude-sonnet-4-5", "Hello");
    asked["max_tokens"] = 100;
    auto streamed = asked;
    streamed["stream"] = true;
    for (const auto& line : {line_of("/v1/messages", asked, answer.dump(), anthropic_key),
                             line_of("/v1/messages", streamed, events, anthropic_key),
                             line_of("/v1/chat/completions", chat("claude-sonnet-4-5", "Hello"), answer.dump(), anthropic_key),
                             line_of("/v1/chat/completions", chat("claude-sonnet-4-5", "Hello", true), events, anthropic_key)}) {
        EXPECT_EQ(line.value("web_searches", 0), 1) << line;
        EXPECT_EQ(picodollars(line), price) << line;
    }
}

}  // namespace
}  // namespace smg::test
