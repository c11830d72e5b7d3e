#pragma once
/// A circuit breaker as a state machine: time is handed in, nothing is locked.
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "workers/clock.hpp"

namespace smg::config {
struct BreakerSettings;
}

namespace smg::workers {

struct ResilienceOverrides;

enum class BreakerState { closed, open, half_open };
/// `closed`, `open`, `half_open`.
[[nodiscard]] std::string_view name_of(BreakerState state) noexcept;

struct BreakerRules {
    std::uint32_t failure_threshold = 10;                ///< failures in a row that open it
    std::uint32_t success_threshold = 3;                 ///< trials in a row that close it
    Clock::duration timeout = std::chrono::seconds(60);  ///< how long it stays open
    Clock::duration window = std::chrono::seconds(120);  ///< of which half the results, of `least_results` or more, open it
    bool enabled = true;

    static constexpr std::uint32_t least_results = 20;
};
/// A worker's own rules where it says so, else the flags'.
[[nodiscard]] BreakerRules breaker_rules(const ResilienceOverrides& own, const config::BreakerSettings& flags);

class BreakerMachine {
public:
    /// What a request that begins is told.
    enum class Permit {
        refused,
        normal,
        trial,  ///< it decides whether the breaker closes; until it ends, or has taken as long as the breaker stays open, there is no other
    };
    using Change = std::optional<std::pair<BreakerState, BreakerState>>;  ///< from, to

    /// A request would be refused now.
    [[nodiscard]] bool blocks(Clock::time_point now) const noexcept;
    /// A request begins. An open breaker whose time has passed becomes half-open by it.
    [[nodiscard]] Permit begin(const BreakerRules& rules, Clock::time_point now, Change& change);
    /// What began at `began` ended. What began before the breaker opened tells nothing any more, nor does the failure of a trial that began before
    /// one that succeeded: a worker that hung may be back long before all that waited for it have given up.
    void end(Permit permit, Clock::time_point began, bool success, const BreakerRules& rules, Clock::time_point now, Change& change);
    /// It ended without telling anything: the client left, or the request was at fault.
    void abandon(Permit permit, Clock::time_point began) noexcept;

    [[nodiscard]] BreakerState state() const noexcept { return state_; }
    /// When an open breaker lets a trial through.
    [[nodiscard]] Clock::time_point open_until() const noexcept { return open_until_; }
    [[nodiscard]] std::uint32_t consecutive_failures() const noexcept { return failures_in_row_; }
    [[nodiscard]] std::uint32_t consecutive_successes() const noexcept { return successes_in_row_; }

private:
    struct Cell {
        std::int64_t number = -1;
        std::uint32_t successes = 0;
        std::uint32_t failures = 0;
    };
    static constexpr std::int64_t cells = 8;  ///< parts of the window, forgotten one by one

    void count(bool success, const BreakerRules& rules, Clock::time_point now);
    [[nodiscard]] bool half_failed(const BreakerRules& rules, Clock::time_point now) const;
    void open(const BreakerRules& rules, Clock::time_point now, Change& change);
    void change_to(BreakerState state, Change& change);

    BreakerState state_ = BreakerState::closed;
    bool trial_under_way_ = false;
    Clock::time_point trial_began_{};   ///< the latest one's
    Clock::time_point next_trial_{};    ///< while it is under way
    Clock::time_point success_began_{};  ///< the latest of those that succeeded as trials
    std::uint32_t failures_in_row_ = 0;
    std::uint32_t successes_in_row_ = 0;
    Clock::time_point open_until_{};
    std::array<Cell, static_cast<std::size_t>(cells)> window_{};
};

}  // namespace smg::workers
