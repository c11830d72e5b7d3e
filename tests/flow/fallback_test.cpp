/// Other models answer when none of the requested one's workers does (contract section 7).
#include <gtest/gtest.h>

#include "support/running_gateway.hpp"

namespace smg::test {
namespace {

config::Config with_fallbacks() {
    auto config = test_config();
    config.fallbacks = {{"gpt-4o", {"claude-sonnet-4-5", "gemini-2.5-flash"}}};
    return config;
}

/// One worker a provider, each with a stored key.
class Fallback : public testing::Test {
protected:
    explicit Fallback(config::Config config = with_fallbacks()) : gateway(std::move(config)) {
        for (const std::string name : {"openai", "anthropic", "gemini"})
            gateway.add_worker(
                {{"url", providers[name].url()}, {"name", name}, {"provider", name}, {"runtime_type", "external"}, {"api_key", key_of(name)}});
    }
    static std::string key_of(const std::string& provider) {
        if (provider == "anthropic") return "sk-ant-api03-stored";
        return provider == "gemini" ? "AIza-stored-0123456789" : "sk-proj-stored";
    }
    [[nodiscard]] Answer ask(const Headers& headers = {}, bool stream = false, const std::string& model = "gpt-4o") const {
        return gateway.post("/v1/chat/completions", chat(model, "Hello", stream), headers);
    }
    Providers providers;
    RunningGateway gateway;
};

TEST_F(Fallback, IsNotNeededAsLongAsTheModelAnswers) {
    const auto answer = ask();
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.field("x-smg-provider"), "openai");
    EXPECT_EQ(answer.field("x-smg-fallback-model"), "");
}

TEST_F(Fallback, CrossesProvidersAndFormatsInOrder) {
    providers["openai"].fail_all(503);
    for (const bool stream : {false, true}) {
        const auto answer = ask({}, stream);
        EXPECT_EQ(answer.status, 200) << answer.body;
        EXPECT_EQ(answer.field("x-smg-provider"), "anthropic");
        EXPECT_EQ(answer.field("x-smg-fallback-model"), "claude-sonnet-4-5");
        EXPECT_EQ(answer.field("x-smg-attempts"), "2");
        EXPECT_NE(answer.body.find("\"choices\""), std::string::npos) << "in the client's format still";
        EXPECT_EQ(answer.body.find("gpt-4o"), std::string::npos) << "it says who answered: " << answer.body;
    }
    EXPECT_EQ(providers["anthropic"].requests().back().fields.get("x-api-key"), key_of("anthropic"));
}

TEST_F(Fallback, GoesOnToTheNextAndAtLastTellsTheLastError) {
    providers["openai"].fail_all(503);
    providers["anthropic"].fail_all(529);
    EXPECT_EQ(ask().field("x-smg-provider"), "gemini");
    providers["gemini"].fail_all(503);
    EXPECT_GE(ask().status, 500);
}

TEST_F(Fallback, TheHeaderGoesBeforeTheConfigurationAndMayAskForNone) {
    providers["openai"].fail_all(503);
    EXPECT_EQ(ask({{"X-SMG-Fallback-Models", " gemini-2.5-flash , claude-sonnet-4-5"}}).field("x-smg-provider"), "gemini");
    EXPECT_EQ(ask({{"X-SMG-Fallback-Models", ""}}).status, 503);
}

TEST_F(Fallback, TheSameWorkerMayServeAnotherModel) {
    gateway.add_worker(
        {{"url", providers["xai"].url()}, {"name", "both"}, {"provider", "xai"}, {"runtime_type", "external"}, {"api_key", "xai-stored"}});
    providers["xai"].fail_all(500);
    const auto answer = ask({{"X-SMG-Fallback-Models", "grok-3-mini,claude-sonnet-4-5"}}, false, "grok-3");
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.field("x-smg-attempts"), "3") << "the worker was asked for each of its two models";
}

TEST_F(Fallback, AMisspeltModelAndARequestThatIsWrongAreTold) {
    EXPECT_EQ(ask({{"X-SMG-Fallback-Models", "gpt-4o"}}, false, "no-such-model").status, 404);
    providers["openai"].fail_all(400);
    EXPECT_EQ(ask().status, 400);
}

TEST_F(Fallback, ACallersKeyDoesNotCross) {
    providers["openai"].fail_all(503);
    const std::string own = "key-of-no-known-form-0123456789";
    const auto answer = ask({{"Authorization", "Bearer " + own}});
    EXPECT_EQ(providers["openai"].requests().back().fields.get("authorization"), "Bearer " + own);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.field("x-smg-key-source"), "stored");
    for (const std::string other : {"anthropic", "gemini"})
        for (const auto& request : providers[other].requests())
            for (const auto& field : request.fields) EXPECT_EQ(field.value.find(own), std::string::npos) << other << " saw it in " << field.name;
}

