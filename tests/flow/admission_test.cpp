// Contract sections 7 and 8: how many requests are taken, from whom, and what becomes of the others.
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "support/running_gateway.hpp"
#include "support/scripted_upstream.hpp"

namespace smg::test {
namespace {

class Admitted : public testing::Test {
protected:
    RunningGateway& run(config::Config config) {
        gateway.emplace(std::move(config));
        gateway->add_worker({{"url", providers["openai"].url()}, {"name", "one"}, {"provider", "openai"}, {"api_key", "sk-proj-stored-key-of-one"}});
        return *gateway;
    }
    /// Opens a stream and leaves it open: its place is taken until `client` goes.
    static void begin_stream(HttpClient& client, const Headers& headers = {}) {
        client.send_request("POST", "/v1/chat/completions", chat("gpt-4o", "Hello", true).dump(), headers);
        ASSERT_EQ(client.read_head().status, 200);
    }
    static simulator::SimulatorOptions endless() {
        simulator::SimulatorOptions options;
        options.chunk_interval = std::chrono::minutes(10);
        return options;
    }

    Providers providers{endless()};
    std::optional<RunningGateway> gateway;
};

/// The head of a stream without output is sent with the first keep-alive.
config::Config soon_heard() {
    auto config = test_config();
    config.sse_keepalive = std::chrono::milliseconds(20);
    return config;
}

config::Config one_at_a_time(std::size_t queue) {
    auto config = soon_heard();
    config.admission.max_concurrent = 1;
    config.admission.queue_size = queue;
    return config;
}

TEST_F(Admitted, AFullLineIsA429ThatSaysWhenToComeAgain) {
    run(one_at_a_time(0));
    auto streaming = gateway->client();
    begin_stream(streaming);
    const auto refused = gateway->post("/v1/chat/completions", chat("gpt-4o", "Hello"));
    EXPECT_EQ(refused.status, 429) << refused.body;
    EXPECT_EQ(refused.field("x-smg-error-code"), "rate_limit_exceeded");
    EXPECT_EQ(refused.field("retry-after"), "1");
    EXPECT_EQ(Json::parse(refused.body).at("error").at("code"), "rate_limit_exceeded");
    EXPECT_EQ(gateway->metric("smg_http_rate_limit_total", {"result=\"rejected\""}), 1);
}

TEST_F(Admitted, WhoWaitsIsServedWhenAnotherLeaves) {
    run(one_at_a_time(10));
    auto streaming = gateway->client();
    begin_stream(streaming);
    auto waiting = gateway->client();
    waiting.send_request("POST", "/v1/chat/completions", chat("gpt-4o", "Hello").dump());
    EXPECT_FALSE(waiting.socket().readable_within(std::chrono::milliseconds(50))) << "there is no place for it yet";
    streaming.close();
    EXPECT_EQ(waiting.read().status, 200);
}

TEST_F(Admitted, WaitingTooLongIsA408InTheClientsFormat) {
    auto config = one_at_a_time(10);
    config.admission.queue_timeout = std::chrono::milliseconds(30);
    run(config);
    auto streaming = gateway->client();
    begin_stream(streaming);
    const auto refused =
        gateway->post("/v1/messages", {{"model", "gpt-4o"}, {"max_tokens", 5}, {"messages", {{{"role", "user"}, {"content", "Hi"}}}}});
    EXPECT_EQ(refused.status, 408) << refused.body;
    EXPECT_EQ(Json::parse(refused.body).at("type"), "error");
    EXPECT_EQ(refused.field("x-smg-error-code"), "request_timeout");
}

TEST_F(Admitted, ALineIsNoPlaceForTheControlPlane) {
    run(one_at_a_time(0));
    auto streaming = gateway->client();
    begin_stream(streaming);
    EXPECT_EQ(gateway->get("/workers").status, 200);
    EXPECT_EQ(gateway->get("/health").status, 200);
}

config::Tenant tenant(const std::string& name) {
    config::Tenant made;
    made.name = name;
    made.keys.emplace_back("tenant-secret-" + name);
    return made;
}
Headers as(const std::string& name) { return {{"Authorization", "Bearer tenant-secret-" + name}}; }

TEST_F(Admitted, ATenantHasItsModelsAndNoOthers) {
    auto config = test_config();
    config.tenants.push_back(tenant("acme"));
    config.tenants.back().models = {"gpt-4o-mini"};
    config.tenants.push_back(tenant("free"));
    config.control_plane_keys.push_back({"id", "name", true, Secret("admin-key")});
    gateway.emplace(config);
    gateway->add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-proj-stored-key-of-one"}},
                        {{"Authorization", "Bearer admin-key"}});
    EXPECT_EQ(gateway->post("/v1/chat/completions", chat("gpt-4o", "Hello")).status, 401) << "tenants' keys close the gateway";
    const auto refused = gateway->post("/v1/chat/completions", chat("gpt-4o", "Hello"), as("acme"));
    EXPECT_EQ(refused.status, 403) << refused.body;
    EXPECT_EQ(Json::parse(refused.body).at("error").at("param"), "model");
    EXPECT_EQ(gateway->post("/v1/chat/completions", chat("gpt-4o-mini", "Hello"), as("acme")).status, 200);
    EXPECT_EQ(gateway->post("/v1/chat/completions", chat("gpt-4o", "Hello"), as("free")).status, 200);
    const auto raw = gateway->client().request("POST", "/openai/v1/chat/completions", chat("gpt-4o", "Hello").dump(), as("acme"));
    EXPECT_EQ(raw.status, 403) << "a raw path is no way around the list";
    const auto list = Json::parse(gateway->get("/v1/models", as("acme")).body).at("data");
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].at("id"), "gpt-4o-mini");
    EXPECT_EQ(gateway->get("/v1/models/gpt-4o", as("acme")).status, 404);
    for (const auto& sent : providers["openai"].requests())
        for (const auto& field : sent.fields) EXPECT_EQ(field.value.find("tenant-secret-"), std::string::npos) << field.name;
}

