#include "workers/retry.hpp"

#include <algorithm>
#include <cmath>

#include "smg/config.hpp"
#include "workers/spec.hpp"

namespace smg::workers {

RetryRules retry_rules(const ResilienceOverrides& own, const config::RetrySettings& flags) {
    using Milliseconds = std::chrono::duration<double, std::milli>;
    RetryRules rules;
    const bool enabled = own.disable_retry ? !*own.disable_retry : flags.enabled;
    rules.max_sends = enabled ? std::max(1, own.max_retries ? static_cast<int>(std::min(*own.max_retries, 1000U)) : flags.max_attempts) : 1;
    rules.initial = own.initial_backoff_ms ? Milliseconds(static_cast<double>(*own.initial_backoff_ms)) : Milliseconds(flags.initial_backoff);
    rules.max = own.max_backoff_ms ? Milliseconds(static_cast<double>(*own.max_backoff_ms)) : Milliseconds(flags.max_backoff);
    rules.multiplier = own.backoff_multiplier.value_or(flags.backoff_multiplier);
    rules.jitter = std::clamp(own.jitter_factor.value_or(flags.jitter_factor), 0.0, 1.0);
    return rules;
}

Clock::duration backoff(const RetryRules& rules, int round, double chance) {
    const auto grown = rules.initial.count() * std::pow(std::max(1.0, rules.multiplier), round);
    const auto pause = std::min(grown, rules.max.count()) * (1 + rules.jitter * (2 * chance - 1));
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(std::clamp(pause, 0.0, 86400.0)));
}

namespace {

/// Never 0, which is what an unused cell holds.
std::uint64_t second_of(Clock::time_point now) noexcept {
    return (static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count()) + 16) & 0xffffffffU;
}

}  // namespace

void RecentCount::add(Clock::time_point now) noexcept {
    const auto second = second_of(now);
    auto& cell = cells_[second % cells];
    auto seen = cell.load(std::memory_order_relaxed);
    for (;;) {
        const auto wanted = seen >> 32U == second ? seen + 1 : (second << 32U) + 1;
        if (cell.compare_exchange_weak(seen, wanted, std::memory_order_relaxed)) return;
    }
}

std::uint64_t RecentCount::sum(Clock::time_point now) const noexcept {
    const auto second = second_of(now);
    std::uint64_t total = 0;
    for (std::uint64_t back = 0; back < seconds; ++back) {
        const auto seen = cells_[(second - back) % cells].load(std::memory_order_relaxed);
        if (seen >> 32U == second - back) total += seen & 0xffffffffU;
    }
    return total;
}

RetryBudget::RetryBudget(std::size_t shards) : shards_(shards), requests_(std::make_unique<Shard[]>(shards)) {}

bool RetryBudget::take(Clock::time_point now) noexcept {
    std::uint64_t requests = 0;
    for (std::size_t i = 0; i < shards_; ++i) requests += requests_[i].count.sum(now);
    const auto allowed = std::max(least, static_cast<std::uint64_t>(share * static_cast<double>(requests)));
    if (again_.sum(now) >= allowed) return false;
    again_.add(now);
    return true;
}

}  // namespace smg::workers
