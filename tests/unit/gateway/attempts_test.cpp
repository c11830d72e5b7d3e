#include "gateway/attempts.hpp"

#include <gtest/gtest.h>

namespace smg::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = workers::Clock;

const Clock::time_point start = Clock::time_point(std::chrono::hours(3));
constexpr auto plenty = std::chrono::hours(1);

class OfOneRequest : public ::testing::Test {
protected:
    OfOneRequest() { rules.jitter = 0; }
    bool lose(const std::string& worker, bool same_worker = true, std::optional<double> wait = std::nullopt, bool sent = true) {
        attempts.begin();
        Attempts::Loss loss;
        loss.worker = worker;
        loss.verdict = {true, same_worker};
        loss.stated_wait = wait;
        loss.sent = sent;
        loss.rules = rules;
        return attempts.lost(loss, start, 0.5);
    }
    auto pause(std::optional<Clock::duration> resting = std::nullopt, Clock::duration left = plenty) const {
        return attempts.until_next_round(start, resting, rules, left);
    }
    Attempts attempts;
    workers::RetryRules rules;
};

TEST_F(OfOneRequest, IsSentSoOftenInAll) {
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(lose("w" + std::to_string(i)));
    EXPECT_FALSE(lose("w4"));
    EXPECT_EQ(attempts.count(), 5);
}

TEST_F(OfOneRequest, FindingNobodyIsNoSend) {
    for (int i = 0; i < 9; ++i) EXPECT_TRUE(lose("w" + std::to_string(i), true, std::nullopt, false));
    EXPECT_FALSE(attempts.sent_before());
    EXPECT_EQ(attempts.count(), 9);
    EXPECT_EQ(attempts.tried().size(), 9U);
}

TEST_F(OfOneRequest, WithoutRetriesOneIsAll) {
    rules.max_sends = 1;
    EXPECT_FALSE(lose("a", true, std::nullopt, false));
    EXPECT_FALSE(pause());
}

TEST_F(OfOneRequest, AWaitOfNothingLeavesThePause) {
    lose("a", true, 0.0);
    EXPECT_EQ(pause(), milliseconds(50));
}

TEST_F(OfOneRequest, AResendIsASend) {
    attempts.begin();
    attempts.resent();
    EXPECT_EQ(attempts.count(), 2);
    EXPECT_EQ(attempts.sends(), 1);
}

TEST_F(OfOneRequest, TheSameWorkerIsAskedAgainAfterAGrowingPause) {
    lose("a");
    EXPECT_EQ(pause(), milliseconds(50));
    attempts.next_round();
    EXPECT_TRUE(attempts.tried().empty());
    lose("a");
    EXPECT_EQ(pause(), milliseconds(75));
}

TEST_F(OfOneRequest, ASpentAccountIsNotAskedAgain) {
    lose("spent", false);
    EXPECT_FALSE(pause());
    lose("busy");
    EXPECT_EQ(pause(), milliseconds(50));
    attempts.next_round();
    EXPECT_EQ(attempts.tried(), std::vector<std::string>{"spent"});
}

TEST_F(OfOneRequest, AStatedWaitIsTheShortestOfThem) {
    lose("a", true, 3);
    EXPECT_EQ(pause(), seconds(3));
    lose("b", true, 2);
    EXPECT_EQ(pause(), seconds(2));
    EXPECT_EQ(pause(milliseconds(1500)), milliseconds(1500)) << "a third, which rests, is back before";
}

TEST_F(OfOneRequest, APauseBeyondTheLongestOrTheTimeLeftIsNotWaitedFor) {
    lose("a", true, 31);
    EXPECT_FALSE(pause());
    EXPECT_FALSE(pause(seconds(31)));
    lose("b", true, 3);
    EXPECT_FALSE(pause(std::nullopt, seconds(3)));
    EXPECT_EQ(pause(std::nullopt, seconds(4)), seconds(3));
}

TEST_F(OfOneRequest, EvenARequestThatWasNeverSentWaitsForThoseWhoRest) {
    EXPECT_EQ(pause(seconds(2)), seconds(2));
    for (int i = 0; i < 4; ++i) attempts.next_round();
    EXPECT_FALSE(pause(seconds(2))) << "but not for ever";
}

}  // namespace
}  // namespace smg::gateway
