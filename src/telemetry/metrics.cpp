#include "telemetry/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <atomic>
#include <unordered_map>

#include "telemetry/exposition.hpp"
#include "telemetry/labels.hpp"
#include "telemetry/metric_table.hpp"
#include "telemetry/process_metrics.hpp"

namespace smg::telemetry {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Histogram;
using prometheus::Labels;

/// Gateways speak HTTP to their workers; the reference has gRPC beside it, and dashboards filter by this label.
constexpr std::string_view connection_mode = "http";
/// Label tuples that a thread remembers; beyond it the memory starts anew, which costs time and never correctness.
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
constexpr std::array<Stage, 6> stages{{{"read_body", &RequestRecord::head_read, &RequestRecord::body_read},
                                       {"admit", &RequestRecord::body_read, &RequestRecord::admitted},
                                       {"route", &RequestRecord::admitted, &RequestRecord::routed},
                                       {"connect", &RequestRecord::routed, &RequestRecord::connected},
                                       {"wait", &RequestRecord::sent, &RequestRecord::first_byte},
                                       {"relay", &RequestRecord::first_byte, &RequestRecord::ended}}};

constexpr std::array<std::string_view, 5> token_types{"input", "output", "cached", "cache_write", "reasoning"};

}  // namespace

struct Metrics::Families {
    explicit Families(std::size_t max_models) : models(max_models) {}

    prometheus::Registry registry;
    ModelLabels models;
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
    Family<Counter>& registrations = counter(registry, "smg_discovery_registrations_total");
    Family<Counter>& deregistrations = counter(registry, "smg_discovery_deregistrations_total");
    Family<Counter>& retries = counter(registry, "smg_worker_retries_total");
    Family<Counter>& hedges = counter(registry, "smg_worker_hedges_total");
    Family<Counter>& retries_exhausted = counter(registry, "smg_worker_retries_exhausted_total");
    Family<Histogram>& backoff = histogram(registry, "smg_worker_retry_backoff_seconds");
    Family<Counter>& worker_errors = counter(registry, "smg_worker_errors_total");
    Family<Counter>& health_checks = counter(registry, "smg_worker_health_checks_total");
    Family<Counter>& selections = counter(registry, "smg_worker_selection_total");
    Family<Counter>& key_source = counter(registry, "smg_key_source_total");
};

/// Where one request's labels are counted; each thread has its own. Null: not counted for such a request.
struct Metrics::Handles {
    Counter* http_requests = nullptr;
    Histogram* http_duration = nullptr;
    Counter* http_responses = nullptr;
    Counter* rate_limit = nullptr;
    Counter* router_requests = nullptr;
    Histogram* router_duration = nullptr;
    Counter* router_errors = nullptr;
    Histogram* ttft = nullptr;
    Histogram* tpot = nullptr;
    Histogram* generation = nullptr;
    std::array<Counter*, token_types.size()> tokens{};  ///< found when first needed: an absent type has no series
    Labels token_labels;
    std::array<Histogram*, stages.size()> stage_durations{};  ///< likewise
    Counter* cost = nullptr;                                  ///< likewise
    Counter* unpriced = nullptr;                              ///< likewise
    Counter* upstream_responses = nullptr;
    Counter* disconnects = nullptr;
    Counter* stream_outcomes = nullptr;
    Counter* selections = nullptr;
    Counter* key_source = nullptr;
};

struct Metrics::ThreadCache {
    std::uint64_t owner = 0;
    std::string key;
    std::unordered_map<std::string, std::unique_ptr<Handles>> handles;
};

Metrics::Metrics(MetricsOptions options) : id_(next_id()), options_(std::move(options)), families_(std::make_unique<Families>(options_.max_models)) {
    prometheus::BuildGauge()
        .Name("smg_build_info")
        .Help(std::string(help_of("smg_build_info")))
        .Register(families_->registry)
        .Add({{"version", options_.version}})
        .Set(1);
}

Metrics::~Metrics() = default;

