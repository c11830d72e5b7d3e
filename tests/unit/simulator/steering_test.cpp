#include "simulator/steering.hpp"

#include <gtest/gtest.h>

namespace smg::simulator {
namespace {

TEST(Steering, IsNothingWithoutItsWords) {
    const auto steering = parse_steering("please simulate a hang, or cut: status=500");
    EXPECT_FALSE(steering.hang || steering.cut || steering.status || steering.tokens);
}

TEST(Steering, ReadsWordsAnywhere) {
    const auto steering = parse_steering("first simulate:cut then simulate:tokens=20 simulate:error-event.");
    EXPECT_TRUE(steering.cut);
    EXPECT_TRUE(steering.error_event);
    EXPECT_EQ(steering.tokens, 20U);
    EXPECT_FALSE(steering.error_first);
}

TEST(Steering, ReadsSeveralWordsByCommas) {
    const auto steering = parse_steering("simulate:slow,chunks=3,cached=7,interval=5, hang");
    EXPECT_TRUE(steering.slow);
    EXPECT_EQ(steering.chunks, 3U);
    EXPECT_EQ(steering.cached, 7U);
    EXPECT_EQ(steering.interval, std::chrono::milliseconds(5));
    EXPECT_FALSE(steering.hang) << "behind a space stands text";
}

TEST(Steering, TakesErrorStatusesOnly) {
    EXPECT_EQ(parse_steering("simulate:status=429").status, 429);
    EXPECT_FALSE(parse_steering("simulate:status=200").status);
    EXPECT_FALSE(parse_steering("simulate:status=600").status);
}

TEST(Steering, PassesOverWhatIsMalformed) {
    for (const auto* text : {"simulate:", "simulate:tokens=", "simulate:tokens=-1", "simulate:tokens=1x", "simulate:tokens=100000001",
                             "simulate:chunks=0", "simulate:cut=1", "simulate:nonsense", "simulate:,,"}) {
        const auto steering = parse_steering(text);
        EXPECT_FALSE(steering.tokens || steering.chunks || steering.cut) << text;
    }
}

}  // namespace
}  // namespace smg::simulator
