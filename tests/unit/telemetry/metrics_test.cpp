#include "telemetry/metrics.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <cmath>
#include <thread>

#include "telemetry/exposition.hpp"
#include "telemetry/labels.hpp"
#include "telemetry/open_requests.hpp"
#include "unit/telemetry/finished_request.hpp"
#include "unit/telemetry/parse_exposition.hpp"

namespace smg::telemetry {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

MetricsOptions options(std::size_t max_models = 64) {
    MetricsOptions some;
    some.duration_buckets = {0.1, 0.5, 2};
    some.max_models = max_models;
    some.version = "1.2.3";
    return some;
}

std::map<std::string, double> series_of(const Metrics& metrics) { return parse_exposition(metrics.scrape()); }

TEST(Metrics, CountsARoutedStream) {
    Metrics metrics(options());
    metrics.record(finished_chat());
    const auto series = series_of(metrics);
    const std::string http = R"({method="POST",path="/v1/chat/completions"})";
    EXPECT_THAT(series, Contains(Pair("smg_http_requests_total" + http, 1)));
    EXPECT_THAT(series, Contains(Pair("smg_http_request_duration_seconds_count" + http, 1)));
    EXPECT_THAT(series, Contains(Pair("smg_http_request_duration_seconds_sum" + http, 1.5)));
    EXPECT_THAT(series, Contains(Pair(R"(smg_http_request_duration_seconds_bucket{method="POST",path="/v1/chat/completions",le="0.5"})", 0)));
    EXPECT_THAT(series, Contains(Pair(R"(smg_http_request_duration_seconds_bucket{method="POST",path="/v1/chat/completions",le="2"})", 1)));
    EXPECT_THAT(series, Contains(Pair(R"(smg_http_responses_total{error_code="",path="/v1/chat/completions",status_code="200"})", 1)));
    EXPECT_THAT(series,
                Contains(Pair(R"(smg_router_requests_total{backend_type="external",connection_mode="http",endpoint="chat",model="gpt-4o-mini",)"
                              R"(router_type="openai",streaming="true"})",
                              1)));
    const std::string routed = R"({backend_type="external",connection_mode="http",endpoint="chat",model="gpt-4o-mini",router_type="openai"})";
    EXPECT_THAT(series, Contains(Pair("smg_router_request_duration_seconds_sum" + routed, 1.5)));
    const std::string timed = R"({backend_type="external",endpoint="chat",model="gpt-4o-mini",router_type="openai"})";
    EXPECT_THAT(series, Contains(Pair("smg_router_ttft_seconds_sum" + timed, 0.25)));
    EXPECT_THAT(series, Contains(Pair("smg_router_tpot_seconds_sum" + timed, 0.05)));
    EXPECT_THAT(series, Contains(Pair("smg_router_generation_duration_seconds_sum" + timed, 1.5)));
    EXPECT_THAT(series, Contains(Pair(R"(smg_router_upstream_responses_total{error_code="",router_type="openai",status_code="200"})", 1)));
    EXPECT_THAT(series, Contains(Pair(R"(smg_stream_outcomes_total{outcome="complete"})", 1)));
    EXPECT_THAT(series, Contains(Pair(R"(smg_key_source_total{source="stored"})", 1)));
    EXPECT_THAT(series, Contains(Pair(R"(smg_build_info{version="1.2.3"})", 1)));
    EXPECT_THAT(metrics.scrape(), Not(HasSubstr("smg_router_request_errors_total")));
}

TEST(Metrics, TokensByTypeAddUp) {
    Metrics metrics(options());
    metrics.record(finished_chat());
    metrics.record(finished_chat());
    const auto series = series_of(metrics);
    const auto of = [](const std::string& type) {
        return R"(smg_router_tokens_total{backend_type="external",endpoint="chat",model="gpt-4o-mini",router_type="openai",token_type=")" + type +
               "\"}";
    };
    EXPECT_THAT(series, Contains(Pair(of("input"), 200)));
    EXPECT_THAT(series, Contains(Pair(of("output"), 52)));
    EXPECT_THAT(series, Contains(Pair(of("cached"), 80)));
    EXPECT_THAT(series, Not(Contains(Key(of("cache_write")))));
    EXPECT_THAT(series, Not(Contains(Key(of("reasoning"))))) << "none were used";
}

