#pragma once
/// What an operator says about a worker: the body of `POST /workers`, an entry of the configuration (contract section 3).
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "providers/catalog.hpp"

namespace smg::workers {

enum class RuntimeType { unspecified, external, sglang, vllm, trtllm, mlx };
[[nodiscard]] std::string_view name_of(RuntimeType type) noexcept;

/// One declared model.
struct ModelCard {
    std::string id;
    std::vector<std::string> aliases;  ///< other names that clients may use
    std::string upstream_model;        ///< the provider's name; empty: `id`
    std::string display_name;
    std::uint64_t context_length = 0;  ///< tokens; 0: not told
    std::string model_type;
    std::string provider;  ///< shown as the model's owner
    bool id_only = false;  ///< was given as a plain string, and is shown so

    [[nodiscard]] const std::string& upstream() const noexcept { return upstream_model.empty() ? id : upstream_model; }
};

/// Overrides of the flags; what is absent follows the flag. Durations as the field's name says, counts ≥ 0.
struct HealthOverrides {
    std::optional<double> timeout_secs, check_interval_secs, drain_settle_secs;
    std::optional<std::uint32_t> success_threshold, failure_threshold;
    std::optional<bool> disable_health_check;
};
struct ResilienceOverrides {
    std::optional<std::uint32_t> max_retries, cb_failure_threshold, cb_success_threshold;
    std::optional<std::uint64_t> initial_backoff_ms, max_backoff_ms;
    std::optional<double> backoff_multiplier, jitter_factor, cb_timeout_secs, cb_window_secs;
    std::optional<bool> disable_retry, disable_circuit_breaker;
    std::optional<std::vector<int>> retryable_status_codes;
};
struct PoolOverrides {
    std::optional<std::uint32_t> pool_max_idle_per_host;  ///< per event loop
    std::optional<double> pool_idle_timeout_secs, timeout_secs, connect_timeout_secs;
};

/// Validated; a plain value. Secrets never leave it through `to_json`.
struct WorkerSpec {
    std::string url;           ///< as given
    Secret api_key;            ///< the stored key; empty: none
    std::string api_key_file;  ///< whoever registers the worker reads it into `api_key`
    RuntimeType runtime_type = RuntimeType::unspecified;
    std::string provider;  ///< the catalog's name of it; empty: not said
    std::string name;
    std::optional<std::vector<ModelCard>> models;  ///< declared: an allow-list
    int priority = 50;                             ///< 0–100, higher first
    double cost = 1.0;
    double weight = 1.0;
    std::map<std::string, std::string> labels;
    std::vector<std::pair<std::string, Secret>> headers;  ///< extra ones sent upstream; values are secrets
    std::vector<std::pair<std::string, std::string>> query;  ///< extra parameters, likewise
    std::optional<providers::CredentialRule> auth;
    std::string proxy;  ///< egress proxy URL; empty: the flags'
    HealthOverrides health;
    ResilienceOverrides resilience;
    PoolOverrides http_pool;

    [[nodiscard]] bool has_key() const noexcept { return !api_key.empty(); }
};

/// Where a worker is and what it is, worked out of a spec.
struct WorkerIdentity {
    providers::ProviderPtr provider;
    providers::WorkerUrl url;
    bool external = false;  ///< else a local engine: health-checked by GET, needs no credential
    std::string url_key;    ///< equal for two spellings of one API root; with the name it identifies a worker
    [[nodiscard]] std::string api_root() const { return url.api_root(provider->default_root); }
};
/// Errors name the field: `url`, `provider`.
[[nodiscard]] Result<WorkerIdentity> identify(const WorkerSpec& spec, const providers::Catalog& catalog);

}  // namespace smg::workers