TEST_F(Admitted, ATenantsTokensAreSettledByWhatWasUsed) {
    auto config = soon_heard();
    config.insecure_open = true;
    config.tenants.push_back(tenant("acme"));
    config.tenants.back().tokens_per_minute = 2000;
    config.control_plane_keys.push_back({"id", "name", true, Secret("admin-key")});
    gateway.emplace(config);
    gateway->add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-proj-stored-key-of-one"}},
                        {{"Authorization", "Bearer admin-key"}});
    auto body = chat("gpt-4o", "Hello");
    body["max_tokens"] = 1500;
    // A request is settled just after its answer's last byte: whoever comes at once may come too early.
    const auto until = std::chrono::steady_clock::now() + step_limit;
    const auto served = [&] {
        int status = 429;
        while (status == 429 && std::chrono::steady_clock::now() < until) status = gateway->post("/v1/chat/completions", body, as("acme")).status;
        return status == 200;
    };
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(served()) << "what was reserved and not used came back";
    std::optional<HttpClient> open;
    auto streamed = chat("gpt-4o", "Hello", true);
    streamed["max_tokens"] = 1500;
    int opened = 429;
    while (opened == 429 && std::chrono::steady_clock::now() < until) {
        open.emplace(gateway->port());
        open->send_request("POST", "/v1/chat/completions", streamed.dump(), as("acme"));
        opened = open->read_head().status;
    }
    ASSERT_EQ(opened, 200);
    const auto refused = gateway->post("/v1/chat/completions", body, as("acme"));
    EXPECT_EQ(refused.status, 429) << "while a request is open its reservation stands";
    EXPECT_GE(std::stoi(refused.field("retry-after")), 1);
    open->close();
    // Whoever leaves half-way is settled when its stream has ended: then there is room again.
    EXPECT_TRUE(served());
}

/// A tenant with a budget of 1000 tokens a minute, and a worker that answers what a test tells it to.
class Budgeted : public testing::Test {
protected:
    Budgeted() : gateway(budgeted()) {
        loops.start();
        gateway.add_worker({{"url", upstream.url()}, {"provider", "openai"}, {"runtime_type", "external"}, {"models", {"m"}}},
                           {{"Authorization", "Bearer admin-key"}});
    }
    ~Budgeted() override { loops.stop(); }
    static config::Config budgeted() {
        auto config = test_config();
        config.tenants.push_back(tenant("acme"));
        config.tenants.back().tokens_per_minute = 1000;
        config.control_plane_keys.push_back({"id", "name", true, Secret("admin-key")});
        return config;
    }
    void answers(int status, const std::string& body, const std::string& type = "application/json") {
        script([=](const http::RequestHead&) {
            ScriptedReply reply(status, body);
            reply.fields.set("content-type", type);
            return reply;
        });
    }
    /// On the upstream's own thread, since it may be at it.
    void script(ScriptedUpstream::Script script) {
        std::promise<void> done;
        loops[0].post([&] {
            upstream.script(std::move(script));
            done.set_value();
        });
        done.get_future().wait();
    }
    static void send(HttpClient& client, const std::string& path, int tokens, int max_tokens = 0) {
        Json body = {{"model", "openai/m"}, {"prompt", ""}, {"input", "x"}};
        if (max_tokens > 0) body["max_tokens"] = max_tokens;
        body["prompt"] = std::string(static_cast<std::size_t>(tokens * 3.6) - body.dump().size(), 'x');
        client.send_request("POST", path, body.dump(), {{"Authorization", "Bearer sk-proj-caller"}, {"X-SMG-API-Key", "tenant-secret-acme"}});
    }
    /// The status of a request that is about so long. On one connection: the one before is settled by then.
    int ask(const std::string& path, int tokens) {
        send(client, path, tokens);
        return client.read().status;
    }

    net::EventLoops loops{1};
    ScriptedUpstream upstream{loops};
    RunningGateway gateway;
    HttpClient client{gateway.port()};
};

TEST_F(Budgeted, ForwardedRequestsCountAsReported) {
    answers(200, R"({"choices":[],"usage":{"prompt_tokens":850,"completion_tokens":50,"total_tokens":900}})");
    EXPECT_EQ(ask("/v1/completions", 150), 200);
    EXPECT_EQ(ask("/v1/completions", 400), 429);
}

