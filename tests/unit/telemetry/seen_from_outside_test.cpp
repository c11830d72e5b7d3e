/// server-timing, bodies in the log, open requests: what is shown of one request beside its log line and its metrics.
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "telemetry/body_log.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/open_requests.hpp"
#include "telemetry/server_timing.hpp"
#include "unit/telemetry/finished_request.hpp"
#include "unit/telemetry/parse_exposition.hpp"

namespace smg::telemetry {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

std::string timing_of(const RequestRecord& record) { return std::string(ServerTiming(record).text()); }

TEST(ServerTiming, TellsEachPhaseInMilliseconds) {
    auto record = finished_chat();
    record.accepted = record.started - microseconds(1250);
    record.admitted = record.body_read + microseconds(500);
    EXPECT_EQ(timing_of(record), "accept;dur=1.250, read;dur=1.000, queue;dur=0.500, select;dur=0.500, connect;dur=10.000, ttft;dur=250.000");
}

TEST(ServerTiming, LeavesOutWhatIsNotKnownYet) {
    auto record = finished_chat();
    record.first_output = {};
    EXPECT_EQ(timing_of(record), "read;dur=1.000, select;dur=1.000, connect;dur=10.000, ttft;dur=213.000");
    record.first_byte = record.connected = {};
    EXPECT_EQ(timing_of(record), "read;dur=1.000, select;dur=1.000");
    EXPECT_EQ(timing_of(RequestRecord()), "");
    record.accepted = record.started - std::chrono::hours(1000000);
    EXPECT_THAT(timing_of(record), ::testing::StartsWith("accept;dur=3600000000000.000, read;dur="));
}

TEST(BodyCapture, CutsKeysAndLength) {
    BodyCapture body;
    body.add("{\"a\":\"sk-proj-0123456789abcdef\",");
    body.add("\"b\":\"plain-but-secret\"}");
    EXPECT_EQ(body.shown({"plain-but-secret"}), R"({"a":"[redacted]","b":"[redacted]"})");
    EXPECT_EQ(body.shown({"a", "b"}), R"({"a":"[redacted]","b":"plain-but-secret"})");
    EXPECT_EQ(body.bytes(), 55U);
}

TEST(BodyCapture, NoPieceOfAKeyIsLeftAtTheCut) {
    for (const std::string key : {"sk-proj-0123456789abcdefABCDEF", "unknown-form-77"})
        for (std::size_t before = 1; before < key.size(); ++before) {
            BodyCapture body;
            body.add(std::string(BodyCapture::most_shown - before, 'x') + "\"" + key + "\"" + std::string(5000, 'y'));
            const auto shown = body.shown({"unknown-form-77"});
            EXPECT_EQ(shown.find(key.substr(0, 4)), std::string::npos) << before;
            EXPECT_LE(shown.size(), BodyCapture::most_shown);
        }
}

TEST(OpenRequests, HoldsThoseThatLive) {
    OpenRequests open;
    auto first = finished_chat(), second = finished_404();
    const std::uint64_t in = 5, out = 7;
    const auto now = first.started + milliseconds(300);
    auto view = OpenRequestsView();
    {
        const OpenRequests::Entry one(&open, first, in, out);
        {
            const OpenRequests::Entry two(&open, second, in, out);
            const OpenRequests::Entry three(&open, second, in, out);
            EXPECT_EQ(open.size(), 3U);
            open.look(view, 2, now);
        }
        EXPECT_EQ(open.size(), 1U);
        const OpenRequests::Entry nowhere(nullptr, first, in, out);
        EXPECT_EQ(open.size(), 1U);
    }
    EXPECT_EQ(open.size(), 0U);
    EXPECT_EQ(view.count, 3U);
    ASSERT_EQ(view.requests.size(), 2U);
    EXPECT_EQ(view.requests[0].request_id, "chatcmpl-1");
    EXPECT_EQ(view.requests[0].worker, "main");
    EXPECT_EQ(view.requests[0].phase, "relay");
    EXPECT_EQ(view.requests[0].age, milliseconds(300));
    EXPECT_EQ(view.requests[0].bytes_in, 5U);
    EXPECT_EQ(view.requests[0].bytes_out, 7U);
    EXPECT_EQ(view.requests[1].path, "other");
}

TEST(OpenRequests, LeaveInAnyOrder) {
    OpenRequests open;
    const auto record = finished_chat();
    const std::uint64_t bytes = 0;
    auto one = std::make_unique<OpenRequests::Entry>(&open, record, bytes, bytes);
    auto two = std::make_unique<OpenRequests::Entry>(&open, record, bytes, bytes);
    auto three = std::make_unique<OpenRequests::Entry>(&open, record, bytes, bytes);
    one.reset();
    three.reset();
    const OpenRequests::Entry four(&open, record, bytes, bytes);
    two.reset();
    OpenRequestsView view;
    open.look(view, 100, record.ended);
    EXPECT_EQ(view.requests.size(), 1U);
}

TEST(AttemptReasons, AreBounded) {
    RequestRecord record;
    record.attempt_failed("main", "429");
    record.attempt_failed("spare", "upstream_unreachable");
    EXPECT_EQ(record.attempt_reasons, "main:429 spare:upstream_unreachable");
    for (int i = 0; i < 1000; ++i) record.attempt_failed("another", "500");
    EXPECT_LE(record.attempt_reasons.size(), 512U);
}

TEST(EndedBy, TellsWhoHadTheLastWord) {
    auto record = finished_chat();
    EXPECT_EQ(record.ended_by(), "provider");
    record.outcome = Outcome::client_closed;
    EXPECT_EQ(record.ended_by(), "client");
    record.outcome = Outcome::timeout;
    EXPECT_EQ(record.ended_by(), "gateway");
    record.outcome = Outcome::upstream_cut;
    EXPECT_EQ(record.ended_by(), "provider");
    record.outcome = Outcome::error;
    EXPECT_EQ(record.ended_by(), "provider") << "an error event, or one that could not be read";
    record.status = 502;
    EXPECT_EQ(record.ended_by(), "gateway") << "behind a 200 of the provider";
    record.upstream_status = 500;
    EXPECT_EQ(record.ended_by(), "provider");
    EXPECT_EQ(finished_404().ended_by(), "gateway");
}

TEST(Metrics, CostByProviderModelAndTenant) {
    Metrics metrics(MetricsOptions{{0.1, 1}, 64, "1.2.3"});
    auto record = finished_chat();
    record.tenant = "acme";
    record.cost = 140'000'000;
    record.cost_source = CostSource::table;
    metrics.record(record);
    metrics.record(record);
    record.tenant.clear();
    metrics.record(record);
    record.cost.reset();
    record.cost_source = CostSource::unpriced;
    metrics.record(record);
    const auto series = parse_exposition(metrics.scrape());
    EXPECT_THAT(series,
                Contains(Pair(R"(smg_cost_usd_total{model="gpt-4o-mini",provider="openai",tenant="acme"})", ::testing::DoubleNear(0.00028, 1e-12))));
    EXPECT_THAT(series,
                Contains(Pair(R"(smg_cost_usd_total{model="gpt-4o-mini",provider="openai",tenant=""})", ::testing::DoubleNear(0.00014, 1e-12))));
    EXPECT_THAT(series, Contains(Pair(R"(smg_unpriced_requests_total{model="gpt-4o-mini",provider="openai"})", 1)));
    EXPECT_THAT(series, Contains(Pair("smg_log_lines_dropped_total", ::testing::Ge(0))));
}

TEST(Metrics, ModelsThatNobodyKnowsShareOneCost) {
    Metrics metrics(MetricsOptions{{0.1, 1}, 64, "1.2.3"});
    auto record = finished_chat();
    record.model_known = false;
    record.cost = 1'000'000;
    record.cost_source = CostSource::stated;
    for (int i = 0; i < 50; ++i) {
        record.model_sent = "random-" + std::to_string(i);
        metrics.record(record);
    }
    EXPECT_THAT(parse_exposition(metrics.scrape()),
                Contains(Pair(R"(smg_cost_usd_total{model="other",provider="openai",tenant=""})", ::testing::DoubleNear(0.00005, 1e-12))));
}

TEST(Level, HasNamesBothWays) {
    for (const auto level : {Level::trace, Level::debug, Level::info, Level::warn, Level::error}) EXPECT_EQ(level_named(to_string(level)), level);
    EXPECT_EQ(level_named("DEBUG"), Level::debug);
    EXPECT_EQ(level_named("loud"), std::nullopt);
}

}  // namespace
}  // namespace smg::telemetry
