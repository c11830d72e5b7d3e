#include "telemetry/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "telemetry/exposition.hpp"
#include "telemetry/labels.hpp"
#include "telemetry/metric_table.hpp"
#include "telemetry/process_metrics.hpp"
#include "telemetry/request_counts.hpp"

namespace smg::telemetry {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Histogram;

/// Gateways speak HTTP to their workers; the reference has gRPC beside it, and dashboards filter by this label.
constexpr std::string_view connection_mode = "http";

Family<Counter>& counter(prometheus::Registry& registry, const char* name) {
    return prometheus::BuildCounter().Name(name).Help(std::string(help_of(name))).Register(registry);
}
Family<Histogram>& histogram(prometheus::Registry& registry, const char* name) {
    return prometheus::BuildHistogram().Name(name).Help(std::string(help_of(name))).Register(registry);
}

}  // namespace

struct Metrics::Families {
    explicit Families(const MetricsOptions& options) : models(options.max_models), requests(registry, models, options.duration_buckets) {}

    prometheus::Registry registry;
    ModelLabels models;
    RequestCounts requests;
    Family<Counter>& registrations = counter(registry, "smg_discovery_registrations_total");
    Family<Counter>& deregistrations = counter(registry, "smg_discovery_deregistrations_total");
    Family<Counter>& retries = counter(registry, "smg_worker_retries_total");
    Family<Counter>& hedges = counter(registry, "smg_worker_hedges_total");
    Family<Counter>& retries_exhausted = counter(registry, "smg_worker_retries_exhausted_total");
    Family<Histogram>& backoff = histogram(registry, "smg_worker_retry_backoff_seconds");
    Family<Counter>& worker_errors = counter(registry, "smg_worker_errors_total");
    Family<Counter>& health_checks = counter(registry, "smg_worker_health_checks_total");
};

Metrics::Metrics(MetricsOptions options) : options_(std::move(options)), families_(std::make_unique<Families>(options_)) {
    prometheus::BuildGauge()
        .Name("smg_build_info")
        .Help(std::string(help_of("smg_build_info")))
        .Register(families_->registry)
        .Add({{"version", options_.version}})
        .Set(1);
}

Metrics::~Metrics() = default;

void Metrics::record(const RequestRecord& request) { families_->requests.add(request); }

void Metrics::worker_registered(std::string_view source, std::string_view result) {
    families_->registrations.Add({{"source", std::string(source)}, {"result", std::string(result)}}).Increment();
}

void Metrics::worker_deregistered(std::string_view source, std::string_view reason) {
    families_->deregistrations.Add({{"source", std::string(source)}, {"reason", std::string(reason)}}).Increment();
}

namespace {

/// Workers that take requests of every kind; the reference knows others beside them.
constexpr const char* worker_type = "regular";
/// What lies beyond would make a series for each value that an operator can set.
constexpr int most_attempts = 10;

}  // namespace

void Metrics::count_retry(std::string_view endpoint, int attempt, double pause_seconds) {
    families_->retries.Add({{"worker_type", worker_type}, {"endpoint", label_text(endpoint)}}).Increment();
    const auto label = attempt > most_attempts ? std::string(other) : std::to_string(attempt);
    families_->backoff.Add({{"attempt", label}}, options_.duration_buckets).Observe(pause_seconds);
}

void Metrics::count_hedge(std::string_view endpoint, bool won) {
    families_->hedges.Add({{"endpoint", label_text(endpoint)}, {"result", won ? "won" : "lost"}}).Increment();
}

void Metrics::count_retries_exhausted(std::string_view endpoint) {
    families_->retries_exhausted.Add({{"worker_type", worker_type}, {"endpoint", label_text(endpoint)}}).Increment();
}

void Metrics::count_worker_error(std::string_view failure_class) {
    families_->worker_errors
        .Add({{"worker_type", worker_type}, {"connection_mode", std::string(connection_mode)}, {"error_type", std::string(failure_class)}})
        .Increment();
}

void Metrics::count_health_check(bool passed) {
    families_->health_checks.Add({{"worker_type", worker_type}, {"result", passed ? "success" : "failure"}}).Increment();
}

void Metrics::on_scrape(std::function<void(GaugeSink&)> feed) { feeds_.push_back(std::move(feed)); }

std::string Metrics::scrape(const std::function<void(GaugeSink&)>& more) const {
    families_->requests.carry_over();
    GaugeSink sink(families_->models);
    for (const auto& feed : feeds_) feed(sink);
    if (more) more(sink);
    std::string text;
    text.reserve(last_size_.load(std::memory_order_relaxed));
    for (const auto& family : families_->registry.Collect()) append_family(text, family);
    for (const auto& gauge : sink.gauges()) append_gauge(text, gauge);
    for (const auto& family : process_metrics()) append_family(text, family);
    last_size_.store(text.size() + text.size() / 8, std::memory_order_relaxed);
    return text;
}

}  // namespace smg::telemetry
