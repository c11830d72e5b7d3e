#pragma once
/// What the operator asked for: flags, environment and file, merged into one immutable value at the start.
/// Precedence: flag, environment, file, default. See src/config/README.md for how it is made.
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/secret.hpp"

namespace smg::config {

/// Whose credential goes upstream when a caller brings one and the worker has a stored key too.
enum class CallerKeys {
    prefer,   ///< the caller's
    require,  ///< the caller's; a request without one is refused
    ignore,   ///< never the caller's
};

/// Whom `GET /v1/models` asks with a caller's token whose form names no provider.
enum class ModelsFanout { all, matched, off };

enum class LogLevel { trace, debug, info, warn, error };

/// A key for `/workers`: `ID:NAME:ROLE:KEY`.
struct ControlPlaneKey {
    std::string id;
    std::string name;
    bool admin = false;  ///< role `admin`; else `user`, who may authenticate and is allowed nothing
    Secret key;
};

/// An OpenID provider whose tokens open the control plane.
struct JwtSettings {
    std::string issuer;    ///< the `iss` of its tokens; empty: no token opens anything
    std::string audience;  ///< what their `aud` has to name
    std::string jwks_uri;  ///< where its keys are; empty: where `{issuer}/.well-known/openid-configuration` says
    std::string role_claim = "roles";                               ///< a member of the claims, or a path to it with dots
    std::vector<std::pair<std::string, std::string>> role_mapping;  ///< its role, ours; empty: its names are ours
};

/// A provider's key found in the environment, e.g. ANTHROPIC_API_KEY.
struct ProviderKey {
    std::string provider;  ///< `openai`, `anthropic`, `xai` or `gemini`
    Secret key;
    std::string source;  ///< the variable, for messages
};

/// An egress proxy that tunnels by CONNECT.
struct Proxy {
    std::string host;  ///< a name or an address, without brackets
    std::uint16_t port = 0;
    Secret authorization;  ///< the value of Proxy-Authorization; empty: none
};

/// Which upstream goes through which proxy: `--upstream-proxy`, else HTTPS_PROXY, HTTP_PROXY and NO_PROXY.
struct Proxies {
    std::optional<Proxy> https;         ///< for https:// upstreams
    std::optional<Proxy> http;          ///< for http:// upstreams
    std::vector<std::string> no_proxy;  ///< lower case: `*`, names (and what ends in .name), addresses, CIDRs; each with :port or without

