#include "workers/hedging.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace smg::workers {
namespace {

/// The percentile is worked out anew after so many samples, not after each.
constexpr std::size_t renewal = 8;

}  // namespace

void FirstByteTimes::sample(std::string_view model, bool stream, Clock::duration time) {
    auto& map = models_[stream ? 1 : 0];
    {
        const std::shared_lock reading(mutex_);
        if (const auto known = map.find(model); known != map.end()) {
            known->second->heard.store(turns_.fetch_add(1, std::memory_order_relaxed), std::memory_order_relaxed);
            return add(*known->second, time);
        }
    }
    const std::unique_lock writing(mutex_);
    if (!map.contains(model)) make_room(map);
    auto& times = map[std::string(model)];
    if (!times) times = std::make_unique<Times>();
    times->heard.store(turns_.fetch_add(1, std::memory_order_relaxed), std::memory_order_relaxed);
    add(*times, time);
}

void FirstByteTimes::make_room(Map& map) const {
    if (map.size() < most_models_ || map.empty()) return;
    map.erase(std::min_element(map.begin(), map.end(), [](const auto& a, const auto& b) { return a.second->heard < b.second->heard; }));
}

void FirstByteTimes::add(Times& times, Clock::duration time) {
    const std::lock_guard lock(times.mutex);
    times.ring[times.count++ % window] = time;
    if (times.count < least_samples || times.count % renewal != least_samples % renewal) return;
    std::vector<Clock::duration> sorted(times.ring.begin(), times.ring.begin() + static_cast<std::ptrdiff_t>(std::min(times.count, window)));
    const auto rank = static_cast<std::ptrdiff_t>(std::ceil(0.95 * static_cast<double>(sorted.size()))) - 1;
    std::nth_element(sorted.begin(), sorted.begin() + rank, sorted.end());
    times.p95.store(sorted[static_cast<std::size_t>(rank)].count(), std::memory_order_relaxed);
}

std::optional<Clock::duration> FirstByteTimes::p95(std::string_view model, bool stream) const {
    const std::shared_lock reading(mutex_);
    const auto& map = models_[stream ? 1 : 0];
    const auto known = map.find(model);
    if (known == map.end()) return std::nullopt;
    const auto ticks = known->second->p95.load(std::memory_order_relaxed);
    if (ticks < 0) return std::nullopt;
    return Clock::duration(ticks);
}

std::size_t FirstByteTimes::size() const {
    const std::shared_lock reading(mutex_);
    return models_[0].size() + models_[1].size();
}

void HedgeBudget::count_request(double share) noexcept {
    const std::int64_t earned = std::llround(std::clamp(share, 0.0, 1.0) * static_cast<double>(one));
    auto saved = millionths_.load(std::memory_order_relaxed);
    while (saved < most_saved * one)
        if (millionths_.compare_exchange_weak(saved, std::min(saved + earned, most_saved * one), std::memory_order_relaxed)) return;
}

bool HedgeBudget::take() noexcept {
    auto saved = millionths_.load(std::memory_order_relaxed);
    while (saved >= one)
        if (millionths_.compare_exchange_weak(saved, saved - one, std::memory_order_relaxed)) return true;
    return false;
}

}  // namespace smg::workers
