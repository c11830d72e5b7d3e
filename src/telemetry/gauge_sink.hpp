#pragma once
/// Takes the values of gauges at a scrape. They are not kept: what is not said again is gone from the next scrape, so no worker that was
/// deleted leaves a ghost behind.
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace smg::telemetry {

class ModelLabels;
class RequestAges;

/// One worker's circuit breakers at a scrape.
struct BreakerSample {
    int state = 0;  ///< 0 closed, 1 open, 2 half-open
    std::uint64_t consecutive_failures = 0;
    std::uint64_t consecutive_successes = 0;
    std::uint64_t successes = 0;  ///< in all
    std::uint64_t failures = 0;
    struct Transition {
        std::string_view from, to;
        std::uint64_t count;
    };
    std::vector<Transition> transitions;
};

/// What a worker's own counters say at a scrape.
struct WorkerSample {
    bool healthy = false;
    std::int64_t requests_active = 0;
    std::uint64_t requests = 0;     ///< ended, in all
    double cooling_seconds = 0;     ///< it still rests so long
    double first_byte_seconds = 0;  ///< 0: unknown
    struct Failures {
        std::string_view error_type;
        std::uint64_t count;
    };
    std::vector<Failures> failures;  ///< those that there were
};

class GaugeSink {
public:
    explicit GaugeSink(ModelLabels& models) : models_(models) {}

    void http_connections_active(std::int64_t count);
    void inflight_request_ages(const RequestAges& ages);
    /// `worker`: its name or id.
    void worker(std::string_view worker, const WorkerSample& sample);
    /// How many workers can serve `model`. Models beyond the bound are added up under `other`.
    void worker_pool_size(std::string_view worker_type, std::string_view connection_mode, std::string_view model, std::int64_t count);
    /// `state`: `active` or `idle`.
    void upstream_pool_connections(std::string_view state, std::int64_t count);
    void event_loop_lag(double seconds);
    /// Connections to workers that carry a request.
    void worker_connections_active(std::string_view worker_type, std::string_view connection_mode, std::int64_t count);
    void worker_breaker(std::string_view worker, const BreakerSample& sample);

    using Labels = std::vector<std::pair<std::string, std::string>>;
    struct Sample {
        Labels labels;
        double value;
    };
    struct Gauge {
        std::string name;
        std::string help;
        std::vector<Sample> samples;
        bool counter = false;
        std::unordered_map<std::string, std::size_t> places = {};  ///< of the samples, by their labels
    };
    /// One sample of any gauge that stands in the table. Samples with the same labels add up.
    void add(std::string_view name, Labels labels, double value);

    /// Likewise of a counter that somebody else keeps.
    void add_counter(std::string_view name, Labels labels, double value);

    [[nodiscard]] const std::vector<Gauge>& gauges() const noexcept { return gauges_; }

private:
    ModelLabels& models_;
    std::vector<Gauge> gauges_;
};

}  // namespace smg::telemetry