void Metrics::worker_registered(std::string_view source, std::string_view result) {
    families_->registrations.Add({{"source", std::string(source)}, {"result", std::string(result)}}).Increment();
}

void Metrics::worker_deregistered(std::string_view source, std::string_view reason) {
    families_->deregistrations.Add({{"source", std::string(source)}, {"reason", std::string(reason)}}).Increment();
}

std::unique_ptr<Metrics::Handles> Metrics::resolve(const RequestRecord& request) {
    auto handles = std::make_unique<Handles>();
    auto& all = *families_;
    const auto& buckets = options_.duration_buckets;
    const std::string path = label_text(request.path.empty() ? other : std::string_view(request.path));
    const Labels of_http{{"method", std::string(method_label(request.method))}, {"path", path}};
    handles->http_requests = &all.http_requests.Add(of_http);
    handles->http_duration = &all.http_duration.Add(of_http, buckets);
    const auto status = std::to_string(request.status);
    const std::string code(error_code_label(request.error_code));
    handles->http_responses = &all.http_responses.Add({{"path", path}, {"status_code", status}, {"error_code", code}});
    if (request.admission != Admission::none)
        handles->rate_limit = &all.rate_limit.Add({{"result", request.admission == Admission::allowed ? "allowed" : "rejected"}});
    if (request.outcome == Outcome::client_closed) handles->disconnects = &all.disconnects.Add({{"phase", std::string(request.phase())}});
    if (request.router_type.empty()) return handles;

    const auto model = request.model_known ? all.models.admit(request.model_sent.empty() ? request.model : request.model_sent) : std::string(other);
    const Labels short_labels{
        {"router_type", request.router_type}, {"backend_type", request.backend_type}, {"model", model}, {"endpoint", label_text(request.endpoint)}};
    auto labels = short_labels;
    labels.emplace("connection_mode", connection_mode);
    handles->router_duration = &all.router_duration.Add(labels, buckets);
    if (const auto type = error_type(request); !type.empty()) {
        auto of_error = labels;
        of_error.emplace("error_type", type);
        handles->router_errors = &all.router_errors.Add(of_error);
    }
    labels.emplace("streaming", request.streaming ? "true" : "false");
    handles->router_requests = &all.router_requests.Add(labels);
    if (RequestRecord::passed(request.first_output)) handles->ttft = &all.ttft.Add(short_labels, buckets);
    if (request.streaming && request.outcome == Outcome::complete) {
        handles->tpot = &all.tpot.Add(short_labels, buckets);
        handles->generation = &all.generation.Add(short_labels, buckets);
    }
    handles->token_labels = short_labels;
    if (request.upstream_status != 0)
        handles->upstream_responses = &all.upstream_responses.Add(
            {{"router_type", request.router_type}, {"status_code", std::to_string(request.upstream_status)}, {"error_code", code}});
    if (request.streaming) handles->stream_outcomes = &all.stream_outcomes.Add({{"outcome", std::string(to_string(request.outcome))}});
    if (request.attempts == 0) return handles;  // nobody was chosen, and no key went anywhere
    handles->selections = &all.selections.Add(
        {{"worker_type", "regular"}, {"connection_mode", std::string(connection_mode)}, {"model", model}, {"policy", std::string(request.policy)}});
    handles->key_source = &all.key_source.Add({{"source", std::string(to_string(request.key_source))}});
    return handles;
}

