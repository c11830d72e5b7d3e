#pragma once
/// What is to be done for a worker next, and when: a pure function of the worker, what happened before, and the clock that is handed in.
#include <cstdint>
#include <memory>

#include "net/timer_wheel.hpp"
#include "smg/config.hpp"
#include "workers/worker.hpp"

namespace smg::fleet {

using net::Duration;
using net::TimePoint;

/// How often things are done.
struct Cadence {
    Duration first_retry = std::chrono::seconds(2);  ///< after the first failed registration; doubles from there
    Duration last_retry = std::chrono::minutes(5);
    Duration relist = std::chrono::hours(1);
    Duration missed_list = std::chrono::minutes(1);  ///< least time between two lists that were asked for by a miss
    Duration drain_recheck = std::chrono::milliseconds(100);
};

/// The health rules of one worker: its own where it says so, else the flags'.
struct HealthRules {
    bool enabled = true;
    Duration interval = std::chrono::seconds(60);
    Duration timeout = std::chrono::seconds(5);
    std::uint32_t failure_threshold = 3;
    std::uint32_t success_threshold = 2;
    Duration drain_settle = std::chrono::seconds(5);
    /// An external worker that could not be reached is looked for no more seldom than this: the interval, or how long a breaker stays open where
    /// that is shorter.
    Duration longest_absence = std::chrono::seconds(60);
};
[[nodiscard]] HealthRules health_rules(const workers::WorkerSpec& spec, const config::HealthSettings& flags, const config::BreakerSettings& breaker);

enum class Task {
    nothing,      ///< wait for a change
    enrol,        ///< examine a pending or failed worker
    check,        ///< health of a worker in service: its health endpoint, or an external one's list call with its stored key
    relist,       ///< read the models list anew
    recheck_key,  ///< an external worker, or one whose key was refused: its list call tells whether it is back
    restore,      ///< nothing can be asked without a key: give it another chance
    drain,        ///< leave, if nothing is open any more
};

struct Next {
    Task task;
    TimePoint at;  ///< max: never
};

/// What happened to a worker so far, as far as the schedule must know.
struct History {
    std::shared_ptr<const workers::WorkerSpec> spec;  ///< that the rest belongs to
    workers::Status status = workers::Status::pending;
    TimePoint since{};       ///< when that status was first seen
    TimePoint last_enrol{};  ///< failed attempt
    std::uint32_t failed_enrols = 0;
    TimePoint last_check{};
    TimePoint last_list{};
    TimePoint drain_check{};
    bool list_wanted = false;       ///< a request missed a model
    std::uint32_t bad_checks = 0;   ///< in a row
    std::uint32_t good_checks = 0;  ///< in a row

    /// Takes note of the worker as it is now.
    void observe(const workers::Worker& worker, TimePoint now);
};

/// `first · 2^(failures - 1)`, at most `last`; `spread` in [0, 1) takes up to a tenth off, so that workers which failed together do not
/// come back together.
[[nodiscard]] Duration retry_delay(std::uint32_t failures, Duration first, Duration last, double spread);

[[nodiscard]] Next next_task(const workers::Worker& worker, const History& history, const Cadence& cadence, const HealthRules& health, double spread);

}  // namespace smg::fleet
