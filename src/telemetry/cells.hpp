#pragma once
/// Numbers that one thread adds to while others read them: a load and a store, where a shared counter takes a locked instruction, and a shared
/// histogram a mutex.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace smg::telemetry {

/// `add` on its thread alone; `take` on any, one at a time.
template <typename Number>
class Cell {
public:
    void add(Number amount) noexcept { value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed); }
    [[nodiscard]] Number value() const noexcept { return value_.load(std::memory_order_relaxed); }
    /// What was added since the last call.
    [[nodiscard]] Number take() noexcept {
        const auto now = value_.load(std::memory_order_relaxed);
        return now - std::exchange(taken_, now);
    }

private:
    std::atomic<Number> value_{};
    Number taken_{};
};

/// Of one histogram; likewise. `bounds` (rising, without +Inf) outlive it.
class DurationCells {
public:
    using Bounds = std::vector<std::chrono::nanoseconds>;
    explicit DurationCells(const Bounds& bounds) : bounds_(bounds), buckets_(bounds.size() + 1) {}

    void add(std::chrono::nanoseconds time) noexcept {
        buckets_[bucket_of(time)].add(1);
        nanoseconds_.add(time.count());
    }

    /// Something was ever added.
    [[nodiscard]] bool any() const noexcept {
        return std::any_of(buckets_.begin(), buckets_.end(), [](const auto& bucket) { return bucket.value() > 0; });
    }

    struct News {
        std::vector<double> buckets;  ///< how many were added to each, the last one's bound is +Inf
        double sum = 0;  ///< seconds
        bool any = false;
    };
    [[nodiscard]] News take() {
        News news;
        news.buckets.reserve(buckets_.size());
        for (auto& bucket : buckets_) news.buckets.push_back(static_cast<double>(bucket.take()));
        news.any = std::any_of(news.buckets.begin(), news.buckets.end(), [](double count) { return count > 0; });
        news.sum = static_cast<double>(nanoseconds_.take()) * 1e-9;
        return news;
    }

private:
    [[nodiscard]] std::size_t bucket_of(std::chrono::nanoseconds time) const noexcept {
        if (!bounds_.empty() && time <= bounds_.front()) return 0;  // most phases of most requests
        return static_cast<std::size_t>(std::lower_bound(bounds_.begin(), bounds_.end(), time) - bounds_.begin());
    }

    const Bounds& bounds_;
    std::vector<Cell<std::uint64_t>> buckets_;
    Cell<std::int64_t> nanoseconds_;
};

}  // namespace smg::telemetry
