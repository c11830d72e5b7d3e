#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "routing/route.hpp"
#include "unit/workers/fixture.hpp"

namespace smg::routing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using workers::StatusEvent;
using workers::test::Fleet;
using workers::test::models_of;

/// A fleet and the settings of one gateway.
struct Gateway : Fleet {
    using Fleet::Fleet;
    RouteResult route(const RouteRequest& request) { return choose(*registry.snapshot(), state, options, request); }
    RouteResult route(const std::string& model, const std::string& key = "", bool stored_allowed = true) {
        return route(asking(model, key, stored_allowed));
    }
    static RouteRequest asking(const std::string& model, const std::string& key = "", bool stored_allowed = true) {
        RouteRequest request;
        request.model = model;
        request.caller_key = Secret(key);
        request.stored_keys_allowed = stored_allowed;
        request.now = workers::Clock::time_point(std::chrono::seconds(1000));
        return request;
    }
    RouteOptions options;
    PolicyState state{1};
};

/// `w1 stored k1`, `w2 caller sk-…`, or the failure's code.
std::string said(const RouteResult& result) {
    if (!result) return std::string(error_code(result.error().error.failure));
    return result->worker->id + " " + std::string(name_of(result->key_source)) + (result->key.empty() ? "" : " " + result->key.reveal());
}

constexpr const char* openai = R"({"url":"https://api.openai.com/v1","api_key":"stored-openai"})";
constexpr const char* anthropic = R"({"url":"https://api.anthropic.com/v1","api_key":"stored-anthropic"})";
constexpr const char* openai_byok = R"({"url":"https://api.openai.com/v1","name":"byok"})";

TEST(Choose, By_the_models_name) {
    Gateway gateway;
    gateway.ready(openai, models_of({"gpt-4o"}));
    gateway.ready(anthropic, models_of({"claude-sonnet-4-20250514"}));
    EXPECT_EQ(said(gateway.route("gpt-4o")), "w1 stored stored-openai");
    EXPECT_EQ(said(gateway.route("claude-sonnet-4-20250514")), "w2 stored stored-anthropic");
    EXPECT_EQ(said(gateway.route("claude-of-tomorrow")), "w2 stored stored-anthropic");
    EXPECT_TRUE(gateway.route("claude-of-tomorrow")->missed_lists);
    EXPECT_EQ(gateway.route("anthropic/claude-sonnet-4-20250514")->upstream_model, "claude-sonnet-4-20250514");
}

