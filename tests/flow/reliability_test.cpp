/// Contract section 7 over real sockets: pauses, breakers, limits of time and number, and streams that move before their output.
#include <gtest/gtest.h>

#include "support/two_played_workers.hpp"

namespace smg::test {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view role_only = R"({"role":"assistant","content":""})";

std::string chat_start() {
    return "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-4o\",\"choices\":[{\"index\":0,\"delta\":" +
           std::string(role_only) + ",\"finish_reason\":null}]}\n\n";
}
std::string whole_stream(const std::string& text) {
    return std::string(stream_head) + chunk(chat_start()) + chunk(chat_event(text)) + chunk(chat_event("", "stop")) + chunk(done_event) +
           std::string(end_of_chunks);
}
const std::string overloaded_event =
    "data: {\"error\":{\"message\":\"The server is overloaded\",\"type\":\"server_error\",\"param\":null,\"code\":\"overloaded\"}}\n\n";

using Played = TwoPlayedWorkers;

void expect_from_second(HttpClient& client) {
    const auto answer = client.read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.field("x-smg-worker"), "second");
    EXPECT_EQ(answer.field("x-smg-attempts"), "2");
    EXPECT_EQ(answer.body, chat_start() + chat_event("from the second") + chat_event("", "stop") + std::string(done_event))
        << "nothing of the first one's answer";
}

TEST_F(Played, AStreamWhoseFirstEventIsAnErrorMoves) {
    auto client = ask(true);
    auto broken = taken(first);
    broken.send(std::string(stream_head) + chunk(overloaded_event) + std::string(end_of_chunks));
    auto good = taken(second);
    good.send(whole_stream("from the second"));
    expect_from_second(client);
}

TEST_F(Played, AStreamThatIsCutAfterItsStartUpMoves) {
    auto client = ask(true);
    auto broken = taken(first);
    broken.send(std::string(stream_head) + chunk(chat_start()));
    broken.close();
    auto good = taken(second);
    good.send(whole_stream("from the second"));
    expect_from_second(client);
}

TEST_F(Played, AStreamThatIsCutBeforeItsHeadMoves) {
    auto client = ask(true);
    taken(first).close();
    auto good = taken(second);
    good.send(whole_stream("from the second"));
    expect_from_second(client);
}

TEST_F(Played, AStreamThatEndsWithoutAWordMoves) {
    auto client = ask(true);
    taken(first).send(std::string(stream_head) + chunk(chat_start()) + std::string(end_of_chunks));
    auto good = taken(second);
    good.send(whole_stream("from the second"));
    expect_from_second(client);
}

TEST_F(Played, APageInPlaceOfAStreamMoves) {
    auto client = ask(true);
    auto broken = taken(first);
    broken.send(sized_answer(200, "<html>captive portal</html>", "text/html"));
    auto good = taken(second);
    good.send(whole_stream("from the second"));
    expect_from_second(client);
}

TEST_F(Played, AfterItsOutputNoStreamMoves) {
    auto client = ask(true);
    auto broken = taken(first);
    broken.send(std::string(stream_head) + chunk(chat_start() + chat_event("one")));
    EXPECT_EQ(client.read_head().status, 200);
    broken.close();
    const auto body = client.read_body();
    EXPECT_NE(body.find("\"error\""), std::string::npos) << body;
    EXPECT_FALSE(second.contacted_within(milliseconds(100)));
}

TEST_F(Played, AnErrorOfTheRequestInAStreamIsAnAnswerWithItsStatus) {
    auto client = ask(true);
    auto refusing = taken(first);
    refusing.send(std::string(stream_head) +
                  chunk("data: {\"error\":{\"message\":\"no such tool\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":null}}\n\n") +
                  std::string(end_of_chunks));
    const auto answer = client.read();
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(Json::parse(answer.body).at("error").at("message"), "no such tool");
    EXPECT_FALSE(second.contacted_within(milliseconds(100)));
}

