#pragma once
/// Which worker fails how, and when: made of a seed before the run, so that what ought to have happened can be computed after it.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <random>
#include <string_view>
#include <vector>

namespace smg::test {

using Millis = std::chrono::milliseconds;

enum class Fault {
    none,
    killed,       ///< nobody listens; what was open is reset
    hung,         ///< takes requests and says nothing
    slow,         ///< answers late, within the limits
    limited,      ///< 429 with a retry-after
    broken,       ///< 500
    garbage,      ///< no HTTP
    cut_early,    ///< a stream that breaks off before its first output
    cut_late,     ///< a stream that breaks off in its output
    error_event,  ///< a stream whose first event is an error
};
inline constexpr int fault_kinds = 9;

[[nodiscard]] constexpr std::string_view name_of(Fault fault) {
    constexpr std::string_view names[] = {"none", "killed", "hung", "slow", "limited", "broken", "garbage", "cut_early", "cut_late", "error_event"};
    return names[static_cast<std::size_t>(fault)];
}

/// Of one worker, from `begin` to before `end`, since the run's start.
struct Episode {
    std::size_t worker;
    Fault fault;
    Millis begin;
    Millis end;
};

class FaultSchedule {
public:
    /// Episodes of 0.5 to 3 s between `quiet` after the start and `quiet` before the end, never more than `at_once` of them at a time.
    FaultSchedule(unsigned seed, std::size_t workers, Millis length, Millis quiet, std::size_t at_once) {
        std::mt19937 random(seed);
        std::vector<Millis> busy_until(workers, Millis(0));
        for (auto now = quiet; now < length - quiet; now += Millis(100)) {
            const auto open = std::count_if(busy_until.begin(), busy_until.end(), [now](Millis until) { return until > now; });
            const auto worker = random() % workers;
            const auto fault = static_cast<Fault>(1 + random() % fault_kinds);
            const auto lasts = Millis(500 + random() % 2500);
            // A second between two episodes of a worker at least, so that its recovery can be seen.
            if (static_cast<std::size_t>(open) >= at_once || busy_until[worker] + Millis(3000) > now || now + lasts > length - quiet) continue;
            busy_until[worker] = now + lasts;
            episodes_.push_back({worker, fault, now, now + lasts});
        }
    }

    [[nodiscard]] const std::vector<Episode>& episodes() const noexcept { return episodes_; }
    /// The worker was well all the time from `begin` to `end`.
    [[nodiscard]] bool well(std::size_t worker, Millis begin, Millis end) const {
        for (const auto& each : episodes_)
            if (each.worker == worker && each.begin <= end && each.end >= begin) return false;
        return true;
    }

private:
    std::vector<Episode> episodes_;
};

}  // namespace smg::test
