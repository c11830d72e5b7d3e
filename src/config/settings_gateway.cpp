#include "base/ascii.hpp"
#include "config/apply.hpp"
#include "config/settings_access.hpp"
#include "config/settings_limits.hpp"
#include "config/settings_policy.hpp"
#include "config/settings_reliability.hpp"

namespace smg::config {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
constexpr auto config = &Draft::config;
constexpr double day = 86400;
constexpr std::int64_t most = 1LL << 53;  // beyond it a JSON number is no longer exact

Checked take_aliases(Draft& draft, const Values& values) {
    draft.flag_aliases.clear();
    for (const auto& value : values) {
        const auto equals = value.find('=');
        const auto alias = trim(std::string_view(value).substr(0, equals));
        const auto model = equals == std::string::npos ? std::string_view() : trim(std::string_view(value).substr(equals + 1));
        if (alias.empty() || model.empty()) return Problem{value, "is not of the form ALIAS=MODEL"};
        for (const auto& [earlier, unused] : draft.flag_aliases)
            if (earlier == alias) return Problem{value, "names an alias that is already given"};
        draft.flag_aliases.emplace_back(alias, model);
    }
    return std::nullopt;
}

Checked take_buckets(Draft& draft, const Values& values) {
    auto& buckets = draft.config.prometheus_duration_buckets;
    buckets.clear();
    for (const auto& value : values) {
        const auto bound = number(value);
        if (!bound || *bound <= 0) return Problem{value, "is not a number of seconds above 0"};
        if (!buckets.empty() && *bound <= buckets.back()) return Problem{value, "is not above the bucket before it"};
        buckets.push_back(*bound);
    }
    return std::nullopt;
}

Checked take_header_names(Draft& draft, const Values& values) {
    auto& names = draft.config.request_id_headers;
    names.clear();
    for (const auto& value : values) {
        if (!is_token(value)) return Problem{value, "is not the name of a header"};
        names.push_back(ascii_lower(value));
    }
    return std::nullopt;
}

Checked take_origins(Draft& draft, const Values& values) {
    auto& origins = draft.config.cors_allowed_origins;
    origins.clear();
    for (const auto& value : values) {
        if (value != "*" && !is_origin(value))
            return Problem{value, "is neither * nor an origin as browsers send it: scheme://host[:port], lower case, no path, no default port"};
        origins.push_back(value);
    }
    return std::nullopt;
}

Checked take_proxy(Draft& draft, const Values& values) {
    draft.upstream_proxy = parse_proxy(values.front());
    if (!draft.upstream_proxy) return Problem{values.front(), "is not of the form http://[USER:PASSWORD@]HOST[:PORT]"};
    return std::nullopt;
}

Checked take_health_port(Draft& draft, const Values& values) {
    const auto port = whole_number(values.front());
    if (!port || *port < 0 || *port > 65535) return Problem{values.front(), "is not a whole number from 0 to 65535"};
    draft.config.health_check_port = static_cast<std::uint16_t>(*port);
    return std::nullopt;
}

Checked take_health_endpoint(Draft& draft, const Values& values) {
    const auto& path = values.front();
    if (!path.starts_with('/') || path.find_first_of(" \t\r\n?#") != std::string::npos) return Problem{path, "is not a path that begins with /"};
    draft.config.health.endpoint = path;
    return std::nullopt;
}

using Rows = std::vector<Setting>;

/// The reference has it; here nothing depends on it.
Setting no_effect(std::string name, Kind kind, std::string fallback, std::string reason) {
    Setting row{std::move(name), kind, "VALUE", std::move(fallback), "", {}};
    row.support = Support::no_effect;
    row.reason = std::move(reason);
    return row;
}

Rows listening() {
    return {
        {"host", Kind::list, "ADDRESS", "127.0.0.1, and ::1 where there is one", "where to listen; may repeat", hosts<config, &Config::hosts>()},
        {"port", Kind::single, "PORT", "30000", "0 picks a free one and prints it", whole<config, &Config::port>(0, 65535)},
        also({"threads", Kind::single, "N", "number of cores", "event loops", whole<config, &Config::threads>(1, 1024)}, "runtime-worker-threads"),
        {"max-connections", Kind::single, "N", "100000", "clients connected at once", whole<config, &Config::max_connections>(1, most)},
        {"health-check-port", Kind::single, "PORT", "", "one more listener, with the probes alone", take_health_port},
        {"tls-cert-path", Kind::single, "FILE", "", "certificate chain (PEM): speak HTTPS to clients", text<config, &Config::tls_cert_path>()},
        {"tls-key-path", Kind::single, "FILE", "", "its key (PEM)", text<config, &Config::tls_key_path>()},
        {"tls-client-ca-path", Kind::single, "FILE", "", "demand client certificates signed by one of these (PEM)",
         text<config, &Config::tls_client_ca_path>()},
        {"request-id-headers", Kind::list, "HEADER", "x-request-id x-correlation-id x-trace-id request-id",
         "where a caller's request id is looked for", take_header_names},
        {"cors-allowed-origins", Kind::list, "ORIGIN", "", "whose pages may use the data plane from a browser; `*`: everybody's", take_origins},
    };
}

Rows workers() {
    return {
        {"enable-igw", Kind::toggle, "", "false", "start, and be ready, without a worker; they come by POST /workers",
         flag<config, &Config::enable_igw>()},
        {"worker-urls", Kind::list, "URL", "", "workers there from the start",
         each<config, &Config::worker_urls>(is_http_url, "is not an http:// or https:// URL")},
        also({"backend", Kind::single, "PROVIDER", "",
              "their provider, where the URL does not tell: openai, anthropic, xai, gemini, openai-compatible, vllm, sglang",
              one_of<std::string, config, &Config::backend>({{"openai", "openai"},
                                                             {"anthropic", "anthropic"},
                                                             {"xai", "xai"},
                                                             {"gemini", "gemini"},
                                                             {"openai-compatible", "openai-compatible"},
                                                             {"vllm", "vllm"},
                                                             {"sglang", "sglang"}})},
             "runtime"),
        {"model-alias", Kind::list, "ALIAS=MODEL", "", "another name for a model; may repeat", take_aliases},
        {"health-check-interval-secs", Kind::single, "S", "60", "between two checks of a worker",
         time<seconds, config, &Config::health, &HealthSettings::interval>(1, day)},
        {"health-check-timeout-secs", Kind::single, "S", "5", "for one check",
         time<seconds, config, &Config::health, &HealthSettings::timeout>(1, 3600)},
        {"health-failure-threshold", Kind::single, "N", "3", "failed checks that take a worker out",
         whole<config, &Config::health, &HealthSettings::failure_threshold>(1, 1000)},
        {"health-success-threshold", Kind::single, "N", "2", "passed checks that bring it back",
         whole<config, &Config::health, &HealthSettings::success_threshold>(1, 1000)},
        {"health-check-endpoint", Kind::single, "PATH", "/health", "what is asked of a local worker", take_health_endpoint},
        {"disable-health-check", Kind::toggle, "", "false", "take every worker for healthy",
         flag<config, &Config::health, &HealthSettings::enabled>(false)},
        {"drain-settle-secs", Kind::single, "S", "5", "least wait before a deleted worker is gone",
         time<seconds, config, &Config::health, &HealthSettings::drain_settle>(0, 3600)},
        {"state", Kind::single, "FILE", "", "keeps the workers of POST /workers over a restart; SMG_STATE_KEY seals their keys",
         text<config, &Config::state_path>()},
    };
}

Rows models() {
    return {
        {"models-fanout", Kind::single, "WHOM", "all", "whom GET /v1/models asks with a token of unknown form: all, matched or off",
         one_of<ModelsFanout, config, &Config::models_fanout>(
             {{"all", ModelsFanout::all}, {"matched", ModelsFanout::matched}, {"off", ModelsFanout::off}})},
        {"models-timeout-ms", Kind::single, "MS", "2500", "for all of them together", time<milliseconds, config, &Config::models_timeout>(1, 600000)},
    };
}

Rows watching() {
    return {
        {"prometheus-host", Kind::list, "ADDRESS", "as --host", "where /metrics listens", hosts<config, &Config::prometheus_hosts>()},
        {"prometheus-port", Kind::single, "PORT", "29000", "its port", whole<config, &Config::prometheus_port>(0, 65535)},
        {"prometheus-duration-buckets", Kind::list, "SECONDS", "0.001 to 7200", "bounds of the duration histograms, rising", take_buckets},
        {"metrics-max-models", Kind::single, "N", "64", "models with a label of their own; the rest is `other`",
         whole<config, &Config::metrics_max_models>(0, 100000)},
        {"log-level", Kind::single, "LEVEL", "info", "trace, debug, info, warn or error",
         one_of<LogLevel, config, &Config::log_level>({{"trace", LogLevel::trace},
                                                       {"debug", LogLevel::debug},
                                                       {"info", LogLevel::info},
                                                       {"warn", LogLevel::warn},
                                                       {"error", LogLevel::error}})},
        {"log-json", Kind::toggle, "", "false", "one JSON object a line", flag<config, &Config::log_json>()},
        {"log-dir", Kind::single, "DIR", "standard error", "a file a day in this directory", text<config, &Config::log_dir>()},
        {"log-max-files", Kind::single, "N", "0", "days of it that are kept; 0: all", whole<config, &Config::log_max_files>(0, 100000)},
        {"log-bodies", Kind::toggle, "", "false", "log what clients ask and get, cut, without known forms of keys",
         flag<config, &Config::log_bodies>()},
        {"disable-audit-logging", Kind::toggle, "", "false", "no line for changes made through the control plane",
         flag<config, &Config::audit_log>(false)},
        {"enable-trace", Kind::toggle, "", "false", "send traces (OpenTelemetry, OTLP over HTTP)", flag<config, &Config::enable_trace>()},
        {"otlp-traces-endpoint", Kind::single, "HOST:PORT|URL", "localhost:4318", "to this collector",
         text<config, &Config::otlp_traces_endpoint>()},
        {"prices", Kind::single, "FILE", "built in", "what tokens cost, instead of the table that ships (docs/costs.md)",
         text<config, &Config::prices_path>()},
    };
}

Rows upstream() {
    return {
        {"upstream-ca-path", Kind::single, "PATH", "the system's", "trust anchors for https:// workers: a PEM file, or a directory of hashed ones",
         text<config, &Config::upstream_ca_path>()},
        secret({"upstream-proxy", Kind::single, "URL", "HTTPS_PROXY, HTTP_PROXY, NO_PROXY", "egress proxy, by CONNECT", take_proxy}),
    };
}

Rows without_effect() {
    const std::string engines = "engines are not scheduled here";
    const std::string waiting = "registration waits and tries again by itself";
    return {
        no_effect("worker-startup-timeout-secs", Kind::single, "1800", waiting),
        no_effect("worker-startup-check-interval", Kind::single, "30", waiting),
        no_effect("load-monitor-interval", Kind::single, "10", "load is counted, not asked for"),
        no_effect("block-size", Kind::single, "16", engines),
        no_effect("dp-aware", Kind::toggle, "false", engines),
        no_effect("dp-minimum-tokens-scheduler", Kind::toggle, "false", engines),
        no_effect("engine-metrics", Kind::toggle, "false", "engines' metrics are not collected"),
        no_effect("history-backend", Kind::single, "memory", "conversations are not stored here: the provider holds them"),
        no_effect("least-load-kv-pressure-weight", Kind::single, "0.15", engines),
        no_effect("least-load-default-throughput", Kind::single, "2000", engines),
        no_effect("least-load-mean-prefill-tokens", Kind::single, "1024", engines),
        no_effect("least-load-max-waiting-requests", Kind::single, "", engines),
        no_effect("balance-token-usage-threshold", Kind::single, "1.0", engines),
        no_effect("overload-token-usage-threshold", Kind::single, "1.0", engines),
    };
}

Rows make_gateway_settings() {
    Rows all;
    const auto add = [&all](std::string_view heading, Rows rows) {
        for (auto& row : rows) {
            row.heading = heading;
            all.push_back(std::move(row));
        }
    };
    add("Listening", listening());
    add("Workers and models", workers());
    add("Choosing a worker", policy_settings());
    add("Keys", access_settings());
    add("GET /v1/models", models());
    add("Metrics and logs", watching());
    add("Limits", limit_settings());
    add("Upstream", upstream());
    add("Reliability", reliability_settings());
    add("Accepted, no effect", without_effect());
    return all;
}

}  // namespace

const std::vector<Setting>& gateway_settings() {
    static const auto rows = make_gateway_settings();
    return rows;
}

}  // namespace smg::config
