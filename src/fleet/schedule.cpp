#include "fleet/schedule.hpp"

#include <algorithm>

#include "workers/breaker_machine.hpp"

namespace smg::fleet {

namespace {

Duration seconds_of(double seconds) { return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(std::clamp(seconds, 0.0, 1e8))); }

/// A worker that says `check_interval_secs: 0` means "often", not "without pause".
constexpr Duration shortest_interval = std::chrono::milliseconds(100);

/// Of an external worker that could not be reached; doubles up to the interval.
constexpr Duration first_recheck = std::chrono::milliseconds(500);

Next soonest(Next a, Next b) { return b.at < a.at ? b : a; }

Duration spread_out(Duration interval, double spread) { return interval - std::chrono::duration_cast<Duration>(interval * (0.1 * spread)); }

Next for_not_ready(const workers::Worker& worker, const History& history, const HealthRules& health) {
    auto pause = health.interval;
    // What was out of reach for a moment is looked for soon, and then ever more seldom.
    if (worker.external() && history.good_checks > 0)
        pause = std::min(shortest_interval, health.interval);  // it is there: whether for good, is soon known
    else if (worker.external() && worker.cause == workers::Cause::health)
        pause = retry_delay(history.bad_checks + 1, std::min(first_recheck, health.longest_absence), health.longest_absence, 0);
    const auto due = std::max(history.since, history.last_check) + pause;
    if (worker.cause == workers::Cause::key_refused && worker.spec->has_key()) return {Task::recheck_key, due};
    if (!worker.external() && health.enabled) return {Task::check, due};
    if (worker.external() && worker.spec->has_key()) return {Task::recheck_key, due};
    return {Task::restore, due};
}

Next for_ready(const workers::Worker& worker, const History& history, const Cadence& cadence, const HealthRules& health, double spread) {
    Next next{Task::nothing, TimePoint::max()};
    // What callers' keys can see is never stored: without a key of its own an external worker has no list.
    if (worker.external() && !worker.spec->has_key()) return next;
    if (health.enabled) {
        // The keys of one provider are not to ask it all at once.
        const auto pause = worker.external() ? spread_out(health.interval, spread) : health.interval;
        next = {Task::check, std::max(history.since, history.last_check) + pause};
    }
    if (history.list_wanted) return {Task::relist, TimePoint::min()};
    return soonest(next, {Task::relist, std::max(history.since, history.last_list) + spread_out(cadence.relist, spread)});
}

}  // namespace

HealthRules health_rules(const workers::WorkerSpec& spec, const config::HealthSettings& flags, const config::BreakerSettings& breaker) {
    const auto& own = spec.health;
    HealthRules rules;
    rules.enabled = own.disable_health_check ? !*own.disable_health_check : flags.enabled;
    rules.interval = std::max(own.check_interval_secs ? seconds_of(*own.check_interval_secs) : Duration(flags.interval), shortest_interval);
    rules.timeout = own.timeout_secs && *own.timeout_secs > 0 ? seconds_of(*own.timeout_secs) : Duration(flags.timeout);
    rules.failure_threshold = std::max(1U, own.failure_threshold.value_or(static_cast<std::uint32_t>(std::max(1, flags.failure_threshold))));
    rules.success_threshold = std::max(1U, own.success_threshold.value_or(static_cast<std::uint32_t>(std::max(1, flags.success_threshold))));
    rules.drain_settle = own.drain_settle_secs ? seconds_of(*own.drain_settle_secs) : Duration(flags.drain_settle);
    const auto breaker_period = workers::breaker_rules(spec.resilience, breaker).timeout;
    rules.longest_absence = std::clamp(Duration(breaker_period), shortest_interval, rules.interval);
    return rules;
}

void History::observe(const workers::Worker& worker, TimePoint now) {
    if (worker.spec != spec) {
        spec = worker.spec;
        bad_checks = good_checks = 0;
    }
    if (worker.status == workers::Status::pending) failed_enrols = 0;
    if (worker.status != status || since == TimePoint{}) {
        status = worker.status;
        since = now;
        bad_checks = good_checks = 0;
    }
}

Duration retry_delay(std::uint32_t failures, Duration first, Duration last, double spread) {
    auto delay = first;
    for (std::uint32_t i = 1; i < failures && delay < last; ++i) delay *= 2;
    return spread_out(std::min(delay, last), spread);
}

Next next_task(const workers::Worker& worker, const History& history, const Cadence& cadence, const HealthRules& health, double spread) {
    switch (worker.status) {
        case workers::Status::pending: return {Task::enrol, TimePoint::min()};
        case workers::Status::failed: {
            if (worker.cause == workers::Cause::configuration) return {Task::nothing, TimePoint::max()};
            if (history.failed_enrols == 0) return {Task::enrol, TimePoint::min()};
            // A local engine is asked no more seldom than its health would be.
            const auto last = worker.external() ? cadence.last_retry : std::min(cadence.last_retry, std::max(health.interval, cadence.first_retry));
            return {Task::enrol, history.last_enrol + retry_delay(history.failed_enrols, cadence.first_retry, last, spread)};
        }
        case workers::Status::not_ready: return for_not_ready(worker, history, health);
        case workers::Status::ready: return for_ready(worker, history, cadence, health, spread);
        case workers::Status::draining: return {Task::drain, std::max(history.since + health.drain_settle, history.drain_check)};
    }
    return {Task::nothing, TimePoint::max()};
}

}  // namespace smg::fleet
