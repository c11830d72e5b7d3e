#include "workers/breaker_machine.hpp"

#include <algorithm>

#include "smg/config.hpp"
#include "workers/spec.hpp"

namespace smg::workers {
namespace {

Clock::duration seconds_of(double seconds) {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(std::clamp(seconds, 0.0, 1e8)));
}

std::int64_t cell_number(const BreakerRules& rules, Clock::time_point now, std::int64_t cells) {
    const auto length = std::max<Clock::duration>(rules.window / cells, Clock::duration(1));
    return now.time_since_epoch() / length;
}

}  // namespace

std::string_view name_of(BreakerState state) noexcept {
    switch (state) {
        case BreakerState::closed: return "closed";
        case BreakerState::open: return "open";
        case BreakerState::half_open: return "half_open";
    }
    return "closed";
}

BreakerRules breaker_rules(const ResilienceOverrides& own, const config::BreakerSettings& flags) {
    BreakerRules rules;
    rules.enabled = own.disable_circuit_breaker ? !*own.disable_circuit_breaker : flags.enabled;
    rules.failure_threshold = std::max(1U, own.cb_failure_threshold.value_or(static_cast<std::uint32_t>(std::max(1, flags.failure_threshold))));
    rules.success_threshold = std::max(1U, own.cb_success_threshold.value_or(static_cast<std::uint32_t>(std::max(1, flags.success_threshold))));
    rules.timeout = own.cb_timeout_secs ? seconds_of(*own.cb_timeout_secs) : Clock::duration(flags.timeout);
    rules.window = own.cb_window_secs ? seconds_of(*own.cb_window_secs) : Clock::duration(flags.window);
    return rules;
}

bool BreakerMachine::blocks(Clock::time_point now) const noexcept {
    switch (state_) {
        case BreakerState::closed: return false;
        case BreakerState::open: return now < open_until_;
        case BreakerState::half_open: return trial_under_way_ && now < next_trial_;
    }
    return false;
}

BreakerMachine::Permit BreakerMachine::begin(const BreakerRules& rules, Clock::time_point now, Change& change) {
    if (state_ == BreakerState::closed) return Permit::normal;
    if (blocks(now)) return Permit::refused;
    if (state_ == BreakerState::open) change_to(BreakerState::half_open, change);
    trial_under_way_ = true;
    trial_began_ = now;
    next_trial_ = now + rules.timeout;
    return Permit::trial;
}

void BreakerMachine::end(Permit permit, Clock::time_point began, bool success, const BreakerRules& rules, Clock::time_point now, Change& change) {
    abandon(permit, began);
    const bool is_trial = permit == Permit::trial;
    const bool counts = state_ == BreakerState::closed || (state_ == BreakerState::half_open && is_trial);
    const bool outdated = is_trial && !success && began < success_began_;
    if (permit == Permit::refused || !counts || outdated) return;
    if (is_trial && success) success_began_ = std::max(success_began_, began);
    failures_in_row_ = success ? 0 : failures_in_row_ + 1;
    successes_in_row_ = success ? successes_in_row_ + 1 : 0;
    if (state_ == BreakerState::half_open) {
        if (!success) {
            open(rules, now, change);
        } else if (successes_in_row_ >= rules.success_threshold) {
            window_ = {};
            change_to(BreakerState::closed, change);
        }
        return;
    }
    count(success, rules, now);
    if (!success && (failures_in_row_ >= rules.failure_threshold || half_failed(rules, now))) open(rules, now, change);
}

void BreakerMachine::abandon(Permit permit, Clock::time_point began) noexcept {
    if (permit == Permit::trial && began == trial_began_) trial_under_way_ = false;
}

void BreakerMachine::count(bool success, const BreakerRules& rules, Clock::time_point now) {
    const auto number = cell_number(rules, now, cells);
    auto& cell = window_[static_cast<std::size_t>(number % cells)];
    if (cell.number != number) cell = {number, 0, 0};
    ++(success ? cell.successes : cell.failures);
}

bool BreakerMachine::half_failed(const BreakerRules& rules, Clock::time_point now) const {
    const auto oldest = cell_number(rules, now, cells) - cells;
    std::uint64_t failures = 0, all = 0;
    for (const auto& cell : window_) {
        if (cell.number <= oldest) continue;
        failures += cell.failures;
        all += cell.failures + cell.successes;
    }
    return all >= BreakerRules::least_results && failures * 2 >= all;
}

void BreakerMachine::open(const BreakerRules& rules, Clock::time_point now, Change& change) {
    open_until_ = now + rules.timeout;
    successes_in_row_ = 0;
    change_to(BreakerState::open, change);
}

void BreakerMachine::change_to(BreakerState state, Change& change) {
    change = std::pair(state_, state);
    state_ = state;
    if (state == BreakerState::half_open) successes_in_row_ = 0;
}

}  // namespace smg::workers
