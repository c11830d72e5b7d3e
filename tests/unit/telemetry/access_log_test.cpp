#include "telemetry/access_log.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "unit/telemetry/finished_request.hpp"

namespace smg::telemetry {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

const auto moment = std::chrono::system_clock::time_point(std::chrono::milliseconds(1767323045067));  // 2026-01-02T03:04:05.067Z

TEST(AccessLine, AsText) {
    LogLine line(false);
    EXPECT_EQ(access_line(line, finished_chat(), moment),
              "2026-01-02T03:04:05.067Z INFO request request_id=chatcmpl-1 client=192.0.2.7 method=POST "
              "target=\"/v1/chat/completions?key=[redacted]&alt=sse\" endpoint=chat status=200 outcome=complete ended_by=provider model=fast "
              "model_sent=gpt-4o-mini "
              "provider=openai worker=main router_type=openai backend_type=external streaming=true attempts=1 key_source=stored upstream_status=200 "
              "upstream_request_id=req_123 duration_ms=1500.000 ttft_ms=250.000 body_ms=1.000 route_ms=1.000 connect_ms=10.000 send_ms=1.000 "
              "wait_ms=200.000 relay_ms=1287.000 "
              "bytes_in=321 bytes_out=4567 input_tokens=100 output_tokens=26 cached_tokens=40 reasoning_tokens=0 user_agent=openai-python/1.0");
}

TEST(AccessLine, AsJson) {
    LogLine line(true);
    const auto parsed = json::parse(access_line(line, finished_chat(), moment));
    EXPECT_EQ(parsed["timestamp"], "2026-01-02T03:04:05.067Z");
    EXPECT_EQ(parsed["level"], "INFO");
    EXPECT_EQ(parsed["message"], "request");
    EXPECT_EQ(parsed["target"], "/v1/chat/completions?key=[redacted]&alt=sse");
    EXPECT_EQ(parsed["status"], 200);
    EXPECT_EQ(parsed["streaming"], true);
    EXPECT_EQ(parsed["duration_ms"], 1500.0);
    EXPECT_EQ(parsed["output_tokens"], 26);
    EXPECT_FALSE(parsed.contains("cache_write_tokens"));
}

TEST(AccessLine, LeavesOutWhatIsUnknown) {
    auto record = finished_404();
    record.ended = record.started;
    LogLine line(false);
    EXPECT_EQ(access_line(line, record, moment),
              "2026-01-02T03:04:05.067Z INFO request method=GET target=/nothing status=404 error_code=not_found failure=validation_error "
              "outcome=error ended_by=gateway "
              "duration_ms=0.000 "
              "bytes_in=0 bytes_out=0");
}

TEST(AccessLine, NamesThePhaseInWhichAClientLeft) {
    auto record = finished_chat();
    record.outcome = Outcome::client_closed;
    LogLine line(false);
    EXPECT_THAT(std::string(access_line(line, record, moment)), HasSubstr(" outcome=client_closed ended_by=client phase=relay "));
}

TEST(AccessLine, TellsCostAttemptsAndFailure) {
    auto record = finished_chat();
    record.accepted = record.started - std::chrono::milliseconds(2);
    record.attempts = 2;
    record.attempt_failed("first", "429");
    record.usage.basis = UsageBasis::partial;
    record.usage.web_searches = 3;
    record.usage.service_tier = "priority";
    record.cost = 140'000'001;
    record.cost_source = CostSource::table;
    record.outcome = Outcome::timeout;
    LogLine line(true);
    const auto parsed = json::parse(access_line(line, record, moment));
    EXPECT_EQ(parsed["attempt_reasons"], "first:429");
    EXPECT_EQ(parsed["accept_ms"], 2.0);
    EXPECT_EQ(parsed["usage"], "partial");
    EXPECT_EQ(parsed["web_searches"], 3);
    EXPECT_EQ(parsed["service_tier"], "priority");
    EXPECT_EQ(parsed["cost_source"], "prices");
    EXPECT_EQ(parsed["cost_usd"], 0.000140000001);
    EXPECT_EQ(parsed["ended_by"], "gateway");
    record.cost.reset();
    record.cost_source = CostSource::unpriced;
    const auto unpriced = json::parse(access_line(line, record, moment));
    EXPECT_FALSE(unpriced.contains("cost_usd"));
    EXPECT_EQ(unpriced["cost_source"], "unpriced");
}

TEST(AccessLine, NobodyForgesALine) {
    auto record = finished_chat();
    record.user_agent = "a\r\n2026-01-01 INFO \"forged\\\" \xff";
    LogLine text(false);
    const std::string line(access_line(text, record, moment));
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_THAT(line, HasSubstr(R"(user_agent="a\u000d\u000a2026-01-01 INFO \"forged\\\" \ufffd")"));
    LogLine as_json(true);
    EXPECT_EQ(json::parse(access_line(as_json, record, moment))["user_agent"], "a\r\n2026-01-01 INFO \"forged\\\" \xef\xbf\xbd");
}

TEST(AccessLine, KeysAreCutOutWhereverTheyStand) {
    const std::string key = "sk-ant-api03-abcdefghijklmnop";
    const auto members = {&RequestRecord::user_agent,          &RequestRecord::model,  &RequestRecord::request_id, &RequestRecord::worker,
                          &RequestRecord::upstream_request_id, &RequestRecord::target, &RequestRecord::error_code, &RequestRecord::model_sent};
    for (const auto member : members) {
        auto record = finished_chat();
        record.*member = key;
        for (const bool as_json : {false, true}) {
            LogLine line(as_json);
            const std::string written(access_line(line, record, moment));
            EXPECT_THAT(written, Not(HasSubstr("abcdefghijklmnop")));
            EXPECT_THAT(written, HasSubstr("[redacted]"));
            if (as_json) { EXPECT_TRUE(json::accept(written)) << written; }
        }
    }
}

/// Every field of a record that many requests share, changed by itself.
std::vector<RequestRecord> variants() {
    auto record = finished_chat();
    record.target = record.path;
    std::vector<RequestRecord> all{record, finished_404()};
    const auto add = [&all, &record](auto change) {
        change(all.emplace_back(record));
    };
    for (const auto member : {&RequestRecord::method, &RequestRecord::target, &RequestRecord::path, &RequestRecord::user_agent, &RequestRecord::model,
                              &RequestRecord::tenant, &RequestRecord::router_type, &RequestRecord::backend_type, &RequestRecord::provider,
                              &RequestRecord::worker, &RequestRecord::model_sent, &RequestRecord::attempt_reasons, &RequestRecord::error_code,
                              &RequestRecord::request_id, &RequestRecord::upstream_request_id, &RequestRecord::client})
        for (const auto* text : {"other", "two words", "sk-proj-0123456789", ""}) add([&](RequestRecord& changed) { changed.*member = text; });
    for (const auto member : {&RequestRecord::status, &RequestRecord::upstream_status, &RequestRecord::attempts})
        for (const int number : {0, 2, 201, 1200}) add([&](RequestRecord& changed) { changed.*member = number; });
    for (const auto source : {KeySource::none, KeySource::caller}) add([&](RequestRecord& changed) { changed.key_source = source; });
    for (const auto outcome : {Outcome::client_closed, Outcome::timeout}) add([&](RequestRecord& changed) { changed.outcome = outcome; });
    add([](RequestRecord& changed) { changed.streaming = false; });
    return all;
}

/// What a thread writes that has never written one.
std::string written_afresh(const RequestRecord& record, bool as_json) {
    std::string text;
    std::thread([&] {
        LogLine line(as_json);
        text = access_line(line, record, moment);
    }).join();
    return text;
}

TEST(AccessLine, WhatWasWrittenBeforeChangesNothing) {
    for (const bool as_json : {false, true}) {
        LogLine line(as_json);
        for (int round = 0; round < 2; ++round)
            for (const auto& record : variants()) EXPECT_EQ(access_line(line, record, moment), written_afresh(record, as_json));
    }
}

}  // namespace
}  // namespace smg::telemetry
