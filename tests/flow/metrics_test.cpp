/// Every metric of the table is there, has the labels that the table says, and moves with what it counts.
#include <gmock/gmock.h>

#include <set>

#include "support/running_gateway.hpp"
#include "support/scripted_models.hpp"
#include "support/scripted_upstream.hpp"
#include "support/trace_collector.hpp"
#include "telemetry/metric_table.hpp"
#include "unit/telemetry/parse_exposition.hpp"

namespace smg::test {
namespace {

using ::testing::IsSupersetOf;
using Labels = std::map<std::string, std::string>;

struct Series {
    std::string name;
    Labels labels;
    double value = 0;
};

/// Series of a scrape; what a histogram makes of its name is cut off.
std::vector<Series> series_of(const std::string& text) {
    static const std::regex label(R"re(([a-zA-Z_]+)="((?:[^"\\]|\\.)*)")re");
    std::vector<Series> all;
    for (const auto& [spelled, value] : telemetry::parse_exposition(text)) {
        Series series{spelled.substr(0, spelled.find('{')), {}, value};
        for (auto at = std::sregex_iterator(spelled.begin(), spelled.end(), label); at != std::sregex_iterator(); ++at)
            series.labels[(*at)[1]] = (*at)[2];
        if (series.name.ends_with("_bucket") || series.name.ends_with("_sum")) continue;
        const auto is_known = [](std::string_view name) { return !telemetry::help_of(name).empty(); };
        if (series.name.ends_with("_count") && !is_known(series.name)) series.name.resize(series.name.size() - 6);
        all.push_back(std::move(series));
    }
    return all;
}

std::set<std::string> words_of(std::string_view text) {
    std::set<std::string> words;
    std::istringstream stream{std::string(text)};
    for (std::string word; std::getline(stream, word, ',');) words.insert(word.substr(word.find_first_not_of(' ')));
    words.erase("");
    return words;
}

std::set<std::string> values_of(const std::vector<Series>& all, const std::string& name, const std::string& label) {
    std::set<std::string> values;
    for (const auto& series : all)
        if (series.name == name && series.value > 0) values.insert(series.labels.at(label));
    return values;
}

/// A gateway of which everything can be seen to move: four providers, a local worker, and a life with all that goes wrong in one.
class AllMetrics : public testing::Test {
protected:
    AllMetrics() : local_loop(1), local(local_loop), gateway(watched(collector)) {
        local.answer(200, R"({"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"local-model","choices":[{"index":0,)"
                          R"("message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],)"
                          R"("usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}})");
        local_loop.start();
        const std::map<std::string, std::string> policies = {
            {"openai", "manual"}, {"anthropic", "consistent_hashing"}, {"gemini", "prefix_hash"}, {"xai", "round_robin"}};
        for (const auto& [provider, policy] : policies)
            for (const std::string& name : {provider, provider + "-spare"})  // one alone leaves a policy nothing to choose
                if (name != "xai-spare")
                    gateway.add_worker({{"url", providers[provider].url()},
                                        {"provider", provider},
                                        {"api_key", "any-key-0123456789"},
                                        {"name", name},
                                        {"labels", {{"policy", policy}}}});
        gateway.add_worker({{"url", local.url()},
                            {"runtime_type", "vllm"},
                            {"name", "local"},
                            {"models", {"local-model"}},
                            {"health", {{"check_interval_secs", 1}}}});
    }
    ~AllMetrics() override { local_loop.stop(); }

    static config::Config watched(const TraceCollector& collector) {
        auto config = test_config();
        config.enable_trace = true;
        config.otlp_traces_endpoint = collector.endpoint();
        config.retry.max_attempts = 2;
        config.retry.initial_backoff = std::chrono::milliseconds(1);
        config.retry.max_backoff = std::chrono::milliseconds(10);
        config.breaker.failure_threshold = 2;
        config.breaker.success_threshold = 1;
        config.breaker.timeout = std::chrono::milliseconds(1);
        config.admission.max_concurrent = 3;
        config.admission.queue_size = 0;
        auto& tenant = config.tenants.emplace_back();
        tenant.name = "acme";
        tenant.keys.emplace_back("acme-key-0123456789");
        return config;
    }
    static Headers own() { return {{"X-SMG-API-Key", "acme-key-0123456789"}, {"X-SMG-Routing-Key", "a-session"}}; }
    int ask(const std::string& model, const std::string& text, bool stream = false, const Headers& more = {}) const {
        auto headers = own();
        headers.insert(headers.end(), more.begin(), more.end());
        return gateway.client().post("/v1/chat/completions", chat(model, text, stream).dump(), headers).status;
    }
    /// One that stays open until it is closed.
    [[nodiscard]] HttpClient open_one(const std::string& model, bool stream) const {
        auto client = gateway.client();
        client.send_request("POST", "/v1/chat/completions", chat(model, stream ? "simulate:stall" : "simulate:hang", stream).dump(), own());
        if (stream) client.read_head();
        return client;
    }

    void succeed() const {
        for (const auto* model : {"gpt-4o", "claude-sonnet-4-5", "grok-3", "gemini-2.5-flash"})
            for (const bool stream : {false, true}) EXPECT_EQ(ask(model, "Hello simulate:cached=2", stream), 200) << model;
        EXPECT_EQ(ask("local-model", "Hello"), 200);
        EXPECT_EQ(ask("o4-mini", "Think first."), 200);
        const Json text = {{"type", "text"}, {"text", std::string(8000, 'x')}, {"cache_control", {{"type", "ephemeral"}}}};
        const Json message = {
            {"model", "claude-sonnet-4-5"}, {"max_tokens", 20}, {"messages", {{{"role", "user"}, {"content", Json::array({text})}}}}};
        EXPECT_EQ(gateway.post("/v1/messages", message, own()).status, 200);
        EXPECT_EQ(gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello"), {{"X-SMG-API-Key", "acme-key-0123456789"},
                                                                                 {"Authorization", "Bearer sk-proj-a-callers-own"}})
                      .status,
                  200);
    }
    void fail() const {
        EXPECT_EQ(ask("gpt-4o", "simulate:status=404"), 404);
        EXPECT_EQ(ask("gpt-4o", "simulate:status=400"), 400);
        EXPECT_EQ(ask("nobody-serves-this", "Hello"), 404);
        EXPECT_EQ(gateway.client().post("/v1/chat/completions", "{no json", own()).status, 400);
        EXPECT_EQ(ask("gpt-4o", "simulate:hang", false, {{"X-SMG-Timeout-Ms", "20"}}), 504);
        ask("gpt-4o", "simulate:cut", true);
        EXPECT_EQ(ask("grok-3", "simulate:status=500"), 500);
        EXPECT_GE(gateway.metric("smg_worker_cb_transitions_total", {"to=\"open\""}), 1);
        const auto until = std::chrono::steady_clock::now() + step_limit;
        while (ask("grok-3", "Hello") != 200) ASSERT_LT(std::chrono::steady_clock::now(), until) << "no trial has closed the breaker";
        EXPECT_EQ(ask("gemini-2.5-flash", "simulate:status=429"), 429);
        EXPECT_EQ(ask("claude-sonnet-4-5", "simulate:quota"), 429);
    }
    /// As many as are let in stand open, one of them as a stream; one more is too many.
    std::vector<HttpClient> crowd() const {
        std::vector<HttpClient> open;
        open.push_back(open_one("gpt-4o", true));
        for (int i = 0; i < 2; ++i) open.push_back(open_one("gpt-4o", false));
        EXPECT_EQ(gateway.metric("smg_worker_requests_active", {"worker=\"openai"}, 3), 3);
        EXPECT_EQ(ask("gpt-4o", "Hello"), 429);
        return open;
    }
    /// Workers that never answer, and one that goes.
    void change_workers() {
        const auto gone = gateway.add_worker(
            {{"url", providers["openai"].url()}, {"name", "gone"}, {"runtime_type", "external"}, {"provider", "openai"}});
        auto client = gateway.client();
        EXPECT_EQ(client.request("DELETE", "/workers/" + gone, {}, {}).status, 202);
        std::uint16_t closed = 0;
        {
            const RawUpstream nobody;
            closed = nobody.port();
        }
        gateway.add_worker({{"url", "http://127.0.0.1:" + std::to_string(closed)},
                            {"name", "absent"},
                            {"provider", "openai-compatible"},
                            {"runtime_type", "external"},
                            {"models", {"absent-model"}}});
        EXPECT_EQ(ask("absent-model", "Hello", false, {{"Authorization", "Bearer a-callers-key-0123456789"}}), 502);
        EXPECT_EQ(gateway.metric("smg_discovery_deregistrations_total", {}), 1);
    }

