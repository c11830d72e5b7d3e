#include "telemetry/log.hpp"

#include <gmock/gmock.h>
#include <spdlog/spdlog.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "telemetry/access_log.hpp"
#include "telemetry/line_writer.hpp"
#include "telemetry/redact.hpp"
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

TEST(Redact, KnownFormsOfKeys) {
    for (const std::string key : {"sk-proj-abcdefgh12345678", "sk-ant-api03-AbC_dEf-123", "xai-0123456789abcdef", "AIzaSyD0123456789abcdefghij",
                                  "AQ.Ab8RN6Ixxxxxxxxxxxxxxx", "gsk_0123456789abcdef", "sk-or-v1-0123456789abcdef"}) {
        EXPECT_TRUE(holds_key(key)) << key;
        EXPECT_EQ(redact(key), "[redacted]");
        EXPECT_EQ(redact("Incorrect API key provided: " + key + ". See"), "Incorrect API key provided: [redacted] See");
        EXPECT_EQ(redact("{\"key\":\"" + key + "\"}"), "{\"key\":\"[redacted]\"}");
        EXPECT_EQ(redact(key + " " + key), "[redacted] [redacted]");
    }
}

TEST(Redact, WhatStandsBehindAScheme) {
    EXPECT_EQ(redact("Authorization: Bearer abc123def456"), "Authorization: Bearer [redacted]");
    EXPECT_EQ(redact("authorization: bearer  a-token-longer-than-any-word x"), "authorization: bearer  [redacted] x");
    EXPECT_EQ(redact("Proxy-Authorization: Basic dXNlcjpwYXNz=="), "Proxy-Authorization: Basic [redacted]");
}

TEST(Redact, BehindAnEscapeAndInsideAWord) {
    EXPECT_EQ(redact_target("/v1/x%20xai-0123456789abcdef"), "/v1/x%20[redacted]");
    EXPECT_EQ(redact("keysk-ant-api03-AbC_dEf-123"), "key[redacted]");
    LogLine line(true);
    line.begin(moment, "INFO", "a\nsk-abcdefgh12345678");
    line.add("note", "b\rsk-abcdefgh12345678");
    const auto parsed = json::parse(line.finish());
    EXPECT_EQ(parsed["message"], "a\n[redacted]");
    EXPECT_EQ(parsed["note"], "b\r[redacted]");
}

TEST(Redact, ProseStays) {
    for (const std::string text : {"sk-learn", "ask-12345678901234", "task-abcdefghijklmnop", "basic authentication",
                                   "Bearer credentials are missing", "xai-", "AIza", "", "max-tokens"}) {
        EXPECT_FALSE(holds_key(text)) << text;
        EXPECT_EQ(redact(text), text);
    }
}

TEST(Redact, Targets) {
    EXPECT_EQ(redact_target("/v1beta/models?key=secret"), "/v1beta/models?key=[redacted]");
    EXPECT_EQ(redact_target("/a?x=1&KEY=secret&alt=sse"), "/a?x=1&KEY=[redacted]&alt=sse");
    EXPECT_EQ(redact_target("/a?api-key=s&access_token=t&token=u&x-goog-api-key=v"),
              "/a?api-key=[redacted]&access_token=[redacted]&token=[redacted]&x-goog-api-key=[redacted]");
    EXPECT_EQ(redact_target("/a?monkey=see&key"), "/a?monkey=see&key");
    EXPECT_EQ(redact_target("/v1/files/sk-proj-abcdefgh12345678"), "/v1/files/[redacted]");
    EXPECT_EQ(redact_target("/v1/models"), "/v1/models");
    EXPECT_EQ(redact_target("/a?"), "/a?");
}

