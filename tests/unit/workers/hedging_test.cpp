#include "workers/hedging.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace smg::workers {
namespace {

using std::chrono::milliseconds;

TEST(FirstByteTimes, SayNothingBeforeEnoughIsKnown) {
    FirstByteTimes times;
    for (std::size_t i = 1; i < FirstByteTimes::least_samples; ++i) times.sample("m", true, milliseconds(10));
    EXPECT_FALSE(times.p95("m", true));
    times.sample("m", true, milliseconds(10));
    ASSERT_TRUE(times.p95("m", true));
    EXPECT_EQ(*times.p95("m", true), milliseconds(10));
}

TEST(FirstByteTimes, AreExceededByOneInTwenty) {
    FirstByteTimes times;
    for (int i = 1; i <= 200; ++i) times.sample("m", false, milliseconds(i));
    ASSERT_TRUE(times.p95("m", false));
    EXPECT_GE(*times.p95("m", false), milliseconds(184));
    EXPECT_LE(*times.p95("m", false), milliseconds(190));
}

TEST(FirstByteTimes, AreOfOneModelAndOneKindOfAnswer) {
    FirstByteTimes times;
    for (std::size_t i = 0; i < FirstByteTimes::least_samples; ++i) times.sample("m", true, milliseconds(10));
    EXPECT_FALSE(times.p95("m", false)) << "a whole answer takes longer than a stream's beginning";
    EXPECT_FALSE(times.p95("n", true));
}

TEST(FirstByteTimes, ForgetWhatWasLongAgo) {
    FirstByteTimes times;
    for (std::size_t i = 0; i < FirstByteTimes::window; ++i) times.sample("m", true, milliseconds(1000));
    for (std::size_t i = 0; i < FirstByteTimes::window; ++i) times.sample("m", true, milliseconds(5));
    EXPECT_EQ(*times.p95("m", true), milliseconds(5));
}

TEST(FirstByteTimes, AreBoundedAndTheModelHeardOfLongestAgoGoes) {
    FirstByteTimes times(2);
    const auto know = [&](const char* model) {
        for (std::size_t i = 0; i < FirstByteTimes::least_samples; ++i) times.sample(model, true, milliseconds(10));
    };
    know("a");
    know("b");
    times.sample("a", true, milliseconds(10));
    know("c");
    EXPECT_EQ(times.size(), 2U);
    EXPECT_TRUE(times.p95("a", true));
    EXPECT_FALSE(times.p95("b", true));
    EXPECT_TRUE(times.p95("c", true));
}

TEST(HedgeBudget, AllowsItsShareAndNoMore) {
    HedgeBudget budget;
    int sent = 0;
    for (int request = 0; request < 1000; ++request) {
        budget.count_request(0.05);
        sent += budget.take() ? 1 : 0;
    }
    EXPECT_EQ(sent, 50);
}

TEST(HedgeBudget, BeginsEmptyAndSavesUpALittle) {
    HedgeBudget budget;
    EXPECT_FALSE(budget.take());
    for (int request = 0; request < 10'000; ++request) budget.count_request(0.5);
    int sent = 0;
    while (budget.take()) ++sent;
    EXPECT_EQ(sent, HedgeBudget::most_saved);
}

TEST(HedgeBudget, WhatWasNotSentIsGivenBack) {
    HedgeBudget budget;
    budget.count_request(1);
    ASSERT_TRUE(budget.take());
    budget.give_back();
    EXPECT_TRUE(budget.take());
}

TEST(HedgeBudget, HoldsForAllThreadsTogether) {
    HedgeBudget budget;
    std::atomic<int> sent{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int request = 0; request < 5000; ++request) {
                budget.count_request(0.1);
                if (budget.take()) ++sent;
            }
        });
    for (auto& thread : threads) thread.join();
    EXPECT_LE(sent, 2000);
    EXPECT_GE(sent, 2000 - HedgeBudget::most_saved);
}

}  // namespace
}  // namespace smg::workers
