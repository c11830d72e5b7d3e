#pragma once
/// A worker's latency as it has lately been at its worst: rises at once with a slow answer, falls slowly with fast ones and with time
/// (the "peak EWMA" of Finagle's load balancers, https://twitter.github.io/finagle/guide/Clients.html#load-balancing).
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>

namespace smg::workers {

/// Any thread. Two samples at the same moment may lose one of them, which does not matter.
class PeakEwma {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    void sample(double seconds, TimePoint now) noexcept {
        const auto before = value(now);
        const auto weight = std::exp(-since(now) / memory_seconds);
        value_.store(seconds > before ? seconds : before * weight + seconds * (1 - weight), std::memory_order_relaxed);
        at_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    }
    /// Seconds; 0 when there has been no sample. It fades while nothing is heard, so that a slow worker is tried again.
    [[nodiscard]] double value(TimePoint now) const noexcept {
        const auto held = value_.load(std::memory_order_relaxed);
        return held == 0 ? 0 : held * std::exp(-since(now) / fading_seconds);
    }

    static constexpr double memory_seconds = 2, fading_seconds = 20;

private:
    [[nodiscard]] double since(TimePoint now) const noexcept {
        const std::chrono::duration<double> passed(now.time_since_epoch() - TimePoint::duration(at_.load(std::memory_order_relaxed)));
        return std::max(0.0, passed.count());
    }

    std::atomic<double> value_{0};
    std::atomic<TimePoint::rep> at_{0};
};

}  // namespace smg::workers
