/// Contract section 7, hedging: a second worker is asked beside a slow one; the first to answer is relayed and the other given up.
#include <gtest/gtest.h>

#include <thread>

#include "support/request_log.hpp"
#include "support/two_played_workers.hpp"

namespace smg::test {
namespace {

using std::chrono::milliseconds;

constexpr auto usual = milliseconds(30);
/// Long enough that a second request would have been there.
constexpr auto none_comes = milliseconds(250);

config::Config hedging() {
    auto config = test_config();
    config.hedge.enabled = true;
    config.hedge.max_share = 1;
    return config;
}

std::string whole_answer(const std::string& text) {
    const Json body = {{"id", "c1"},
                       {"object", "chat.completion"},
                       {"created", 1},
                       {"model", "gpt-4o"},
                       {"choices", {{{"index", 0}, {"message", {{"role", "assistant"}, {"content", text}}}, {"finish_reason", "stop"}}}},
                       {"usage", {{"prompt_tokens", 1}, {"completion_tokens", 1}, {"total_tokens", 2}}}};
    return sized_answer(200, body.dump());
}

/// The model usually answers within `usual`.
class Hedging : public TwoPlayedWorkers {
protected:
    explicit Hedging(const config::Config& config = hedging()) : TwoPlayedWorkers(config) { know_usual(); }
    void know_usual() const {
        auto& times = gateway.server().gateway().first_byte_times();
        for (std::size_t i = 0; i < workers::FirstByteTimes::least_samples; ++i)
            for (const bool stream : {false, true}) times.sample("gpt-4o", stream, usual);
    }
    static void answer(MessageStream& connection, bool stream, const std::string& text) {
        connection.send(stream ? std::string(stream_head) + chunk(chat_event(text)) + chunk(chat_event("", "stop")) + chunk(done_event) +
                                     std::string(end_of_chunks)
                               : whole_answer(text));
    }
    static void expect_answer(HttpClient& client, const std::string& worker, const std::string& text) {
        const auto answer = client.read();
        EXPECT_EQ(answer.status, 200) << answer.body;
        EXPECT_EQ(answer.field("x-smg-worker"), worker);
        EXPECT_EQ(answer.field("x-smg-attempts"), "2");
        EXPECT_NE(answer.body.find(text), std::string::npos) << answer.body;
    }
    /// An error of that worker's has arrived.
    void await_failure(const std::string& name) {
        const auto until = std::chrono::steady_clock::now() + step_limit;
        while (worker(name).at("circuit_breaker").at("consecutive_failures") == 0)
            if (std::chrono::steady_clock::now() > until) throw std::runtime_error(name + " has not failed");
    }
    /// Nothing is open there, and nothing is held against it.
    void expect_unharmed(const std::string& name) {
        const auto shown = worker(name);
        EXPECT_EQ(shown.at("load"), 0) << shown;
        EXPECT_EQ(shown.at("circuit_breaker").at("consecutive_failures"), 0) << shown;
    }
};

class HedgingKinds : public Hedging, public testing::WithParamInterface<bool> {};
INSTANTIATE_TEST_SUITE_P(UnaryAndStream, HedgingKinds, testing::Bool());

TEST_P(HedgingKinds, TheSecondAnswersFirst) {
    const RequestLog log;
    auto client = ask(GetParam());
    auto slow = taken(first);
    auto quick = taken(second);
    answer(quick, GetParam(), "from the second");
    expect_answer(client, "second", "from the second");
    EXPECT_TRUE(slow.closed_within(step_limit)) << "the provider is told that nobody waits any more";
    EXPECT_EQ(gateway.metric("smg_worker_hedges_total", {"endpoint=\"chat\"", "result=\"won\""}), 1);
    EXPECT_EQ(gateway.metric("smg_worker_errors_total", {}, 0), 0) << "being slow is no error";
    expect_unharmed("first");
    expect_unharmed("second");
    const auto lines = log.lines();
    const auto line = std::find_if(lines.begin(), lines.end(), [](const auto& each) { return each.value("endpoint", "") == "chat"; });
    ASSERT_NE(line, lines.end());
    EXPECT_EQ(line->at("attempts"), 2) << *line;
    EXPECT_EQ(line->at("attempt_reasons"), "first:hedge") << *line;
    EXPECT_EQ(line->at("worker"), "second") << *line;
}

TEST_P(HedgingKinds, TheFirstAnswersFirstAfterAll) {
    auto client = ask(GetParam());
    auto slow = taken(first);
    auto other = taken(second);
    answer(slow, GetParam(), "from the first");
    expect_answer(client, "first", "from the first");
    EXPECT_TRUE(other.closed_within(step_limit));
    EXPECT_EQ(gateway.metric("smg_worker_hedges_total", {"result=\"lost\""}), 1);
    expect_unharmed("first");
    expect_unharmed("second");
}

TEST_P(HedgingKinds, WhoAnswersInTimeIsAskedAlone) {
    auto client = ask(GetParam());
    auto quick = taken(first);
    answer(quick, GetParam(), "from the first");
    EXPECT_EQ(client.read().field("x-smg-attempts"), "1");
    EXPECT_FALSE(second.contacted_within(none_comes));
}

TEST_P(HedgingKinds, AFirstThatFailsLeavesItToTheSecond) {
    auto client = ask(GetParam());
    auto failing = taken(first);
    auto other = taken(second);
    failing.send(sized_answer(500, R"({"error":{"message":"no"}})"));
    await_failure("first");
    answer(other, GetParam(), "from the second");
    expect_answer(client, "second", "from the second");
    EXPECT_FALSE(first.contacted_within(none_comes)) << "it had been sent elsewhere already";
}

TEST_P(HedgingKinds, ASecondThatFailsLeavesItToTheFirst) {
    auto client = ask(GetParam());
    auto slow = taken(first);
    auto failing = taken(second);
    failing.send(sized_answer(500, R"({"error":{"message":"no"}})"));
    await_failure("second");
    answer(slow, GetParam(), "from the first");
    expect_answer(client, "first", "from the first");
    EXPECT_EQ(gateway.metric("smg_worker_hedges_total", {"result=\"lost\""}), 1);
}

TEST_P(HedgingKinds, WhatTheFirstSaysOfTheRequestItselfHoldsForBoth) {
    auto client = ask(GetParam());
    auto refusing = taken(first);
    auto other = taken(second);
    refusing.send(sized_answer(400, R"({"error":{"message":"no such tool","type":"invalid_request_error"}})"));
    const auto answer = client.read();
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_NE(answer.body.find("no such tool"), std::string::npos);
    EXPECT_TRUE(other.closed_within(step_limit));
    expect_unharmed("second");
}

TEST_P(HedgingKinds, WhenBothFailTheLastWordIsTheAnswer) {
    auto client = ask(GetParam());
    auto failing = taken(first);
    auto other = taken(second);
    failing.send(sized_answer(500, R"({"error":{"message":"one"}})"));
    await_failure("first");
    other.send(sized_answer(501, R"({"error":{"message":"two"}})"));
    const auto answer = client.read();
    EXPECT_EQ(answer.status, 501) << answer.body;
    EXPECT_EQ(answer.field("x-should-retry"), "false");
}

TEST_P(HedgingKinds, AClientThatLeavesEndsBoth) {
    auto client = ask(GetParam());
    auto slow = taken(first);
    auto other = taken(second);
    client.close();
    EXPECT_TRUE(slow.closed_within(step_limit));
    EXPECT_TRUE(other.closed_within(step_limit));
    const auto until = std::chrono::steady_clock::now() + step_limit;
    while (worker("first").at("load") != 0 || worker("second").at("load") != 0) ASSERT_LT(std::chrono::steady_clock::now(), until);
    expect_unharmed("first");
    expect_unharmed("second");
}

TEST_P(HedgingKinds, AClientThatLeavesDuringTheWinnersAnswerEndsIt) {
    auto client = ask(GetParam());
    auto slow = taken(first);
    auto quick = taken(second);
    if (GetParam())
        quick.send(std::string(stream_head) + chunk(chat_event("one")));
    else
        quick.send("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"id\":");
    EXPECT_EQ(client.read_head().status, 200);
    client.close();
    EXPECT_TRUE(quick.closed_within(step_limit));
    EXPECT_TRUE(slow.closed_within(step_limit));
}

TEST_F(Hedging, AStreamOfTheWinnersThatIsLostBeforeItsOutputMovesOn) {
    auto client = ask(true);
    auto slow = taken(first);
    auto broken = taken(second);
    broken.send(std::string(stream_head) + chunk(": nothing yet\n\n"));
    EXPECT_TRUE(slow.closed_within(step_limit));
    broken.close();
    auto again = taken(first);
    answer(again, true, "from the first");
    const auto got = client.read();
    EXPECT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(got.field("x-smg-attempts"), "3");
}

/// One request that its worker keeps waiting: nobody else is to be asked.
void expect_alone(const RawUpstream& first, const RawUpstream& second) {
    auto connection = first.accept();
    connection.read();
    EXPECT_FALSE(second.contacted_within(none_comes));
}

TEST_F(Hedging, WhoIsAskedForByNameIsAskedAlone) {
    const auto client = ask(false, {{"X-SMG-Target-Worker", "first"}});
    expect_alone(first, second);
}

TEST_F(Hedging, WhatContinuesAResponseIsAskedForOnce) {
    const auto client =
        ask(false, {}, "/v1/responses", {{"model", "gpt-4o"}, {"input", "Hello"}, {"previous_response_id", "resp_unknown"}});
    expect_alone(first, second);
}

TEST_F(Hedging, WhatGoesOnInTheBackgroundIsAskedForOnce) {
    const auto client = ask(false, {}, "/v1/responses", {{"model", "gpt-4o"}, {"input", "Hello"}, {"background", true}});
    expect_alone(first, second);
}

TEST(HedgingAcrossKeys, ACallersKeyIsNotReplacedByAStoredOne) {
    const RawUpstream first;
    const RawUpstream second;
    RunningGateway gateway(hedging());
    gateway.add_worker({{"url", first.url()}, {"name", "first"}, {"provider", "openai"}, {"models", {"gpt-4o"}}, {"priority", 90}});
    // Another provider's worker, which a key of OpenAI's form never reaches, with a key of its own; its list call is refused politely.
    std::thread lister([&second] {
        auto connection = second.accept();
        connection.read();
        connection.send(sized_answer(404, "{}"));
    });
    gateway.add_worker({{"url", second.url()},
                        {"name", "second"},
                        {"provider", "openai-compatible"},
                        {"runtime_type", "external"},
                        {"models", {"gpt-4o"}},
                        {"api_key", "stored"}});
    lister.join();
    auto& times = gateway.server().gateway().first_byte_times();
    for (std::size_t i = 0; i < workers::FirstByteTimes::least_samples; ++i) times.sample("gpt-4o", false, usual);
    auto client = gateway.client();
    client.send_request("POST", "/v1/chat/completions", chat("gpt-4o", "Hello").dump(), {{"Authorization", "Bearer sk-proj-caller"}});
    expect_alone(first, second);
}

class HedgingSeldom : public Hedging {
protected:
    static config::Config seldom() {
        auto config = hedging();
        config.hedge.max_share = 0.25;
        return config;
    }
    HedgingSeldom() : Hedging(seldom()) {}
};

TEST_F(HedgingSeldom, NoMoreThanTheShareOfTheRequests) {
    std::vector<HttpClient> clients;
    std::vector<MessageStream> slow;
    for (int i = 0; i < 8; ++i) {
        clients.push_back(ask(false));
        slow.push_back(taken(first));
    }
    auto one = taken(second);
    auto two = taken(second);
    EXPECT_FALSE(second.contacted_within(none_comes)) << "a quarter of eight";
}

class HedgingOff : public Hedging {
protected:
    HedgingOff() : Hedging(test_config()) {}
};

TEST_F(HedgingOff, IsTheDefault) {
    const auto client = ask(false);
    expect_alone(first, second);
}

class HedgingWithoutRetries : public Hedging {
protected:
    static config::Config once() {
        auto config = hedging();
        config.retry.enabled = false;
        return config;
    }
    HedgingWithoutRetries() : Hedging(once()) {}
};

TEST_F(HedgingWithoutRetries, WhatMayBeSentOnceIsSentOnce) {
    const auto client = ask(false);
    expect_alone(first, second);
}

TEST(HedgingEndToEnd, TheModelsOwnTimesDecide) {
    Providers quick;
    const RawUpstream slow;
    RunningGateway gateway(hedging());
    gateway.add_worker({{"url", quick["openai"].url()}, {"name", "quick"}, {"provider", "openai"}, {"models", {"gpt-4o"}}, {"priority", 50}});
    const Headers key{{"Authorization", "Bearer sk-proj-caller"}};
    for (std::size_t i = 0; i < workers::FirstByteTimes::least_samples; ++i)
        ASSERT_EQ(gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello"), key).status, 200);
    ASSERT_TRUE(gateway.server().gateway().first_byte_times().p95("gpt-4o", false)) << "each answer was a sample";
    gateway.add_worker({{"url", slow.url()}, {"name", "slow"}, {"provider", "openai"}, {"models", {"gpt-4o"}}, {"priority", 90}});
    const auto answer = gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello"), key);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.field("x-smg-worker"), "quick");
    EXPECT_EQ(answer.field("x-smg-attempts"), "2");
}

TEST(HedgingTraces, BothAttemptsAreSpansAndOneSaysWhyItWasGivenUp) {
    const RawUpstream collector;
    const RawUpstream first;
    const RawUpstream second;
    auto config = hedging();
    config.enable_trace = true;
    config.otlp_traces_endpoint = "127.0.0.1:" + std::to_string(collector.port());
    RunningGateway gateway(config);
    for (const auto& [name, url, priority] : {std::tuple("first", first.url(), 90), std::tuple("second", second.url(), 50)})
        gateway.add_worker({{"url", url}, {"name", name}, {"provider", "openai"}, {"models", {"gpt-4o"}}, {"priority", priority}});
    auto& times = gateway.server().gateway().first_byte_times();
    for (std::size_t i = 0; i < workers::FirstByteTimes::least_samples; ++i) times.sample("gpt-4o", false, usual);
    auto client = gateway.client();
    client.send_request("POST", "/v1/chat/completions", chat("gpt-4o", "Hello").dump(), {{"Authorization", "Bearer sk-proj-caller"}});
    auto slow = first.accept();
    const auto told_first = slow.read().field("traceparent");
    auto quick = second.accept();
    const auto told_second = quick.read().field("traceparent");
    EXPECT_NE(told_first, told_second);
    quick.send(whole_answer("hello"));
    EXPECT_EQ(client.read().status, 200);
    auto export_connection = collector.accept();
    const auto exported = Json::parse(export_connection.read().body);
    export_connection.send(sized_answer(200, "{}"));
    const auto spans = exported.at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans");
    ASSERT_EQ(spans.size(), 3U);
    const auto text = [](const Json& span, const std::string& key) {
        for (const auto& each : span.at("attributes"))
            if (each.at("key") == key) return each.at("value").value("stringValue", each.at("value").value("intValue", ""));
        return std::string();
    };
    EXPECT_EQ(text(spans[1], "smg.worker"), "first");
    EXPECT_EQ(text(spans[1], "smg.given_up"), "hedge");
    EXPECT_FALSE(spans[1].contains("status")) << "it is no error";
    EXPECT_EQ(text(spans[2], "smg.worker"), "second");
    EXPECT_EQ(text(spans[2], "smg.given_up"), "");
    EXPECT_EQ(text(spans[2], "gen_ai.usage.output_tokens"), "1");
}

}  // namespace
}  // namespace smg::test