TEST(Metrics, WhatWasNeverRoutedCountsOnlyAsHttp) {
    Metrics metrics(options());
    metrics.record(finished_404());
    const auto text = metrics.scrape();
    EXPECT_THAT(text, HasSubstr(R"(smg_http_responses_total{error_code="not_found",path="other",status_code="404"} 1)"));
    EXPECT_THAT(text, Not(HasSubstr("smg_router_")));
    EXPECT_THAT(text, Not(HasSubstr("smg_key_source_total")));
}

TEST(Metrics, ErrorsHaveATypeOfTheReference) {
    struct Row {
        int status;
        int upstream_status;
        std::string code;
        std::string type;
    };
    for (const auto& [status, upstream_status, code, type] : std::vector<Row>{{503, 0, "service_unavailable", "no_workers"},
                                                                              {404, 0, "model_not_found", "no_workers"},
                                                                              {503, 503, "service_unavailable", "backend_error"},
                                                                              {404, 404, "model_not_found", "validation_error"},
                                                                              {504, 0, "upstream_timeout", "timeout"},
                                                                              {502, 0, "upstream_error", "backend_error"},
                                                                              {502, 401, "upstream_credential", "backend_error"},
                                                                              {429, 429, "rate_limit_exceeded", "backend_error"},
                                                                              {400, 400, "invalid_request", "validation_error"},
                                                                              {401, 401, "invalid_api_key", "validation_error"},
                                                                              {500, 0, "internal_error", "internal_error"}}) {
        Metrics metrics(options());
        auto record = finished_chat();
        record.status = status;
        record.upstream_status = upstream_status;
        record.error_code = code;
        record.outcome = Outcome::error;
        metrics.record(record);
        EXPECT_THAT(series_of(metrics),
                    Contains(Pair(R"(smg_router_request_errors_total{backend_type="external",connection_mode="http",endpoint="chat",error_type=")" +
                                      type + R"(",model="gpt-4o-mini",router_type="openai"})",
                                  1)));
    }
}

TEST(Metrics, AClientThatLeftIsCountedByPhase) {
    Metrics metrics(options());
    auto record = finished_chat();
    record.outcome = Outcome::client_closed;
    metrics.record(record);
    record.first_byte = {};
    metrics.record(record);
    const auto series = series_of(metrics);
    EXPECT_THAT(series, Contains(Pair(R"(smg_client_disconnects_total{phase="relay"})", 1)));
    EXPECT_THAT(series, Contains(Pair(R"(smg_client_disconnects_total{phase="wait"})", 1)));
    EXPECT_THAT(series, Contains(Pair(R"(smg_stream_outcomes_total{outcome="client_closed"})", 2)));
}

TEST(Metrics, ModelLabelsAreBounded) {
    Metrics metrics(options(2));
    for (int i = 0; i < 100; ++i) {
        auto record = finished_chat();
        record.model_sent = "model-" + std::to_string(i);
        metrics.record(record);
    }
    const auto text = metrics.scrape();
    EXPECT_THAT(text, HasSubstr(R"(model="model-0")"));
    EXPECT_THAT(text, HasSubstr(R"(model="model-1")"));
    EXPECT_THAT(text, Not(HasSubstr(R"(model="model-2")")));
    EXPECT_THAT(series_of(metrics),
                Contains(Pair(R"(smg_router_requests_total{backend_type="external",connection_mode="http",endpoint="chat",model="other",)"
                              R"(router_type="openai",streaming="true"})",
                              98)));
}

TEST(Metrics, AModelThatNobodyKnowsIsOther) {
    Metrics metrics(options());
    auto record = finished_chat();
    record.model_known = false;
    metrics.record(record);
    EXPECT_THAT(metrics.scrape(), HasSubstr(R"(model="other")"));
    EXPECT_THAT(metrics.scrape(), Not(HasSubstr("gpt-4o-mini")));
}

TEST(Metrics, NothingThatAClientInventsBecomesALabel) {
    Metrics metrics(options());
    auto record = finished_404();
    record.method = "BREW";
    record.error_code = "code-of-a-provider";
    metrics.record(record);
    const auto text = metrics.scrape();
    EXPECT_THAT(text, HasSubstr(R"(smg_http_requests_total{method="other",path="other"} 1)"));
    EXPECT_THAT(text, HasSubstr(R"(error_code="other")"));
    EXPECT_THAT(text, Not(HasSubstr("BREW")));
    EXPECT_THAT(text, Not(HasSubstr("code-of-a-provider")));
}

TEST(Metrics, NoSecretOfARequestIsInAScrape) {
    Metrics metrics(options());
    metrics.record(finished_chat());
    EXPECT_THAT(metrics.scrape(), Not(HasSubstr("AIza")));
}

