/// `GET /v1/models`: whose list, asked of whom, in whose shape.
#include <gtest/gtest.h>

#include <set>

#include "support/raw_upstream.hpp"
#include "support/running_gateway.hpp"

namespace smg::test {
namespace {

class Models : public testing::Test {
protected:
    Models() {
        for (const auto& [provider, key] : stored)
            gateway.add_worker({{"url", providers[provider].url()}, {"provider", provider}, {"api_key", key}, {"name", "of-" + provider}});
        for (const auto& [provider, key] : stored) providers[provider].forget_requests();
    }
    static std::set<std::string> ids_in(const Answer& answer) {
        EXPECT_EQ(answer.status, 200) << answer.body;
        std::set<std::string> ids;
        const auto list = Json::parse(answer.body);
        for (const auto& model : list.at("data")) ids.insert(model.at("id"));
        return ids;
    }
    static bool holds_all_providers(const std::set<std::string>& ids) {
        return ids.contains("gpt-4o") && ids.contains("claude-sonnet-4-5-20250929") && ids.contains("grok-3") && ids.contains("gemini-2.5-flash");
    }
    std::set<std::string> asked() {
        std::set<std::string> names;
        for (const auto& [provider, key] : stored)
            if (!providers[provider].requests().empty()) names.insert(provider);
        return names;
    }
    const std::map<std::string, std::string> stored = {
        {"openai", "sk-proj-stored"}, {"anthropic", "sk-ant-api03-stored"}, {"xai", "xai-stored"}, {"gemini", "AIza-stored-0123456789"}};
    Providers providers;
    RunningGateway gateway;
};

TEST_F(Models, ATokenOfAKnownFormAsksItsProviderAlone) {
    const std::map<std::string, std::pair<std::string, std::string>> rows = {
        {"openai", {"sk-proj-of-the-caller", "gpt-4o"}},
        {"anthropic", {"sk-ant-api03-of-the-caller", "claude-sonnet-4-5-20250929"}},
        {"xai", {"xai-of-the-caller", "grok-3"}},
        {"gemini", {"AIza-of-the-caller-012", "gemini-2.5-flash"}}};
    for (const auto& [provider, row] : rows) {
        for (const auto& [other, key] : stored) providers[other].forget_requests();
        const auto ids = ids_in(gateway.get("/v1/models", {{"Authorization", "Bearer " + row.first}}));
        EXPECT_TRUE(ids.contains(row.second)) << provider;
        EXPECT_FALSE(holds_all_providers(ids));
        EXPECT_EQ(asked(), std::set<std::string>{provider});
    }
}

TEST_F(Models, AnUnknownTokenAsksAllAndTheFirstListWins) {
    simulator::SimulatorOptions slow;
    slow.latency = std::chrono::milliseconds(200);
    Providers others(slow);
    const RunningGateway asking;
    for (const auto& [provider, key] : stored)
        asking.add_worker({{"url", others[provider].url()}, {"provider", provider}, {"runtime_type", "external"}});
    const auto ids = ids_in(asking.get("/v1/models", {{"Authorization", "Bearer of-no-known-form"}}));
    EXPECT_FALSE(ids.empty());
    EXPECT_FALSE(holds_all_providers(ids));
    for (const auto& [provider, key] : stored)
        EXPECT_EQ(others[provider].received(), 1U) << provider << ": all at once, before the first has answered";
}

TEST_F(Models, FanoutCanBeNarrowed) {
    for (const auto fanout : {config::ModelsFanout::matched, config::ModelsFanout::off}) {
        auto config = test_config();
        config.models_fanout = fanout;
        const RunningGateway narrow(config);
        narrow.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-proj-stored"}});
        const auto before = providers["openai"].received();
        EXPECT_TRUE(ids_in(narrow.get("/v1/models", {{"Authorization", "Bearer of-no-known-form"}})).contains("gpt-4o"));
        EXPECT_EQ(providers["openai"].received(), before) << "the registry's own list";
    }
}

TEST_F(Models, ARefusalOfAKnownFormIsTheProviders) {
    Providers strict({}, {{"openai", "sk-proj-the-only-one"}});
    const RunningGateway other;
    other.add_worker({{"url", strict["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-proj-the-only-one"}});
    const auto refused = other.get("/v1/models", {{"Authorization", "Bearer sk-proj-wrong"}});
    EXPECT_EQ(refused.status, 401);
    EXPECT_NE(refused.body.find("Incorrect API key provided"), std::string::npos) << refused.body;
    EXPECT_EQ(refused.field("x-smg-error-code"), "invalid_api_key");
    EXPECT_TRUE(ids_in(other.get("/v1/models", {{"Authorization", "Bearer of-no-known-form"}})).contains("gpt-4o")) << "else the union";
}

TEST_F(Models, APlaceholderIsNoToken) {
    EXPECT_TRUE(holds_all_providers(ids_in(gateway.get("/v1/models", {{"Authorization", "Bearer EMPTY"}}))));
    EXPECT_TRUE(asked().empty());
}

TEST_F(Models, ASilentProviderCostsTheTimeLimitAndNoMore) {
    const RawUpstream silent;
    auto config = test_config();
    config.models_timeout = std::chrono::milliseconds(300);
    const RunningGateway other(config);
    other.add_worker({{"url", silent.url()}, {"provider", "anthropic"}, {"runtime_type", "external"}});
    other.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"runtime_type", "external"}});
    const auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(ids_in(other.get("/v1/models", {{"Authorization", "Bearer of-no-known-form"}})).contains("gpt-4o"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST_F(Models, ShapesOfAnthropicAndGemini) {
    for (const auto* target : {"/v1/models", "/models", "/v1/v1/models"}) {
        const auto list = Json::parse(gateway.get(target, {{"anthropic-version", "2023-06-01"}}).body);
        ASSERT_TRUE(list.at("data").is_array()) << target;
        EXPECT_TRUE(list.contains("has_more"));
        EXPECT_EQ(list["data"][0].at("type"), "model");
        EXPECT_TRUE(list["data"][0].at("display_name").is_string());
    }
    const auto google = Json::parse(gateway.get("/v1beta/models").body);
    std::set<std::string> names;
    for (const auto& model : google.at("models")) names.insert(model.at("name"));
    EXPECT_TRUE(names.contains("models/gemini-2.5-flash"));
    EXPECT_EQ(Json::parse(gateway.get("/v1beta/models/gemini-2.5-flash").body).at("name"), "models/gemini-2.5-flash");
}

TEST_F(Models, OneModel) {
    const auto found = Json::parse(gateway.get("/v1/models/gpt-4o").body);
    EXPECT_EQ(found.at("id"), "gpt-4o");
    EXPECT_EQ(found.at("object"), "model");
    const auto missing = gateway.get("/v1/models/gpt-4p");
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(missing.field("x-smg-error-code"), "model_not_found");
    EXPECT_NE(missing.body.find("gpt-4o"), std::string::npos) << "a suggestion";
}

TEST_F(Models, OneModelNeedsTheGatewaysKeyToo) {
    auto config = test_config();
    config.api_key = Secret("the-gateways-own");
    const RunningGateway guarded(config);
    for (const auto* target : {"/v1/models", "/v1/models/gpt-4o", "/v1beta/models", "/v1beta/models/gpt-4o"})
        EXPECT_EQ(guarded.get(target).status, 401) << target;
}

}  // namespace
}  // namespace smg::test
