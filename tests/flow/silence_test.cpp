/// What a client hears while a provider is silent, and what a provider feels while a client is slow.
#include <gtest/gtest.h>

#include "support/scripted_models.hpp"

namespace smg::test {
namespace {

using std::chrono::milliseconds;

config::Config restless() {
    auto config = test_config();
    config.sse_keepalive = milliseconds(50);
    return config;
}

constexpr std::string_view keep_alive_comment = ": keep-alive\n";

TEST(Silence, IsFilledBeforeTheFirstByteAndBetweenEvents) {
    PlayedWorker played("openai", restless());
    auto client = played.gateway.client();
    auto upstream = played.ask(client, true);
    const auto head = client.read_head();
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.field("content-type"), "text/event-stream; charset=utf-8");
    EXPECT_EQ(head.field("x-accel-buffering"), "no");
    EXPECT_EQ(client.read_event(), keep_alive_comment);
    EXPECT_EQ(client.read_event(), keep_alive_comment);
    upstream.send(std::string(stream_head) + chunk(chat_event("one")));
    auto event = client.read_event();
    while (event == keep_alive_comment) event = client.read_event();
    EXPECT_EQ(event, chat_event("one"));
    EXPECT_EQ(client.read_event(), keep_alive_comment);
    upstream.send(chunk(chat_event("", "stop")) + chunk(done_event) + std::string(end_of_chunks));
    std::string rest = client.read_body();
    while (rest.starts_with(keep_alive_comment)) rest.erase(0, keep_alive_comment.size());
    EXPECT_EQ(rest, chat_event("", "stop") + std::string(done_event));
}

TEST(Silence, IsFilledForATranslatedStream) {
    PlayedWorker played("anthropic", restless());
    auto client = played.gateway.client();
    auto upstream = played.ask(client, true);
    EXPECT_EQ(client.read_head().status, 200);
    EXPECT_EQ(client.read_event(), keep_alive_comment);
    upstream.send(std::string(stream_head) + chunk(messages_start() + messages_text("one")));
    std::string text;
    for (auto event = client.read_event(); event && text.empty(); event = client.read_event()) text = text_of(*event);
    EXPECT_EQ(text, "one");
    EXPECT_EQ(client.read_event(), keep_alive_comment);
}

TEST(Silence, IsAPingForAnthropicsClients) {
    PlayedWorker played("anthropic", restless());
    auto client = played.gateway.client();
    Json body = chat(played.model(), "Hello", true);
    body["max_tokens"] = 100;
    client.send_request("POST", "/v1/messages", body.dump(), played.key());
    auto upstream = played.upstream.accept();
    upstream.read();
    EXPECT_EQ(client.read_head().status, 200);
    EXPECT_EQ(client.read_event(), "event: ping\ndata: {\"type\":\"ping\"}\n\n");
}

TEST(Silence, IsAnEmptyLineForGeminisClients) {
    PlayedWorker played("gemini", restless());
    auto client = played.gateway.client();
    const Json body = {{"contents", {{{"role", "user"}, {"parts", {{{"text", "Hello"}}}}}}}};
    client.send_request("POST", "/v1beta/models/" + played.model() + ":streamGenerateContent?alt=sse", body.dump(), played.key());
    auto upstream = played.upstream.accept();
    upstream.read();
    EXPECT_EQ(client.read_head().status, 200);
    EXPECT_EQ(client.read_piece(), "\r\n");
}

TEST(Silence, BeforeAnyOutputOfATranslatedStreamDoesNotTieItToItsWorker) {
    PlayedWorker played("openai", restless());
    const RawUpstream second;
    played.gateway.add_worker({{"url", second.url()}, {"provider", "openai"}, {"runtime_type", "external"}, {"name", "second"}, {"priority", 10}});
    auto client = played.gateway.client();
    Json body = chat(played.model(), "Hello", true);
    body["max_tokens"] = 100;
    client.send_request("POST", "/v1/messages", body.dump(), played.key());
    auto first = played.upstream.accept();
    first.read();
    // Its start-up tells a client of Messages nothing yet.
    const Json nothing = {
        {"id", "c1"}, {"object", "chat.completion.chunk"}, {"created", 1}, {"model", "gpt-4o"}, {"choices", Json::array()}};
    first.send(std::string(stream_head) + chunk("data: " + nothing.dump() + "\n\n"));
    EXPECT_EQ(client.read_head().status, 200);
    for (int pings = 0; pings < 2; ++pings) EXPECT_EQ(client.read_event(), "event: ping\ndata: {\"type\":\"ping\"}\n\n");
    first.close();
    auto other = second.accept();
    other.read();
    other.send(std::string(stream_head) + chunk(chat_event("from the second") + chat_event("", "stop") + std::string(done_event)) +
               std::string(end_of_chunks));
    const auto rest = client.read_body();
    EXPECT_NE(rest.find("from the second"), std::string::npos) << rest;
    EXPECT_NE(rest.find("message_stop"), std::string::npos) << rest;
    EXPECT_EQ(rest.find("event: error"), std::string::npos) << rest;
}

TEST(Silence, IsKeptInAUnaryAnswer) {
    PlayedWorker played("openai", restless());
    auto client = played.gateway.client();
    auto upstream = played.ask(client, false);
    EXPECT_FALSE(client.socket().readable_within(milliseconds(200)));
    upstream.send(sized_answer(200, "{\"id\":\"x\"}"));
    EXPECT_EQ(client.read().body, "{\"id\":\"x\"}");
}

TEST(Silence, AnErrorAfterAKeepAliveIsAnEvent) {
    PlayedWorker played("openai", restless());
    auto client = played.gateway.client();
    auto upstream = played.ask(client, true);
    EXPECT_EQ(client.read_head().status, 200);
    EXPECT_EQ(client.read_event(), keep_alive_comment);
    upstream.send(sized_answer(400, R"({"error":{"message":"no such thing","type":"invalid_request_error","param":"x","code":null}})"));
    auto event = client.read_event();
    while (event == keep_alive_comment) event = client.read_event();
    ASSERT_TRUE(event);
    EXPECT_EQ(Json::parse(event->substr(6)).at("error").at("message"), "no such thing");
    EXPECT_EQ(client.read_event(), std::nullopt);
    EXPECT_FALSE(client.broken());
    EXPECT_TRUE(client.closed_within(milliseconds(2000)));
}

/// The kernel's buffers on the way hold some megabytes; what exceeds them by far would lie in the gateway's memory.
constexpr std::size_t stream_bytes = 64 * 1024 * 1024;
constexpr std::size_t on_the_way = 24 * 1024 * 1024;

void expect_no_reading_ahead(const std::string& provider, const std::string& begin, const std::string& event) {
    PlayedWorker played(provider, test_config(), 64 * 1024);
    auto client = played.gateway.client(64 * 1024);
    auto upstream = played.ask(client, true);
    upstream.send(std::string(stream_head) + begin);
    std::size_t sent = 0;
    std::string block;
    while (block.size() < 1024 * 1024) block += chunk(event);
    std::size_t taken = block.size();
    while (taken == block.size() && sent < stream_bytes) sent += taken = upstream.socket().write_within(block, milliseconds(500));
    EXPECT_LT(sent, on_the_way) << "the gateway reads on although the client does not";
    testing::Test::RecordProperty("taken_without_a_reader", static_cast<int>(sent));
    // It goes on as soon as the client does.
    client.read_head();
    std::string rest = block.substr(taken);
    for (int piece = 0; piece < 100'000 && !rest.empty(); ++piece) {
        ASSERT_TRUE(client.read_piece());
        rest.erase(0, upstream.socket().write_within(rest, milliseconds(0)));
    }
    EXPECT_TRUE(rest.empty());
}

TEST(SlowClient, KeepsTheProviderWaiting) { expect_no_reading_ahead("openai", {}, chat_event(std::string(8000, 'x'))); }

TEST(SlowClient, KeepsTheProviderOfATranslatedStreamWaiting) {
    expect_no_reading_ahead("anthropic", chunk(messages_start()), messages_text(std::string(8000, 'x')));
}

}  // namespace
}  // namespace smg::test
