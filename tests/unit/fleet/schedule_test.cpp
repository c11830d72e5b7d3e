#include "fleet/schedule.hpp"

#include "fixture.hpp"

namespace smg::fleet::test {
namespace {

using workers::Cause;
using workers::Status;

/// Times are handed in: nothing here waits.
class Schedule : public testing::Test {
protected:
    Schedule() { at(0s); }

    void is(const json& spec, Status status, Cause cause = Cause::none) {
        worker_.spec = std::make_shared<const workers::WorkerSpec>(spec_of(spec));
        worker_.identity = *workers::identify(*worker_.spec, *providers::Catalog::built_in());
        becomes(status, cause);
    }
    void becomes(Status status, Cause cause = Cause::none) {
        worker_.status = status;
        worker_.cause = cause;
        history_.observe(worker_, now_);
    }
    void at(Duration since_start) { now_ = start_ + since_start; }
    Next next() {
        history_.observe(worker_, now_);
        return next_task(worker_, history_, cadence_, health_rules(*worker_.spec, flags_, breaker_), 0);
    }
    /// Seconds after the start.
    double when(const Next& next) const { return std::chrono::duration<double>(next.at - start_).count(); }

    const TimePoint start_ = TimePoint(std::chrono::hours(100));
    TimePoint now_;
    workers::Worker worker_;
    History history_;
    Cadence cadence_;
    config::HealthSettings flags_;
    config::BreakerSettings breaker_;
    const json keyed_ = {{"url", "https://api.openai.com"}, {"api_key", "k"}};
    const json keyless_ = {{"url", "https://api.openai.com"}};
    const json local_ = {{"url", "http://10.0.0.1:8000"}};
};

TEST_F(Schedule, APendingWorkerIsExaminedAtOnce) {
    is(keyed_, Status::pending);
    EXPECT_EQ(next().task, Task::enrol);
    EXPECT_LE(next().at, now_);
}

TEST_F(Schedule, AFailedOneIsTriedAgainLaterAndLater) {
    is(keyed_, Status::failed);
    std::vector<double> waits;
    for (std::uint32_t failures = 1; failures <= 10; ++failures) {
        history_.failed_enrols = failures;
        history_.last_enrol = now_;
        EXPECT_EQ(next().task, Task::enrol);
        waits.push_back(when(next()));
    }
    EXPECT_EQ(waits, (std::vector<double>{2, 4, 8, 16, 32, 64, 128, 256, 300, 300}));
}

TEST_F(Schedule, AFailedLocalOneIsTriedAtLeastAsOftenAsItsHealth) {
    is(local_, Status::failed);
    history_.failed_enrols = 20;
    history_.last_enrol = now_;
    EXPECT_EQ(when(next()), 60);
}

TEST_F(Schedule, TheSpreadTakesATenthAtMost) {
    EXPECT_EQ(retry_delay(1, 2s, 300s, 0), 2s);
    EXPECT_GE(retry_delay(1, 2s, 300s, 0.999), 1800ms);
    EXPECT_EQ(retry_delay(4000000000U, 2s, 300s, 0), 300s);
}

TEST_F(Schedule, AnExternalOneWithAKeyIsCheckedByItsListCall) {
    is(keyed_, Status::ready);
    EXPECT_EQ(next().task, Task::check);
    EXPECT_EQ(when(next()), 60);
    history_.last_check = history_.last_list = start_ + 100s;
    EXPECT_EQ(when(next()), 160);
    is({{"url", "https://api.openai.com"}, {"api_key", "k"}, {"health", {{"disable_health_check", true}}}}, Status::ready);
    EXPECT_EQ(next().task, Task::relist);
}

TEST_F(Schedule, AnExternalOneReadsItsListHourly) {
    flags_.enabled = false;
    is(keyed_, Status::ready);
    EXPECT_EQ(next().task, Task::relist);
    EXPECT_EQ(when(next()), 3600);
    history_.last_list = start_ + 3000s;
    EXPECT_EQ(when(next()), 6600);
    history_.list_wanted = true;
    EXPECT_LE(next().at, now_);
}

TEST_F(Schedule, WithoutAKeyThereIsNothingToAsk) {
    is(keyless_, Status::ready);
    history_.list_wanted = true;
    EXPECT_EQ(next().task, Task::nothing);
    becomes(Status::not_ready, Cause::health);
    EXPECT_EQ(next().task, Task::restore) << "else it would be out of service for ever";
    EXPECT_EQ(when(next()), 0.5);
}

TEST_F(Schedule, OneThatCouldNotBeReachedIsLookedForWithinABreakersPeriod) {
    const auto waits = [this] {
        std::vector<double> all;
        for (history_.bad_checks = 0; history_.bad_checks < 8; ++history_.bad_checks) all.push_back(when(next()));
        return all;
    };
    is(keyed_, Status::not_ready, Cause::health);
    EXPECT_EQ(waits(), (std::vector<double>{0.5, 1, 2, 4, 8, 16, 32, 60}));
    breaker_.timeout = 3s;
    EXPECT_EQ(waits(), (std::vector<double>{0.5, 1, 2, 3, 3, 3, 3, 3}));
    flags_.interval = 2s;
    EXPECT_EQ(waits(), (std::vector<double>{0.5, 1, 2, 2, 2, 2, 2, 2}));
    is({{"url", "https://api.openai.com"}, {"api_key", "k"}, {"resilience", {{"cb_timeout_secs", 0.2}}}}, Status::not_ready, Cause::health);
    EXPECT_EQ(when(next()), 0.2);
}

TEST_F(Schedule, ALocalOneIsCheckedByItsInterval) {
    is(local_, Status::ready);
    EXPECT_EQ(next().task, Task::check);
    EXPECT_EQ(when(next()), 60);
    is({{"url", "http://10.0.0.1:8000"}, {"health", {{"check_interval_secs", 7}}}}, Status::ready);
    history_.last_check = start_ + 1s;
    EXPECT_EQ(when(next()), 8);
    is({{"url", "http://10.0.0.1:8000"}, {"health", {{"disable_health_check", true}}}}, Status::ready);
    EXPECT_EQ(next().task, Task::relist);
}

TEST_F(Schedule, ARefusedKeyIsAskedAboutWithTheListCall) {
    for (const auto& spec : {keyed_, json{{"url", "http://10.0.0.1:8000"}, {"api_key", "k"}}}) {
        is(spec, Status::not_ready, Cause::key_refused);
        EXPECT_EQ(next().task, Task::recheck_key);
        EXPECT_EQ(when(next()), 60);
    }
}

TEST_F(Schedule, DrainingWaitsForTheSettleTimeFromItsBeginning) {
    is(keyed_, Status::ready);
    at(100s);
    becomes(Status::draining);
    at(102s);
    EXPECT_EQ(next().task, Task::drain);
    EXPECT_EQ(when(next()), 105);
    history_.drain_check = start_ + 110s;
    EXPECT_EQ(when(next()), 110);
}

TEST_F(Schedule, AnotherSpecForgetsStreaksAndAPendingOneItsFailures) {
    is(keyed_, Status::failed);
    history_.failed_enrols = 5;
    history_.bad_checks = 2;
    is(keyed_, Status::pending);
    EXPECT_EQ(history_.bad_checks, 0U);
    EXPECT_EQ(history_.failed_enrols, 0U);
}

TEST_F(Schedule, AWorkersOwnHealthRulesWin) {
    workers::WorkerSpec spec;
    auto& own = spec.health;
    own.timeout_secs = 0.5;
    own.failure_threshold = 0;
    own.check_interval_secs = 0;
    own.disable_health_check = false;
    flags_.enabled = false;
    const auto rules = health_rules(spec, flags_, breaker_);
    EXPECT_TRUE(rules.enabled);
    EXPECT_EQ(rules.timeout, 500ms);
    EXPECT_EQ(rules.failure_threshold, 1U);
    EXPECT_EQ(rules.success_threshold, 2U);
    EXPECT_EQ(rules.interval, 100ms) << "no pause at all would be a busy loop";
    EXPECT_EQ(rules.drain_settle, 5s);
}

}  // namespace
}  // namespace smg::fleet::test