TEST_F(Played, TheHeadIsHeldUntilTheFirstOutput) {
    auto client = ask(true);
    auto slow = taken(first);
    slow.send(std::string(stream_head) + chunk(chat_start()));
    EXPECT_FALSE(client.socket().readable_within(milliseconds(100)));
    slow.send(chunk(chat_event("one")));
    EXPECT_EQ(client.read_head().field("x-smg-worker"), "first");
    EXPECT_EQ(client.read_event(), chat_start());
    EXPECT_EQ(client.read_event(), chat_event("one"));
}

TEST_F(Played, AUnaryRequestIsNotSentAgainOnceItMayHaveBeenCarriedOut) {
    auto client = ask(false);
    taken(first).close();
    const auto answer = client.read();
    EXPECT_EQ(answer.status, 502) << answer.body;
    EXPECT_FALSE(second.contacted_within(milliseconds(100)));
}

TEST_F(Played, AClientThatLeavesEndsTheMoves) {
    {
        auto client = ask(true);
        auto broken = taken(first);
        client.close();
        EXPECT_TRUE(broken.closed_within(milliseconds(2000)));
    }
    EXPECT_FALSE(second.contacted_within(milliseconds(100)));
}

class PlayedImpatiently : public Played {
protected:
    static config::Config impatient() {
        auto config = test_config();
        config.first_byte_timeout = milliseconds(150);
        return config;
    }
    PlayedImpatiently() : Played(impatient()) {}
};

TEST_F(PlayedImpatiently, AStreamWithoutAFirstByteMovesOnce) {
    auto client = ask(true);
    auto hung = taken(first);
    auto good = taken(second);
    EXPECT_TRUE(hung.closed_within(milliseconds(2000)));
    good.send(whole_stream("from the second"));
    expect_from_second(client);
}

TEST_F(PlayedImpatiently, ASecondTimeoutIsTheLast) {
    auto client = ask(true);
    auto hung = taken(first);
    auto hung_too = taken(second);
    const auto answer = client.read();
    EXPECT_EQ(answer.status, 504) << answer.body;
    EXPECT_EQ(answer.field("x-should-retry"), "false");
}

TEST_F(Played, ARequestsOwnTimeIsForAllItsAttempts) {
    auto client = ask(false, {{"X-SMG-Timeout-Ms", "200"}});
    auto hung = taken(first);
    const auto answer = client.read();
    EXPECT_EQ(answer.status, 504) << answer.body;
    EXPECT_EQ(answer.field("x-smg-error-code"), "upstream_timeout");
    EXPECT_FALSE(second.contacted_within(milliseconds(100)));
}

TEST_F(Played, TheProvidersWordAgainstRetriesIsHeeded) {
    auto client = ask(false);
    auto refusing = taken(first);
    refusing.send(sized_answer(503, overloaded_event.substr(6), "application/json", "x-should-retry: false\r\n"));
    EXPECT_EQ(client.read().status, 503);
    EXPECT_FALSE(second.contacted_within(milliseconds(100)));
}

class PlayedWithOwnCodes : public Played {
protected:
    /// One loop, so that the second request finds the first one's connection.
    static config::Config one_loop() {
        auto config = test_config();
        config.threads = 1;
        return config;
    }
    PlayedWithOwnCodes() : Played(one_loop(), {{"resilience", {{"retryable_status_codes", {418}}}}}) {}
};

TEST_F(PlayedWithOwnCodes, AWorkersOwnStatusCodesDecide) {
    auto client = ask(false);
    auto teapot = taken(first);
    teapot.send(sized_answer(418, "{}"));
    auto good = taken(second);
    good.send(sized_answer(200, "{\"id\":\"x\"}"));
    EXPECT_EQ(client.read().field("x-smg-worker"), "second");
    auto other = ask(false);
    teapot.read();  // the connection was kept
    teapot.send(sized_answer(500, "{}"));
    EXPECT_EQ(other.read().status, 500);
}