TEST(Choose, Grok_beside_openai_goes_to_xai) {
    Gateway gateway;
    gateway.ready(openai, models_of({"gpt-4o"}));
    EXPECT_EQ(said(gateway.route("grok-4")), "model_not_found");
    gateway.ready(R"({"url":"https://api.x.ai/v1","api_key":"stored-xai"})", models_of({"grok-4"}));
    EXPECT_EQ(said(gateway.route("grok-4")), "w2 stored stored-xai");
}

TEST(Choose, Unknown_models_are_404_and_suggest) {
    Gateway gateway;
    gateway.ready(openai, models_of({"gpt-4o"}));
    const auto wrong = gateway.route("gtp-4o");
    EXPECT_EQ(said(wrong), "model_not_found");
    EXPECT_THAT(wrong.error().error.message, HasSubstr("did you mean `gpt-4o`"));
    EXPECT_EQ(wrong.error().error.param, "model");
    EXPECT_THAT(gateway.route("claude-x").error().error.message, HasSubstr("anthropic"));
    EXPECT_THAT(gateway.route("a\r\nb").error().error.message, Not(HasSubstr("\n")));
}

TEST(Keys, The_callers_takes_precedence) {
    Gateway gateway;
    gateway.ready(openai, models_of({"gpt-4o"}));
    EXPECT_EQ(said(gateway.route("gpt-4o", "sk-proj-mine")), "w1 caller sk-proj-mine");
    EXPECT_EQ(said(gateway.route("gpt-4o", " sk-unknown ")), "w1 caller sk-unknown");
    gateway.options.caller_keys = CallerKeys::ignore;
    EXPECT_EQ(said(gateway.route("gpt-4o", "sk-proj-mine")), "w1 stored stored-openai");
}

TEST(Keys, Placeholders_are_absent) {
    Gateway gateway;
    gateway.ready(openai, models_of({"gpt-4o"}));
    for (const auto* key : {"", "EMPTY", "none", "dummy", "sk-1234", "x", "not-needed"})
        EXPECT_EQ(said(gateway.route("gpt-4o", key)), "w1 stored stored-openai") << key;
}

TEST(Keys, Another_providers_form_is_never_sent) {
    Gateway gateway;
    gateway.ready(openai, models_of({"gpt-4o"}));
    gateway.ready(R"({"url":"https://api.anthropic.com/v1"})");
    for (const auto* key : {"sk-ant-api03-x", "xai-x", "AIzaX", "AQ.x", "gsk_x"})
        EXPECT_EQ(said(gateway.route("gpt-4o", key)), "w1 stored stored-openai") << key;
    for (const auto* key : {"sk-proj-x", "xai-x", "AIzaX", "sk-oldT3BlbkFJx"}) {
        const auto refused = gateway.route("claude-3", key);
        EXPECT_EQ(said(refused), "invalid_api_key") << key;
        EXPECT_THAT(refused.error().error.message, HasSubstr("not sent"));
        EXPECT_THAT(refused.error().error.message, Not(HasSubstr(key)));
    }
    EXPECT_EQ(said(gateway.route("claude-3", "sk-ant-api03-x")), "w2 caller sk-ant-api03-x");
}

TEST(Keys, Unknown_forms_go_only_where_the_models_name_points) {
    Gateway gateway;
    gateway.ready(R"({"url":"https://openrouter.ai","api_key":"stored-router"})", models_of({"gpt-4o", "acme-1"}));
    gateway.ready(R"({"url":"https://llm.example","provider":"openai-compatible"})");
    // A first-party name: not to a vendor that merely also lists it.
    EXPECT_EQ(said(gateway.route("gpt-4o", "sk-unknown")), "w1 stored stored-router");
    EXPECT_EQ(said(gateway.route("gpt-4o", "sk-unknown", false)), "invalid_api_key");
    // Nobody's name: to the one that lists it, not to a catch-all.
    EXPECT_EQ(said(gateway.route("acme-1", "sk-unknown")), "w1 caller sk-unknown");
    EXPECT_EQ(said(gateway.route("llama-3", "sk-unknown")), "invalid_api_key");
    // The prefix names the provider.
    EXPECT_EQ(said(gateway.route("openrouter/gpt-4o", "sk-unknown")), "w1 caller sk-unknown");
    EXPECT_EQ(said(gateway.route("openai-compatible/llama-3", "sk-unknown")), "w2 caller sk-unknown");
}

TEST(Keys, A_keyless_worker_serves_callers_keys_alone) {
    Gateway gateway;
    gateway.ready(openai_byok);
    EXPECT_EQ(said(gateway.route("gpt-4o", "sk-proj-mine")), "w1 caller sk-proj-mine");
    EXPECT_EQ(said(gateway.route("gpt-4o", "sk-whatever")), "w1 caller sk-whatever");
    const auto none = gateway.route("gpt-4o");
    EXPECT_EQ(said(none), "invalid_api_key");
    EXPECT_THAT(none.error().error.message, HasSubstr("send your openai key"));
    gateway.options.caller_keys = CallerKeys::ignore;
    EXPECT_EQ(said(gateway.route("gpt-4o", "sk-proj-mine")), "invalid_api_key");
}

TEST(Keys, Stored_keys_serve_only_whom_the_gateway_let_in) {
    Gateway gateway;
    gateway.ready(openai, models_of({"gpt-4o"}));
    const auto remote = gateway.route("gpt-4o", "", false);
    EXPECT_EQ(said(remote), "invalid_api_key");
    EXPECT_THAT(remote.error().error.message, HasSubstr("--api-key"));
    EXPECT_EQ(said(gateway.route("gpt-4o", "sk-proj-mine", false)), "w1 caller sk-proj-mine");
    EXPECT_EQ(said(gateway.route("gpt-4o", "sk-ant-x", false)), "invalid_api_key");
}

TEST(Keys, Required) {
    Gateway gateway;
    gateway.ready(openai, models_of({"gpt-4o"}));
    gateway.options.caller_keys = CallerKeys::require;
    EXPECT_EQ(said(gateway.route("gpt-4o")), "invalid_api_key");
    EXPECT_EQ(said(gateway.route("gpt-4o", "EMPTY")), "invalid_api_key");
    EXPECT_EQ(said(gateway.route("gpt-4o", "sk-ant-x")), "invalid_api_key");
    EXPECT_EQ(said(gateway.route("gpt-4o", "sk-proj-mine")), "w1 caller sk-proj-mine");
}

TEST(Keys, Local_engines_need_none) {
    Gateway gateway;
    gateway.ready(R"({"url":"http://127.0.0.1:8000"})", models_of({"qwen"}));
    EXPECT_EQ(said(gateway.route("qwen", "", false)), "w1 none");
    EXPECT_EQ(said(gateway.route("qwen", "sk-ant-x", false)), "w1 none");
    EXPECT_EQ(said(gateway.route("qwen", "engine-key")), "w1 caller engine-key");
}

TEST(Keys, The_credential_narrows_before_priority) {
    Gateway gateway;
    gateway.ready(R"({"url":"https://openrouter.ai","api_key":"stored-router","priority":100})", models_of({"gpt-4o"}));
    gateway.ready(openai, models_of({"gpt-4o"}));
    EXPECT_EQ(said(gateway.route("gpt-4o")), "w1 stored stored-router");
    EXPECT_EQ(said(gateway.route("gpt-4o", "sk-proj-mine")), "w2 caller sk-proj-mine");
    auto request = Gateway::asking("gpt-4o", "sk-proj-mine");
    request.tried = {"w2"};
    EXPECT_EQ(said(gateway.route(request)), "w1 stored stored-router");  // and never the caller's key there
}

TEST(Keys, Credential_for_agrees_with_choose) {
    Gateway gateway;
    gateway.ready(openai, models_of({"gpt-4o"}));
    const auto snapshot = gateway.registry.snapshot();
    const auto resolution = snapshot->resolve("gpt-4o");
    const auto source = credential_for(*snapshot, resolution.servings[0], resolution.named, gateway.options, Gateway::asking("gpt-4o", "sk-proj-x"));
    EXPECT_EQ(source.value(), KeySource::caller);
    EXPECT_FALSE(
        credential_for(*snapshot, resolution.servings[0], resolution.named, gateway.options, Gateway::asking("gpt-4o", "", false)).has_value());
}

TEST(Availability, Pending_failed_and_sick_workers) {
    Gateway gateway;
    const auto id = gateway.add(openai);
    const auto pending = gateway.route("gpt-4o");
    EXPECT_EQ(said(pending), "service_unavailable");
    EXPECT_TRUE(pending.error().pending);
    EXPECT_GT(pending.error().retry_after.count(), 0);
    (void)gateway.registry.apply(id, StatusEvent::register_failed, "the provider answered 500", 1);
    const auto failed = gateway.route("gpt-4o");
    EXPECT_EQ(said(failed), "service_unavailable");
    EXPECT_FALSE(failed.error().pending);
    EXPECT_THAT(failed.error().error.message, testing::Not(HasSubstr("the provider answered 500"))) << "it may name URLs of the operator's";
    (void)gateway.registry.apply(id, StatusEvent::registered, "", 1);
    EXPECT_TRUE(gateway.route("gpt-4o").has_value());
    (void)gateway.registry.apply(id, StatusEvent::unhealthy, "timeouts", 1);
    EXPECT_EQ(said(gateway.route("gpt-4o", "sk-proj-mine")), "service_unavailable");
}

TEST(Availability, A_refused_stored_key_does_not_stand_in_a_callers_way) {
    Gateway gateway;
    const auto id = gateway.ready(openai, models_of({"gpt-4o"}));
    (void)gateway.registry.apply(id, StatusEvent::key_refused, "401", 1);
    EXPECT_EQ(said(gateway.route("gpt-4o")), "upstream_credential");
    EXPECT_EQ(said(gateway.route("gpt-4o", "sk-proj-mine")), "w1 caller sk-proj-mine");
    gateway.ready(R"({"url":"https://api.openai.com/v1","name":"second","api_key":"k2"})", models_of({"gpt-4o"}));
    EXPECT_EQ(said(gateway.route("gpt-4o")), "w2 stored k2");
}

TEST(Availability, Tried_workers_are_left_out) {
    Gateway gateway;
    gateway.ready(openai, models_of({"gpt-4o"}));
    gateway.ready(R"({"url":"https://api.openai.com/v1","name":"second","api_key":"k2"})", models_of({"gpt-4o"}));
    auto request = Gateway::asking("gpt-4o");
    request.tried = {"w1"};
    for (int i = 0; i < 5; ++i) EXPECT_EQ(said(gateway.route(request)), "w2 stored k2");
    request.tried = {"w1", "w2"};
    const auto spent = gateway.route(request);
    EXPECT_EQ(said(spent), "service_unavailable");
    EXPECT_TRUE(spent.error().all_tried);
    EXPECT_FALSE(gateway.route("claude").has_value());
    EXPECT_FALSE(gateway.route("claude").error().all_tried);
}

TEST(Availability, Cooling_workers_come_last) {
    Gateway gateway;
    gateway.ready(openai, models_of({"gpt-4o"}));
    gateway.ready(R"({"url":"https://api.openai.com/v1","name":"second","api_key":"k2"})", models_of({"gpt-4o"}));
    const auto request = Gateway::asking("gpt-4o");
    gateway.worker("w1")->counters->cool_until(request.now + std::chrono::seconds(30));
    for (int i = 0; i < 5; ++i) EXPECT_EQ(said(gateway.route(request)), "w2 stored k2");
    gateway.worker("w2")->counters->cool_until(request.now + std::chrono::seconds(7));
    const auto limited = gateway.route(request);
    EXPECT_EQ(said(limited), "rate_limit_exceeded");
    EXPECT_EQ(limited.error().cooling->id, "w2");
    EXPECT_EQ(limited.error().retry_after, std::chrono::seconds(7));
}

TEST(Availability, Workers_that_refused_without_a_word_are_chosen_when_nobody_else_is_left) {
    Gateway gateway;
    gateway.ready(openai, models_of({"gpt-4o"}));
    gateway.ready(R"({"url":"https://api.openai.com/v1","name":"second","api_key":"k2"})", models_of({"gpt-4o"}));
    auto request = Gateway::asking("gpt-4o");
    const auto first = gateway.worker("w1");
    first->counters->avoid(request.now);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(said(gateway.route(request)), "w2 stored k2");
    request.tried = {"w2"};
    EXPECT_TRUE(said(gateway.route(request)).starts_with("w1 ")) << said(gateway.route(request));
    request.tried.clear();
    gateway.worker("w2")->counters->avoid(request.now);
    EXPECT_TRUE(gateway.route(request).has_value()) << "better one that refused lately than nobody";
}

TEST(Priority, Highest_first_then_the_rest) {
    Gateway gateway;
    gateway.ready(R"({"url":"https://api.openai.com/v1","name":"a","api_key":"ka","priority":10})", models_of({"gpt-4o"}));
    gateway.ready(R"({"url":"https://api.openai.com/v1","name":"b","api_key":"kb","priority":90})", models_of({"gpt-4o"}));
    auto request = Gateway::asking("gpt-4o");
    for (int i = 0; i < 10; ++i) EXPECT_EQ(said(gateway.route(request)), "w2 stored kb");
    request.tried = {"w2"};
    EXPECT_EQ(said(gateway.route(request)), "w1 stored ka");
}

TEST(Target, Overrides_the_policy_but_not_the_keys) {
    Gateway gateway;
    gateway.ready(openai, models_of({"gpt-4o"}));
    gateway.ready(R"({"url":"https://api.openai.com/v1","name":"second","api_key":"k2","priority":1})", models_of({"gpt-4o"}));
    auto request = Gateway::asking("gpt-4o");
    for (const auto* target : {"1", "second", "w2"}) {
        request.target_worker = target;
        EXPECT_EQ(said(gateway.route(request)), "w2 stored k2") << target;
    }
    request.target_worker = "nobody";
    const auto unknown = gateway.route(request);
    EXPECT_EQ(said(unknown), "invalid_request");
    EXPECT_EQ(unknown.error().error.param, "X-SMG-Target-Worker");
    request.target_worker = "second";
    request.model = "claude-3";
    EXPECT_EQ(said(gateway.route(request)), "model_not_found");
    request.model = "gpt-4o";
    request.stored_keys_allowed = false;
    EXPECT_EQ(said(gateway.route(request)), "invalid_api_key");
}

TEST(OnlyProvider, Any_worker_of_it) {
    Gateway gateway;
    gateway.ready(openai, models_of({"gpt-4o"}));
    gateway.ready(anthropic, models_of({"claude-3"}));
    auto request = Gateway::asking("");
    request.only_provider = "anthropic";
    EXPECT_EQ(said(gateway.route(request)), "w2 stored stored-anthropic");
    request.caller_key = Secret("sk-proj-x");
    EXPECT_EQ(said(gateway.route(request)), "w2 stored stored-anthropic");
    request.caller_key = Secret("sk-ant-x");
    EXPECT_EQ(said(gateway.route(request)), "w2 caller sk-ant-x");
    request.only_provider = "xai";
    EXPECT_EQ(said(gateway.route(request)), "model_not_found");
}

TEST(PolicyLabel, The_first_registered_wins) {
    Gateway gateway;
    gateway.options.policy = workers::PolicyKind::random;
    gateway.ready(openai, models_of({"gpt-4o", "o3"}));
    EXPECT_EQ(gateway.route("gpt-4o")->policy, workers::PolicyKind::random);
    gateway.ready(R"({"url":"https://api.openai.com/v1","name":"b","api_key":"k","labels":{"policy":"round_robin"}})", models_of({"gpt-4o"}));
    gateway.ready(R"({"url":"https://api.openai.com/v1","name":"c","api_key":"k","labels":{"policy":"passthrough"}})", models_of({"gpt-4o"}));
    EXPECT_EQ(gateway.route("gpt-4o")->policy, workers::PolicyKind::round_robin);
    EXPECT_EQ(gateway.route("gpt-4o")->candidates, 3U);
    EXPECT_EQ(gateway.route("o3")->policy, workers::PolicyKind::random);
    std::map<std::string, int> shares;
    for (int i = 0; i < 30; ++i) ++shares[gateway.route("gpt-4o")->worker->id];
    EXPECT_EQ(shares, (std::map<std::string, int>{{"w1", 10}, {"w2", 10}, {"w3", 10}}));
}

/// Whatever the fleet, the model and the key: a key of a known form reaches its own provider or nobody, and a stored key its own worker.
TEST(Keys, No_combination_leaks) {
    Gateway gateway;
    gateway.ready(openai, models_of({"gpt-4o", "shared"}));
    gateway.ready(openai_byok);
    gateway.ready(anthropic, models_of({"claude-3"}));
    gateway.ready(R"({"url":"https://api.x.ai/v1","api_key":"stored-xai"})", models_of({"grok-4"}));
    gateway.ready(R"({"url":"https://generativelanguage.googleapis.com","api_key":"stored-gemini"})", models_of({"gemini-2.5-pro"}));
    gateway.ready(R"({"url":"https://openrouter.ai","api_key":"stored-router"})",
                  models_of({"gpt-4o", "claude-3", "grok-4", "gemini-2.5-pro", "shared"}));
    gateway.ready(R"({"url":"https://evil.example","provider":"openai-compatible","priority":100,"models":["gpt-4o","claude-3","grok-4","shared"]})");
    gateway.ready(R"({"url":"http://127.0.0.1:8000"})");
    const std::map<std::string, std::string> owner = {
        {"sk-proj-x", "openai"}, {"sk-ant-x", "anthropic"}, {"xai-x", "xai"}, {"AIzaX", "gemini"}, {"gsk_x", "groq"}};
    const auto catalog = providers::Catalog::built_in();
    int routed = 0;
    for (const auto* key : {"", "EMPTY", "sk-proj-x", "sk-ant-x", "xai-x", "AIzaX", "gsk_x", "sk-unknown"})
        for (const auto* model :
             {"gpt-4o", "gpt-new", "claude-3", "grok-4", "gemini-2.5-pro", "llama", "shared", "openai/gpt-4o", "openrouter/gpt-4o", "claude/x"})
            for (const auto mode : {CallerKeys::prefer, CallerKeys::require, CallerKeys::ignore})
                for (const bool allowed : {true, false})
                    for (int repeat = 0; repeat < 4; ++repeat) {
                        gateway.options.caller_keys = mode;
                        const auto result = gateway.route(model, key, allowed);
                        if (!result) continue;
                        ++routed;
                        const auto& provider = result->worker->provider().name;
                        switch (result->key_source) {
                            case KeySource::caller:
                                EXPECT_EQ(result->key.reveal(), key);
                                EXPECT_NE(mode, CallerKeys::ignore);
                                if (owner.contains(key)) {
                                    EXPECT_EQ(owner.at(key), provider) << model;
                                } else if (const auto named = catalog->of_model(model)) {
                                    EXPECT_EQ(named->name, provider) << model << " " << key;
                                }
                                break;
                            case KeySource::stored:
                                EXPECT_EQ(result->key.reveal(), result->worker->spec->api_key.reveal());
                                EXPECT_TRUE(allowed);
                                EXPECT_NE(mode, CallerKeys::require);
                                break;
                            case KeySource::none:
                                EXPECT_TRUE(result->key.empty());
                                EXPECT_FALSE(result->worker->external());
                                break;
                        }
                    }
    EXPECT_GT(routed, 200);
}

/// More workers of one model than are looked at one by one.
struct CrowdedGateway : Gateway {
    CrowdedGateway() {
        for (int i = 0; i < 1200; ++i)
            ids.push_back(ready(R"({"url":"https://api.openai.com/v1","api_key":"k","name":"n)" + std::to_string(i) + R"(","models":["m"]})"));
    }
    std::vector<std::string> ids;
};

TEST(ChooseFromACrowd, A_routing_key_stays_with_its_worker) {
    CrowdedGateway gateway;
    gateway.options.policy = workers::PolicyKind::consistent_hashing;
    std::set<std::string> workers;
    for (int key = 0; key < 60; ++key) {
        auto request = Gateway::asking("m");
        request.routing_key = "key" + std::to_string(key);
        const auto first = gateway.route(request)->worker->id;
        EXPECT_EQ(gateway.route(request)->worker->id, first);
        workers.insert(first);
    }
    EXPECT_GT(workers.size(), 45U);
}

TEST(ChooseFromACrowd, Requests_without_a_key_go_anywhere) {
    CrowdedGateway gateway;
    gateway.options.policy = workers::PolicyKind::random;
    std::map<std::string, int> shares;
    for (int i = 0; i < 3000; ++i) ++shares[gateway.route("m")->worker->id];
    EXPECT_GT(shares.size(), 1000U);
    for (const auto& [id, count] : shares) EXPECT_LT(count, 15) << id << " has six times its share";
}

TEST(ChooseFromACrowd, The_last_one_left_is_found) {
    CrowdedGateway gateway;
    for (const auto& id : gateway.ids)
        if (id != "w777") (void)gateway.registry.apply(id, StatusEvent::unhealthy, "down", 5);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(said(gateway.route("m")), "w777 stored k");
    (void)gateway.registry.apply("w777", StatusEvent::unhealthy, "down", 5);
    EXPECT_EQ(said(gateway.route("m")), "service_unavailable");
}

}  // namespace
}  // namespace smg::routing