TEST_F(Budgeted, EmbeddingsCountAsReported) {
    answers(200, R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5]}],"model":"m",)"
                 R"("usage":{"prompt_tokens":900,"total_tokens":900}})");
    EXPECT_EQ(ask("/v1/embeddings", 150), 200);
    EXPECT_EQ(ask("/v1/embeddings", 400), 429);
}

TEST_F(Budgeted, StreamsThatAreForwardedCountAsTheirLastEventReports) {
    answers(200,
            "data: {\"choices\":[{\"text\":\"x\"}],\"usage\":null}\n\n"
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":900,\"completion_tokens\":1}}\n\ndata: [DONE]\n\n",
            "text/event-stream");
    EXPECT_EQ(ask("/v1/completions", 150), 200);
    EXPECT_EQ(ask("/v1/completions", 400), 429);
}

TEST_F(Budgeted, WhatNobodyReportsCountsByItsLength) {
    answers(200, R"({"results":[]})");
    EXPECT_EQ(ask("/v1/rerank", 700), 200);
    EXPECT_EQ(ask("/v1/rerank", 700), 429);
}

TEST_F(Budgeted, ErrorsAndCountsOfTokensCostNothing) {
    answers(400, R"({"error":{"message":"no"}})");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(ask("/v1/completions", 900), 400);
    answers(200, R"({"object":"response.input_tokens","input_tokens":5})");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(ask("/v1/responses/input_tokens", 900), 200);
}

TEST_F(Budgeted, WhoLeavesPaysForWhatWasSentAndNoMore) {
    std::atomic<int> arrived{0};
    script([&arrived](const http::RequestHead&) {
        ++arrived;
        return std::nullopt;
    });
    HttpClient leaving(gateway.port());
    send(leaving, "/v1/chat/completions", 200, 700);
    const auto until = std::chrono::steady_clock::now() + step_limit;
    while (arrived == 0) ASSERT_LT(std::chrono::steady_clock::now(), until);
    EXPECT_EQ(ask("/v1/completions", 500), 429) << "while it is open its reservation stands";
    leaving.close();
    answers(200, R"({"results":[]})");
    int status = 429;
    while (status == 429 && std::chrono::steady_clock::now() < until) status = ask("/v1/completions", 500);
    EXPECT_EQ(status, 200) << "what was reserved for its answer came back";
    EXPECT_EQ(ask("/v1/completions", 600), 429) << "what the worker was sent is not given back";
}

TEST_F(Admitted, BodiesTogetherHaveALimit) {
    auto config = test_config();
    config.max_buffered_bytes = 100'000;
    run(config);
    auto slow = gateway->client();
    const auto body = chat("gpt-4o", std::string(90'000, 'x')).dump();
    slow.send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n" + body.substr(0, 80'000));
    const auto until = std::chrono::steady_clock::now() + step_limit;
    // The slow body arrives when it arrives.
    while (gateway->get("/inflight").body.find("\"bytes_in\":80000") == std::string::npos) ASSERT_LT(std::chrono::steady_clock::now(), until);
    const auto refused = gateway->post("/v1/chat/completions", chat("gpt-4o", std::string(50'000, 'x')));
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.field("x-smg-error-code"), "service_unavailable");
    slow.send(body.substr(80'000));
    EXPECT_EQ(slow.read().status, 200) << "nobody else's body is lost";
    // What was held is given back, just after the answer's last byte.
    int status = 503;
    while (status == 503 && std::chrono::steady_clock::now() < until)
        status = gateway->post("/v1/chat/completions", chat("gpt-4o", std::string(50'000, 'x'))).status;
    EXPECT_EQ(status, 200);
}

TEST_F(Admitted, BeyondTheMemoryLimitNewRequestsAreShed) {
    auto config = test_config();
    config.max_memory = 1;  // every process holds more
    gateway.emplace(config);
    const auto until = std::chrono::steady_clock::now() + step_limit;
    Answer refused;
    while (refused.status != 503 && std::chrono::steady_clock::now() < until)
        refused = gateway->post("/v1/chat/completions", chat("gpt-4o", "Hello"));
    EXPECT_EQ(refused.status, 503);
    EXPECT_NE(refused.body.find("memory"), std::string::npos) << refused.body;
    EXPECT_EQ(gateway->get("/health").status, 200);
}

TEST_F(Admitted, TheWaitCountsAgainstTheRequestsTime) {
    run(one_at_a_time(10));
    auto streaming = gateway->client();
    begin_stream(streaming);
    const auto before = providers["openai"].requests().size();
    const auto refused = gateway->post("/v1/chat/completions", chat("gpt-4o", "Hello"), {{"X-SMG-Timeout-Ms", "50"}});
    EXPECT_EQ(refused.status, 504) << refused.body;
    EXPECT_EQ(refused.field("x-smg-error-code"), "upstream_timeout");
    EXPECT_EQ(providers["openai"].requests().size(), before);
}

}  // namespace
}  // namespace smg::test
