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
#include "unit/telemetry/finished_request.hpp"

namespace smg::telemetry {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

/// Collects what a LineWriter writes; can be made to wait, as a slow disk would.
class Destination {
public:
    void write(std::string_view lines, std::uint64_t dropped) {
        std::unique_lock lock(mutex_);
        entered_ = true;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
        text_.append(lines);
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