/// Collects what a LineWriter writes; can be made to wait, as a slow disk would.
class Destination {
public:
    void write(std::string_view lines, std::uint64_t dropped) {
        std::unique_lock lock(mutex_);
        entered_ = true;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
        text_.append(lines).push_back('\n');
        dropped_ += dropped;
        changed_.notify_all();
    }
    void close() { set_open(false); }
    void open() { set_open(true); }
    void wait_until_entered() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return entered_; });
    }
    void wait_until_written(const std::string& text) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return text_ == text; });
    }
    std::string text() const { return text_; }
    std::uint64_t dropped() const { return dropped_; }

private:
    void set_open(bool open) {
        const std::lock_guard lock(mutex_);
        open_ = open;
        changed_.notify_all();
    }
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = true;
    bool entered_ = false;
    std::string text_;
    std::uint64_t dropped_ = 0;
};

TEST(LineWriter, WritesWholeLinesInOrder) {
    Destination destination;
    {
        LineWriter writer([&](std::string_view lines, std::uint64_t dropped) { destination.write(lines, dropped); });
        writer.add("one");
        writer.add("two");
        writer.flush();
        EXPECT_EQ(destination.text(), "one\ntwo\n");
        writer.add("three");
    }
    EXPECT_EQ(destination.text(), "one\ntwo\nthree\n") << "the end writes what is held";
}

TEST(LineWriter, NeverWaitsForItsDestinationAndTellsWhatItDropped) {
    Destination destination;
    destination.close();
    const std::string line(1024 * 1024 - 1, 'x');
    {
        LineWriter writer([&](std::string_view lines, std::uint64_t dropped) { destination.write(lines, dropped); });
        writer.add(line);
        destination.wait_until_entered();
        for (int i = 0; i < 20; ++i) writer.add(line);
        destination.open();
    }
    EXPECT_EQ(destination.dropped(), 12U);
    EXPECT_EQ(destination.text().size(), 9U * 1024 * 1024);
}

TEST(LineWriter, LeavesADestinationThatTakesNothing) {
    const auto destination = std::make_shared<Destination>();  // the thread that is left behind has it too
    destination->close();
    {
        LineWriter writer([destination](std::string_view lines, std::uint64_t dropped) { destination->write(lines, dropped); },
                          std::chrono::milliseconds(20));
        writer.add("one");
        destination->wait_until_entered();
        writer.add("two");
        EXPECT_FALSE(writer.flush(std::chrono::milliseconds(20)));
    }
    destination->open();
    destination->wait_until_written("one\ntwo\n");
}

TEST(LineWriter, ThreadsDoNotMixLines) {
    Destination destination;
    {
        LineWriter writer([&](std::string_view lines, std::uint64_t dropped) { destination.write(lines, dropped); });
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&writer, i] {
                for (int n = 0; n < 1000; ++n) writer.add(std::string(20, static_cast<char>('a' + i)));
            });
        for (auto& thread : threads) thread.join();
    }
    std::istringstream lines(destination.text());
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count) EXPECT_EQ(line, std::string(20, line.empty() ? ' ' : line[0]));
    EXPECT_EQ(count, 4000);
}

/// Logs into a directory of its own and reads what stands there.
class Log : public ::testing::Test {
protected:
    Log() : directory_(std::filesystem::path(::testing::TempDir()) / ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
        std::filesystem::remove_all(directory_);
    }
    ~Log() override {
        shut_down_log();
        spdlog::drop_all();
        std::filesystem::remove_all(directory_);
    }
    void set_up(Level level, bool as_json) {
        LogOptions options;
        options.level = level;
        options.json = as_json;
        options.directory = directory_.string();
        const auto set = set_up_log(options);
        ASSERT_TRUE(set.has_value()) << set.error().message;
    }
    std::vector<std::string> lines() const {
        flush_log();
        std::vector<std::string> all;
        for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
            EXPECT_THAT(entry.path().filename().string(), ::testing::MatchesRegex("smg_[0-9]+-[0-9]+-[0-9]+\\.log"));
            std::ifstream file(entry.path());
            for (std::string line; std::getline(file, line);) all.push_back(line);
        }
        return all;
    }
    std::filesystem::path directory_;
};