TEST(PassiveHealth, AnExternalWorkerThatNobodyReachesIsTakenOut) {
    RunningGateway gateway;
    Providers away, there;
    const auto id = gateway.add_worker(
        {{"url", away["openai"].url()}, {"provider", "openai"}, {"runtime_type", "external"}, {"api_key", "sk-proj-a"}, {"priority", 90}});
    gateway.add_worker({{"url", there["openai"].url()}, {"provider", "openai"}, {"runtime_type", "external"}, {"api_key", "sk-proj-b"}});
    away["openai"].stop();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello")).status, 200);
    const auto shown = Json::parse(gateway.get("/workers/" + id).body);
    EXPECT_EQ(shown.at("status"), "not_ready") << shown;
    EXPECT_EQ(gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello")).field("x-smg-attempts"), "1");
    EXPECT_GE(gateway.metric("smg_worker_health_checks_total", {"result=\"failure\""}), 1);
}

TEST(PassiveHealth, WithTheFlagItIsRemoved) {
    auto config = test_config();
    config.health.remove_unhealthy = true;
    config.health.drain_settle = std::chrono::seconds(0);
    RunningGateway gateway(std::move(config));
    Providers away;
    const auto id =
        gateway.add_worker({{"url", away["openai"].url()}, {"provider", "openai"}, {"runtime_type", "external"}, {"api_key", "sk-proj-a"}});
    away["openai"].stop();
    const auto until = std::chrono::steady_clock::now() + step_limit;
    // A server that is just closing may still take a connection and cut it, which is another failure.
    while (gateway.get("/workers/" + id).status != 404) {
        ASSERT_LT(std::chrono::steady_clock::now(), until);
        EXPECT_NE(gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello")).status, 200);
    }
}

/// One worker alone: the same is asked again.
class Alone : public testing::Test {
protected:
    static config::Config hasty() {
        auto config = test_config();
        config.retry.initial_backoff = milliseconds(20);
        return config;
    }
    explicit Alone(config::Config config = hasty(), const std::string& key = "sk-proj-stored") : gateway(std::move(config)) {
        Json spec = {{"url", providers["openai"].url()}, {"name", "only"}, {"provider", "openai"}, {"runtime_type", "external"}};
        if (!key.empty()) spec["api_key"] = key;
        id = gateway.add_worker(spec);
        providers["openai"].forget_requests();
    }
    Answer ask() const { return gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello")); }
    std::size_t sends() { return providers["openai"].requests().size(); }
    Json breaker() const { return Json::parse(gateway.get("/workers/" + id).body).at("circuit_breaker"); }

    Providers providers;
    RunningGateway gateway;
    std::string id;
};

TEST_F(Alone, IsAskedAgainAfterAPauseAndThenTheErrorIsTheClients) {
    providers["openai"].fail_all(503);
    const auto answer = ask();
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.field("x-smg-attempts"), "5");
    EXPECT_EQ(answer.field("x-should-retry"), "false");
    EXPECT_EQ(sends(), 5U);
    EXPECT_EQ(gateway.metric("smg_worker_retries_total", {"endpoint=\"chat\""}, 4), 4);
    EXPECT_EQ(gateway.metric("smg_worker_retries_exhausted_total", {"endpoint=\"chat\""}), 1);
    EXPECT_EQ(gateway.metric("smg_worker_errors_total", {"error_type=\"overloaded\""}, 5), 5);
}

TEST_F(Alone, TheBudgetBoundsWhatAnOutageIsMultipliedBy) {
    providers["openai"].fail_all(500);
    for (int i = 0; i < 6; ++i) EXPECT_GE(ask().status, 500);
    EXPECT_LE(sends(), 6U + 10U);
}

TEST_F(Alone, SpentMoneyIsNotAskedForAgain) {
    const auto answer = gateway.post("/v1/chat/completions", chat("gpt-4o", "simulate:quota"));
    EXPECT_EQ(answer.status, 429);
    EXPECT_EQ(answer.field("x-smg-error-code"), "insufficient_quota");
    EXPECT_EQ(answer.field("x-should-retry"), "false");
    EXPECT_EQ(sends(), 1U);
    EXPECT_EQ(ask().field("x-smg-error-code"), "insufficient_quota") << "nobody asks it for a while";
    EXPECT_EQ(sends(), 1U);
}

TEST_F(Alone, AStatedWaitIsWaitedFor) {
    providers["openai"].fail_all(429);
    auto client = gateway.client();
    client.send_request("POST", "/v1/chat/completions", chat("gpt-4o", "Hello").dump());
    ASSERT_TRUE(providers["openai"].wait_until([&] { return sends() == 1; }, milliseconds(5000)));
    const auto limited_at = std::chrono::steady_clock::now();
    providers["openai"].fail_all(0);
    const auto answer = client.read();
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.field("x-smg-attempts"), "2");
    EXPECT_GT(std::chrono::steady_clock::now() - limited_at, milliseconds(800)) << "the simulated provider asks for a second";
}

class AloneWithoutPatience : public Alone {
protected:
    static config::Config impatient() {
        auto config = hasty();
        config.retry.max_backoff = milliseconds(100);
        return config;
    }
    AloneWithoutPatience() : Alone(impatient()) {}
};

TEST_F(AloneWithoutPatience, AWaitBeyondTheLongestIsTheClients) {
    providers["openai"].fail_all(429);
    EXPECT_EQ(ask().status, 429);
    const auto again = ask();
    EXPECT_EQ(again.status, 429);
    EXPECT_EQ(again.field("x-smg-error-code"), "rate_limit_exceeded");
    EXPECT_EQ(again.field("retry-after"), "1");
    EXPECT_EQ(sends(), 1U);
}

class AloneWithBreaker : public Alone {
protected:
    static config::Config fragile() {
        auto config = test_config();
        config.retry.enabled = false;
        config.breaker.failure_threshold = 3;
        config.breaker.success_threshold = 2;
        config.breaker.timeout = milliseconds(300);
        return config;
    }
    AloneWithBreaker() : Alone(fragile()) {}
};

TEST_F(AloneWithBreaker, OpensIsShownAndCloses) {
    providers["openai"].fail_all(500);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(ask().status, 500);
    const auto refused = ask();
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.field("x-smg-error-code"), "service_unavailable");
    EXPECT_FALSE(refused.field("retry-after").empty());
    EXPECT_EQ(sends(), 3U);
    EXPECT_EQ(breaker().at("state"), "open");
    EXPECT_EQ(breaker().at("consecutive_failures"), 3);
    EXPECT_EQ(breaker().at("models").at("gpt-4o"), "open");
    EXPECT_EQ(gateway.metric("smg_worker_cb_state", {"worker=\"only\""}), 1);
    EXPECT_EQ(gateway.post("/v1/chat/completions", chat("gpt-4o-mini", "simulate:tokens=3")).status, 500) << "another model has another breaker";

    providers["openai"].fail_all(0);
    const auto until = std::chrono::steady_clock::now() + step_limit;
    while (ask().status != 200) ASSERT_LT(std::chrono::steady_clock::now(), until);
    EXPECT_EQ(breaker().at("state"), "half_open");
    EXPECT_EQ(ask().status, 200);
    EXPECT_EQ(breaker().at("state"), "closed");
    EXPECT_EQ(gateway.metric("smg_worker_cb_transitions_total", {"from=\"closed\"", "to=\"open\""}), 1);
    EXPECT_EQ(gateway.metric("smg_worker_cb_transitions_total", {"from=\"half_open\"", "to=\"closed\""}), 1);
    EXPECT_EQ(gateway.metric("smg_worker_cb_outcomes_total", {"outcome=\"failure\""}, 4), 4);
}

TEST_F(AloneWithBreaker, ErrorsOfRequestsAndKeysDoNotOpenIt) {
    for (const int status : {400, 404, 429}) {
        providers["openai"].fail_all(status);
        for (int i = 0; i < 4; ++i)
            EXPECT_EQ(gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello"), {{"Authorization", "Bearer sk-proj-of-a-caller"}}).status,
                      status);
    }
    EXPECT_EQ(breaker().at("state"), "closed");
}

TEST_F(AloneWithBreaker, CutStreamsOpenItToo) {
    for (int i = 0; i < 3; ++i) {
        auto client = gateway.client();
        client.send_request("POST", "/v1/chat/completions", chat("gpt-4o", "simulate:cut", true).dump());
        client.read_head();
        client.read_body();
    }
    EXPECT_GE(gateway.metric("smg_http_responses_total", {"path=\"/v1/chat/completions\""}, 3), 3);
    EXPECT_EQ(breaker().at("state"), "open");
}

}  // namespace
}  // namespace smg::test
