#include "workers/spec_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/workers/fixture.hpp"

namespace smg::workers {
namespace {

using nlohmann::json;
using test::catalog;
using test::spec_of;
using ::testing::HasSubstr;
using ::testing::Not;

Error error_of(const std::string& text) {
    const auto body = parse_body(text);
    if (!body) return body.error();
    const auto spec = spec_from_json(*body, catalog());
    return spec ? Error(Failure::internal_error, "was accepted") : spec.error();
}

TEST(Spec, The_provider_pages_workers) {
    const auto openai = spec_of(R"({"url":"https://api.openai.com/v1","api_key":"sk-...","runtime_type":"external","provider":"openai"})");
    EXPECT_EQ(openai.provider, "openai");
    EXPECT_EQ(openai.runtime_type, RuntimeType::external);
    EXPECT_TRUE(openai.has_key());
    EXPECT_EQ(openai.priority, 50);
    EXPECT_EQ(openai.cost, 1.0);
    EXPECT_FALSE(openai.models.has_value());
    const auto identity = identify(spec_of(R"({"url":"https://api.anthropic.com/v1","provider":"anthropic","api_key":"sk-ant-..."})"), catalog());
    ASSERT_TRUE(identity.has_value());
    EXPECT_TRUE(identity->external);
    EXPECT_EQ(identity->provider->name, "anthropic");
    EXPECT_EQ(identity->url_key, "https://api.anthropic.com/v1");
}

TEST(Spec, Every_field) {
    const auto spec = spec_of(R"({"url":"http://127.0.0.1:8000","api_key":"k","runtime":"vllm","provider":"openai-compatible","name":"a",
        "models":["m1",{"id":"m2","aliases":["two"],"upstream_model":"up","display_name":"Two",
        "context_length":4096,"model_type":"chat","provider":"google"}],
        "worker_type":"regular","connection_mode":"http","priority":100,"cost":0.5,"weight":2,"labels":{"policy":"round_robin","zone":"eu"},
        "headers":{"X-Team":"secret"},"query":{"v":"1"},"auth":{"header":"X-Key","scheme":"Token"},"proxy":"http://proxy:3128",
        "health":{"timeout_secs":1.5,"check_interval_secs":5,"success_threshold":1,"failure_threshold":2,
        "disable_health_check":true,"drain_settle_secs":0},
        "resilience":{"max_retries":0,"initial_backoff_ms":1,"max_backoff_ms":2,"backoff_multiplier":1.5,"jitter_factor":0,"disable_retry":true,
        "cb_failure_threshold":3,"cb_success_threshold":4,"cb_timeout_secs":5,"cb_window_secs":6,"disable_circuit_breaker":false,
        "retryable_status_codes":[500,429]},
        "http_pool":{"pool_max_idle_per_host":7,"pool_idle_timeout_secs":8,"timeout_secs":9,"connect_timeout_secs":10}})");
    EXPECT_EQ(spec.runtime_type, RuntimeType::vllm);
    ASSERT_EQ(spec.models->size(), 2U);
    EXPECT_EQ((*spec.models)[0].upstream(), "m1");
    EXPECT_EQ((*spec.models)[1].upstream(), "up");
    EXPECT_EQ((*spec.models)[1].context_length, 4096U);
    EXPECT_EQ(spec.priority, 100);
    EXPECT_EQ(spec.weight, 2);
    EXPECT_EQ(spec.labels.at("policy"), "round_robin");
    EXPECT_EQ(spec.headers.at(0).second.reveal(), "secret");
    EXPECT_EQ(spec.query.at(0), (std::pair<std::string, std::string>("v", "1")));
    EXPECT_EQ(*spec.auth, (providers::CredentialRule{"x-key", "Token"}));
    EXPECT_EQ(spec.proxy, "http://proxy:3128");
    EXPECT_EQ(spec.health.timeout_secs, 1.5);
    EXPECT_EQ(spec.health.drain_settle_secs, 0);
    EXPECT_EQ(spec.resilience.max_retries, 0U);
    EXPECT_EQ(spec.resilience.jitter_factor, 0);
    EXPECT_EQ(spec.resilience.disable_circuit_breaker, false);
    EXPECT_EQ(*spec.resilience.retryable_status_codes, (std::vector<int>{500, 429}));
    EXPECT_EQ(spec.http_pool.pool_max_idle_per_host, 7U);
    EXPECT_EQ(spec.http_pool.connect_timeout_secs, 10);
}

TEST(Spec, Each_bad_field_is_named) {
    const std::pair<const char*, const char*> rows[] = {
        {R"({})", "url"},
        {R"({"url":7})", "url"},
        {R"({"url":"nope"})", "url"},
        {R"({"url":"https://h","api_key":7})", "api_key"},
        {R"({"url":"https://h","api_key":"a b"})", "api_key"},
        {R"({"url":"https://h","api_key":"a","api_key_file":"/f"})", "api_key_file"},
        {R"({"url":"https://h","runtime_type":"cuda"})", "runtime_type"},
        {R"({"url":"https://h","runtime_type":"vllm","runtime":"external"})", "runtime"},
        {R"({"url":"https://h","provider":"opnai"})", "provider"},
        {R"({"url":"https://api.x.ai","provider":"openai"})", "provider"},
        {R"({"url":"https://h","name":" a"})", "name"},
        {R"({"url":"https://h","name":"a\nb"})", "name"},
        {R"({"url":"https://h","models":"m"})", "models"},
        {R"({"url":"https://h","models":[7]})", "models[0]"},
        {R"({"url":"https://h","models":[""]})", "models[0]"},
        {R"({"url":"https://h","models":["a",{"aliases":[]}]})", "models[1].id"},
        {R"({"url":"https://h","models":[{"id":"a","alias":"b"}]})", "models[0].alias"},
        {R"({"url":"https://h","models":["a","a"]})", "models"},
        {R"({"url":"https://h","models":[{"id":"a","aliases":["a"]}]})", "models"},
        {R"({"url":"https://h","models":[{"id":"a","provider":"nobody"}]})", "models[0].provider"},
        {R"({"url":"https://h","worker_type":"prefill"})", "worker_type"},
        {R"({"url":"https://h","connection_mode":"grpc"})", "connection_mode"},
        {R"({"url":"https://h","priority":101})", "priority"},
        {R"({"url":"https://h","priority":-1})", "priority"},
        {R"({"url":"https://h","priority":1.5})", "priority"},
        {R"({"url":"https://h","priority":18446744073709551615})", "priority"},
        {R"({"url":"https://h","cost":-1})", "cost"},
        {R"({"url":"https://h","cost":"1"})", "cost"},
        {R"({"url":"https://h","weight":0})", "weight"},
        {R"({"url":"https://h","labels":{"a":1}})", "labels.a"},
        {R"({"url":"https://h","labels":[]})", "labels"},
        {R"({"url":"https://h","labels":{"policy":"fastest"}})", "labels.policy"},
        {R"({"url":"https://h","labels":{"policy":"buckets"}})", "labels.policy"},
        {R"({"url":"https://h","headers":{"a b":"c"}})", "headers"},
        {R"({"url":"https://h","headers":{"A":"b\r\nC: d"}})", "headers.A"},
        {R"({"url":"https://h","headers":{"Host":"x"}})", "headers.Host"},
        {R"({"url":"https://h","auth":{"header":"a b"}})", "auth.header"},
        {R"({"url":"https://h","auth":{"name":"a"}})", "auth.name"},
        {R"({"url":"https://h","proxy":"http://u:p@h"})", "proxy"},
        {R"({"url":"https://h","health":{"timeout":1}})", "health.timeout"},
        {R"({"url":"https://h","health":[]})", "health"},
        {R"({"url":"https://h","health":{"failure_threshold":0}})", "health.failure_threshold"},
        {R"({"url":"https://h","resilience":{"jitter_factor":2}})", "resilience.jitter_factor"},
        {R"({"url":"https://h","resilience":{"retryable_status_codes":[200]}})", "resilience.retryable_status_codes"},
        {R"({"url":"https://h","http_pool":{"timeout_secs":-1}})", "http_pool.timeout_secs"},
        {R"({"url":"https://h","key":"x"})", "key"},
        {R"({"url":"https://h","url":"https://i"})", "url"}};
    for (const auto& [text, param] : rows) {
        const auto error = error_of(text);
        EXPECT_EQ(error.failure, Failure::invalid_request) << text << ": " << error.message;
        EXPECT_EQ(error.param, param) << text << ": " << error.message;
    }
    for (const auto* text : {"", "nonsense", "[]", "7", "{\"url\":"}) EXPECT_EQ(error_of(text).failure, Failure::invalid_request) << text;
}

TEST(Spec, Unknown_fields_are_told_the_nearest) {
    EXPECT_THAT(error_of(R"({"url":"https://h","prioritiy":1})").message, HasSubstr("did you mean `priority`"));
    EXPECT_THAT(error_of(R"({"url":"https://h","health":{"timeout_sec":1}})").message, HasSubstr("did you mean `health.timeout_secs`"));
    EXPECT_THAT(error_of(R"({"url":"https://h","provider":"opnai"})").message, HasSubstr("did you mean `openai`"));
}

TEST(Spec, No_error_repeats_a_secret) {
    for (const auto* text : {R"({"url":"https://h","api_key":"hunter2 x"})", R"({"url":"https://h","headers":{"A":"hunter2\n"}})",
                             R"({"url":"https://u:hunter2@h"})", R"({"url":"https://h","proxy":"http://u:hunter2@h"})"})
        EXPECT_THAT(error_of(text).message, Not(HasSubstr("hunter2"))) << text;
}

TEST(Spec, External_or_local) {
    const auto external = [](const char* text) { return identify(spec_of(text), catalog())->external; };
    EXPECT_TRUE(external(R"({"url":"https://api.openai.com"})"));
    EXPECT_TRUE(external(R"({"url":"http://127.0.0.1:9","provider":"openai"})"));
    EXPECT_TRUE(external(R"({"url":"http://127.0.0.1:9","runtime_type":"external"})"));
    EXPECT_TRUE(external(R"({"url":"https://llm.example","api_key":"k"})"));
    EXPECT_FALSE(external(R"({"url":"http://llm.example","api_key":"k"})"));
    EXPECT_FALSE(external(R"({"url":"https://llm.example"})"));
    EXPECT_FALSE(external(R"({"url":"http://127.0.0.1:8000"})"));
    EXPECT_FALSE(external(R"({"url":"http://127.0.0.1:8000","provider":"vllm"})"));
    EXPECT_FALSE(external(R"({"url":"http://127.0.0.1:11434","provider":"ollama"})"));
    EXPECT_FALSE(external(R"({"url":"https://llm.example","api_key":"k","runtime_type":"sglang"})"));
}

TEST(Spec, A_get_shows_no_secret_and_can_be_put_back) {
    const auto spec =
        spec_of(R"({"url":"https://api.openai.com/v1","api_key":"hunter2","name":"n","headers":{"X-A":"hunter3"},"models":["m",{"id":"k"}],
        "priority":7,"labels":{"a":"b"},"resilience":{"max_retries":0},"auth":{"header":"x-k"}})");
    auto shown = spec_to_json(spec);
    EXPECT_THAT(shown.dump(), Not(HasSubstr("hunter")));
    EXPECT_EQ(shown["has_api_key"], true);
    EXPECT_EQ(shown["header_names"], json::array({"X-A"}));
    EXPECT_EQ(shown["resilience"], (json{{"max_retries", 0}}));
    EXPECT_FALSE(shown.contains("health"));
    const auto again = replaced_spec(spec, shown, catalog());
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_EQ(spec_to_json_with_secrets(*again), spec_to_json_with_secrets(spec));
}

TEST(Spec, The_store_gets_it_back_whole) {
    const auto spec = spec_of(R"({"url":"https://api.x.ai","api_key":"k1","headers":{"X-A":"v"},"query":{"q":"1"},"health":{"timeout_secs":2}})");
    const auto again = spec_from_json(spec_to_json_with_secrets(spec), catalog());
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->api_key.reveal(), "k1");
    EXPECT_EQ(again->headers.at(0).second.reveal(), "v");
    EXPECT_EQ(again->health.timeout_secs, 2);
}

TEST(SpecPut, Replaces_and_keeps_secrets_that_are_absent) {
    const auto current = spec_of(R"({"url":"https://api.openai.com/v1","api_key":"k","priority":7,"headers":{"X-A":"1","X-B":"2"}})");
    const auto put = [&](const char* text) { return replaced_spec(current, json::parse(text), catalog()); };
    const auto kept = put(R"({"url":"https://api.openai.com/","headers":{"X-B":null,"X-C":"3"}})");
    ASSERT_TRUE(kept.has_value()) << kept.error().message;
    EXPECT_EQ(kept->api_key.reveal(), "k");
    EXPECT_EQ(kept->priority, 50);
    ASSERT_EQ(kept->headers.size(), 2U);
    EXPECT_EQ(kept->headers[0].first, "X-C");
    EXPECT_EQ(kept->headers[1].second.reveal(), "1");
    EXPECT_FALSE(put(R"({"url":"https://api.openai.com","api_key":null})")->has_key());
    EXPECT_EQ(put(R"({"url":"https://api.openai.com","api_key":"new"})")->api_key.reveal(), "new");
    EXPECT_TRUE(put(R"({"url":"https://api.openai.com","headers":null})")->headers.empty());
    EXPECT_EQ(put(R"({"url":"https://api.x.ai"})").error().param, "url");
    EXPECT_EQ(put(R"({"url":"https://api.openai.com","name":"other"})").error().param, "name");
    EXPECT_EQ(put(R"({"url":"https://api.openai.com","bogus":1})").error().param, "bogus");
    EXPECT_EQ(put(R"({"priority":1})").error().param, "url");
}

TEST(Spec, Values_of_the_query_are_secrets) {
    const auto spec = spec_of(R"({"url":"https://llm.example/v1","query":{"key":"hunter2","api-version":"7"}})");
    const auto shown = spec_to_json(spec);
    EXPECT_THAT(shown.dump(), Not(HasSubstr("hunter2")));
    EXPECT_FALSE(shown.contains("query"));
    EXPECT_EQ(shown["query_names"], json::array({"api-version", "key"}));
    EXPECT_EQ(spec_to_json_with_secrets(spec)["query"], (json{{"key", "hunter2"}, {"api-version", "7"}}));
    const auto query_of = [](const Result<WorkerSpec>& changed) {
        return changed ? spec_to_json_with_secrets(*changed).value("query", json()) : json();
    };
    EXPECT_EQ(query_of(replaced_spec(spec, shown, catalog())), (json{{"key", "hunter2"}, {"api-version", "7"}})) << "get, edit, put";
    EXPECT_EQ(query_of(patched_spec(spec, shown, catalog())), (json{{"key", "hunter2"}, {"api-version", "7"}}));
    const auto body = json::parse(R"({"url":"https://llm.example/v1","query":{"key":null,"api-version":"8","Key":"other"}})");
    const auto put = replaced_spec(spec, body, catalog());
    EXPECT_EQ(query_of(put), (json{{"api-version", "8"}, {"Key", "other"}})) << "by name; parameters differ in case";
    EXPECT_TRUE(replaced_spec(spec, json::parse(R"({"url":"https://llm.example/v1","query":null})"), catalog())->query.empty());
    EXPECT_EQ(query_of(patched_spec(spec, json::parse(R"({"query":{"key":"new"}})"), catalog())), (json{{"key", "new"}, {"api-version", "7"}}));
}

TEST(SpecPut, What_was_discovered_does_not_become_declared) {
    const auto current = spec_of(R"({"url":"https://api.openai.com/v1","api_key":"k"})");
    for (const auto* models : {R"([{"id":"gpt-4o","discovered":true,"max_output_tokens":1}])", "[]"}) {
        auto body = json{{"url", "https://api.openai.com/v1"}, {"models", json::parse(models)}};
        const auto put = replaced_spec(current, body, catalog());
        ASSERT_TRUE(put.has_value()) << put.error().message;
        EXPECT_FALSE(put->models.has_value()) << models;
        EXPECT_FALSE(patched_spec(current, body, catalog())->models.has_value()) << models;
    }
}

TEST(SpecPut, AProviderThatWasFoundOutIsNotDeclaredByComingBack) {
    const auto local = spec_of(R"({"url":"http://10.0.0.1:8000"})");
    const auto put = replaced_spec(local, json{{"url", "http://10.0.0.1:8000"}, {"provider", "openai-compatible"}}, catalog());
    ASSERT_TRUE(put.has_value()) << put.error().message;
    EXPECT_FALSE(identify(*put, catalog())->external) << "it stays the local server that it was";
    const auto other = replaced_spec(local, json{{"url", "http://10.0.0.1:8000"}, {"provider", "openai"}}, catalog());
    EXPECT_TRUE(identify(*other, catalog())->external);
}

TEST(SpecPatch, Merges) {
    const auto current = spec_of(R"({"url":"https://api.openai.com/v1","api_key":"k","priority":7,"labels":{"a":"1","b":"2"},"headers":{"X-A":"1"},
        "health":{"timeout_secs":1,"failure_threshold":4},"models":["m"]})");
    const auto patch = [&](const char* text) { return patched_spec(current, json::parse(text), catalog()); };
    const auto merged = patch(R"({"priority":9,"labels":{"a":null,"c":"3"},"health":{"timeout_secs":2},"headers":{"X-B":"2"}})");
    ASSERT_TRUE(merged.has_value()) << merged.error().message;
    EXPECT_EQ(merged->priority, 9);
    EXPECT_EQ(merged->api_key.reveal(), "k");
    EXPECT_EQ(merged->labels, (std::map<std::string, std::string>{{"b", "2"}, {"c", "3"}}));
    EXPECT_EQ(merged->health.timeout_secs, 2);
    EXPECT_EQ(merged->health.failure_threshold, 4U);
    EXPECT_EQ(merged->headers.size(), 2U);
    EXPECT_TRUE(merged->models.has_value());
    EXPECT_EQ(patch(R"({"priority":null})")->priority, 50);
    EXPECT_FALSE(patch(R"({"models":null})")->models.has_value());
    EXPECT_EQ(patch(R"({"api_key":"new"})")->api_key.reveal(), "new");
    EXPECT_FALSE(patch(R"({"api_key":null})")->has_key());
    EXPECT_EQ(patch(R"({"runtime":"external"})")->runtime_type, RuntimeType::external);
    for (const auto* text : {R"({"url":"https://api.x.ai"})", R"({"name":"n"})", R"({"provider":"xai"})"}) {
        const auto refused = patch(text);
        ASSERT_FALSE(refused.has_value()) << text;
        EXPECT_EQ(refused.error().param, json::parse(text).begin().key());
    }
    EXPECT_TRUE(patch(R"({"url":"https://api.openai.com/v1","provider":"openai","status":"ready"})").has_value());
    EXPECT_EQ(patch(R"({"labels":{"policy":"x"}})").error().param, "labels.policy");
    EXPECT_EQ(patch(R"({"bogus":1})").error().param, "bogus");
}

TEST(SpecPatch, Key_files) {
    auto current = spec_of(R"({"url":"https://api.openai.com","api_key_file":"/run/key"})");
    current.api_key = Secret("read from the file");
    EXPECT_EQ(patched_spec(current, json::parse(R"({"priority":1})"), catalog())->api_key.reveal(), "read from the file");
    const auto replaced = patched_spec(current, json::parse(R"({"api_key":"k"})"), catalog());
    EXPECT_EQ(replaced->api_key.reveal(), "k");
    EXPECT_EQ(replaced->api_key_file, "");
    EXPECT_FALSE(spec_to_json_with_secrets(current).contains("api_key"));
}

}  // namespace
}  // namespace smg::workers