TEST(Metrics, LabelsAreEscaped) {
    Metrics metrics(options());
    auto record = finished_chat();
    record.model_sent = "a\"b\\c\nd\xff";
    metrics.record(record);
    WorkerSample healthy;
    healthy.healthy = true;
    metrics.on_scrape([&healthy](GaugeSink& sink) { sink.worker("w\"\\\n", healthy); });
    const auto series = series_of(metrics);
    EXPECT_THAT(series, Contains(Pair(R"(smg_worker_health{worker="w\"\\?"})", 1)));
    EXPECT_THAT(metrics.scrape(), HasSubstr(R"(model="a\"b\\c?d?")"));
}

TEST(Metrics, GaugesAreAskedForAtEachScrapeAndLeaveNoGhosts) {
    Metrics metrics(options(1));
    std::vector<std::string> workers{"a", "b"};
    metrics.on_scrape([&workers](GaugeSink& sink) {
        for (const auto& worker : workers) {
            WorkerSample sample;
            sample.healthy = worker == "a";
            sample.requests_active = 3;
            sample.requests = 40;
            sample.cooling_seconds = 1.5;
            sample.first_byte_seconds = worker == "a" ? 0.25 : 0;
            if (worker == "a") sample.failures.push_back({"rate_limited", 7});
            sink.worker(worker, sample);
        }
        sink.worker_pool_size("regular", "http", "m1", 2);
        sink.worker_pool_size("regular", "http", "m2", 3);
        sink.worker_pool_size("regular", "http", "m3", 4);
        sink.upstream_pool_connections("idle", 5);
        sink.http_connections_active(6);
        sink.event_loop_lag(0.25);
    });
    auto series = series_of(metrics);
    EXPECT_THAT(series, Contains(Pair(R"(smg_worker_health{worker="a"})", 1)));
    EXPECT_THAT(series, Contains(Pair(R"(smg_worker_health{worker="b"})", 0)));
    EXPECT_THAT(series, Contains(Pair(R"(smg_worker_requests_active{worker="b"})", 3)));
    EXPECT_THAT(series, Contains(Pair(R"(smg_worker_requests_total{worker="b"})", 40)));
    EXPECT_THAT(series, Contains(Pair(R"(smg_worker_cooling_seconds{worker="b"})", 1.5)));
    EXPECT_THAT(series, Contains(Pair(R"(smg_worker_first_byte_seconds{worker="a"})", 0.25)));
    EXPECT_THAT(series, Not(Contains(Key(R"(smg_worker_first_byte_seconds{worker="b"})")))) << "nothing is known of it";
    EXPECT_THAT(series, Contains(Pair(R"(smg_worker_failures_total{worker="a",error_type="rate_limited"})", 7)));
    EXPECT_THAT(metrics.scrape(), HasSubstr("# TYPE smg_worker_failures_total counter\n"));
    EXPECT_THAT(series, Contains(Pair(R"(smg_worker_pool_size{worker_type="regular",connection_mode="http",model="m1"})", 2)));
    EXPECT_THAT(series, Contains(Pair(R"(smg_worker_pool_size{worker_type="regular",connection_mode="http",model="other"})", 7)));
    EXPECT_THAT(series, Contains(Pair(R"(smg_upstream_pool_connections{state="idle"})", 5)));
    EXPECT_THAT(series, Contains(Pair("smg_http_connections_active", 6)));
    EXPECT_THAT(series, Contains(Pair("smg_event_loop_lag_seconds", 0.25)));
    workers.pop_back();
    series = series_of(metrics);
    EXPECT_THAT(series, Not(Contains(Key(R"(smg_worker_health{worker="b"})"))));
    EXPECT_THAT(series, Contains(Key(R"(smg_worker_health{worker="a"})")));
}

TEST(Metrics, OpenRequestsAreCountedByAgeEachBucketByItself) {
    using std::chrono::seconds;
    RequestAges ages, others;
    for (const auto age : {seconds(0), seconds(30), seconds(31), seconds(86400), seconds(86401)}) ages.add(age);
    others.add(seconds(45), 6);
    ages.add(others);
    Metrics metrics(options());
    const auto series = parse_exposition(metrics.scrape([&ages](GaugeSink& sink) { sink.inflight_request_ages(ages); }));
    const auto of = [](const std::string& above, const std::string& bound) {
        return R"(smg_http_inflight_request_age_count{gt=")" + above + R"(",le=")" + bound + "\"}";
    };
    EXPECT_THAT(series, Contains(Pair(of("0", "30"), 2)));
    EXPECT_THAT(series, Contains(Pair(of("30", "60"), 7)));
    EXPECT_THAT(series, Contains(Pair(of("60", "180"), 0)));
    EXPECT_THAT(series, Contains(Pair(of("28800", "86400"), 1)));
    EXPECT_THAT(series, Contains(Pair(of("86400", "+Inf"), 1)));
    EXPECT_THAT(metrics.scrape(), Not(HasSubstr("smg_http_inflight_request_age_count"))) << "nobody was asked";
}

TEST(Metrics, TheAgesOfAListAreCounted) {
    OpenRequests list;
    const std::uint64_t bytes = 0;
    const auto now = RequestRecord::Clock::now();
    std::vector<RequestRecord> records(4);
    for (std::size_t i = 0; i < records.size(); ++i) records[i].head_read = now - std::chrono::seconds(100 - 30 * static_cast<int>(i));
    std::vector<std::unique_ptr<OpenRequests::Entry>> entries;
    for (const auto& record : records) entries.push_back(std::make_unique<OpenRequests::Entry>(&list, record, bytes, bytes));
    RequestAges ages;  // of 100, 70, 40 and 10 s
    list.count_ages(ages, now);
    EXPECT_EQ(ages.counts()[0], 1U);
    EXPECT_EQ(ages.counts()[1], 1U);
    EXPECT_EQ(ages.counts()[2], 2U);
}

TEST(Exposition, WritesNumbersAsPrometheusReadsThem) {
    GaugeSink::Gauge gauge{"some_gauge", "With a \\ and\na \"line\"", {}, false, {}};
    for (const double value : {0.1, 1e-9, 12345678901234.0, -3.0, HUGE_VAL, -HUGE_VAL}) gauge.samples.push_back({{}, value});
    std::string text;
    append_gauge(text, gauge);
    EXPECT_EQ(text,
              "# HELP some_gauge With a \\\\ and\\na \"line\"\n# TYPE some_gauge gauge\nsome_gauge 0.1\nsome_gauge 1e-09\nsome_gauge 12345678901234\n"
              "some_gauge -3\nsome_gauge +Inf\nsome_gauge -Inf\n");
}

TEST(Metrics, TheProcessIsMeasured) {
    Metrics metrics(options());
    const auto series = series_of(metrics);
    for (const auto* name : {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes", "process_open_fds",
                             "process_max_fds", "process_start_time_seconds", "process_threads"})
        EXPECT_THAT(series, Contains(Key(name)));
    EXPECT_GT(series.at("process_resident_memory_bytes"), 1e6);
    EXPECT_GT(series.at("process_start_time_seconds"), 1.6e9);
    EXPECT_LE(series.at("process_start_time_seconds"), static_cast<double>(std::time(nullptr)) + 1);
    EXPECT_GE(series.at("process_threads"), 1);
}

TEST(Metrics, TypesAreDeclared) {
    Metrics metrics(options());
    metrics.record(finished_chat());
    const auto text = metrics.scrape();
    EXPECT_THAT(text, HasSubstr("# TYPE smg_http_requests_total counter\n"));
    EXPECT_THAT(text, HasSubstr("# TYPE smg_router_ttft_seconds histogram\n"));
    EXPECT_THAT(text, HasSubstr("# TYPE smg_build_info gauge\n"));
    EXPECT_THAT(text, HasSubstr("# TYPE process_cpu_seconds_total counter\n"));
}

TEST(Metrics, ThreadsCountIntoTheSameSeries) {
    Metrics metrics(options());
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&metrics] {
            for (int n = 0; n < 500; ++n) metrics.record(n % 2 == 0 ? finished_chat() : finished_404());
        });
    for (auto& thread : threads) thread.join();
    const auto series = series_of(metrics);
    EXPECT_THAT(series, Contains(Pair(R"(smg_http_requests_total{method="POST",path="/v1/chat/completions"})", 1000)));
    EXPECT_THAT(series, Contains(Pair(R"(smg_http_requests_total{method="GET",path="other"})", 1000)));
}