    TraceCollector collector;
    Providers providers;
    net::EventLoops local_loop;
    ScriptedUpstream local;
    RunningGateway gateway;
};

TEST_F(AllMetrics, ArePresentAndMove) {
    succeed();
    fail();
    change_workers();
    auto open = crowd();
    const auto crowded = gateway.metrics();
    open.clear();
    for (const auto* phase : {"wait", "relay"}) EXPECT_GE(gateway.metric("smg_client_disconnects_total", {phase}), 1) << phase;
    EXPECT_GE(gateway.metric("smg_worker_health_checks_total", {"result=\"success\""}), 1);
    EXPECT_GE(gateway.metric("smg_traces_exported_total", {}), 1);
    // Gauges are looked at while something stands open, counters afterwards.
    auto all = series_of(crowded);
    const auto later = series_of(gateway.metrics());
    all.insert(all.end(), later.begin(), later.end());
    // Only a log that is too slow and a collector that is away move these: tests of their own do it.
    const std::set<std::string> at_rest = {"smg_log_lines_dropped_total", "smg_traces_dropped_total", "smg_event_loop_lag_seconds",
                                           "smg_worker_cb_consecutive_successes"};
    for (const auto& info : telemetry::metric_table) {
        if (info.name == "smg_worker_hedges_total") continue;  // tests of hedged requests make it move
        std::size_t found = 0;
        double most = 0;
        for (const auto& series : all) {
            if (series.name != info.name) continue;
            ++found;
            most = std::max(most, series.value);
            std::set<std::string> names;
            for (const auto& [name, value] : series.labels) names.insert(name);
            EXPECT_EQ(names, words_of(info.labels)) << info.name;
        }
        EXPECT_GT(found, 0U) << info.name;
        EXPECT_TRUE(most > 0 || at_rest.contains(std::string(info.name))) << info.name;
    }
    for (const auto& series : all) EXPECT_TRUE(series.name.starts_with("process_") || !telemetry::help_of(series.name).empty()) << series.name;

    using Set = std::set<std::string>;
    const std::string requests = "smg_router_requests_total", errors = "smg_router_request_errors_total";
    EXPECT_EQ(values_of(all, requests, "router_type"), (Set{"openai", "anthropic", "gemini", "http"})) << "xAI's is openai, whose API it speaks";
    EXPECT_EQ(values_of(all, requests, "backend_type"), (Set{"external", "regular"}));
    EXPECT_EQ(values_of(all, requests, "streaming"), (Set{"true", "false"}));
    EXPECT_EQ(values_of(all, errors, "error_type"), (Set{"no_workers", "timeout", "backend_error", "validation_error"}));
    EXPECT_EQ(values_of(all, "smg_router_tokens_total", "token_type"), (Set{"input", "output", "cached", "cache_write", "reasoning"}));
    EXPECT_EQ(values_of(all, "smg_router_stage_duration_seconds", "stage"), (Set{"read_body", "admit", "route", "connect", "wait", "relay"}));
    EXPECT_EQ(values_of(all, "smg_stream_outcomes_total", "outcome"), (Set{"complete", "upstream_cut", "client_closed"}));
    EXPECT_EQ(values_of(all, "smg_http_rate_limit_total", "result"), (Set{"allowed", "rejected"}));
    EXPECT_EQ(values_of(all, "smg_key_source_total", "source"), (Set{"stored", "caller", "none"})) << "a local worker has no key";
    EXPECT_EQ(values_of(all, "smg_cost_usd_total", "tenant"), Set{"acme"});
    EXPECT_THAT(values_of(all, "smg_cost_usd_total", "provider"), IsSupersetOf({"openai", "anthropic", "xai", "gemini"}));
    EXPECT_EQ(values_of(all, "smg_unpriced_requests_total", "provider"), Set{"openai-compatible"});
    EXPECT_THAT(values_of(all, "smg_worker_selection_total", "policy"),
                IsSupersetOf({"manual", "consistent_hashing", "prefix_hash", "round_robin"}));
    EXPECT_THAT(values_of(all, "smg_worker_failures_total", "error_type"), IsSupersetOf({"server_error", "rate_limited", "unreachable", "timeout"}));
    EXPECT_EQ(values_of(all, "smg_worker_cooling_seconds", "worker"), (Set{"anthropic", "anthropic-spare"})) << "both keys' money is spent";
    EXPECT_THAT(values_of(all, "smg_worker_cb_transitions_total", "to"), IsSupersetOf({"open", "half_open", "closed"}));
    EXPECT_EQ(values_of(all, "smg_http_inflight_request_age_count", "gt"), Set{"0"});
}

TEST_F(AllMetrics, AProvidersOwn404IsNoLackOfWorkers) {
    EXPECT_EQ(ask("gpt-4o", "simulate:status=404"), 404);
    EXPECT_EQ(gateway.metric("smg_router_request_errors_total", {"error_type=\"validation_error\"", "model=\"gpt-4o\""}), 1);
    EXPECT_EQ(ask("claude-of-tomorrow", "Hello"), 404) << "the provider is asked, since the name is its own";
    EXPECT_EQ(ask("nobody-serves-this", "Hello"), 404);
    EXPECT_EQ(gateway.metric("smg_router_request_errors_total", {"error_type=\"no_workers\"", "model=\"other\"", "router_type=\"http\""}), 1);
    EXPECT_EQ(gateway.metric("smg_router_request_errors_total", {"error_type=\"no_workers\""}), 1);
}

}  // namespace
}  // namespace smg::test
