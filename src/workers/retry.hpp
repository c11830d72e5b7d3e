#pragma once
/// How often, and after which pause, a request may be sent again. Pure: time and chance are handed in.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "workers/clock.hpp"

namespace smg::config {
struct RetrySettings;
}

namespace smg::workers {

struct ResilienceOverrides;

struct RetryRules {
    int max_sends = 5;  ///< how many times a request may be sent in all
    std::chrono::duration<double> initial{0.05};
    std::chrono::duration<double> max{30};
    double multiplier = 1.5;
    double jitter = 0.2;  ///< share of the pause that chance adds or takes
};
/// A worker's own rules where it says so, else the flags'.
[[nodiscard]] RetryRules retry_rules(const ResilienceOverrides& own, const config::RetrySettings& flags);

/// The pause before the same worker is asked again: `min(initial · multiplier^round, max) · (1 ± jitter)`; `round` from 0, `chance` in [0, 1).
[[nodiscard]] Clock::duration backoff(const RetryRules& rules, int round, double chance);

/// Counts events over the last ten seconds, second by second. Any thread, without a lock.
class RecentCount {
public:
    void add(Clock::time_point now) noexcept;
    [[nodiscard]] std::uint64_t sum(Clock::time_point now) const noexcept;

private:
    static constexpr std::uint64_t cells = 16;  // a power of two above the ten that count
    static constexpr std::uint64_t seconds = 10;
    std::atomic<std::uint64_t> cells_[cells]{};  ///< the second in the upper half, its count in the lower
};

/// Bounds how much an outage is multiplied: requests sent again are at most a fifth of the requests of the last ten seconds, and at least ten
/// are free. Any thread; each event loop has a shard of its own to count in.
class RetryBudget {
public:
    explicit RetryBudget(std::size_t shards);
    void count_request(std::size_t shard, Clock::time_point now) noexcept { requests_[shard].count.add(now); }
    /// One more may be sent again, and is counted; false: the budget is spent.
    [[nodiscard]] bool take(Clock::time_point now) noexcept;

    static constexpr double share = 0.2;
    static constexpr std::uint64_t least = 10;

private:
    struct alignas(64) Shard {
        RecentCount count;
    };
    std::size_t shards_;
    std::unique_ptr<Shard[]> requests_;
    RecentCount again_;
};

}  // namespace smg::workers
