#include "workers/retry.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "smg/config.hpp"
#include "workers/spec.hpp"

namespace smg::workers {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Clock::time_point start = Clock::time_point(std::chrono::hours(5));

TEST(Backoff, GrowsToItsMaximumWithinItsJitter) {
    RetryRules rules;
    rules.jitter = 0;
    EXPECT_EQ(backoff(rules, 0, 0.5), milliseconds(50));
    EXPECT_EQ(backoff(rules, 1, 0.5), milliseconds(75));
    EXPECT_EQ(backoff(rules, 100, 0.5), seconds(30));
    rules.jitter = 0.2;
    EXPECT_EQ(backoff(rules, 0, 0), milliseconds(40));
    EXPECT_EQ(backoff(rules, 0, 0.5), milliseconds(50));
    EXPECT_LT(backoff(rules, 0, 0.999), milliseconds(60));
    EXPECT_GT(backoff(rules, 0, 0.999), milliseconds(59));
}

TEST(RetryRulesOf, AWorkerGoBeforeTheFlags) {
    config::RetrySettings flags;
    ResilienceOverrides own;
    EXPECT_EQ(retry_rules(own, flags).max_sends, 5);
    own.max_retries = 2;
    own.initial_backoff_ms = 7;
    own.max_backoff_ms = 70;
    own.backoff_multiplier = 3;
    own.jitter_factor = 0;
    const auto rules = retry_rules(own, flags);
    EXPECT_EQ(rules.max_sends, 2);
    EXPECT_EQ(backoff(rules, 0, 0), milliseconds(7));
    EXPECT_EQ(backoff(rules, 1, 0), milliseconds(21));
    EXPECT_EQ(backoff(rules, 9, 0), milliseconds(70));
    own.disable_retry = true;
    EXPECT_EQ(retry_rules(own, flags).max_sends, 1);
    flags.enabled = false;
    own.disable_retry = false;
    EXPECT_EQ(retry_rules(own, flags).max_sends, 2) << "its own word goes before the flag";
}

TEST(RecentCounts, ForgetAfterTenSeconds) {
    RecentCount count;
    for (int i = 0; i < 100; ++i) count.add(start + milliseconds(100 * i));
    EXPECT_EQ(count.sum(start + milliseconds(9999)), 100U);
    EXPECT_EQ(count.sum(start + milliseconds(10'000)), 90U);
    EXPECT_EQ(count.sum(start + seconds(19)), 0U);
    EXPECT_EQ(count.sum(start + seconds(60)), 0U);
    count.add(start + seconds(64));  // the cell of another second
    EXPECT_EQ(count.sum(start + seconds(64)), 1U);
}

TEST(RetryBudgets, TenAreFreeAndThenAFifth) {
    RetryBudget budget(2);
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(budget.take(start)) << i;
    EXPECT_FALSE(budget.take(start));
    for (int i = 0; i < 100; ++i) budget.count_request(static_cast<std::size_t>(i % 2), start);
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(budget.take(start + seconds(1))) << i;
    EXPECT_FALSE(budget.take(start + seconds(1)));
    EXPECT_TRUE(budget.take(start + seconds(20)));
}

TEST(RetryBudgets, CountFromAllThreads) {
    constexpr int each = 20'000;
    RetryBudget budget(4);
    std::vector<std::thread> threads;
    std::atomic<int> taken{0};
    for (std::size_t shard = 0; shard < 4; ++shard)
        threads.emplace_back([&, shard] {
            for (int i = 0; i < each; ++i) {
                budget.count_request(shard, start);
                taken += budget.take(start) ? 1 : 0;
            }
        });
    for (auto& thread : threads) thread.join();
    while (budget.take(start)) ++taken;
    EXPECT_NEAR(taken.load(), 4 * each / 5, 4);
}

}  // namespace
}  // namespace smg::workers
