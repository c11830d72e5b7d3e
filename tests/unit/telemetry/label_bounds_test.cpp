/// Whatever clients and providers invent, a scrape stays as long as it is.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "telemetry/labels.hpp"
#include "telemetry/metrics.hpp"
#include "unit/telemetry/finished_request.hpp"

namespace smg::telemetry {
namespace {

constexpr int million = 1'000'000;

MetricsOptions options() {
    MetricsOptions some;
    some.duration_buckets = {0.1, 1};
    some.max_models = 64;
    return some;
}

std::size_t resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::size_t total = 0, resident = 0;
    statm >> total >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// AddressSanitizer keeps what was freed: its memory says nothing of ours.
void expect_grown_little([[maybe_unused]] std::size_t before, [[maybe_unused]] std::size_t megabytes = 4) {
#ifndef __SANITIZE_ADDRESS__
    EXPECT_LT(resident_bytes(), before + megabytes * 1024 * 1024);
#endif
}

auto series_in(const Metrics& metrics) {
    const auto text = metrics.scrape();
    return std::count(text.begin(), text.end(), '\n');
}

TEST(LabelBounds, AMillionModelNamesAreAsManyLabelsAsMayBe) {
    ModelLabels labels(64);
    for (int i = 0; i < 64; ++i) EXPECT_NE(labels.admit("model-" + std::to_string(i)), other);
    const auto before = resident_bytes();
    int strangers = 0;
    for (int i = 0; i < million; ++i) strangers += labels.admit("random-" + std::to_string(i * 7919LL)) == other ? 1 : 0;
    EXPECT_EQ(strangers, million);
    EXPECT_EQ(labels.admit("model-63"), "model-63") << "who came first stays";
    expect_grown_little(before);
}

TEST(LabelBounds, AMillionRequestsForUnknownModelsAreOneSeries) {
    Metrics metrics(options());
    auto record = finished_chat();
    record.model_known = false;
    record.model_sent = record.model = "the-first";
    metrics.record(record);
    const auto series = series_in(metrics);
    const auto before = resident_bytes();
    for (int i = 0; i < million; ++i) {
        record.model_sent = record.model = "random-" + std::to_string(i * 7919LL);
        metrics.record(record);
    }
    EXPECT_EQ(series_in(metrics), series);
    expect_grown_little(before);
}

/// Every field of a record that a client, or a provider, can fill with what it likes.
TEST(LabelBounds, NothingElseThatIsInventedMakesASeries) {
    Metrics metrics(options());
    const auto invented = [](RequestRecord record, const std::string& word) {
        record.method = record.target = record.request_id = record.user_agent = record.client = word;
        record.model = record.model_sent = record.error_code = record.upstream_request_id = record.attempt_reasons = word;
        record.usage.service_tier = word;
        return record;
    };
    const auto record_all = [&](const std::string& word) {
        auto refused = finished_404();
        auto routed = finished_chat();
        auto unknown = finished_chat();
        unknown.model_known = false;
        for (const auto& each : {refused, routed, unknown}) metrics.record(invented(each, word));
    };
    for (int i = 0; i < 64; ++i) record_all("a-" + std::to_string(i));
    record_all("one-more");
    const auto series = series_in(metrics);
    const auto before = resident_bytes();
    for (int i = 0; i < 10'000; ++i) record_all("b-" + std::to_string(i));
    EXPECT_EQ(series_in(metrics), series);
    // Each thread remembers some thousands of label sets and then forgets them all.
    expect_grown_little(before, 32);
}

}  // namespace
}  // namespace smg::telemetry
