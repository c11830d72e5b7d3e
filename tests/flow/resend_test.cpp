/// What an attempt that comes to nothing is counted as, and what bounds it: connections closed under a request, answers that begin and fall silent,
/// clients that leave in a pause, errors inside a stream.
#include <gtest/gtest.h>

#include "support/request_log.hpp"
#include "support/two_played_workers.hpp"

namespace smg::test {
namespace {

using std::chrono::milliseconds;

config::Config impatient() {
    auto config = test_config();
    config.first_byte_timeout = milliseconds(300);
    return config;
}

Json line_of_the_chat(const RequestLog& log) {
    for (const auto& line : log.lines())
        if (line.value("endpoint", "") == "chat") return line;
    return {};
}

class AnswerThatFallsSilent : public TwoPlayedWorkers {
protected:
    AnswerThatFallsSilent() : TwoPlayedWorkers(impatient()) {}
};

TEST_F(AnswerThatFallsSilent, BehindItsHeadMovesTheStreamToAnotherWorker) {
    auto client = ask(true);
    auto silent = taken(first);
    silent.send(std::string(stream_head));
    auto quick = taken(second);
    EXPECT_TRUE(silent.closed_within(step_limit)) << "it stops costing money";
    quick.send(std::string(stream_head) + chunk(chat_event("Hi") + chat_event("", "stop") + std::string(done_event)) + std::string(end_of_chunks));
    EXPECT_EQ(client.read_head().field("x-smg-worker"), "second");
    EXPECT_NE(client.read_body().find("Hi"), std::string::npos);
}

/// Each loop keeps connections of its own.
config::Config on_one_loop() {
    auto config = test_config();
    config.threads = 1;
    return config;
}

class ClosedConnections : public testing::Test {
protected:
    /// Takes a request on a fresh connection and answers it; the connection stays.
    MessageStream serve_one(HttpClient client) {
        auto connection = upstream.accept();
        connection.read();
        connection.send(sized_answer(200, answer));
        EXPECT_EQ(client.read().status, 200);
        return connection;
    }
    HttpClient ask(const RunningGateway& gateway) const {
        auto client = gateway.client();
        client.send_request("POST", "/v1/chat/completions", chat("gpt-4o", "Hello").dump(), {{"Authorization", "Bearer sk-proj-caller"}});
        return client;
    }
    void add_to(RunningGateway& gateway, const Json& more = Json::object()) const {
        Json spec = {{"url", upstream.url()}, {"provider", "openai"}, {"models", {"gpt-4o"}}, {"runtime_type", "external"}};
        spec.update(more);
        gateway.add_worker(spec);
    }
    const std::string answer = R"({"id":"c","object":"chat.completion","created":1,"model":"gpt-4o","choices":[{"index":0,"message":)"
                               R"({"role":"assistant","content":"Hi"},"finish_reason":"stop"}]})";
    RawUpstream upstream;
};

TEST_F(ClosedConnections, ARequestThatIsSentAnewIsCounted) {
    RunningGateway gateway(on_one_loop());
    add_to(gateway);
    auto kept = serve_one(ask(gateway));
    auto client = ask(gateway);
    kept.read();
    kept.close();
    auto fresh = upstream.accept();
    fresh.read();
    fresh.send(sized_answer(200, answer));
    const auto got = client.read();
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.field("x-smg-attempts"), "2");
    EXPECT_EQ(gateway.metric("smg_worker_retries_total", {"endpoint=\"chat\""}), 1);
}

TEST_F(ClosedConnections, AndNotSentAnewWhereRetriesAreDisabled) {
    auto config = on_one_loop();
    config.retry.enabled = false;
    RunningGateway gateway(std::move(config));
    add_to(gateway);
    auto kept = serve_one(ask(gateway));
    auto client = ask(gateway);
    kept.read();
    kept.close();
    EXPECT_EQ(client.read().status, 502);
}

TEST_F(ClosedConnections, AWorkerMayKeepNoneAtAll) {
    RunningGateway gateway;
    add_to(gateway, {{"http_pool", {{"pool_max_idle_per_host", 0}}}});
    EXPECT_TRUE(serve_one(ask(gateway)).closed_within(step_limit));
}

TEST_F(ClosedConnections, AWorkerMayKeepThemShortly) {
    RunningGateway gateway;
    add_to(gateway, {{"http_pool", {{"pool_idle_timeout_secs", 0.05}}}});
    EXPECT_TRUE(serve_one(ask(gateway)).closed_within(step_limit));
}

TEST_F(TwoPlayedWorkers, AClientThatLeavesInAPauseHasLeft) {
    const RequestLog log;
    {
        auto client = ask(false, {{"X-SMG-Target-Worker", "first"}});
        auto upstream = taken(first);
        upstream.send(sized_answer(429, R"({"error":{"message":"slow down"}})", "application/json", "retry-after: 20\r\n"));
        while (gateway.get("/inflight").body.find(R"("phase":"relay")") == std::string::npos) {}  // it has read the answer, and waits
    }
    ASSERT_EQ(gateway.metric("smg_client_disconnects_total", {}), 1);
    const auto line = line_of_the_chat(log);
    EXPECT_EQ(line.at("outcome"), "client_closed") << line;
    EXPECT_EQ(line.at("ended_by"), "client") << line;
}

TEST_F(TwoPlayedWorkers, AnErrorInsideAStreamIsTheProviders) {
    const RequestLog log;
    auto client = ask(true);
    auto upstream = taken(first);
    upstream.send(std::string(stream_head) + chunk(chat_event("Hi")) +
                  chunk("data: {\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\",\"code\":\"overloaded\"}}\n\n") +
                  std::string(end_of_chunks));
    client.read_head();
    client.read_body();
    ASSERT_EQ(gateway.metric("smg_router_request_errors_total", {"error_type=\"backend_error\""}), 1);
    const auto line = line_of_the_chat(log);
    EXPECT_EQ(line.at("failure"), "backend_error") << line;
    EXPECT_EQ(line.at("ended_by"), "provider") << line;
}

}  // namespace
}  // namespace smg::test
