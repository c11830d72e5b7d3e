#include "telemetry/request_counts.hpp"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <map>
#include <optional>
#include <unordered_map>

#include "telemetry/cells.hpp"
#include "telemetry/metric_table.hpp"
#include "telemetry/series_key.hpp"

namespace smg::telemetry {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Histogram;
using prometheus::Labels;

/// Gateways speak HTTP to their workers; the reference has gRPC beside it, and dashboards filter by this label.
constexpr std::string_view connection_mode = "http";
/// Combinations of labels that a thread remembers; beyond it the memory starts anew, which costs time and never correctness.
constexpr std::size_t most_remembered = 4096;

std::uint64_t next_id() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

Family<Counter>& counter(prometheus::Registry& registry, const char* name) {
    return prometheus::BuildCounter().Name(name).Help(std::string(help_of(name))).Register(registry);
}
Family<Histogram>& histogram(prometheus::Registry& registry, const char* name) {
    return prometheus::BuildHistogram().Name(name).Help(std::string(help_of(name))).Register(registry);
}

/// The phases of docs/life-of-a-request.md, each from the moment before.
using Moment = RequestRecord::Moment;
struct Stage {
    std::string_view name;
    Moment RequestRecord::*begin;
    Moment RequestRecord::*end;
};
constexpr std::array<Stage, 6> all_stages{{{"read_body", &RequestRecord::head_read, &RequestRecord::body_read},
                                           {"admit", &RequestRecord::body_read, &RequestRecord::admitted},
                                           {"route", &RequestRecord::admitted, &RequestRecord::routed},
                                           {"connect", &RequestRecord::routed, &RequestRecord::connected},
                                           {"wait", &RequestRecord::sent, &RequestRecord::first_byte},
                                           {"relay", &RequestRecord::first_byte, &RequestRecord::ended}}};

constexpr std::array<std::string_view, 5> token_types{"input", "output", "cached", "cache_write", "reasoning"};

std::vector<std::chrono::nanoseconds> bounds_of(const std::vector<double>& buckets) {
    std::vector<std::chrono::nanoseconds> bounds;
    for (const auto seconds : buckets) bounds.emplace_back(std::llround(seconds * 1e9));
    return bounds;
}

/// From the request's beginning to that moment; 0 for one that never came.
std::chrono::nanoseconds time_until(Moment moment, const RequestRecord& request) noexcept {
    return RequestRecord::passed(moment) && RequestRecord::passed(request.started) ? moment - request.started : std::chrono::nanoseconds(0);
}

/// Durations, and the histograms that they are carried over to.
struct DurationSeries {
    explicit DurationSeries(const DurationCells::Bounds& bounds) : cells(bounds) {}
    void carry() {
        const auto news = cells.take();
        if (!news.any) return;
        for (auto* const each : into) each->ObserveMultiple(news.buckets, news.sum);
    }
    DurationCells cells;
    std::vector<Histogram*> into;
};

}  // namespace

struct RequestCounts::Families {
    explicit Families(prometheus::Registry& all) : registry(all) {}

    prometheus::Registry& registry;
    Family<Counter>& http_requests = counter(registry, "smg_http_requests_total");
    Family<Histogram>& http_duration = histogram(registry, "smg_http_request_duration_seconds");
    Family<Counter>& http_responses = counter(registry, "smg_http_responses_total");
    Family<Counter>& rate_limit = counter(registry, "smg_http_rate_limit_total");
    Family<Counter>& router_requests = counter(registry, "smg_router_requests_total");
    Family<Histogram>& router_duration = histogram(registry, "smg_router_request_duration_seconds");
    Family<Counter>& router_errors = counter(registry, "smg_router_request_errors_total");
    Family<Histogram>& ttft = histogram(registry, "smg_router_ttft_seconds");
    Family<Histogram>& tpot = histogram(registry, "smg_router_tpot_seconds");
    Family<Histogram>& generation = histogram(registry, "smg_router_generation_duration_seconds");
    Family<Counter>& tokens = counter(registry, "smg_router_tokens_total");
    Family<Counter>& cost = counter(registry, "smg_cost_usd_total");
    Family<Counter>& unpriced = counter(registry, "smg_unpriced_requests_total");
    Family<Counter>& upstream_responses = counter(registry, "smg_router_upstream_responses_total");
    Family<Histogram>& stages = histogram(registry, "smg_router_stage_duration_seconds");
    Family<Counter>& disconnects = counter(registry, "smg_client_disconnects_total");
    Family<Counter>& stream_outcomes = counter(registry, "smg_stream_outcomes_total");
    Family<Counter>& selections = counter(registry, "smg_worker_selection_total");
    Family<Counter>& key_source = counter(registry, "smg_key_source_total");
};