Metrics::Handles& Metrics::handles_of(const RequestRecord& request) {
    thread_local ThreadCache cache;
    if (cache.owner != id_) {
        cache.handles.clear();
        cache.owner = id_;
    }
    // Everything that `resolve` looks at, except the name of a model that nobody knows: clients could invent any number of those.
    auto& key = cache.key;
    key.clear();
    const auto add = [&key](std::string_view text) { key.append(text).push_back('\0'); };
    add(method_label(request.method));
    add(request.path);
    add(error_code_label(request.error_code));
    add(request.router_type);
    add(request.backend_type);
    add(request.endpoint);
    add(request.provider);
    add(request.tenant);
    add(request.policy);
    if (request.model_known) add(request.model_sent.empty() ? request.model : request.model_sent);
    if (request.outcome == Outcome::client_closed) add(request.phase());
    for (const int number : {request.status, request.upstream_status}) key.append(reinterpret_cast<const char*>(&number), sizeof number);
    key.push_back(static_cast<char>(request.outcome));
    key.push_back(static_cast<char>(request.key_source));
    key.push_back(static_cast<char>(request.admission));
    key.push_back(static_cast<char>((request.streaming ? 1 : 0) + (RequestRecord::passed(request.first_output) ? 2 : 0) +
                                    (request.model_known ? 4 : 0) + (request.attempts > 0 ? 8 : 0)));
    const auto known = cache.handles.find(key);
    if (known != cache.handles.end()) return *known->second;
    if (cache.handles.size() >= most_remembered) cache.handles.clear();
    return *cache.handles.emplace(key, resolve(request)).first->second;
}

void Metrics::record(const RequestRecord& request) {
    auto& handles = handles_of(request);
    const auto duration = request.seconds_until(request.ended);
    handles.http_requests->Increment();
    handles.http_duration->Observe(duration);
    handles.http_responses->Increment();
    if (handles.rate_limit != nullptr) handles.rate_limit->Increment();
    if (handles.disconnects != nullptr) handles.disconnects->Increment();
    if (handles.router_requests == nullptr) return;
    handles.router_requests->Increment();
    handles.router_duration->Observe(duration);
    if (handles.key_source != nullptr) handles.key_source->Increment();
    if (handles.selections != nullptr) handles.selections->Increment(request.attempts);
    if (handles.router_errors != nullptr) handles.router_errors->Increment();
    for (std::size_t i = 0; i < stages.size(); ++i) {
        const auto begin = request.*stages[i].begin, end = request.*stages[i].end;
        if (!RequestRecord::passed(begin) || !RequestRecord::passed(end) || end < begin) continue;
        auto*& stage = handles.stage_durations[i];
        if (stage == nullptr)
            stage = &families_->stages.Add({{"router_type", request.router_type}, {"stage", std::string(stages[i].name)}}, options_.duration_buckets);
        stage->Observe(std::chrono::duration<double>(end - begin).count());
    }
    if (handles.upstream_responses != nullptr) handles.upstream_responses->Increment();
    if (handles.stream_outcomes != nullptr) handles.stream_outcomes->Increment();
    const auto first_output = request.seconds_until(request.first_output);
    if (handles.ttft != nullptr) handles.ttft->Observe(first_output);
    if (handles.generation != nullptr) handles.generation->Observe(duration);
    const auto& usage = request.usage;
    if (handles.tpot != nullptr && handles.ttft != nullptr && usage.output.value_or(0) > 1)
        handles.tpot->Observe((duration - first_output) / static_cast<double>(*usage.output - 1));
    const std::array counts{usage.input, usage.output, usage.cached, usage.cache_write, usage.reasoning};
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i].value_or(0) == 0) continue;
        auto*& tokens = handles.tokens[i];
        if (tokens == nullptr) {
            auto labels = handles.token_labels;
            labels.emplace("token_type", token_types[i]);
            tokens = &families_->tokens.Add(labels);
        }
        tokens->Increment(static_cast<double>(*counts[i]));
    }
    if (request.cost_source != CostSource::none) count_cost(request, handles);
}

void Metrics::count_cost(const RequestRecord& request, Handles& handles) {
    if (!request.cost && request.cost_source != CostSource::unpriced) return;
    auto*& counter = request.cost ? handles.cost : handles.unpriced;
    if (counter == nullptr) {
        Labels labels{{"provider", label_text(request.provider)}, {"model", handles.token_labels.at("model")}};
        if (request.cost) labels.emplace("tenant", label_text(request.tenant));
        counter = &(request.cost ? families_->cost : families_->unpriced).Add(labels);
    }
    counter->Increment(request.cost ? static_cast<double>(*request.cost) * 1e-12 : 1.0);
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
