#pragma once
/// A token bucket (as nginx's and Envoy's rate limits): so much a second, saved up to a capacity. The time is handed in.
#include <algorithm>
#include <chrono>
#include <mutex>

#include "net/timer_wheel.hpp"

namespace smg::gateway {

/// Any thread. Full at first.
class TokenBucket {
public:
    /// Both above zero.
    TokenBucket(double capacity, double per_second) : capacity_(capacity), per_second_(per_second), level_(capacity) {}

    /// Takes `count`, at most the capacity, if the bucket holds so much. Else takes nothing, and says how long it will be until it does.
    [[nodiscard]] std::chrono::milliseconds take(double count, net::TimePoint now) {
        const std::lock_guard lock(mutex_);
        refill(now);
        const auto wanted = std::min(count, capacity_);
        if (level_ >= wanted) {
            level_ -= wanted;
            return std::chrono::milliseconds(0);
        }
        const std::chrono::duration<double> wait((wanted - level_) / per_second_);
        return std::max(std::chrono::milliseconds(1), std::chrono::ceil<std::chrono::milliseconds>(wait));
    }
    /// Corrects what was taken: more than zero gives back, less than zero takes more, into debt if need be.
    void settle(double difference, net::TimePoint now) {
        const std::lock_guard lock(mutex_);
        refill(now);
        level_ = std::min(capacity_, level_ + difference);
    }
    [[nodiscard]] double capacity() const noexcept { return capacity_; }

private:
    void refill(net::TimePoint now) {
        if (last_ != net::TimePoint{} && now > last_)
            level_ = std::min(capacity_, level_ + per_second_ * std::chrono::duration<double>(now - last_).count());
        last_ = std::max(last_, now);
    }

    const double capacity_;
    const double per_second_;
    std::mutex mutex_;
    double level_;
    net::TimePoint last_{};
};

}  // namespace smg::gateway