TEST(Metrics, EachScrapeAddsOnlyWhatIsNew) {
    Metrics metrics(options());
    const std::string requests = R"(smg_http_requests_total{method="POST",path="/v1/chat/completions"})";
    const std::string sum = R"(smg_http_request_duration_seconds_sum{method="POST",path="/v1/chat/completions"})";
    const std::string bucket = R"(smg_http_request_duration_seconds_bucket{method="POST",path="/v1/chat/completions",le="2"})";
    const std::string stage = R"(smg_router_stage_duration_seconds_count{router_type="openai",stage="wait"})";
    for (int n = 1; n <= 3; ++n) {
        metrics.record(finished_chat());
        for (int scrape = 0; scrape < 2; ++scrape) {
            const auto series = series_of(metrics);
            EXPECT_EQ(series.at(requests), n);
            EXPECT_EQ(series.at(sum), 1.5 * n);
            EXPECT_EQ(series.at(bucket), n);
            EXPECT_EQ(series.at(stage), n);
        }
    }
}

TEST(Metrics, NothingIsLostWhenThereAreTooManyCombinationsOfLabels) {
    Metrics metrics(options(2));
    constexpr int many = 5000;
    for (int i = 0; i < many; ++i) {
        auto record = finished_chat();
        record.model_sent = "model-" + std::to_string(i);
        metrics.record(record);
        if (i == many / 2) (void)metrics.scrape();
    }
    EXPECT_EQ(series_of(metrics).at(R"(smg_http_requests_total{method="POST",path="/v1/chat/completions"})"), many);
}

