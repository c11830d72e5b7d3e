#include "telemetry/log_destination.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace smg::telemetry {
namespace {

using std::chrono::hours;

class DailyFiles : public testing::Test {
protected:
    DailyFiles() : directory_(std::filesystem::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name()) {
        std::filesystem::remove_all(directory_);
    }
    ~DailyFiles() override { std::filesystem::remove_all(directory_); }
    LogDestination open(std::size_t max_files) { return LogDestination::open(directory_.string(), max_files).value(); }
    void put(const std::string& name) const {
        std::filesystem::create_directories(directory_);
        std::ofstream(directory_ / name) << "old\n";
    }
    std::set<std::string> names() const {
        std::set<std::string> all;
        for (const auto& entry : std::filesystem::directory_iterator(directory_)) all.insert(entry.path().filename().string());
        return all;
    }
    std::string text(const std::string& name) const {
        std::ostringstream all;
        all << std::ifstream(directory_ / name).rdbuf();
        return all.str();
    }
    std::filesystem::path directory_;
};

TEST_F(DailyFiles, EachDayHasItsOwn) {
    auto destination = open(0);
    const auto today = std::chrono::system_clock::now();
    for (int day = 0; day < 3; ++day) destination.write("line of day " + std::to_string(day) + "\n", today + day * hours(24));
    const auto all = names();
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(text(*all.begin()), "line of day 0\n");
    EXPECT_EQ(text(*all.rbegin()), "line of day 2\n");
}

TEST_F(DailyFiles, TheNewestAreKept) {
    auto destination = open(2);
    const auto today = std::chrono::system_clock::now();
    for (int day = 0; day < 5; ++day) destination.write("line of day " + std::to_string(day) + "\n", today + day * hours(24));
    const auto all = names();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(text(*all.begin()), "line of day 3\n");
    EXPECT_EQ(text(*all.rbegin()), "line of day 4\n");
}

TEST_F(DailyFiles, ThoseOfEarlierProcessesCountAndStrangersDoNot) {
    const std::vector<std::string> kept{"smg_2020-03-07.log", "smg_2019-05-01.log.gz", "smg.log", "other_2019-05-01.log"};
    for (const auto& name : kept) put(name);
    for (const auto* name : {"smg_2019-05-01.log", "smg_2020-02-29.log"}) put(name);
    open(2).write("line\n", std::chrono::system_clock::now());
    const auto all = names();
    EXPECT_FALSE(all.contains("smg_2019-05-01.log"));
    EXPECT_FALSE(all.contains("smg_2020-02-29.log"));
    for (const auto& name : kept) EXPECT_TRUE(all.contains(name)) << name;
    EXPECT_EQ(all.size(), 5U);
}

}  // namespace
}  // namespace smg::telemetry