    /// The proxy for an upstream, or null for a direct connection. Loopback never goes through a proxy.
    [[nodiscard]] const Proxy* choose(bool tls, std::string_view host, std::uint16_t port) const noexcept;
};

/// A vendor as data: `[providers.NAME]` of the file, every member a key of that table.
struct Vendor {
    std::string name;
    std::vector<std::string> aliases;
    std::vector<std::string> hosts;   ///< whole host names or dot-bounded suffixes
    std::vector<std::string> models;  ///< name patterns, `acme-*`
    std::string api_root = "/v1";
    std::string header = "authorization";
    std::string scheme = "Bearer";  ///< empty: the bare key
    std::vector<std::pair<std::string, std::string>> query;
    std::string native = "chat";  ///< `chat`, `messages` or `gemini`
    std::vector<std::string> key_prefixes;
    std::vector<std::string> request_headers;  ///< of the caller's that go upstream
    bool stream_usage = false;                 ///< understands `stream_options.include_usage`
    std::string where;                         ///< `smg.toml:12`, for messages
};

/// One `[[workers]]` of the file, as the JSON text of a WorkerSpec, `${NAME}` expanded. It may hold keys: never log it.
struct WorkerEntry {
    std::string json;
    std::string where;  ///< `smg.toml:20`
    /// Where each of its members stands: `health.timeout_secs`, `models[1].id` → `smg.toml:24`.
    std::map<std::string, std::string> places{};
};

/// Who gets a routing key that has no worker yet.
enum class AssignmentMode {
    random,
    min_load,   ///< whoever has the fewest requests under way
    min_group,  ///< whoever has the fewest keys
};

/// What the routing policies go by.
struct PolicySettings {
    /// `cache_aware` leaves affinity for the least loaded worker when the loads' max - min > abs, and max > rel * min.
    std::uint64_t balance_abs_threshold = 64;
    double balance_rel_threshold = 1.5;
    double cache_threshold = 0.3;             ///< cache_aware: the share of a text that a worker must have seen
    std::uint64_t max_tree_size = 67108864;   ///< cache_aware: bytes of memory for beginnings of texts
    std::size_t prefix_token_count = 256;     ///< prefix_hash: how much of a text counts
    double prefix_hash_load_factor = 1.25;    ///< prefix_hash: of the fair share, what a worker may have
    AssignmentMode assignment_mode = AssignmentMode::random;  ///< manual
    std::chrono::seconds max_idle{14400};                     ///< manual: how long an unused key keeps its worker
    bool routing_key_override = false;                        ///< a routing key is sticky whatever the policy
};

/// Whose requests go first when requests have to wait.
enum class Priority { high, normal, low };
inline constexpr std::size_t priority_classes = 3;

/// How many requests may be under way.
struct AdmissionSettings {
    std::int64_t max_concurrent = -1;  ///< to their last byte; below 0: no limit
    std::size_t queue_size = 100;      ///< how many more may wait for a place
    std::chrono::milliseconds queue_timeout{std::chrono::seconds(60)};
    std::optional<double> requests_per_second;  ///< new ones; empty: no limit
};

/// Somebody who shares the gateway with others: `[[tenants]]` of the file, `--tenant-api-key`.
struct Tenant {
    std::string name;
    std::vector<Secret> keys;         ///< for the data plane
    std::vector<std::string> models;  ///< ids, or beginnings of ids with `*` behind; empty: all
    std::optional<std::uint64_t> requests_per_minute;
    std::optional<std::uint64_t> tokens_per_minute;  ///< input and output together
    Priority priority = Priority::normal;
};

/// How a request is sent again.
struct RetrySettings {
    int max_attempts = 5;  ///< how many times in all
    std::chrono::milliseconds initial_backoff{50};
    std::chrono::milliseconds max_backoff{30000};
    double backoff_multiplier = 1.5;
    double jitter_factor = 0.2;
    bool enabled = true;
};

/// When a worker is left alone for a while, for one model.
struct BreakerSettings {
    int failure_threshold = 10;  ///< failures in a row
    int success_threshold = 3;   ///< trials in a row that end it
    std::chrono::milliseconds timeout{std::chrono::seconds(60)};
    std::chrono::milliseconds window{std::chrono::seconds(120)};
    bool enabled = true;
};

/// Asking a second worker beside a slow first one.
struct HedgeSettings {
    bool enabled = false;     ///< after the model's own p95 of first bytes
    double max_share = 0.05;  ///< of the requests, how many may be sent to a second worker; 0 to 1
};

/// Health checks of workers, where a worker does not say otherwise.
struct HealthSettings {
    std::chrono::seconds interval{60};
    std::chrono::seconds timeout{5};
    int failure_threshold = 3;
    int success_threshold = 2;
    std::string endpoint = "/health";
    bool enabled = true;
    std::chrono::seconds drain_settle{5};
    bool remove_unhealthy = false;  ///< what health takes out of service is removed
};

/// One setting as it counts, for people who ask.
struct SettingValue {
    std::string name;                 ///< of the flag, without dashes in front
    std::vector<std::string> values;  ///< as written; of a secret only that there is one
    std::string source;               ///< `--port`, `SMG_PORT`, `smg.toml:3: port` or `default`
};

/// Immutable once made. Thread-safe to read.
struct Config {
    // Listening.
    std::vector<std::string> hosts;  ///< addresses or names; empty: 127.0.0.1, and ::1 where the machine has it
    std::uint16_t port = 30000;      ///< 0: any free one
    unsigned threads = 1;            ///< event loops; set to the number of cores unless told
    std::int64_t max_connections = 100000;
    std::optional<std::uint16_t> health_check_port;
    std::string tls_cert_path;  ///< PEM; empty: plain HTTP
    std::string tls_key_path;
    std::string tls_client_ca_path;  ///< not empty: clients must show a certificate signed by it
    std::vector<std::string> request_id_headers{"x-request-id", "x-correlation-id", "x-trace-id", "request-id"};
    std::vector<std::string> cors_allowed_origins;  ///< as browsers write them, or `*`; empty: pages of other origins read nothing

    // Workers and models.
    bool enable_igw = false;
    std::vector<std::string> worker_urls;
    std::string backend;  ///< the provider of `worker_urls` whose URL does not tell; empty: not said
    std::string policy = "cache_aware";
    PolicySettings policy_settings;
    std::vector<std::pair<std::string, std::string>> aliases;  ///< alias, model; each alias once
    std::vector<Vendor> vendors;
    /// What else may answer for a model, in this order, when none of its workers does; each model once.
    std::vector<std::pair<std::string, std::vector<std::string>>> fallbacks;
    std::vector<WorkerEntry> workers;
    std::string state_path;                  ///< keeps the workers of POST /workers over a restart; empty: nothing does
    Secret state_key;                        ///< SMG_STATE_KEY: seals what is kept there; empty: it is stored as it is
    std::vector<ProviderKey> provider_keys;  ///< each provider once at most
    std::vector<ProviderKey> admin_keys;     ///< OPENAI_ADMIN_KEY and its like: preferred for listing models

    /// Of chance in routing and pauses; nothing: the system's. No setting, for tests.
    std::optional<std::uint64_t> random_seed;

