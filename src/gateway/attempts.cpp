#include "gateway/attempts.hpp"

#include <algorithm>

namespace smg::gateway {

bool Attempts::lost(const Loss& loss, Clock::time_point now, double chance) {
    sends_ += loss.sent ? 1 : 0;
    timed_out_ = timed_out_ || loss.timed_out;
    const bool waits = loss.stated_wait.value_or(0) > 0;  // "at once" leaves our own pause
    const auto pause = waits ? std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(std::min(*loss.stated_wait, 1e6)))
                                        : workers::backoff(loss.rules, rounds_, chance);
    const bool again = loss.verdict.same_worker && pause <= loss.rules.max * (1 + loss.rules.jitter);
    (again ? again_ : spent_).push_back(loss.worker);
    if (again) ready_at_ = std::min(ready_at_.value_or(Clock::time_point::max()), now + pause);
    return loss.verdict.elsewhere && sends_ < loss.rules.max_sends && (loss.sent || loss.rules.max_sends > 1);
}

std::vector<std::string> Attempts::tried() const {
    auto all = spent_;
    all.insert(all.end(), again_.begin(), again_.end());
    return all;
}

std::optional<Attempts::Clock::duration> Attempts::until_next_round(Clock::time_point now, std::optional<Clock::duration> resting,
                                                                    const workers::RetryRules& rules, Clock::duration left) const {
    if (rounds_ + 1 >= rules.max_sends) return std::nullopt;
    std::optional<Clock::duration> pause;
    if (ready_at_) pause = std::max(*ready_at_ - now, Clock::duration::zero());
    if (resting && *resting <= rules.max) pause = std::min(pause.value_or(*resting), *resting);
    if (!pause || *pause >= left) return std::nullopt;
    return pause;
}

void Attempts::next_round() {
    ++rounds_;
    again_.clear();
    ready_at_.reset();
}

void Attempts::start_anew() {
    again_.clear();
    spent_.clear();
    ready_at_.reset();
}

}  // namespace smg::gateway
