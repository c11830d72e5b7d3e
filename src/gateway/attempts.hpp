#pragma once
/// Which workers a request has been tried at, and whether it may be tried once more: the bookkeeping of one request. Pure: time and chance are
/// handed in.
#include <optional>
#include <string>
#include <vector>

#include "workers/failure_class.hpp"
#include "workers/retry.hpp"

namespace smg::gateway {

class Attempts {
public:
    using Clock = workers::Clock;

    /// An attempt begins; it is counted.
    void begin() noexcept { ++count_; }

    /// Of two that were under way at once it answered later, and was given up: it counts as sent.
    void outrun() noexcept { ++sends_; }

    /// The same attempt was sent once more: its connection had been closed before anybody answered.
    void resent() noexcept { ++count_, ++sends_; }

    struct Loss {
        std::string worker;  ///< its id
        workers::Verdict verdict;
        bool sent = true;  ///< the worker may have seen it
        bool timed_out = false;
        std::optional<double> stated_wait{};  ///< seconds, by the worker's answer
        workers::RetryRules rules;            ///< the worker's
    };
    /// The attempt came to nothing. True: the request may be tried once more, by another worker or after a pause.
    bool lost(const Loss& loss, Clock::time_point now, double chance);

    /// Those that are not to be asked now.
    [[nodiscard]] std::vector<std::string> tried() const;
    /// Nobody else is left: the pause until one of the tried may be asked again, or until the first of those that rest (`resting`) is back.
    /// Nothing: the request has had its chances. A pause longer than the longest, or than `left`, is not waited for.
    [[nodiscard]] std::optional<Clock::duration> until_next_round(Clock::time_point now, std::optional<Clock::duration> resting,
                                                                  const workers::RetryRules& rules, Clock::duration left) const;
    /// The pause is over.
    void next_round();
    /// Others are asked now, of whom some may be the same: none has been tried yet. What has been counted stays.
    void start_anew();

    /// Attempts so far, those included that found nobody.
    [[nodiscard]] int count() const noexcept { return count_; }
    /// A worker may have seen the request already: one attempt more draws on the retry budget.
    [[nodiscard]] bool sent_before() const noexcept { return sends_ > 0; }
    /// How often a worker may have seen the request, the attempt under way left out.
    [[nodiscard]] int sends() const noexcept { return sends_; }
    [[nodiscard]] bool timed_out_before() const noexcept { return timed_out_; }
    [[nodiscard]] int rounds() const noexcept { return rounds_; }

private:
    std::vector<std::string> again_;             ///< may be asked again in another round
    std::vector<std::string> spent_;             ///< may not
    std::optional<Clock::time_point> ready_at_;  ///< of the first of `again_`
    int count_ = 0;
    int sends_ = 0;
    int rounds_ = 0;
    bool timed_out_ = false;
};

}  // namespace smg::gateway
