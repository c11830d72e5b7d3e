/// Contract section 7: a request that one worker cannot answer goes to another, as long as nothing has gone to the client.
#include <gtest/gtest.h>

#include "support/running_gateway.hpp"

namespace smg::test {
namespace {

/// Two OpenAI workers; the first is always preferred.
class Failover : public testing::Test {
protected:
    Failover() { add("preferred", first["openai"].url(), 90), add("second", other["openai"].url(), 50); }

    void add(const std::string& name, const std::string& url, int priority) {
        ids[name] = gateway.add_worker({{"url", url},
                                        {"name", name},
                                        {"provider", "openai"},
                                        {"runtime_type", "external"},
                                        {"priority", priority},
                                        {"api_key", "sk-proj-stored-key-of-" + name}});
    }
    Answer ask(bool stream = false, const Headers& headers = {}) const {
        return gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello", stream), headers);
    }
    Json worker(const std::string& name) { return Json::parse(gateway.get("/workers/" + ids[name]).body); }

    Providers first;
    Providers other;
    RunningGateway gateway;
    std::map<std::string, std::string> ids;
};

class FailoverOn : public Failover, public testing::WithParamInterface<int> {};

TEST_P(FailoverOn, AnErrorThatAnotherWorkerMayNotHave) {
    first["openai"].fail_all(GetParam());
    for (const bool stream : {false, true}) {
        const auto answer = ask(stream);
        EXPECT_EQ(answer.status, 200) << answer.body;
        EXPECT_EQ(answer.field("x-smg-worker"), "second");
    }
}

INSTANTIATE_TEST_SUITE_P(Statuses, FailoverOn, testing::Values(408, 429, 500, 502, 503, 504));

TEST_F(Failover, TheAnswerSaysHowOftenItWasSent) {
    first["openai"].fail_all(503);
    EXPECT_EQ(ask().field("x-smg-attempts"), "2");
    first["openai"].fail_all(0);
    EXPECT_EQ(ask().field("x-smg-attempts"), "1");
}

TEST_F(Failover, AnErrorOfTheRequestGoesToNobodyElse) {
    first["openai"].fail_all(400);
    const auto answer = ask();
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.field("x-smg-worker"), "preferred");
    EXPECT_EQ(other["openai"].requests().size(), 1U) << "its discovery alone";
}

TEST_F(Failover, WhenAllFailTheLastWordIsTheAnswerAndIsNotToBeRetried) {
    first["openai"].fail_all(500);
    other["openai"].fail_all(503);
    const auto answer = ask();
    EXPECT_EQ(answer.status, 500) << answer.body;
    EXPECT_EQ(answer.field("x-should-retry"), "false");
    EXPECT_EQ(answer.field("x-smg-attempts"), "5") << "each in turn, with pauses";
}

TEST_F(Failover, AWorkerThatCannotBeReachedIsPassedOver) {
    first["openai"].stop();
    const auto answer = ask();
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.field("x-smg-worker"), "second");
}

TEST_F(Failover, ARefusedStoredKeyTakesItsWorkerOut) {
    first["openai"].fail_all(401);
    EXPECT_EQ(ask().field("x-smg-worker"), "second");
    const auto shown = worker("preferred");
    EXPECT_EQ(shown.at("status"), "not_ready") << shown;
    EXPECT_NE(shown.at("status_reason").get<std::string>().find("401"), std::string::npos) << shown;
    EXPECT_EQ(ask().field("x-smg-attempts"), "1") << "nobody asks it any more";
}

TEST_F(Failover, ACallersRefusedKeyIsTheCallersAffair) {
    first["openai"].fail_all(401);
    const auto answer = ask(false, {{"Authorization", "Bearer sk-proj-of-the-caller"}});
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(worker("preferred").at("status"), "ready");
}

TEST_F(Failover, ACallersRateLimitPausesNobody) {
    first["openai"].fail_all(429);
    EXPECT_EQ(ask(false, {{"Authorization", "Bearer sk-proj-of-the-caller"}}).field("x-smg-worker"), "second");
    first["openai"].fail_all(0);
    EXPECT_EQ(ask().field("x-smg-worker"), "preferred");
}

TEST(FailoverOff, OneAttemptWhereRetriesAreDisabled) {
    auto config = test_config();
    config.retry.enabled = false;
    Providers first;
    Providers other;
    RunningGateway gateway(std::move(config));
    for (auto* providers : {&first, &other})
        gateway.add_worker(
            {{"url", (*providers)["openai"].url()}, {"provider", "openai"}, {"runtime_type", "external"}, {"api_key", "sk-proj-stored"}});
    first["openai"].fail_all(500);
    other["openai"].fail_all(500);
    const auto answer = gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello"));
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(answer.field("x-smg-attempts"), "1");
}

}  // namespace
}  // namespace smg::test