    // Who may do what.
    Secret api_key;               ///< for the data plane; empty: none
    std::vector<Tenant> tenants;  ///< each name once
    bool trust_tenant_header = false;
    std::string tenant_header = "x-smg-tenant-id";
    std::vector<ControlPlaneKey> control_plane_keys;
    JwtSettings jwt;
    CallerKeys caller_keys = CallerKeys::prefer;
    bool insecure_open = false;
    std::vector<std::string> allow_upstream;  ///< CIDRs, addresses, host names; empty: no further narrowing

    // GET /v1/models.
    ModelsFanout models_fanout = ModelsFanout::all;
    std::chrono::milliseconds models_timeout{2500};

    // Metrics and logs.
    std::vector<std::string> prometheus_hosts;  ///< as `hosts`
    std::uint16_t prometheus_port = 29000;
    std::vector<double> prometheus_duration_buckets{.001, .005, .01, .025, .05, .1,  .25, .5,  1,    2.5,  5,    10,   15,   30,  45,
                                                    60,   90,   120, 180,  240, 300, 480, 900, 1200, 1800, 2700, 3600, 5400, 7200};
    std::size_t metrics_max_models = 64;
    LogLevel log_level = LogLevel::info;
    bool log_json = false;
    std::string log_dir;      ///< empty: standard error
    std::size_t log_max_files = 0;  ///< in `log_dir`; 0: all are kept
    bool log_bodies = false;  ///< of the data plane, redacted and cut
    bool audit_log = true;    ///< a line for each change through the control plane
    std::string prices_path;  ///< empty: the table that ships with the program
    bool enable_trace = false;
    std::string otlp_traces_endpoint = "localhost:4318";  ///< `HOST:PORT`, or a URL

    // Time limits.
    std::chrono::milliseconds request_timeout{std::chrono::seconds(1800)};
    std::chrono::milliseconds connect_timeout{std::chrono::seconds(10)};
    std::chrono::milliseconds first_byte_timeout{std::chrono::seconds(600)};
    std::chrono::milliseconds idle_timeout{std::chrono::seconds(300)};
    std::chrono::milliseconds sse_keepalive{std::chrono::seconds(15)};  ///< 0: none
    std::chrono::milliseconds head_timeout{std::chrono::seconds(10)};
    std::chrono::milliseconds body_timeout{std::chrono::seconds(60)};
    std::chrono::seconds shutdown_grace{180};

    // Size limits.
    std::uint64_t max_payload_size = 67108864;
    std::uint64_t max_upload_size = 536870912;      ///< of a multipart form
    std::uint64_t max_buffered_bytes = 1073741824;  ///< of all bodies in memory together
    std::uint64_t max_memory = 0;                   ///< resident; beyond it no new request is taken; 0: no limit

    // Requests at once.
    AdmissionSettings admission;

    // Upstream.
    std::string upstream_ca_path;  ///< empty: the system's anchors
    Proxies proxies;
    RetrySettings retry;
    BreakerSettings breaker;
    HedgeSettings hedge;
    HealthSettings health;

    std::vector<SettingValue> settings;  ///< every setting of this version and where its value comes from; empty where nobody read any
};

/// What `smg simulate` and the simulated providers of `smg demo` do.
struct SimulatorOptions {
    struct Failing {
        int status = 500;
        double rate = 0;  ///< share of the requests, 0 to 1
    };
    std::vector<std::string> hosts;  ///< as `Config::hosts`
    std::uint16_t port = 0;          ///< 0: any free one
    std::string provider;            ///< empty: all four
    Secret api_key;                  ///< the only one accepted; empty: any
    std::chrono::milliseconds latency{0};
    int chunks = 8;  ///< output pieces of a stream
    std::chrono::milliseconds chunk_interval{0};
    std::vector<Failing> failing;
};

struct RunGateway {
    Config config;
    std::vector<std::string> warnings;  ///< one line each, without secrets
    std::string config_path;            ///< the file that was read; empty: none
    bool check_only = false;            ///< `--check-config`: validate what only the workers can, then leave
};

/// The gateway with four simulated providers, in one process.
struct RunDemo {
    Config config;
    SimulatorOptions simulator;
    std::vector<std::string> warnings;
};

struct RunSimulator {
    SimulatorOptions options;
};

/// Help, version, or a refusal: nothing runs.
struct PrintAndExit {
    std::string text;   ///< ends in a newline
    int exit_code = 0;  ///< 0: print to standard output; 2 usage, 1 found later: to standard error
};

using Command = std::variant<RunGateway, RunDemo, RunSimulator, PrintAndExit>;

/// Variable to value.
using Environment = std::map<std::string, std::string, std::less<>>;

/// The environment of this process.
[[nodiscard]] Environment process_environment();

/// Decides what this process is to do. Reads the files that the arguments name (the TOML file, key files) and nothing else.
/// Everything wrong is a `PrintAndExit` of one line; no exception leaves it.
[[nodiscard]] Command parse_command_line(int argc, const char* const* argv, const Environment& environment);

}  // namespace smg::config
