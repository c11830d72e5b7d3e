// Every flag by each of the three ways, and what each says of a value that is not allowed.
#include <algorithm>
#include <functional>
#include <set>

#include "config/setting.hpp"
#include "unit/config/command.hpp"

namespace smg::config {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Case {
    std::string name;
    std::vector<std::string> values;  ///< none: a toggle
    std::string toml;                 ///< the value in the file
    std::function<bool(const Config&)> arrived;
    std::string bad;       ///< a value that is not allowed
    std::string bad_says;  ///< what follows the place
};

std::vector<Case> cases() {
    const std::string port = " is not a whole number from 0 to 65535";
    return {
        {"host",
         {"10.0.0.1", "::1"},
         R"(["10.0.0.1", "::1"])",
         [](const Config& c) {
             return c.hosts == std::vector<std::string>{"10.0.0.1", "::1"};
         },
         "a b",
         R"("a b" is neither an address nor a host name)"},
        {"port", {"8080"}, "8080", [](const Config& c) { return c.port == 8080; }, "70000", R"("70000")" + port},
        {"threads", {"3"}, "3", [](const Config& c) { return c.threads == 3; }, "0", R"("0" is not a whole number from 1 to 1024)"},
        {"max-connections",
         {"7"},
         "7",
         [](const Config& c) { return c.max_connections == 7; },
         "0",
         R"("0" is not a whole number from 1 to 9007199254740992)"},
        {"health-check-port", {"0"}, "0", [](const Config& c) { return c.health_check_port == 0; }, "x", R"("x")" + port},
        {"request-id-headers",
         {"X-A", "x-b"},
         R"(["X-A", "x-b"])",
         [](const Config& c) {
             return c.request_id_headers == std::vector<std::string>{"x-a", "x-b"};
         },
         "x:y",
         R"("x:y" is not the name of a header)"},
        {"cors-allowed-origins",
         {"https://app.example", "http://localhost:3000"},
         R"(["https://app.example", "http://localhost:3000"])",
         [](const Config& c) {
             return c.cors_allowed_origins == std::vector<std::string>{"https://app.example", "http://localhost:3000"};
         },
         "https://App.example/",
         R"("https://App.example/" is neither * nor an origin as browsers send it: scheme://host[:port], lower case, no path, no default port)"},
        {"enable-igw", {}, "true", [](const Config& c) { return c.enable_igw; }, "maybe", R"("maybe" is neither true nor false)"},
        {"worker-urls",
         {"http://a:1", "https://b/v1"},
         R"(["http://a:1", "https://b/v1"])",
         [](const Config& c) {
             return c.worker_urls == std::vector<std::string>{"http://a:1", "https://b/v1"};
         },
         "ftp://u:secret@a",
         R"("ftp://***@a" is not an http:// or https:// URL)"},
        {"backend",
         {"xai"},
         R"("xai")",
         [](const Config& c) { return c.backend == "xai"; },
         "grokk",
         R"("grokk" is not one of openai, anthropic, xai, gemini, openai-compatible, vllm, sglang)"},
        {"model-alias",
         {"fast=gpt-4o-mini"},
         R"(["fast=gpt-4o-mini"])",
         [](const Config& c) { return c.aliases.size() == 1 && c.aliases[0] == std::pair<std::string, std::string>("fast", "gpt-4o-mini"); },
         "fast",
         R"("fast" is not of the form ALIAS=MODEL)"},
        {"health-check-interval-secs",
         {"7"},
         "7",
         [](const Config& c) { return c.health.interval == seconds(7); },
         "0.5",
         R"("0.5" is not a time of 1 to 86400 seconds)"},
        {"health-check-timeout-secs",
         {"7"},
         "7",
         [](const Config& c) { return c.health.timeout == seconds(7); },
         "0",
         R"("0" is not a time of 1 to 3600 seconds)"},
        {"health-failure-threshold",
         {"7"},
         "7",
         [](const Config& c) { return c.health.failure_threshold == 7; },
         "0",
         R"("0" is not a whole number from 1 to 1000)"},
        {"health-success-threshold",
         {"7"},
         "7",
         [](const Config& c) { return c.health.success_threshold == 7; },
         "-1",
         R"("-1" is not a whole number from 1 to 1000)"},
        {"health-check-endpoint",
         {"/up"},
         R"("/up")",
         [](const Config& c) { return c.health.endpoint == "/up"; },
         "up",
         R"("up" is not a path that begins with /)"},
        {"disable-health-check", {}, "true", [](const Config& c) { return !c.health.enabled; }, "2", R"("2" is neither true nor false)"},
        {"drain-settle-secs",
         {"0"},
         "0",
         [](const Config& c) { return c.health.drain_settle == seconds(0); },
         "x",
         R"("x" is not a time of 0 to 3600 seconds)"},
        {"policy",
         {"Random"},
         R"("random")",
         [](const Config& c) { return c.policy == "random"; },
         "best",
         R"("best" is not one of cache_aware, round_robin, weighted_round_robin, random, power_of_two, least_load, least_latency, )"
         "least_cost, prefix_hash, consistent_hashing, manual, bucket, passthrough"},
        {"cache-threshold",
         {"0.5"},
         "0.5",
         [](const Config& c) { return c.policy_settings.cache_threshold == 0.5; },
         "2",
         R"("2" is not a number from 0 to 1)"},
        {"max-tree-size",
         {"8192"},
         "8192",
         [](const Config& c) { return c.policy_settings.max_tree_size == 8192; },
         "1",
         R"("1" is not a whole number from 4096 to 9007199254740992)"},
        {"prefix-token-count",
         {"7"},
         "7",
         [](const Config& c) { return c.policy_settings.prefix_token_count == 7; },
         "0",
         R"("0" is not a whole number from 1 to 1000000)"},
        {"prefix-hash-load-factor",
         {"2.5"},
         "2.5",
         [](const Config& c) { return c.policy_settings.prefix_hash_load_factor == 2.5; },
         "0.5",
         R"("0.5" is not a number from 1 to 1000)"},
        {"assignment-mode",
         {"min_group"},
         R"("min_group")",
         [](const Config& c) { return c.policy_settings.assignment_mode == AssignmentMode::min_group; },
         "max_load",
         R"("max_load" is not one of random, min_load, min_group)"},
        {"max-idle-secs",
         {"7"},
         "7",
         [](const Config& c) { return c.policy_settings.max_idle == seconds(7); },
         "0",
         R"("0" is not a time of 1 to 31536000 seconds)"},
        {"routing-key-override",
         {},
         "true",
         [](const Config& c) { return c.policy_settings.routing_key_override; },
         "x",
         R"("x" is neither true nor false)"},
        {"balance-abs-threshold",
         {"7"},
         "7",
         [](const Config& c) { return c.policy_settings.balance_abs_threshold == 7; },
         "-1",
         R"("-1" is not a whole number from 0 to 9007199254740992)"},
        {"balance-rel-threshold",
         {"2.5"},
         "2.5",
         [](const Config& c) { return c.policy_settings.balance_rel_threshold == 2.5; },
         "0.5",
         R"("0.5" is not a number from 1 to 1000000)"},
        {"api-key", {"gateway-key"}, R"("gateway-key")", [](const Config& c) { return c.api_key.matches("gateway-key"); }, " ", "the value is empty"},
        {"control-plane-api-keys",
         {"ci:CI Pipeline:admin:a:b", "ro::user:k"},
         R"(["ci:CI Pipeline:admin:a:b", "ro::user:k"])",
         [](const Config& c) {
             const auto& keys = c.control_plane_keys;
             return keys.size() == 2 && keys[0].id == "ci" && keys[0].name == "CI Pipeline" && keys[0].admin && keys[0].key.matches("a:b") &&
                    keys[1].name.empty() && !keys[1].admin && keys[1].key.matches("k");
         },
         "ci:name:root:topsecret",
         "the value names a ROLE that is neither admin nor user"},
        {"caller-keys",
         {"require"},
         R"("require")",
         [](const Config& c) { return c.caller_keys == CallerKeys::require; },
         "always",
         R"("always" is not one of prefer, require, ignore)"},
        {"insecure-open", {}, "true", [](const Config& c) { return c.insecure_open; }, "x", R"("x" is neither true nor false)"},
        {"allow-upstream",
         {"10.0.0.0/8", "api.openai.com"},
         R"(["10.0.0.0/8", "api.openai.com"])",
         [](const Config& c) {
             return c.allow_upstream == std::vector<std::string>{"10.0.0.0/8", "api.openai.com"};
         },
         "10.0.0.0/33",
         R"("10.0.0.0/33" is neither a CIDR nor an address nor a host name)"},
        {"models-fanout",
         {"off"},
         R"("off")",
         [](const Config& c) { return c.models_fanout == ModelsFanout::off; },
         "some",
         R"("some" is not one of all, matched, off)"},
        {"models-timeout-ms",
         {"100"},
         "100",
         [](const Config& c) { return c.models_timeout == milliseconds(100); },
         "0",
         R"("0" is not a time of 1 to 600000 milliseconds)"},
        {"prometheus-host",
         {"0.0.0.0"},
         R"("0.0.0.0")",
         [](const Config& c) { return c.prometheus_hosts == std::vector<std::string>{"0.0.0.0"}; },
         "/",
         R"("/" is neither an address nor a host name)"},
        {"prometheus-port", {"0"}, "0", [](const Config& c) { return c.prometheus_port == 0; }, "65536", R"("65536")" + port},
        {"prometheus-duration-buckets",
         {"0.5", "1"},
         "[0.5, 1]",
         [](const Config& c) {
             return c.prometheus_duration_buckets == std::vector<double>{0.5, 1};
         },
         "0",
         R"("0" is not a number of seconds above 0)"},
        {"metrics-max-models",
         {"2"},
         "2",
         [](const Config& c) { return c.metrics_max_models == 2; },
         "x",
         R"("x" is not a whole number from 0 to 100000)"},
        {"log-level",
         {"debug"},
         R"("debug")",
         [](const Config& c) { return c.log_level == LogLevel::debug; },
         "loud",
         R"("loud" is not one of trace, debug, info, warn, error)"},
        {"log-json", {}, "true", [](const Config& c) { return c.log_json; }, "x", R"("x" is neither true nor false)"},
        {"log-dir", {"/var/log/smg"}, R"("/var/log/smg")", [](const Config& c) { return c.log_dir == "/var/log/smg"; }, " ", R"(" " is empty)"},
        {"log-max-files",
         {"7"},
         "7",
         [](const Config& c) { return c.log_max_files == 7; },
         "-1",
         R"("-1" is not a whole number from 0 to 100000)"},
        {"request-timeout-secs",
         {"7"},
         "7",
         [](const Config& c) { return c.request_timeout == seconds(7); },
         "0",
         R"("0" is not a time of 1 to 86400 seconds)"},
        {"connect-timeout-secs",
         {"0.25"},
         "0.25",
         [](const Config& c) { return c.connect_timeout == milliseconds(250); },
         "x",
         R"("x" is not a time of 0 to 3600 seconds)"},
        {"first-byte-timeout-secs",
         {"7"},
         "7",
         [](const Config& c) { return c.first_byte_timeout == seconds(7); },
         "-1",
         R"("-1" is not a time of 0 to 86400 seconds)"},
        {"idle-timeout-secs",
         {"7"},
         "7",
         [](const Config& c) { return c.idle_timeout == seconds(7); },
         "nan",
         R"("nan" is not a time of 0 to 86400 seconds)"},
        {"sse-keepalive-secs",
         {"0"},
         "0",
         [](const Config& c) { return c.sse_keepalive == seconds(0); },
         "1s",
         R"("1s" is not a time of 0 to 86400 seconds)"},
        {"head-timeout-secs",
         {"2"},
         "2",
         [](const Config& c) { return c.head_timeout == seconds(2); },
         "inf",
         R"("inf" is not a time of 0 to 3600 seconds)"},
        {"body-timeout-secs",
         {"2"},
         "2",
         [](const Config& c) { return c.body_timeout == seconds(2); },
         "3601",
         R"("3601" is not a time of 0 to 3600 seconds)"},
        {"shutdown-grace-period-secs",
         {"0"},
         "0",
         [](const Config& c) { return c.shutdown_grace == seconds(0); },
         "1.5",
         R"("1.5" is not a time of 0 to 86400 seconds)"},
        {"max-payload-size",
         {"1024"},
         "1024",
         [](const Config& c) { return c.max_payload_size == 1024; },
         "1MB",
         R"("1MB" is not a whole number from 1 to 9007199254740992)"},
        {"max-upload-size",
         {"1024"},
         "1024",
         [](const Config& c) { return c.max_upload_size == 1024; },
         "0",
         R"("0" is not a whole number from 1 to 9007199254740992)"},
        {"max-buffered-bytes",
         {"1024"},
         "1024",
         [](const Config& c) { return c.max_buffered_bytes == 1024; },
         "0",
         R"("0" is not a whole number from 1 to 9007199254740992)"},
        {"max-memory",
         {"1024"},
         "1024",
         [](const Config& c) { return c.max_memory == 1024; },
         "0",
         R"("0" is not a whole number from 1 to 9007199254740992)"},
        {"max-concurrent-requests",
         {"7"},
         "7",
         [](const Config& c) { return c.admission.max_concurrent == 7; },
         "0",
         R"("0" is neither -1 nor a whole number from 1 to 9007199254740992)"},
        {"queue-size",
         {"7"},
         "7",
         [](const Config& c) { return c.admission.queue_size == 7; },
         "-1",
         R"("-1" is not a whole number from 0 to 10000000)"},
        {"queue-timeout-secs",
         {"7"},
         "7",
         [](const Config& c) { return c.admission.queue_timeout == seconds(7); },
         "86401",
         R"("86401" is not a time of 0 to 86400 seconds)"},
        {"rate-limit-tokens-per-second",
         {"7.5"},
         "7.5",
         [](const Config& c) { return c.admission.requests_per_second == 7.5; },
         "0",
         R"("0" is not a number of requests a second above 0)"},
        {"tenant-api-key",
         {"acme:k:1"},
         R"(["acme:k:1"])",
         [](const Config& c) { return c.tenants.size() == 1 && c.tenants[0].name == "acme" && c.tenants[0].keys.at(0).matches("k:1"); },
         "acme",
         "the value is not of the form TENANT:KEY"},
        {"trust-tenant-header", {}, "true", [](const Config& c) { return c.trust_tenant_header; }, "x", R"("x" is neither true nor false)"},
        {"tenant-header-name",
         {"X-Team"},
         R"("X-Team")",
         [](const Config& c) { return c.tenant_header == "x-team"; },
         "x:y",
         R"("x:y" is not the name of a header)"},
        {"state",
         {"/var/lib/smg/smg.db"},
         R"("/var/lib/smg/smg.db")",
         [](const Config& c) { return c.state_path == "/var/lib/smg/smg.db"; },
         " ",
         R"(" " is empty)"},
        {"enable-trace", {}, "true", [](const Config& c) { return c.enable_trace; }, "x", R"("x" is neither true nor false)"},
        {"otlp-traces-endpoint",
         {"collector:4318"},
         R"("collector:4318")",
         [](const Config& c) { return c.otlp_traces_endpoint == "collector:4318"; },
         " ",
         R"(" " is empty)"},
        {"cb-failure-threshold",
         {"7"},
         "7",
         [](const Config& c) { return c.breaker.failure_threshold == 7; },
         "0",
         R"("0" is not a whole number from 1 to 1000000)"},
        {"cb-success-threshold",
         {"7"},
         "7",
         [](const Config& c) { return c.breaker.success_threshold == 7; },
         "0",
         R"("0" is not a whole number from 1 to 1000000)"},
        {"cb-timeout-duration-secs",
         {"0.5"},
         "0.5",
         [](const Config& c) { return c.breaker.timeout == milliseconds(500); },
         "x",
         R"("x" is not a time of 0 to 86400 seconds)"},
        {"cb-window-duration-secs",
         {"7"},
         "7",
         [](const Config& c) { return c.breaker.window == seconds(7); },
         "x",
         R"("x" is not a time of 0 to 86400 seconds)"},
        {"disable-circuit-breaker", {}, "true", [](const Config& c) { return !c.breaker.enabled; }, "x", R"("x" is neither true nor false)"},
        {"hedge", {"p95"}, R"("p95")", [](const Config& c) { return c.hedge.enabled; }, "p99", R"("p99" is not one of off, p95)"},
        {"hedge-max-share",
         {"0.1"},
         "0.1",
         [](const Config& c) { return c.hedge.max_share == 0.1; },
         "5",
         R"("5" is not a number from 0 to 1)"},
        {"jwt-role-claim",
         {"realm_access.roles"},
         R"("realm_access.roles")",
         [](const Config& c) { return c.jwt.role_claim == "realm_access.roles"; },
         " ",
         R"(" " is empty)"},
        {"jwt-role-mapping",
         {"cn=gateway=admin", "staff = user"},
         R"(["cn=gateway=admin", "staff = user"])",
         [](const Config& c) {
             return c.jwt.role_mapping == std::vector<std::pair<std::string, std::string>>{{"cn=gateway", "admin"}, {"staff", "user"}};
         },
         "staff=root",
         R"("staff=root" names a ROLE of ours that is neither admin nor user)"},
        {"remove-unhealthy-workers", {}, "true", [](const Config& c) { return c.health.remove_unhealthy; }, "x", R"("x" is neither true nor false)"},
        {"log-bodies", {}, "true", [](const Config& c) { return c.log_bodies; }, "x", R"("x" is neither true nor false)"},
        {"disable-audit-logging", {}, "true", [](const Config& c) { return !c.audit_log; }, "x", R"("x" is neither true nor false)"},
        {"prices", {"own.toml"}, R"("own.toml")", [](const Config& c) { return c.prices_path == "own.toml"; }, " ", R"(" " is empty)"},
        {"upstream-ca-path", {"/ca.pem"}, R"("/ca.pem")", [](const Config& c) { return c.upstream_ca_path == "/ca.pem"; }, " ", R"(" " is empty)"},
        {"upstream-proxy",
         {"http://user:p%40ss@proxy:3128/"},
         R"("http://user:p%40ss@proxy:3128/")",
         [](const Config& c) {
             const auto* proxy = c.proxies.choose(true, "api.openai.com", 443);
             return proxy != nullptr && proxy->host == "proxy" && proxy->port == 3128 && proxy->authorization.matches("Basic dXNlcjpwQHNz");
         },
         "socks5://u:secret@p",
         "the value is not of the form http://[USER:PASSWORD@]HOST[:PORT]"},
        {"retry-max-retries",
         {"7"},
         "7",
         [](const Config& c) { return c.retry.max_attempts == 7; },
         "0",
         R"("0" is not a whole number from 1 to 100)"},
        {"retry-initial-backoff-ms",
         {"7"},
         "7",
         [](const Config& c) { return c.retry.initial_backoff == milliseconds(7); },
         "x",
         R"("x" is not a time of 0 to 600000 milliseconds)"},
        {"retry-max-backoff-ms",
         {"7"},
         "7",
         [](const Config& c) { return c.retry.max_backoff == milliseconds(7); },
         "0.5",
         R"("0.5" is not a time of 0 to 600000 milliseconds)"},
        {"retry-backoff-multiplier",
         {"2"},
         "2",
         [](const Config& c) { return c.retry.backoff_multiplier == 2; },
         "0.9",
         R"("0.9" is not a number from 1 to 100)"},
        {"retry-jitter-factor",
         {"0.5"},
         "0.5",
         [](const Config& c) { return c.retry.jitter_factor == 0.5; },
         "1.1",
         R"("1.1" is not a number from 0 to 1)"},
        {"disable-retries", {}, "true", [](const Config& c) { return !c.retry.enabled; }, "x", R"("x" is neither true nor false)"},
    };
}

class EachFlag : public Files, public ::testing::WithParamInterface<Case> {
protected:
    static std::vector<std::string> as_flag(const Case& c, const std::vector<std::string>& values) {
        if (c.values.empty()) return {"--" + c.name + (values.empty() ? "" : "=" + values[0])};
        std::vector<std::string> arguments{"--" + c.name};
        arguments.insert(arguments.end(), values.begin(), values.end());
        return arguments;
    }
    static std::string as_variable(const std::vector<std::string>& values) {
        if (values.empty()) return "true";
        auto text = values[0];
        for (std::size_t i = 1; i < values.size(); ++i) text += ", " + values[i];
        return text;
    }
};

TEST_P(EachFlag, IsTheSameFromTheFlagTheEnvironmentAndTheFile) {
    const auto& c = GetParam();
    EXPECT_FALSE(c.arrived(gateway({}).config)) << "is its default, so nothing can be told";
    EXPECT_TRUE(c.arrived(gateway(as_flag(c, c.values)).config)) << "flag";
    EXPECT_TRUE(c.arrived(gateway({}, {{variable_of(c.name), as_variable(c.values)}}).config)) << "environment";
    EXPECT_TRUE(c.arrived(from_toml(c.name + " = " + c.toml + "\n").config)) << "file";
}

TEST_P(EachFlag, SaysInOneLineWhatIsAllowed) {
    const auto& c = GetParam();
    EXPECT_EQ(refusal(as_flag(c, {c.bad})), "--" + c.name + ": " + c.bad_says);
    if (c.bad != " ") {  // an empty variable counts as absent
        EXPECT_EQ(refusal({}, {{variable_of(c.name), c.bad}}), variable_of(c.name) + ": " + c.bad_says);
    }
    EXPECT_EQ(refused_toml("\n" + c.name + " = \"" + c.bad + "\"\n"), "smg.toml:2: " + c.name + ": " + c.bad_says);
}

INSTANTIATE_TEST_SUITE_P(All, EachFlag, ::testing::ValuesIn(cases()), [](const auto& each) {
    auto name = each.param.name;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

class JwtSources : public Files {};

// Tokens are asked for whole, so that these cannot stand alone.
TEST_F(JwtSources, TheProviderItsAudienceAndItsKeysFromTheFlagTheEnvironmentAndTheFile) {
    const std::vector<std::pair<std::string, std::string>> given{
        {"jwt-issuer", "https://login.example/realms/a"}, {"jwt-audience", "smg"}, {"jwt-jwks-uri", "https://keys.example/jwks?p=1"}};
    const auto arrived = [](const Config& c) {
        return c.jwt.issuer == "https://login.example/realms/a" && c.jwt.audience == "smg" && c.jwt.jwks_uri == "https://keys.example/jwks?p=1";
    };
    std::vector<std::string> flags;
    Environment ours, references;
    std::string toml;
    for (const auto& [name, value] : given) {
        flags.insert(flags.end(), {"--" + name, value});
        ours[variable_of(name)] = value;
        references[variable_of(name).substr(4)] = value;
        toml += name + " = \"" + value + "\"\n";
    }
    EXPECT_TRUE(arrived(gateway(flags).config));
    EXPECT_TRUE(arrived(gateway({}, ours).config));
    EXPECT_TRUE(arrived(gateway({}, references).config)) << "JWT_ISSUER and its like";
    EXPECT_TRUE(arrived(from_toml(toml).config)) << "file";
}

TEST(Jwt, HalfOfItStopsTheStart) {
    EXPECT_EQ(refusal({"--jwt-issuer", "https://login.example"}), "--jwt-issuer: needs --jwt-audience too");
    EXPECT_EQ(refusal({"--jwt-audience", "smg"}), "--jwt-audience: needs --jwt-issuer too");
    EXPECT_EQ(refusal({"--jwt-jwks-uri", "https://keys.example"}), "--jwt-jwks-uri: needs --jwt-issuer too");
    EXPECT_EQ(gateway({"--jwt-role-claim", "groups"}).warnings, std::vector<std::string>{"--jwt-role-claim: no effect without --jwt-issuer"});
}

TEST(Jwt, KeysComeByHttpsOrFromThisMachine) {
    const auto with_keys_at = [](const std::string& url) {
        return std::vector<std::string>{"--jwt-issuer", "http://login.example", "--jwt-audience", "smg", "--jwt-jwks-uri", url};
    };
    for (const auto* url : {"http://keys.example/jwks", "http://127.0.0.1@keys.example/", "ftp://localhost/", "http://127.0.0.1.example:80", "keys"})
        EXPECT_TRUE(refusal(with_keys_at(url)).ends_with(" is not an https:// URL, nor an http:// one of this machine")) << url;
    for (const auto* url : {"https://keys.example/jwks", "http://localhost:8080/jwks", "http://127.0.0.1/", "http://[::1]:1/x?y"})
        EXPECT_EQ(gateway(with_keys_at(url)).config.jwt.jwks_uri, url);
    EXPECT_EQ(refusal({"--jwt-issuer", "http://login.example", "--jwt-audience", "smg"}),
              "--jwt-issuer: \"http://login.example\" is neither https:// nor on this machine, so that --jwt-jwks-uri has to say where its keys are");
    EXPECT_EQ(refusal({"--jwt-issuer", "login.example"}),
              "--jwt-issuer: \"login.example\" is not an http:// or https:// URL without query and fragment");
    EXPECT_EQ(refusal({"--jwt-issuer=https://login.example", "--jwt-audience", " "}), "--jwt-audience: \" \" is empty");
    EXPECT_EQ(refusal({"--jwt-role-mapping", "admins"}), "--jwt-role-mapping: \"admins\" is not of the form ROLE=ROLE");
}

TEST(Cors, OriginsAreThoseThatBrowsersSend) {
    for (const auto* origin : {"*", "https://a.example", "http://localhost:3000", "http://127.0.0.1:8080", "https://[::1]:8443",
                               "https://a.example:80", "chrome-extension://abcdefghijklmnop", "tauri://localhost"})
        EXPECT_EQ(gateway({"--cors-allowed-origins", origin}).config.cors_allowed_origins, std::vector<std::string>{origin});
    for (const auto* origin :
         {"null", "a.example", "https://a.example/", "https://A.example", "HTTPS://a.example", "https://a.example:443", "http://a.example:80",
          "https://*.example", "https://a.example:0443", "https://a.example:x", "https://u@a.example", "https://", "://a", "https://a b",
          "https://::1"})
        EXPECT_TRUE(refusal({"--cors-allowed-origins", origin}).ends_with("lower case, no path, no default port")) << origin;
}

TEST(Cors, EverybodysPagesWithoutAKeyAreWarnedOf) {
    const auto* warning = "--cors-allowed-origins: without an --api-key, any web page that is open on this machine may use the stored keys";
    EXPECT_EQ(gateway({"--cors-allowed-origins", "*"}).warnings, std::vector<std::string>{warning});
    EXPECT_TRUE(gateway({"--cors-allowed-origins", "*", "--api-key", "k"}).warnings.empty());
    EXPECT_TRUE(gateway({"--cors-allowed-origins", "https://a.example"}).warnings.empty());
}

TEST(SettingsTable, EveryBuiltRowIsTestedAbove) {
    // These need a file, or each other; they have tests of their own.
    const std::vector<std::string> elsewhere{"tls-cert-path", "tls-key-path", "tls-client-ca-path", "api-key-file",
                                             "jwt-issuer",    "jwt-audience", "jwt-jwks-uri"};
    const auto tested = cases();
    for (const auto& row : gateway_settings()) {
        if (row.support != Support::built) continue;
        const auto here = [&row](const Case& c) { return c.name == row.name; };
        EXPECT_TRUE(std::any_of(tested.begin(), tested.end(), here) || std::count(elsewhere.begin(), elsewhere.end(), row.name) == 1) << row.name;
    }
}

TEST(SettingsTable, NamesAreUnique) {
    std::set<std::string> names;
    for (const auto& row : demo_settings()) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_TRUE(row.alias.empty() || names.insert(row.alias).second) << row.alias;
    }
}

}  // namespace
}  // namespace smg::config
