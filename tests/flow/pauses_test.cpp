/// Whose pause it is, and who waits for it (contract section 7).
#include <gtest/gtest.h>

#include "support/scripted_models.hpp"

namespace smg::test {
namespace {

using std::chrono::milliseconds;

const std::string limited = R"({"error":{"message":"slow down","type":"requests","param":null,"code":"rate_limit_exceeded"}})";
const std::string good = R"({"id":"x","object":"chat.completion","created":1,"model":"gpt-4o","choices":[]})";

/// One worker with a stored key, played by the test.
class StoredKey : public testing::Test {
protected:
    static config::Config one_loop() {
        auto config = test_config();
        config.threads = 1;
        return config;
    }
    explicit StoredKey(config::Config config = one_loop()) : gateway(std::move(config)) {
        std::thread listing([this] { answer_list(); });
        id = gateway.add_worker(
            {{"url", upstream.url()}, {"name", "only"}, {"provider", "openai"}, {"runtime_type", "external"}, {"api_key", "sk-proj-old"}});
        listing.join();
    }
    /// The models list, which a new key is examined by.
    void answer_list() {
        provider.emplace(upstream.accept());
        (void)provider->read();
        provider->send(sized_answer(200, R"({"data":[{"id":"gpt-4o"}]})", "application/json", "connection: close\r\n"));
        provider->close();
    }
    /// A change that is examined by the list.
    void change(const std::string& method, const Json& body) {
        std::thread listing([this] { answer_list(); });
        EXPECT_EQ(gateway.client().request(method, "/workers/" + id, body.dump(), {{"content-type", "application/json"}}).status, 202);
        listing.join();
    }
    HttpClient ask() const {
        auto client = gateway.client();
        client.send_request("POST", "/v1/chat/completions", chat("gpt-4o", "Hello").dump());
        return client;
    }
    Answer answered(const std::string& bytes) {
        auto client = ask();
        auto connection = upstream.accept();
        (void)connection.read();
        connection.send(bytes);
        connection.close();
        return client.read();
    }
    static std::string limit(const std::string& retry_after) {
        return sized_answer(429, limited, "application/json", "retry-after: " + retry_after + "\r\nconnection: close\r\n");
    }
    const RawUpstream upstream;
    RunningGateway gateway;
    std::optional<MessageStream> provider;
    std::string id;
};

TEST_F(StoredKey, ANewKeyIsNotLeftAloneForTheOldOne) {
    for (const auto* method : {"PATCH", "PUT"}) {
        EXPECT_EQ(answered(limit("99999")).status, 429);
        EXPECT_EQ(ask().read().status, 429);
        ASSERT_FALSE(upstream.contacted_within(milliseconds(50))) << "the key's pause";
        Json body = {{"api_key", std::string("sk-proj-new-by-") + method}};
        if (std::string(method) == "PUT") body.update({{"url", upstream.url()}, {"provider", "openai"}, {"runtime_type", "external"}});
        change(method, body);
        EXPECT_EQ(answered(sized_answer(200, good, "application/json", "connection: close\r\n")).status, 200) << method;
    }
}

TEST_F(StoredKey, WhatTheOldKeyIsToldLateDoesNotPauseTheNewOne) {
    auto late = ask();
    auto connection = upstream.accept();
    (void)connection.read();
    change("PATCH", {{"api_key", "sk-proj-new"}});
    connection.send(limit("99999"));
    EXPECT_EQ(late.read().status, 429);
    EXPECT_EQ(answered(sized_answer(200, good, "application/json", "connection: close\r\n")).status, 200);
}

/// A gateway whose retry budget is spent: few requests, so that it is its least.
class SpentBudget : public testing::Test {
protected:
    static config::Config patient() {
        auto config = test_config();
        config.breaker.enabled = false;
        config.retry.max_attempts = 100;
        config.retry.initial_backoff = milliseconds(1);
        config.retry.max_backoff = std::chrono::seconds(60);
        config.retry.backoff_multiplier = 1;
        return config;
    }
    SpentBudget() {
        gateway.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"runtime_type", "external"}, {"api_key", "sk-proj-stored"}});
        gateway.add_worker({{"url", limiting.url()}, {"provider", "openai"}, {"runtime_type", "external"}, {"models", {"limited"}}});
        providers["openai"].forget_requests();
        providers["openai"].fail_all(500);
        EXPECT_GE(gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello")).status, 500);
    }
    double retries() const { return gateway.metric("smg_worker_retries_total", {"endpoint=\"chat\""}, least); }
    static constexpr double least = workers::RetryBudget::least;
    Providers providers;
    const RawUpstream limiting;
    RunningGateway gateway{patient()};
};

TEST_F(SpentBudget, KeepsNobodyWaitingForWhatWillNotBeSent) {
    EXPECT_EQ(static_cast<double>(providers["openai"].requests().size()), 1 + least);
    EXPECT_EQ(retries(), least) << "tries that were made";
    auto client = gateway.client();
    client.send_request("POST", "/v1/chat/completions", chat("limited", "Hello").dump(), {{"Authorization", "Bearer sk-proj-caller"}});
    auto connection = limiting.accept();
    (void)connection.read();
    connection.send(sized_answer(429, limited, "application/json", "retry-after: 50\r\n"));
    const auto answer = client.read();  // which has less patience than that
    EXPECT_EQ(answer.status, 429);
    EXPECT_EQ(answer.field("retry-after"), "50");
    EXPECT_EQ(answer.field("x-should-retry"), "false");
    EXPECT_EQ(answer.field("x-smg-attempts"), "1");
    EXPECT_EQ(gateway.metric("smg_http_responses_total", {"status_code=\"429\""}), 1);
    EXPECT_EQ(retries(), least);
}

}  // namespace
}  // namespace smg::test
