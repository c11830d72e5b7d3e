#pragma once
/// Who serves a request, and with which credential. Pure: everything that varies is handed in.
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "routing/policy_state.hpp"
#include "smg/config.hpp"
#include "workers/policy.hpp"
#include "workers/snapshot.hpp"

namespace smg::routing {

enum class CallerKeys { prefer, require, ignore };  ///< `--caller-keys`

/// Settings of the process: from the configuration, the same for every request.
struct RouteOptions {
    workers::PolicyKind policy = workers::PolicyKind::cache_aware;
    CallerKeys caller_keys = CallerKeys::prefer;
    config::PolicySettings settings;
};

struct RouteRequest {
    RouteRequest() = default;
    std::string model;
    /// A credential that is not the gateway's own, from whatever header; placeholders count as absent.
    Secret caller_key;
    /// A data-plane key is configured (and was shown), or the peer is loopback, or `--insecure-open`.
    bool stored_keys_allowed = true;
    std::string target_worker;        ///< `X-SMG-Target-Worker`; empty: none
    std::string affinity_key;         ///< `X-SMG-Routing-Key`, `prompt_cache_key`, a session header; empty: none
    std::string routing_key;          ///< `X-SMG-Routing-Key` alone
    std::string_view prompt;          ///< the request's text as it stands in the body; lives longer than the choice. Empty: none
    std::uint64_t request_bytes = 0;  ///< length of the body
    std::string forwarded_for;        ///< whom `x-forwarded-for` names: consistent_hashing's last resort before chance; empty: nobody
    std::string only_provider;        ///< raw passthrough `/{provider}/…`: any worker of it, whatever the model; empty: by model
    std::vector<std::string> tried;   ///< ids of workers that this request has been sent to
    workers::Clock::time_point now{};
};

enum class KeySource { none, caller, stored };
/// `caller`, `stored`, `none`: the value of `x-smg-key-source`.
[[nodiscard]] std::string_view name_of(KeySource source) noexcept;

struct Choice {
    Choice() = default;
    workers::WorkerPtr worker;
    std::string upstream_model;  ///< the provider's name of the model
    workers::Basis basis = workers::Basis::named;
    KeySource key_source = KeySource::none;
    Secret key;                                                     ///< to send; empty when the source is none
    workers::PolicyKind policy = workers::PolicyKind::cache_aware;  ///< that decided
    std::size_t candidates = 1;                                     ///< among how many
    bool missed_lists = false;  ///< see workers::Resolution: refresh the lists of the model's workers, at most once a minute
};

/// Why nobody was chosen.
struct NoRoute {
    explicit NoRoute(Error what) : error(std::move(what)) {}
    Error error;             ///< model_not_found, invalid_api_key, service_unavailable, rate_limit_exceeded, upstream_credential, invalid_request
    bool pending = false;    ///< a pending worker could serve it: wait for the registry to change, 10 s at most
    bool all_tried = false;  ///< the candidates are spent: what the last of them answered tells more than `error`
    std::chrono::milliseconds retry_after{0};  ///< for `retry-after`; 0: none
    workers::WorkerPtr cooling;                ///< rate_limit_exceeded: the worker whose pause ends first, after `retry_after`
};

using RouteResult = tl::expected<Choice, NoRoute>;

/// Candidates: can serve the model, usable with this credential, ready, not cooling, not tried; the highest priority among them; then the
/// policy. Any thread; `state` is shared and synchronises itself.
[[nodiscard]] RouteResult choose(const workers::Snapshot& snapshot, PolicyState& state, const RouteOptions& options, const RouteRequest& request);

/// Which credential would go to this worker for this model; invalid_api_key when none may. What `choose` uses, for those who choose themselves
/// (the models fan-out, health checks by callers' keys).
[[nodiscard]] Result<KeySource> credential_for(const workers::Snapshot& snapshot, const workers::Serving& serving,
                                               const providers::ProviderPtr& named, const RouteOptions& options, const RouteRequest& request);

}  // namespace smg::routing
