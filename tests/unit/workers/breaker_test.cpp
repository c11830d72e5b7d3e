#include <gtest/gtest.h>

#include "smg/config.hpp"
#include "workers/breakers.hpp"
#include "workers/spec.hpp"

namespace smg::workers {
namespace {

using std::chrono::seconds;
using Permit = BreakerMachine::Permit;

const Clock::time_point start = Clock::time_point(std::chrono::hours(7));

class Machine : public ::testing::Test {
protected:
    Permit one(bool success, Clock::time_point now = start) {
        const auto permit = machine.begin(rules, now, change);
        machine.end(permit, now, success, rules, now, change);
        return permit;
    }
    void fail_until_open() {
        for (std::uint32_t i = 0; i < rules.failure_threshold; ++i) one(false);
        ASSERT_EQ(machine.state(), BreakerState::open);
    }
    BreakerMachine machine;
    BreakerRules rules;
    BreakerMachine::Change change;
};

TEST_F(Machine, OpensAfterFailuresInARow) {
    for (int i = 0; i < 9; ++i) one(false);
    one(true);
    EXPECT_EQ(machine.state(), BreakerState::closed);
    for (int i = 0; i < 9; ++i) one(false);
    EXPECT_EQ(machine.state(), BreakerState::closed) << "9 in a row, and 18 of 19 in the window, which are too few";
    EXPECT_EQ(machine.consecutive_failures(), 9U);
    one(false);
    EXPECT_EQ(machine.state(), BreakerState::open);
    EXPECT_TRUE(machine.blocks(start + seconds(59)));
    EXPECT_FALSE(machine.blocks(start + seconds(60)));
}

TEST_F(Machine, OpensWhenHalfOfTwentyFail) {
    for (int i = 0; i < 9; ++i) {
        one(true);
        one(false);
    }
    one(true);
    EXPECT_EQ(machine.state(), BreakerState::closed);
    one(false);
    EXPECT_EQ(machine.state(), BreakerState::open);
}

TEST_F(Machine, ForgetsWhatIsOlderThanTheWindow) {
    for (int i = 0; i < 30; ++i) {
        one(i % 3 != 0);
        one(true);
    }
    for (int i = 0; i < 18; ++i) one(i % 2 == 0, start + seconds(130));
    EXPECT_EQ(machine.state(), BreakerState::closed) << "18 results are left of more";
    one(true, start + seconds(130));
    one(false, start + seconds(130));
    EXPECT_EQ(machine.state(), BreakerState::open);
}

TEST_F(Machine, LetsOneTrialThroughAtATime) {
    fail_until_open();
    const auto later = start + seconds(60);
    EXPECT_EQ(machine.begin(rules, start + seconds(59), change), Permit::refused);
    EXPECT_EQ(machine.begin(rules, later, change), Permit::trial);
    EXPECT_EQ(machine.state(), BreakerState::half_open);
    EXPECT_EQ(machine.begin(rules, later, change), Permit::refused);
    machine.end(Permit::trial, later, true, rules, later, change);
    EXPECT_EQ(one(true, later), Permit::trial);
    EXPECT_EQ(machine.state(), BreakerState::half_open);
    EXPECT_EQ(one(true, later), Permit::trial);
    EXPECT_EQ(machine.state(), BreakerState::closed);
    EXPECT_EQ(one(false, later), Permit::normal);
    EXPECT_EQ(machine.state(), BreakerState::closed) << "what was before is forgotten";
}

TEST_F(Machine, AFailedTrialOpensItAnew) {
    fail_until_open();
    const auto later = start + seconds(60);
    one(true, later);
    one(false, later);
    EXPECT_EQ(machine.state(), BreakerState::open);
    EXPECT_TRUE(machine.blocks(later + seconds(59)));
    EXPECT_FALSE(machine.blocks(later + seconds(60)));
}

TEST_F(Machine, ATrialThatTellsNothingGivesItsPlaceBack) {
    fail_until_open();
    const auto later = start + seconds(60);
    ASSERT_EQ(machine.begin(rules, later, change), Permit::trial);
    machine.abandon(Permit::trial, later);
    EXPECT_EQ(machine.begin(rules, later, change), Permit::trial);
}

TEST_F(Machine, ATrialThatHangsDoesNotKeepTheWorkerOut) {
    fail_until_open();
    const auto first = start + seconds(60), second = first + seconds(60);
    ASSERT_EQ(machine.begin(rules, first, change), Permit::trial);
    EXPECT_TRUE(machine.blocks(second - seconds(1)));
    ASSERT_FALSE(machine.blocks(second));
    ASSERT_EQ(machine.begin(rules, second, change), Permit::trial) << "the first has said nothing for as long as the breaker stays open";
    EXPECT_TRUE(machine.blocks(second));
    machine.abandon(Permit::trial, first);
    EXPECT_TRUE(machine.blocks(second)) << "the second is under way";
    machine.end(Permit::trial, second, true, rules, second, change);
    machine.end(Permit::trial, first, false, rules, second + seconds(1), change);
    EXPECT_EQ(machine.state(), BreakerState::half_open) << "it has hung since before the worker came back";
    for (int i = 0; i < 2; ++i) EXPECT_EQ(one(true, second + seconds(1)), Permit::trial);
    EXPECT_EQ(machine.state(), BreakerState::closed);
}

TEST_F(Machine, AnEarlierTrialThatFailsOpensItWhenNoneHasSucceededSince) {
    fail_until_open();
    const auto first = start + seconds(60), second = first + seconds(60);
    ASSERT_EQ(machine.begin(rules, first, change), Permit::trial);
    ASSERT_EQ(machine.begin(rules, second, change), Permit::trial);
    machine.end(Permit::trial, first, false, rules, second, change);
    EXPECT_EQ(machine.state(), BreakerState::open);
    machine.end(Permit::trial, second, true, rules, second, change);
    EXPECT_EQ(machine.state(), BreakerState::open);
}

TEST_F(Machine, WhatBeganBeforeItOpenedTellsNothing) {
    const auto early = machine.begin(rules, start, change);
    fail_until_open();
    machine.end(early, start, true, rules, start, change);
    EXPECT_EQ(machine.state(), BreakerState::open);
    const auto later = start + seconds(60);
    ASSERT_EQ(machine.begin(rules, later, change), Permit::trial);
    machine.end(early, start, false, rules, later, change);
    EXPECT_EQ(machine.state(), BreakerState::half_open);
}

TEST(BreakerRulesOf, AWorkerGoBeforeTheFlags) {
    ResilienceOverrides own;
    own.cb_failure_threshold = 2;
    own.cb_success_threshold = 1;
    own.cb_timeout_secs = 0.5;
    own.cb_window_secs = 3;
    own.disable_circuit_breaker = true;
    const auto rules = breaker_rules(own, {});
    EXPECT_EQ(rules.failure_threshold, 2U);
    EXPECT_EQ(rules.success_threshold, 1U);
    EXPECT_EQ(rules.timeout, std::chrono::milliseconds(500));
    EXPECT_EQ(rules.window, seconds(3));
    EXPECT_FALSE(rules.enabled);
    EXPECT_EQ(breaker_rules({}, {}).timeout, seconds(60));
}

class OfAWorker : public ::testing::Test {
protected:
    BreakerPass pass(std::string_view model = "m", Clock::time_point now = start) { return BreakerPass(breakers, model, rules, now); }
    std::shared_ptr<Breakers> breakers = std::make_shared<Breakers>();
    BreakerRules rules;
};

TEST_F(OfAWorker, EachModelHasItsOwn) {
    for (int i = 0; i < 10; ++i) pass("broken").failure(start);
    pass("fine").success(start);
    EXPECT_EQ(breakers->blocked_until("broken", start), start + seconds(60));
    EXPECT_FALSE(breakers->blocked_until("fine", start));
    EXPECT_FALSE(breakers->blocked_until("never seen", start));
    EXPECT_TRUE(pass("broken").refused());
    EXPECT_EQ(breakers->worst().model, "broken");
    EXPECT_EQ(breakers->worst().consecutive_failures, 10U);
    EXPECT_EQ(breakers->failures, 10U);
    EXPECT_EQ(breakers->successes, 1U);
    EXPECT_EQ(breakers->transitions[0][1], 1U);
}

TEST_F(OfAWorker, APassThatSaysNothingLeavesTheTrialToOthers) {
    for (int i = 0; i < 10; ++i) pass().failure(start);
    const auto later = start + seconds(60);
    {
        const auto trial = pass("m", later);
        EXPECT_FALSE(trial.refused());
        EXPECT_TRUE(breakers->blocked_until("m", later));
    }
    EXPECT_FALSE(breakers->blocked_until("m", later));
    for (int i = 0; i < 3; ++i) pass("m", later).success(later);
    EXPECT_EQ(breakers->worst().state, BreakerState::closed);
    EXPECT_EQ(breakers->transitions[2][0], 1U);
}

TEST_F(OfAWorker, AStreamThatBeginsWellAndIsCutIsBoth) {
    auto first = pass();
    first.success(start);
    first.success(start);
    EXPECT_EQ(breakers->successes, 1U);
    first.failure(start);
    first.failure(start);
    EXPECT_EQ(breakers->failures, 1U);
    EXPECT_EQ(breakers->worst().consecutive_failures, 1U);
}

TEST_F(OfAWorker, MovingAPassMovesItsDuty) {
    for (int i = 0; i < 10; ++i) pass().failure(start);
    const auto later = start + seconds(60);
    BreakerPass kept;
    EXPECT_TRUE(kept.refused());
    kept = pass("m", later);
    EXPECT_TRUE(breakers->blocked_until("m", later));
    kept = BreakerPass();
    EXPECT_FALSE(breakers->blocked_until("m", later));
}

TEST_F(OfAWorker, DisabledItBlocksNobody) {
    rules.enabled = false;
    for (int i = 0; i < 50; ++i) pass().failure(start);
    EXPECT_FALSE(pass().refused());
    EXPECT_FALSE(breakers->blocked_until("m", start));
}

TEST_F(OfAWorker, InventedModelsShareOne) {
    for (std::size_t i = 0; i < Breakers::most_models + 50; ++i) pass("model-" + std::to_string(i)).success(start);
    EXPECT_EQ(breakers->shown().size(), Breakers::most_models + 1);
    for (int i = 0; i < 10; ++i) pass("one more").failure(start);
    EXPECT_TRUE(breakers->blocked_until("another one", start));
    EXPECT_FALSE(breakers->blocked_until("model-0", start));
}

}  // namespace
}  // namespace smg::workers
