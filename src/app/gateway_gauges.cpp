/// What a scrape asks of a running gateway beyond what requests have counted.
#include <algorithm>
#include <map>

#include "app/gateway_server.hpp"
#include "telemetry/labels.hpp"
#include "workers/breakers.hpp"

namespace smg::app {
namespace {

/// The worst of a worker's breakers, and what all of them have counted.
void feed_breaker(const workers::Worker& worker, telemetry::GaugeSink& sink) {
    const auto& breakers = *worker.counters->breakers;
    const auto worst = breakers.worst();
    telemetry::BreakerSample sample;
    sample.state = static_cast<int>(worst.state);
    sample.consecutive_failures = worst.consecutive_failures;
    sample.consecutive_successes = worst.consecutive_successes;
    sample.successes = breakers.successes.load();
    sample.failures = breakers.failures.load();
    using State = workers::BreakerState;
    for (const auto& [from, to] : {std::pair(State::closed, State::open), std::pair(State::open, State::half_open),
                                   std::pair(State::half_open, State::open), std::pair(State::half_open, State::closed)}) {
        const auto count = breakers.transitions[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)].load();
        if (count > 0) sample.transitions.push_back({workers::name_of(from), workers::name_of(to), count});
    }
    sink.worker_breaker(worker.label(), sample);
}

void feed_worker(const workers::Worker& worker, workers::Clock::time_point now, telemetry::GaugeSink& sink) {
    const auto& counters = *worker.counters;
    telemetry::WorkerSample sample;
    sample.healthy = worker.ready();
    sample.requests_active = counters.in_flight.load();
    sample.requests = counters.processed.load();
    sample.cooling_seconds = std::max(0.0, std::chrono::duration<double>(counters.cooled_until() - now).count());
    sample.first_byte_seconds = counters.first_byte.value(now);
    for (std::size_t i = 0; i < counters.failures.size(); ++i)
        if (const auto count = counters.failures[i].load(std::memory_order_relaxed))
            sample.failures.push_back({workers::rule_of(static_cast<workers::FailureClass>(i)).name, count});
    sink.worker(worker.label(), sample);
}

void feed_branches(std::string_view name, const routing::BranchCounter& counter, telemetry::GaugeSink& sink) {
    for (const auto& branch : counter.branches())
        if (const auto* taken = branch.name.load()) sink.add_counter(name, {{"branch", taken}}, static_cast<double>(branch.taken.load()));
}

void feed_policies(routing::PolicyState& state, const config::PolicySettings& settings, const workers::Snapshot& snapshot,
                   telemetry::GaugeSink& sink) {
    feed_branches("smg_manual_policy_branch_total", state.manual_branches, sink);
    feed_branches("smg_consistent_hashing_policy_branch_total", state.consistent_hashing_branches, sink);
    feed_branches("smg_prefix_hash_policy_branch_total", state.prefix_hash_branches, sink);
    state.sticky_keys.evict(std::chrono::steady_clock::now(), settings.max_idle);
    sink.add("smg_manual_policy_cache_entries", {}, static_cast<double>(state.sticky_keys.size()));
    for (const auto& [id, count] : state.sticky_keys.keys_of_workers())
        if (const auto worker = snapshot.by_id(id))
            sink.add("smg_worker_routing_keys_active", {{"worker", telemetry::label_text(worker->label())}}, static_cast<double>(count));
}

}  // namespace

void GatewayServer::feed_gauges(telemetry::GaugeSink& sink) const {
    sink.http_connections_active(service_.connections.load());
    sink.worker_connections_active("regular", "http", pools_->counters().active.load());
    net::Duration lag{};
    for (std::size_t i = 0; i < loops_->size(); ++i) lag = std::max(lag, (*loops_)[i].take_worst_lag());
    sink.event_loop_lag(std::chrono::duration<double>(lag).count());
    sink.upstream_pool_connections("active", pools_->counters().active.load());
    sink.upstream_pool_connections("idle", pools_->counters().idle.load());
    std::map<std::string, std::int64_t> serving, by_source;
    const auto snapshot = registry_->snapshot();
    const auto now = workers::Clock::now();
    for (const auto& worker : snapshot->workers()) {
        ++by_source[worker->source];
        feed_worker(*worker, now, sink);
        feed_breaker(*worker, sink);
        if (!worker->ready()) continue;
        if (worker->spec->models)
            for (const auto& card : *worker->spec->models) ++serving[card.id];
        else if (worker->discovered)
            for (const auto& model : *worker->discovered) ++serving[model.id];
    }
    for (const auto& [source, count] : by_source) sink.add("smg_discovery_workers_discovered", {{"source", source}}, static_cast<double>(count));
    feed_policies(gateway_->policy_state(), config_.policy_settings, *snapshot, sink);
    if (trace_exporter_) {
        sink.add_counter("smg_traces_exported_total", {}, static_cast<double>(trace_exporter_->exported()));
        sink.add_counter("smg_traces_dropped_total", {}, static_cast<double>(trace_exporter_->dropped()));
    }
    for (const auto& [model, count] : serving) sink.worker_pool_size("regular", "http", model, count);
}

}  // namespace smg::app
