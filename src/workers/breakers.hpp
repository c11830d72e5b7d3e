#pragma once
/// The circuit breakers of one worker, one for each model: shared by all threads and by every version of the worker.
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workers/breaker_machine.hpp"

namespace smg::workers {

class BreakerPass;

/// Any thread. A breaker is found without a lock and has a short one of its own.
class Breakers {
public:
    Breakers() = default;
    ~Breakers();
    Breakers(const Breakers&) = delete;
    Breakers& operator=(const Breakers&) = delete;

    /// Set when a request for `model` (the worker's name of it) would be refused now: when it will not be; a trial's end is not known, and
    /// then it is `now`.
    [[nodiscard]] std::optional<Clock::time_point> blocked_until(std::string_view model, Clock::time_point now) const;

    struct Shown {
        std::string model;
        BreakerState state;
        std::uint32_t consecutive_failures;
        std::uint32_t consecutive_successes;
    };
    /// Every breaker, for `GET /workers` and the metrics.
    [[nodiscard]] std::vector<Shown> shown() const;
    /// The worst of them: open before half-open before closed, then most failures in a row.
    [[nodiscard]] Shown worst() const;

    /// Of changes between two states, and of results, since the worker came. `[from][to]`.
    std::array<std::array<std::atomic<std::uint64_t>, 3>, 3> transitions{};
    std::atomic<std::uint64_t> successes{0};
    std::atomic<std::uint64_t> failures{0};

    /// Models with a breaker of their own; clients can make up names, and the rest share one.
    static constexpr std::size_t most_models = 256;

private:
    friend class BreakerPass;
    struct Entry {
        explicit Entry(std::string_view name) : model(name) {}
        const std::string model;
        mutable std::mutex mutex;
        BreakerMachine machine;
        Entry* next = nullptr;
    };
    static constexpr std::size_t buckets = 16;

    [[nodiscard]] Entry* find(std::string_view model) const noexcept;
    [[nodiscard]] Entry& find_or_add(std::string_view model);
    void note(const BreakerMachine::Change& change) noexcept;

    std::array<std::atomic<Entry*>, buckets> heads_{};
    std::atomic<int> not_closed_{0};  ///< most workers have none such, and are not looked at further
    std::mutex adding_;
    std::size_t models_ = 0;  ///< guarded by `adding_`
};

/// One request's permission to be sent, and its duty to say what came of it. Without a word it tells nothing. Movable; on one thread at a time.
class BreakerPass {
public:
    /// Refused.
    BreakerPass() = default;
    /// Without a breaker (disabled), everything passes.
    BreakerPass(std::shared_ptr<Breakers> breakers, std::string_view model, const BreakerRules& rules, Clock::time_point now);
    BreakerPass(BreakerPass&& other) noexcept { *this = std::move(other); }
    BreakerPass& operator=(BreakerPass&& other) noexcept;
    ~BreakerPass() { release(); }

    [[nodiscard]] bool refused() const noexcept { return permit_ == BreakerMachine::Permit::refused; }
    [[nodiscard]] bool is_trial() const noexcept { return permit_ == BreakerMachine::Permit::trial; }
    /// The worker did its work. Counted once; a later failure, of a stream that began well, still counts.
    void success(Clock::time_point now);
    void failure(Clock::time_point now);
    /// Nothing to say.
    void release() noexcept;

private:
    std::shared_ptr<Breakers> breakers_;
    Breakers::Entry* entry_ = nullptr;
    BreakerMachine::Permit permit_ = BreakerMachine::Permit::refused;
    Clock::time_point began_{};
    bool succeeded_ = false;
    BreakerRules rules_;
};

}  // namespace smg::workers