/// How long each stage took, of one thread's requests of one router type.
struct RequestCounts::Stages {
    Stages(std::string type, const DurationCells::Bounds& bounds) : router_type(std::move(type)) {
        for (auto& each : durations) each.emplace(bounds);
    }
    std::string router_type;
    std::array<std::optional<DurationSeries>, all_stages.size()> durations;  ///< all of them, always
};

/// One combination of labels: the cells of one thread, and the series that they are carried over to.
struct RequestCounts::Series {
    explicit Series(const DurationCells::Bounds& bounds) : durations(bounds) {}

    Cell<std::uint64_t> requests;
    Cell<std::uint64_t> attempts;
    Cell<std::uint64_t> priced;
    Cell<std::uint64_t> unpriced;
    Cell<double> cost;  ///< dollars
    std::array<Cell<std::uint64_t>, token_types.size()> tokens;
    DurationSeries durations;
    std::optional<DurationSeries> first_output;
    std::optional<DurationSeries> between_tokens;
    Stages* stages = nullptr;  ///< null: it was not routed

    std::vector<Counter*> counters;  ///< of requests
    Counter* selections = nullptr;
    Labels token_labels;
    Labels cost_labels;
};

struct RequestCounts::ThreadCounts {
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
    };
    std::mutex mutex;  ///< of the two maps, which only their thread changes, and so reads without it
    std::unordered_map<std::string, std::unique_ptr<Series>, Hash, std::equal_to<>> series;
    std::map<std::string, std::unique_ptr<Stages>, std::less<>> stages;
    std::string key;  ///< memory for the one that is looked up

    LatestKey latest_key;
    Series* latest = nullptr;  ///< of that key
};

RequestCounts::RequestCounts(prometheus::Registry& registry, ModelLabels& models, const std::vector<double>& buckets)
    : id_(next_id()), buckets_(buckets), bounds_(bounds_of(buckets)), models_(models), families_(std::make_unique<Families>(registry)) {}

RequestCounts::~RequestCounts() = default;

std::unique_ptr<RequestCounts::Series> RequestCounts::resolve(const RequestRecord& request, ThreadCounts& counts) {
    auto series = std::make_unique<Series>(bounds_);
    auto& all = *families_;
    const auto path = label_text(request.path.empty() ? other : std::string_view(request.path));
    const Labels of_http{{"method", std::string(method_label(request.method))}, {"path", path}};
    const std::string code(error_code_label(request.error_code));
    auto& counters = series->counters;
    counters.push_back(&all.http_requests.Add(of_http));
    counters.push_back(&all.http_responses.Add({{"path", path}, {"status_code", std::to_string(request.status)}, {"error_code", code}}));
    series->durations.into.push_back(&all.http_duration.Add(of_http, buckets_));
    if (request.admission != Admission::none)
        counters.push_back(&all.rate_limit.Add({{"result", request.admission == Admission::allowed ? "allowed" : "rejected"}}));
    if (request.outcome == Outcome::client_closed) counters.push_back(&all.disconnects.Add({{"phase", std::string(request.phase())}}));
    if (!request.router_type.empty()) resolve_routed(request, counts, *series);
    return series;
}

