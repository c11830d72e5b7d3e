#pragma once
/// The gateway's metrics: names, labels and buckets as `docs` and dashboards know them. No HTTP here: whoever serves /metrics asks for text.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "telemetry/gauge_sink.hpp"
#include "telemetry/request_record.hpp"

namespace smg::telemetry {

struct MetricsOptions {
    std::vector<double> duration_buckets;  ///< seconds, rising; upper bounds without +Inf
    std::size_t max_models = 64;           ///< models with a label of their own; the rest is `other`
    std::string version;                   ///< of smg_build_info
};

/// Thread-safe. Lives as long as any thread may record.
class Metrics {
public:
    explicit Metrics(MetricsOptions options);
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    /// Counts a finished request, in cells of the calling thread's that a scrape reads (`RequestCounts`).
    void record(const RequestRecord& request);

    /// A worker's registration has ended: `source` is who asked for it (`api`, `file`, …), `result` `success` or `failed`.
    void worker_registered(std::string_view source, std::string_view result);
    /// A worker has left.
    void worker_deregistered(std::string_view source, std::string_view reason);
    /// A request is sent again, the `attempt`th time, after a pause of so many seconds.
    void count_retry(std::string_view endpoint, int attempt, double pause_seconds);
    /// A second worker was asked beside a slow one; `won`: it was the first to answer.
    void count_hedge(std::string_view endpoint, bool won);
    /// A request failed although it was sent again, or since it could not be.
    void count_retries_exhausted(std::string_view endpoint);
    /// An attempt at a worker failed; `failure_class` is of a closed set.
    void count_worker_error(std::string_view failure_class);
    void count_health_check(bool passed);

    /// `feed` is asked for gauges at every scrape, on the scraping thread. Not during a scrape; all before the first one.
    void on_scrape(std::function<void(GaugeSink&)> feed);

    /// Everything in the text format (version 0.0.4), content type `content_type`. `more` feeds what this scrape alone knows.
    [[nodiscard]] std::string scrape(const std::function<void(GaugeSink&)>& more = {}) const;
    static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

private:
    struct Families;

    const MetricsOptions options_;
    std::unique_ptr<Families> families_;
    std::vector<std::function<void(GaugeSink&)>> feeds_;
    mutable std::atomic<std::size_t> last_size_{0};  ///< what the next scrape may need, in bytes
};

}  // namespace smg::telemetry
