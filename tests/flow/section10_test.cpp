/// Where the reference gateway's documentation promises what its code does not do. Each point, by its number in the contract, is a test here
/// or is named with the file that holds it: 1, 3, 4 and 22 provider_page_test, 8 and 9 keys_test, 16 silence_test and streams_test.
#include <gtest/gtest.h>

#include <set>

#include "support/scripted_models.hpp"

namespace smg::test {
namespace {

std::vector<simulator::ReceivedRequest> posts_of(simulator::SimulatorServer& provider) {
    std::vector<simulator::ReceivedRequest> posts;
    for (auto& request : provider.requests())
        if (request.method == "POST") posts.push_back(std::move(request));
    return posts;
}

class Promise : public testing::Test {
protected:
    std::string add(const std::string& provider, Json more = Json::object()) {
        Json spec = {{"url", providers[provider].url()}, {"provider", provider}};
        spec.update(more);
        return gateway.add_worker(spec);
    }
    std::string add_with_key(const std::string& provider, Json more = Json::object()) {
        const std::map<std::string, std::string> keys = {
            {"openai", "sk-proj-stored"}, {"anthropic", "sk-ant-api03-stored"}, {"xai", "xai-stored"}, {"gemini", "AIza-stored-0123456789"}};
        more["api_key"] = keys.at(provider);
        return add(provider, std::move(more));
    }
    static Json message(const std::string& model, const std::string& text) {
        auto body = chat(model, text);
        body["max_tokens"] = 100;
        return body;
    }
    Providers providers;
    RunningGateway gateway;
};

TEST_F(Promise, P02ProviderAndModelsOfASpecCount) {
    add_with_key("xai", {{"models", {"house-model", {{"id", "fast"}, {"upstream_model", "grok-3"}, {"aliases", {"quick"}}}}}});
    for (const auto* model : {"fast", "quick"}) {
        const auto answer = gateway.post("/v1/chat/completions", chat(model, "Hello"));
        EXPECT_EQ(answer.status, 200) << answer.body;
        EXPECT_EQ(answer.field("x-smg-provider"), "xai");
    }
    for (const auto& request : posts_of(providers["xai"])) EXPECT_EQ(Json::parse(request.body).at("model"), "grok-3");
    EXPECT_EQ(gateway.post("/v1/chat/completions", chat("grok-4", "Hello")).status, 404) << "declared models are an allow-list";
}

TEST_F(Promise, P04GrokAnswersBesideAnOpenAiWorker) {
    add_with_key("openai");
    add_with_key("xai");
    const auto answer = gateway.post("/v1/chat/completions", chat("grok-3", "Hello"));
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(posts_of(providers["xai"]).size(), 1U);
    EXPECT_TRUE(posts_of(providers["openai"]).empty());
}

TEST_F(Promise, P05AKeylessWorkerServesCallersKeys) {
    add("openai", {{"runtime_type", "external"}});
    const auto answer = gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello"), {{"Authorization", "Bearer sk-proj-of-the-caller"}});
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.field("x-smg-key-source"), "caller");
    EXPECT_EQ(posts_of(providers["openai"]).at(0).fields.get("authorization"), "Bearer sk-proj-of-the-caller");
}

TEST_F(Promise, P06AStoredKeyServesMessages) {
    add_with_key("anthropic");
    for (const bool stream : {false, true}) {
        auto body = message("claude-sonnet-4-5", "Hello");
        body["stream"] = stream;
        const auto answer = gateway.post("/v1/messages", body);
        EXPECT_EQ(answer.status, 200) << answer.body;
        EXPECT_EQ(answer.field("x-smg-key-source"), "stored");
        EXPECT_NE(answer.body.find(stream ? "event: message_stop" : "\"end_turn\""), std::string::npos);
    }
    for (const auto& request : posts_of(providers["anthropic"])) EXPECT_EQ(request.fields.get("x-api-key"), "sk-ant-api03-stored");
}

TEST_F(Promise, P07TheVersionIsDefaultedAndTheCallersKept) {
    add_with_key("anthropic");
    gateway.post("/v1/messages", message("claude-sonnet-4-5", "Hello"));
    gateway.post("/v1/messages", message("claude-sonnet-4-5", "Hello"), {{"anthropic-version", "2023-01-01"}});
    gateway.post("/v1/chat/completions", chat("claude-sonnet-4-5", "Hello"), {{"anthropic-version", "2023-01-01"}});
    std::vector<std::string> versions;
    for (const auto& request : posts_of(providers["anthropic"])) versions.emplace_back(request.fields.get("anthropic-version"));
    EXPECT_EQ(versions, (std::vector<std::string>{"2023-06-01", "2023-01-01", "2023-06-01"}));
}

TEST_F(Promise, P10WorkersOfOneModelShareTheLoadByThePolicy) {
    auto config = test_config();
    config.policy = "round_robin";
    const RunningGateway fair(config);
    for (const auto* name : {"a", "b", "c"})
        fair.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", std::string("sk-proj-") + name}, {"name", name}});
    std::map<std::string, int> served;
    for (int n = 0; n < 30; ++n) ++served[fair.post("/v1/chat/completions", chat("gpt-4o", "Hello " + std::to_string(n))).field("x-smg-worker")];
    EXPECT_EQ(served, (std::map<std::string, int>{{"a", 10}, {"b", 10}, {"c", 10}}));
    std::map<std::string, int> keys;
    for (const auto& request : posts_of(providers["openai"])) ++keys[std::string(request.fields.get("authorization"))];
    EXPECT_EQ(keys, (std::map<std::string, int>{{"Bearer sk-proj-a", 10}, {"Bearer sk-proj-b", 10}, {"Bearer sk-proj-c", 10}}));
}

TEST_F(Promise, P12PriorityAndCostAndOverridesWork) {
    add_with_key("openai", {{"name", "spare"}, {"priority", 10}});
    add_with_key("openai", {{"name", "first"}, {"priority", 90}});
    for (int n = 0; n < 5; ++n) EXPECT_EQ(gateway.post("/v1/chat/completions", chat("gpt-4o", std::to_string(n))).field("x-smg-worker"), "first");
    auto config = test_config();
    config.policy = "least_cost";
    const RunningGateway thrifty(config);
    for (const auto& [name, cost] : {std::pair("dear", 9.0), std::pair("cheap", 0.5)})
        thrifty.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-proj-x"}, {"name", name}, {"cost", cost}});
    for (int n = 0; n < 5; ++n) EXPECT_EQ(thrifty.post("/v1/chat/completions", chat("gpt-4o", std::to_string(n))).field("x-smg-worker"), "cheap");
    const RunningGateway impatient;
    const Json short_limit = {{"timeout_secs", 0.2}};
    impatient.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-proj-x"}, {"http_pool", short_limit}});
    EXPECT_EQ(impatient.post("/v1/chat/completions", chat("gpt-4o", "simulate:hang")).status, 504);
}

TEST_F(Promise, P15AnErrorOnAStreamRequestIsJsonWithItsStatus) {
    add_with_key("openai");
    add_with_key("anthropic");
    for (const auto* model : {"gpt-4o", "claude-sonnet-4-5"}) {
        const auto answer = gateway.post("/v1/chat/completions", chat(model, "simulate:status=400", true));
        EXPECT_EQ(answer.status, 400);
        EXPECT_TRUE(answer.field("content-type").starts_with("application/json"));
        EXPECT_TRUE(Json::parse(answer.body).at("error").at("message").is_string());
    }
}

TEST_F(Promise, P18EveryErrorHasABody) {
    for (const auto& [method, target] : std::vector<std::pair<std::string, std::string>>{{"GET", "/"},
                                                                                         {"GET", "/nothing"},
                                                                                         {"DELETE", "/v1/models"},
                                                                                         {"POST", "/v1/chat/completions"},
                                                                                         {"GET", "/v1/models/none"},
                                                                                         {"GET", "/workers/none"},
                                                                                         {"POST", "/workers"},
                                                                                         {"PATCH", "/workers/none"},
                                                                                         {"GET", "/%zz"},
                                                                                         {"POST", "/v1beta/models/x:generateContent"}}) {
        const auto answer = gateway.client().request(method, target);
        EXPECT_GE(answer.status, 400) << method << ' ' << target;
        EXPECT_TRUE(Json::accept(answer.body)) << method << ' ' << target << ": " << answer.body;
        EXPECT_FALSE(answer.body.empty());
        EXPECT_FALSE(answer.field("x-smg-error-code").empty() && !target.starts_with("/workers")) << method << ' ' << target;
    }
}

TEST_F(Promise, P19TokensAndTimesAreMeasuredForExternalWorkers) {
    add_with_key("openai");
    add_with_key("anthropic");
    for (const auto* model : {"gpt-4o", "claude-sonnet-4-5"})
        for (const bool stream : {false, true}) ASSERT_EQ(gateway.post("/v1/chat/completions", chat(model, "Hello", stream)).status, 200);
    for (const std::string router : {"router_type=\"openai\"", "router_type=\"anthropic\""}) {
        for (const std::string type : {"input", "output"})
            EXPECT_GT(gateway.metric("smg_router_tokens_total", {router, "token_type=\"" + type + "\"", "backend_type=\"external\""}, 2), 1) << type;
        EXPECT_EQ(gateway.metric("smg_router_requests_total", {router, "endpoint=\"chat\""}, 2), 2);
        EXPECT_EQ(gateway.metric("smg_router_ttft_seconds_count", {router}, 2), 2);
        EXPECT_EQ(gateway.metric("smg_router_generation_duration_seconds_count", {router}), 1);
    }
}

TEST_F(Promise, P20AModelLabelCannotGrowWithoutBound) {
    add_with_key("openai");
    for (int n = 0; n < 100; ++n) gateway.post("/v1/chat/completions", chat("gpt-invented-" + std::to_string(n), "Hello"));
    gateway.post("/v1/chat/completions", chat("nobody-has-it", "Hello"));
    EXPECT_EQ(gateway.metric("smg_router_requests_total", {"model=\"other\""}, 101), 101);
    const auto text = gateway.metrics();
    EXPECT_EQ(text.find("gpt-invented"), std::string::npos);
    EXPECT_EQ(text.find("nobody-has-it"), std::string::npos);
}

TEST_F(Promise, P22WithoutATokenTheModelsThatStoredKeysSeeAreListed) {
    for (const auto* provider : {"openai", "anthropic", "xai", "gemini"}) add_with_key(provider);
    std::set<std::string> ids;
    const auto list = Json::parse(gateway.get("/v1/models").body);
    for (const auto& model : list.at("data")) ids.insert(model.at("id"));
    for (const auto* model : {"gpt-4o", "claude-sonnet-4-20250514", "grok-3", "gemini-2.5-flash"}) EXPECT_TRUE(ids.contains(model)) << model;
    for (const auto* model : {"gpt-4o", "gemini-2.5-flash"}) EXPECT_EQ(gateway.get(std::string("/v1/models/") + model).status, 200) << model;
}

TEST_F(Promise, P23NewerNamesAreOpenAis) {
    add("openai", {{"runtime_type", "external"}});
    for (const auto* model : {"o4-mini", "o4-mini-2025-04-16", "chatgpt-4o-latest", "o9-next", "codex-mini-latest"}) {
        const auto answer = gateway.post("/v1/chat/completions", chat(model, "Hello"), {{"Authorization", "Bearer sk-proj-of-the-caller"}});
        EXPECT_EQ(answer.field("x-smg-provider"), "openai") << model << ": " << answer.body;
    }
}

}  // namespace
}  // namespace smg::test