void RequestCounts::resolve_routed(const RequestRecord& request, ThreadCounts& counts, Series& series) {
    auto& all = *families_;
    auto& counters = series.counters;
    const auto model = request.model_known ? models_.admit(request.model_sent.empty() ? request.model : request.model_sent) : std::string(other);
    const Labels short_labels{
        {"router_type", request.router_type}, {"backend_type", request.backend_type}, {"model", model}, {"endpoint", label_text(request.endpoint)}};
    series.token_labels = short_labels;
    series.cost_labels = {{"provider", label_text(request.provider)}, {"model", model}, {"tenant", label_text(request.tenant)}};
    auto labels = short_labels;
    labels.emplace("connection_mode", connection_mode);
    series.durations.into.push_back(&all.router_duration.Add(labels, buckets_));
    if (const auto type = error_type(request); !type.empty()) {
        auto of_error = labels;
        of_error.emplace("error_type", type);
        counters.push_back(&all.router_errors.Add(of_error));
    }
    labels.emplace("streaming", request.streaming ? "true" : "false");
    counters.push_back(&all.router_requests.Add(labels));
    if (RequestRecord::passed(request.first_output)) {
        series.first_output.emplace(bounds_);
        series.first_output->into.push_back(&all.ttft.Add(short_labels, buckets_));
    }
    if (request.streaming && request.outcome == Outcome::complete) {
        series.durations.into.push_back(&all.generation.Add(short_labels, buckets_));
        series.between_tokens.emplace(bounds_);
        series.between_tokens->into.push_back(&all.tpot.Add(short_labels, buckets_));
    }
    if (request.upstream_status != 0)
        counters.push_back(&all.upstream_responses.Add({{"router_type", request.router_type},
                                                        {"status_code", std::to_string(request.upstream_status)},
                                                        {"error_code", std::string(error_code_label(request.error_code))}}));
    if (request.streaming) counters.push_back(&all.stream_outcomes.Add({{"outcome", std::string(to_string(request.outcome))}}));
    if (request.attempts > 0) {  // else nobody was chosen, and no key went anywhere
        counters.push_back(&all.key_source.Add({{"source", std::string(to_string(request.key_source))}}));
        series.selections = &all.selections.Add({{"worker_type", "regular"},
                                                 {"connection_mode", std::string(connection_mode)},
                                                 {"model", model},
                                                 {"policy", std::string(request.policy)}});
    }
    auto stages = counts.stages.find(request.router_type);
    if (stages == counts.stages.end()) {
        const std::lock_guard lock(counts.mutex);
        stages = counts.stages.emplace(request.router_type, std::make_unique<Stages>(request.router_type, bounds_)).first;
    }
    series.stages = stages->second.get();
}

RequestCounts::ThreadCounts& RequestCounts::of_this_thread() {
    struct Mine {
        std::uint64_t owner = 0;
        std::shared_ptr<ThreadCounts> counts;
    };
    thread_local Mine mine;
    if (mine.owner != id_) {
        mine = {id_, std::make_shared<ThreadCounts>()};
        const std::lock_guard lock(mutex_);
        threads_.push_back(mine.counts);
    }
    return *mine.counts;
}

RequestCounts::Series& RequestCounts::series_of(const RequestRecord& request) {
    auto& counts = of_this_thread();
    const auto spelled = SeriesKey::spelled_by(request);
    if (counts.latest != nullptr && counts.latest_key.is(spelled)) return *counts.latest;
    const auto key = spelled.labelled().written(counts.key);
    auto known = counts.series.find(key);
    if (known == counts.series.end()) {
        if (counts.series.size() >= most_remembered) forget(counts);
        auto fresh = resolve(request, counts);
        const std::lock_guard lock(counts.mutex);
        known = counts.series.emplace(key, std::move(fresh)).first;
    }
    counts.latest_key.set(spelled);
    counts.latest = known->second.get();
    return *counts.latest;
}

void RequestCounts::forget(ThreadCounts& counts) {
    const std::lock_guard carrying(carrying_);
    for (const auto& [key, series] : counts.series) carry(*series);
    const std::lock_guard lock(counts.mutex);
    counts.latest = nullptr;
    counts.series.clear();
}

