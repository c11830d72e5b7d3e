#pragma once
/// How old the open requests are: the counts behind smg_http_inflight_request_age_count.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace smg::telemetry {

class RequestAges {
public:
    /// Seconds, the reference's. A bucket ends with its bound; the last one has no end.
    static constexpr std::array<std::uint32_t, 11> bounds{30, 60, 180, 300, 600, 1200, 3600, 7200, 14400, 28800, 86400};
    using Counts = std::array<std::uint64_t, bounds.size() + 1>;

    /// So many requests of this age.
    void add(std::chrono::nanoseconds age, std::uint64_t requests = 1) noexcept {
        std::size_t bucket = 0;
        while (bucket < bounds.size() && age > std::chrono::seconds(bounds[bucket])) ++bucket;
        counts_[bucket] += requests;
    }
    void add(const RequestAges& others) noexcept {
        for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += others.counts_[i];
    }
    /// Each bucket by itself: older than the bound before it, and no older than its own.
    [[nodiscard]] const Counts& counts() const noexcept { return counts_; }

private:
    Counts counts_{};
};

}  // namespace smg::telemetry
