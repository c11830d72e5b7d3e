#pragma once
/// The series of finished requests. Every thread counts into cells of its own, and a scrape carries what is new in them over to the series, so
/// that a request costs a look-up and some additions, and no thread waits for another.
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "telemetry/labels.hpp"
#include "telemetry/request_record.hpp"

namespace prometheus {
class Registry;
}

namespace smg::telemetry {

/// Thread-safe. Lives as long as any thread may count; `registry` and `models` live longer.
class RequestCounts {
public:
    /// `buckets`: upper bounds of the duration histograms in seconds, rising, without +Inf.
    RequestCounts(prometheus::Registry& registry, ModelLabels& models, const std::vector<double>& buckets);
    ~RequestCounts();
    RequestCounts(const RequestCounts&) = delete;
    RequestCounts& operator=(const RequestCounts&) = delete;

    void add(const RequestRecord& request);
    /// Brings the series up to date.
    void carry_over();

private:
    struct Families;
    struct Series;
    struct Stages;
    struct ThreadCounts;
    [[nodiscard]] ThreadCounts& of_this_thread();
    [[nodiscard]] Series& series_of(const RequestRecord& request);
    [[nodiscard]] std::unique_ptr<Series> resolve(const RequestRecord& request, ThreadCounts& counts);
    void resolve_routed(const RequestRecord& request, ThreadCounts& counts, Series& series);
    void carry(Series& series);
    void carry(Stages& stages);
    /// The thread has seen too many combinations of labels: its memory starts anew.
    void forget(ThreadCounts& counts);

    const std::uint64_t id_;  ///< tells the threads' cells of two instances apart
    const std::vector<double> buckets_;                   ///< seconds
    const std::vector<std::chrono::nanoseconds> bounds_;  ///< the same
    ModelLabels& models_;
    std::unique_ptr<Families> families_;
    std::mutex carrying_;  ///< held while cells are taken: one reader at a time. Taken before the others
    std::mutex mutex_;     ///< of `threads_`
    std::vector<std::shared_ptr<ThreadCounts>> threads_;
};

}  // namespace smg::telemetry