void RequestCounts::add(const RequestRecord& request) {
    auto& series = series_of(request);
    const auto duration = time_until(request.ended, request);
    series.requests.add(1);
    series.durations.cells.add(duration);
    if (series.stages == nullptr) return;
    series.attempts.add(static_cast<std::uint64_t>(request.attempts));
    for (std::size_t i = 0; i < all_stages.size(); ++i) {
        const auto begin = request.*all_stages[i].begin, end = request.*all_stages[i].end;
        if (!RequestRecord::passed(begin) || !RequestRecord::passed(end) || end < begin) continue;
        series.stages->durations[i]->cells.add(end - begin);
    }
    const auto first_output = time_until(request.first_output, request);
    if (series.first_output) series.first_output->cells.add(first_output);
    const auto& usage = request.usage;
    if (series.between_tokens && series.first_output && usage.output.value_or(0) > 1)
        series.between_tokens->cells.add((duration - first_output) /
                                         static_cast<std::int64_t>(std::min<std::uint64_t>(*usage.output - 1, INT64_MAX)));
    const std::array counts{usage.input, usage.output, usage.cached, usage.cache_write, usage.reasoning};
    for (std::size_t i = 0; i < counts.size(); ++i)
        if (counts[i]) series.tokens[i].add(*counts[i]);
    if (request.cost_source == CostSource::none) return;
    if (request.cost) {
        series.priced.add(1);
        series.cost.add(static_cast<double>(*request.cost) * 1e-12);
    } else if (request.cost_source == CostSource::unpriced) {
        series.unpriced.add(1);
    }
}

void RequestCounts::carry(Series& series) {
    series.durations.carry();
    if (series.first_output) series.first_output->carry();
    if (series.between_tokens) series.between_tokens->carry();
    const auto requests = static_cast<double>(series.requests.take());
    for (auto* const each : series.counters) each->Increment(requests);
    if (series.selections != nullptr) series.selections->Increment(static_cast<double>(series.attempts.take()));
    // What was never counted has no series.
    for (std::size_t i = 0; i < token_types.size(); ++i) {
        const auto count = static_cast<double>(series.tokens[i].take());
        if (count == 0) continue;
        auto labels = series.token_labels;
        labels.emplace("token_type", token_types[i]);
        families_->tokens.Add(labels).Increment(count);
    }
    auto labels = series.cost_labels;
    if (series.priced.take() > 0) families_->cost.Add(labels).Increment(series.cost.take());
    labels.erase("tenant");
    if (const auto unpriced = series.unpriced.take(); unpriced > 0) families_->unpriced.Add(labels).Increment(static_cast<double>(unpriced));
}

void RequestCounts::carry(Stages& stages) {
    for (std::size_t i = 0; i < all_stages.size(); ++i) {
        auto& durations = *stages.durations[i];
        if (durations.into.empty() && durations.cells.any())
            durations.into.push_back(
                &families_->stages.Add({{"router_type", stages.router_type}, {"stage", std::string(all_stages[i].name)}}, buckets_));
        durations.carry();
    }
}

void RequestCounts::carry_over() {
    const std::lock_guard carrying(carrying_);
    std::vector<std::shared_ptr<ThreadCounts>> threads;
    {
        const std::lock_guard lock(mutex_);
        threads = threads_;
    }
    for (const auto& thread : threads) {
        // Listed under the lock, carried without it: a thread that meets new labels meanwhile does not wait. Nothing of it is freed: see `forget`.
        std::vector<Series*> all;
        std::vector<Stages*> stages;
        {
            const std::lock_guard lock(thread->mutex);
            for (const auto& [key, series] : thread->series) all.push_back(series.get());
            for (const auto& [type, each] : thread->stages) stages.push_back(each.get());
        }
        for (auto* const each : all) carry(*each);
        for (auto* const each : stages) carry(*each);
    }
}

}  // namespace smg::telemetry
