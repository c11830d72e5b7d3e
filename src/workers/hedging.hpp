#pragma once
/// When a second worker is asked beside a slow first one, and how often that may be ("The Tail at Scale", Dean and Barroso, CACM 2013: hedged
/// requests). Pure: times are handed in.
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "workers/clock.hpp"

namespace smg::workers {

/// How long models take to their answers' first bytes, streams and whole answers apart: of each the last 256 times. Any thread. Bounded: beyond
/// `most_models` the one that was heard of longest ago is forgotten.
class FirstByteTimes {
public:
    /// Fewer tell nothing about the slowest twentieth.
    static constexpr std::size_t least_samples = 50;
    static constexpr std::size_t window = 256;

    explicit FirstByteTimes(std::size_t most_models = 1024) : most_models_(most_models) {}

    void sample(std::string_view model, bool stream, Clock::duration time);
    /// What nineteen of twenty do not exceed; nothing before `least_samples`.
    [[nodiscard]] std::optional<Clock::duration> p95(std::string_view model, bool stream) const;
    [[nodiscard]] std::size_t size() const;

private:
    struct Times {
        std::mutex mutex;
        std::array<Clock::duration, window> ring{};
        std::size_t count = 0;  ///< of all samples; the last `window` are kept
        std::atomic<Clock::rep> p95{-1};
        std::atomic<std::uint64_t> heard{0};
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
    };
    using Map = std::unordered_map<std::string, std::unique_ptr<Times>, Hash, std::equal_to<>>;

    static void add(Times& times, Clock::duration time);
    void make_room(Map& map) const;

    const std::size_t most_models_;
    mutable std::shared_mutex mutex_;
    std::array<Map, 2> models_;  ///< whole answers, streams
    std::atomic<std::uint64_t> turns_{0};
};

/// Keeps second requests at a share of all: each request earns its share of one, and never more than `most_saved` are saved up. Any thread.
class HedgeBudget {
public:
    void count_request(double share) noexcept;
    /// One more may be sent, and is counted.
    [[nodiscard]] bool take() noexcept;
    /// It was not sent after all.
    void give_back() noexcept { millionths_.fetch_add(one, std::memory_order_relaxed); }

    static constexpr std::int64_t most_saved = 10;

private:
    static constexpr std::int64_t one = 1'000'000;
    std::atomic<std::int64_t> millionths_{0};
};

}  // namespace smg::workers
