#pragma once
/// Every metric of the gateway's own: what it is called, what it tells, by which labels. Whatever is exported stands here, and
/// docs/metrics.md is written from it (tests/lint/metrics_doc.py). Names and labels are the reference's where it has them.
#include <array>
#include <string_view>

namespace smg::telemetry {

struct MetricInfo {
    std::string_view name;
    std::string_view type;    ///< `counter`, `gauge` or `histogram`
    std::string_view labels;  ///< names, by commas
    std::string_view help;
};

inline constexpr auto metric_table = std::to_array<MetricInfo>({
    {"smg_http_requests_total", "counter", "method, path", "Requests"},
    {"smg_http_request_duration_seconds", "histogram", "method, path", "From a request's head to its answer's last byte"},
    {"smg_http_responses_total", "counter", "path, status_code, error_code", "Answers"},
    {"smg_http_rate_limit_total", "counter", "result", "Requests that met a limit of how many are taken, by what became of them"},
    {"smg_http_connections_active", "gauge", "", "Client connections that are open"},
    {"smg_http_inflight_request_age_count", "gauge", "gt, le",
     "Open requests whose head was read more than `gt` and at most `le` seconds ago; each bucket by itself"},
    {"smg_router_requests_total", "counter", "router_type, backend_type, connection_mode, model, endpoint, streaming",
     "Requests for a worker"},
    {"smg_router_request_duration_seconds", "histogram", "router_type, backend_type, connection_mode, model, endpoint",
     "Their duration, of a stream to its last byte"},
    {"smg_router_request_errors_total", "counter", "router_type, backend_type, connection_mode, model, endpoint, error_type", "Those that failed"},
    {"smg_router_ttft_seconds", "histogram", "router_type, backend_type, model, endpoint", "From a request's head to the first model output"},
    {"smg_router_tpot_seconds", "histogram", "router_type, backend_type, model, endpoint", "Between two output tokens of a stream, on average"},
    {"smg_router_generation_duration_seconds", "histogram", "router_type, backend_type, model, endpoint", "Duration of a complete stream"},
    {"smg_router_tokens_total", "counter", "router_type, backend_type, model, endpoint, token_type", "Tokens, as providers report them"},
    {"smg_router_upstream_responses_total", "counter", "router_type, status_code, error_code", "Providers' answers, the last of each request"},
    {"smg_router_stage_duration_seconds", "histogram", "router_type, stage", "How long each stage of a request took"},
    {"smg_cost_usd_total", "counter", "provider, model, tenant", "What requests cost in US dollars, as providers say or by the price table"},
    {"smg_unpriced_requests_total", "counter", "provider, model", "Requests that used tokens of a model that the price table does not know"},
    {"smg_key_source_total", "counter", "source", "Whose key went to the provider"},
    {"smg_client_disconnects_total", "counter", "phase", "Clients that left before the end of their answer"},
    {"smg_stream_outcomes_total", "counter", "outcome", "How streams ended"},
    {"smg_worker_health", "gauge", "worker", "1: the worker takes requests, 0: it does not"},
    {"smg_worker_health_checks_total", "counter", "worker_type, result", "Health checks of workers"},
    {"smg_worker_requests_active", "gauge", "worker", "Requests in flight, to their last byte"},
    {"smg_worker_connections_active", "gauge", "worker_type, connection_mode", "Connections to workers that carry a request"},
    {"smg_worker_pool_size", "gauge", "worker_type, connection_mode, model", "Workers that can serve the model"},
    {"smg_worker_selection_total", "counter", "worker_type, connection_mode, model, policy",
     "Workers chosen, by the policy that chose the last of a request"},
    {"smg_worker_errors_total", "counter", "worker_type, connection_mode, error_type", "Attempts at workers that failed"},
    {"smg_worker_requests_total", "counter", "worker", "Attempts at the worker that have ended"},
    {"smg_worker_failures_total", "counter", "worker, error_type", "Those of them that failed, by the class of failure"},
    {"smg_worker_cooling_seconds", "gauge", "worker", "How long the worker's key still rests after its provider throttled it or its money was spent"},
    {"smg_worker_first_byte_seconds", "gauge", "worker", "Recent wait for the first byte of its answers: rises at once, falls slowly"},
    {"smg_worker_retries_total", "counter", "worker_type, endpoint", "Requests that were sent once more"},
    {"smg_worker_hedges_total", "counter", "endpoint, result",
     "Second workers that were asked beside a slow one: `won` answered first, `lost` did not"},
    {"smg_worker_retries_exhausted_total", "counter", "worker_type, endpoint", "Requests that failed in spite of it"},
    {"smg_worker_retry_backoff_seconds", "histogram", "attempt", "Pauses before a request was sent once more"},
    {"smg_worker_cb_state", "gauge", "worker", "The worst of a worker's circuit breakers: 0 closed, 1 open, 2 half-open"},
    {"smg_worker_cb_consecutive_failures", "gauge", "worker", "Its failures in a row"},
    {"smg_worker_cb_consecutive_successes", "gauge", "worker", "Its successes in a row"},
    {"smg_worker_cb_outcomes_total", "counter", "worker, outcome", "What a worker's circuit breakers were told"},
    {"smg_worker_cb_transitions_total", "counter", "worker, from, to", "Changes of a worker's circuit breakers"},
    {"smg_worker_routing_keys_active", "gauge", "worker", "Routing keys that a worker has"},
    {"smg_manual_policy_branch_total", "counter", "branch", "Choices of the manual policy, by how they came about"},
    {"smg_manual_policy_cache_entries", "gauge", "", "Routing keys that have a worker"},
    {"smg_consistent_hashing_policy_branch_total", "counter", "branch", "Choices of consistent hashing, by what was hashed"},
    {"smg_prefix_hash_policy_branch_total", "counter", "branch", "Choices of prefix hashing, by whether the first choice had room"},
    {"smg_discovery_registrations_total", "counter", "source, result", "Workers whose registration has ended, well or not"},
    {"smg_discovery_deregistrations_total", "counter", "source, reason", "Workers that have left"},
    {"smg_discovery_workers_discovered", "gauge", "source", "Workers, by who named them"},
    {"smg_upstream_pool_connections", "gauge", "state", "Connections to providers"},
    {"smg_event_loop_lag_seconds", "gauge", "", "How late an event loop ran what was due"},
    {"smg_log_lines_dropped_total", "counter", "", "Log lines that were dropped because their destination was too slow"},
    {"smg_traces_exported_total", "counter", "", "Requests whose spans the collector took"},
    {"smg_traces_dropped_total", "counter", "", "Requests whose spans it did not take, or that did not fit into the queue"},
    {"smg_build_info", "gauge", "version", "1, labelled with the version"},
});

/// What a metric tells; empty for a name that is not in the table.
[[nodiscard]] constexpr std::string_view help_of(std::string_view name) noexcept {
    for (const auto& each : metric_table)
        if (each.name == name) return each.help;
    return {};
}

}  // namespace smg::telemetry