TEST_F(Fallback, WhatOneWorkerHoldsStaysThere) {
    providers["openai"].fail_all(503);
    EXPECT_EQ(ask({{"X-SMG-Target-Worker", "openai"}}).status, 503);
    const Json continued = {{"model", "gpt-4o"}, {"input", "Hello"}, {"previous_response_id", "resp_1"}};
    EXPECT_EQ(gateway.post("/v1/responses", continued).status, 503);
    EXPECT_EQ(gateway.post("/v1/responses", {{"model", "gpt-4o"}, {"input", "Hello"}}).status, 200);
}

/// One source, one series: what dashboards of the reference ask for.
TEST_F(Fallback, OfEmbeddingsAcrossFormats) {
    providers["openai"].fail_all(503);
    const auto answer = gateway.post("/v1/embeddings", {{"model", "text-embedding-3-small"}, {"input", "Hello"}},
                                     {{"X-SMG-Fallback-Models", "gemini-embedding-001"}});
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.field("x-smg-provider"), "gemini");
    EXPECT_EQ(answer.field("x-smg-fallback-model"), "gemini-embedding-001");
    EXPECT_NE(answer.body.find("\"embedding\""), std::string::npos) << answer.body;
}

TEST_F(Fallback, OfEmbeddingsInTheSameFormatAsksForTheOtherModel) {
    Providers others;
    gateway.add_worker({{"url", others["openai"].url()},
                        {"name", "other"},
                        {"provider", "openai"},
                        {"runtime_type", "external"},
                        {"models", {"text-embedding-3-large"}},
                        {"api_key", "sk-proj-stored"}});
    providers["openai"].fail_all(503);
    const auto answer = gateway.post("/v1/embeddings", {{"model", "text-embedding-3-small"}, {"input", "Hello"}},
                                     {{"X-SMG-Fallback-Models", "text-embedding-3-large"}});
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.field("x-smg-worker"), "other");
    EXPECT_EQ(Json::parse(others["openai"].requests().back().body).at("model"), "text-embedding-3-large");
}

TEST_F(Fallback, OfCounts) {
    providers["openai"].fail_all(503);
    const auto answer = gateway.post("/v1/responses/input_tokens", {{"model", "gpt-4o"}, {"input", "Hello"}});
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.field("x-smg-provider"), "anthropic");
    EXPECT_EQ(answer.field("x-smg-fallback-model"), "claude-sonnet-4-5");
    EXPECT_GT(Json::parse(answer.body).at("input_tokens"), 0);
}

TEST_F(Fallback, RegistrationsAreCounted) {
    EXPECT_EQ(gateway.metric("smg_discovery_registrations_total", {"source=\"api\"", "result=\"success\""}, 3), 3);
    EXPECT_EQ(gateway.metric("smg_discovery_workers_discovered", {"source=\"api\""}, 3), 3);
    EXPECT_EQ(gateway.client().request("PATCH", "/workers/gemini", R"({"health":{"drain_settle_secs":0}})").status, 202);
    EXPECT_EQ(gateway.client().request("DELETE", "/workers/gemini").status, 202);
    EXPECT_EQ(gateway.metric("smg_discovery_deregistrations_total", {"source=\"api\"", "reason=\"deleted\""}), 1);
}

/// An alias of the model that has fallbacks, and one with fallbacks of its own.
config::Config with_aliases() {
    auto config = with_fallbacks();
    config.aliases = {{"best", "gpt-4o"}, {"careful", "gpt-4o"}};
    config.fallbacks.emplace_back("careful", std::vector<std::string>{"gemini-2.5-flash"});
    return config;
}

class FallbackByAnotherName : public Fallback {
protected:
    FallbackByAnotherName() : Fallback(with_aliases()) { providers["openai"].fail_all(503); }
};

TEST_F(FallbackByAnotherName, TheModelsFallbacksAreThoseOfItsOtherNames) {
    for (const std::string name : {"best", "openai/gpt-4o", "models/gpt-4o"})
        EXPECT_EQ(ask({}, false, name).field("x-smg-provider"), "anthropic") << name;
    EXPECT_EQ(ask({}, false, "careful").field("x-smg-provider"), "gemini") << "the name as asked goes before";
    EXPECT_EQ(ask({}, false, "gpt-4o-mini").status, 503) << "another model has none";
}

}  // namespace
}  // namespace smg::test