TEST_F(Log, EventsAndRequestsShareAFileADay) {
    set_up(Level::info, false);
    log_event(Level::warn, "worker failed", {{"worker", "main"}, {"reason", "no route"}});
    log_request(finished_chat());
    const auto written = lines();
    ASSERT_EQ(written.size(), 2U);
    EXPECT_THAT(written[0], HasSubstr("Z WARN worker failed worker=main reason=\"no route\""));
    EXPECT_THAT(written[1], HasSubstr(" INFO request request_id=chatcmpl-1 "));
}

TEST_F(Log, JsonIsOneObjectALine) {
    set_up(Level::debug, true);
    log_event(Level::debug, "two\nlines", {{"quote", "\""}});
    log_request(finished_404());
    const auto written = lines();
    ASSERT_EQ(written.size(), 2U);
    const auto event = json::parse(written[0]);
    EXPECT_EQ(event["level"], "DEBUG");
    EXPECT_EQ(event["message"], "two\nlines");
    EXPECT_EQ(event["quote"], "\"");
    EXPECT_EQ(json::parse(written[1])["status"], 404);
}

TEST_F(Log, NumbersStayNumbersInJson) {
    set_up(Level::info, true);
    log_event(Level::info, "counted", {{"status", 200}, {"bytes", std::uint64_t{1} << 40U}, {"below", -5}, {"text", "7"}});
    const auto line = json::parse(lines().at(0));
    EXPECT_EQ(line["status"], 200);
    EXPECT_EQ(line["bytes"], std::uint64_t{1} << 40U);
    EXPECT_EQ(line["below"], 0);
    EXPECT_EQ(line["text"], "7");
}

TEST_F(Log, TheLevelChangesAtAnyTime) {
    set_up(Level::info, false);
    set_log_level(Level::error);
    log_event(Level::warn, "quiet");
    spdlog::warn("quiet");
    set_log_level(Level::debug);
    EXPECT_EQ(log_level(), Level::debug);
    log_event(Level::debug, "loud");
    spdlog::debug("loud too");
    EXPECT_EQ(lines().size(), 2U);
}

TEST_F(Log, LevelsBelowAreNotWritten) {
    set_up(Level::warn, false);
    log_event(Level::info, "quiet");
    log_request(finished_chat());
    spdlog::info("quiet");
    log_event(Level::error, "loud");
    const auto written = lines();
    ASSERT_EQ(written.size(), 1U);
    EXPECT_THAT(written[0], HasSubstr(" ERROR loud"));
    EXPECT_FALSE(logs(Level::info));
    EXPECT_TRUE(logs(Level::warn));
}

TEST_F(Log, WhatOthersSayToSpdlogIsFormedAndRedactedToo) {
    set_up(Level::info, true);
    spdlog::error("refused: {}", "sk-proj-abcdefgh12345678");
    log_event(Level::info, "key xai-0123456789abcdef", {{"note", "Bearer abc123def456"}});
    const auto written = lines();
    ASSERT_EQ(written.size(), 2U);
    EXPECT_EQ(json::parse(written[0])["message"], "refused: [redacted]");
    EXPECT_EQ(json::parse(written[0])["level"], "ERROR");
    EXPECT_EQ(json::parse(written[1])["message"], "key [redacted]");
    EXPECT_EQ(json::parse(written[1])["note"], "Bearer [redacted]");
}

TEST_F(Log, ADirectoryThatCannotBeWrittenIsAnError) {
    LogOptions options;
    options.directory = "/proc/no-such-directory";
    const auto set = set_up_log(options);
    ASSERT_FALSE(set.has_value());
    EXPECT_THAT(set.error().message, HasSubstr("/proc/no-such-directory: cannot be written"));
}

TEST(WithoutSetUp, NothingIsWrittenAndNothingBreaks) {
    shut_down_log();
    EXPECT_FALSE(logs(Level::error));
    log_event(Level::error, "nobody listens");
    log_request(finished_chat());
    flush_log();
}

}  // namespace
}  // namespace smg::telemetry