TEST(Metrics, ScrapesWhileThreadsCount) {
    Metrics metrics(options());
    std::atomic<bool> done{false};
    std::thread counting([&] {
        for (int n = 0; n < 3000; ++n) {
            auto record = finished_chat();
            record.provider = "provider-" + std::to_string(n % 50);
            metrics.record(record);
        }
        done = true;
    });
    while (!done) (void)metrics.scrape();
    counting.join();
    EXPECT_EQ(series_of(metrics).at(R"(smg_http_requests_total{method="POST",path="/v1/chat/completions"})"), 3000);
}

TEST(Metrics, TwoInstancesOnOneThreadStayApart) {
    Metrics one(options());
    Metrics two(options());
    one.record(finished_404());
    two.record(finished_404());
    two.record(finished_404());
    const std::string name = R"(smg_http_requests_total{method="GET",path="other"})";
    EXPECT_EQ(series_of(one).at(name), 1);
    EXPECT_EQ(series_of(two).at(name), 2);
}

TEST(RequestRecord, SaysHowItEndedUnlessItIsKnown) {
    const auto outcome = [](int status, bool left, Outcome known = Outcome::unknown) {
        RequestRecord record;
        record.status = status;
        record.outcome = known;
        record.finish(left);
        return record.outcome;
    };
    EXPECT_EQ(outcome(200, false), Outcome::complete);
    EXPECT_EQ(outcome(200, true), Outcome::client_closed);
    EXPECT_EQ(outcome(404, false), Outcome::error);
    EXPECT_EQ(outcome(504, false), Outcome::timeout);
    EXPECT_EQ(outcome(0, false), Outcome::error);
    EXPECT_EQ(outcome(200, true, Outcome::upstream_cut), Outcome::upstream_cut);
}

TEST(RequestRecord, KnowsItsPhase) {
    RequestRecord record;
    EXPECT_EQ(record.phase(), "read_head");
    record.start();
    EXPECT_EQ(record.phase(), "read_body");
    record.body_read_at();
    EXPECT_EQ(record.phase(), "route");
    record.routed_at();
    EXPECT_EQ(record.phase(), "connect");
    record.connected_at();
    EXPECT_EQ(record.phase(), "send");
    record.sent_at();
    EXPECT_EQ(record.phase(), "wait");
    record.first_byte_at();
    EXPECT_EQ(record.phase(), "relay");
}

TEST(RequestRecord, TheFirstOutputIsTheFirst) {
    RequestRecord record;
    const auto now = RequestRecord::Clock::now();
    record.start(now);
    record.first_output_at(now + std::chrono::seconds(1));
    record.first_output_at(now + std::chrono::seconds(2));
    EXPECT_EQ(record.seconds_until(record.first_output), 1.0);
    EXPECT_EQ(record.seconds_until(record.ended), 0.0);
}

TEST(Labels, AreCutAtABoundaryOfUtf8) {
    const std::string long_text(127, 'a');
    EXPECT_EQ(label_text(long_text + "é"), long_text);
    EXPECT_EQ(label_text("é€😀"), "é€😀");
    for (const std::string bad : {"\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\x80"})
        EXPECT_EQ(label_text(bad), std::string(bad.size(), '?'));
}

}  // namespace
}  // namespace smg::telemetry
