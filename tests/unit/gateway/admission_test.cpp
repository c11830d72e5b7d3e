// Who begins, who waits, in which order, and that no place is ever lost.
#include "gateway/admission.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "support/loop_runner.hpp"

namespace smg::gateway {
namespace {

using config::AdmissionSettings;
using config::Priority;
using Place = Admission::Place;

AdmissionSettings at_most(std::int64_t requests, std::size_t queue = 100) {
    AdmissionSettings settings;
    settings.max_concurrent = requests;
    settings.queue_size = queue;
    return settings;
}

/// Coroutines that ask for a place on one loop, and what they got, in order.
class Line {
public:
    explicit Line(const AdmissionSettings& settings) : admission(settings) {}
    ~Line() {
        // Those who still wait have left before what they refer to goes.
        for (const auto& [name, cancellation] : cancellations) cancellation->request();
        while (loop.context().poll_one() > 0) {}
    }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    void ask(const std::string& name, Priority priority = Priority::normal) {
        cancellations[name] = std::make_unique<net::Cancellation>();
        net::asio::co_spawn(loop.executor(), wait(name, priority, *cancellations[name]), [](std::exception_ptr) {});
        while (loop.context().poll_one() > 0) {}
    }
    void leave(const std::string& name) {
        places.erase(name);
        while (loop.context().poll_one() > 0) {}
    }
    [[nodiscard]] std::vector<std::string> admitted() const { return order; }

    net::EventLoop loop;
    Admission admission;
    std::map<std::string, std::unique_ptr<net::Cancellation>> cancellations;
    std::map<std::string, Place> places;
    std::map<std::string, Failure> refused;
    std::vector<std::string> order;

private:
    net::Awaitable<void> wait(std::string name, Priority priority, net::Cancellation& cancellation) {
        auto place = co_await admission.enter(loop, priority, cancellation);
        if (!place) {
            refused.emplace(name, place.error().failure);
            co_return;
        }
        places[name] = std::move(*place);
        order.push_back(name);
    }
};

using Names = std::vector<std::string>;

TEST(Admission, WithoutALimitEverybodyBegins) {
    Line line(at_most(-1));
    for (const auto* name : {"a", "b", "c"}) line.ask(name);
    EXPECT_EQ(line.admitted(), (Names{"a", "b", "c"}));
}

TEST(Admission, BeyondTheLimitFirstComeFirstServed) {
    Line line(at_most(1));
    for (const auto* name : {"a", "b", "c"}) line.ask(name);
    EXPECT_EQ(line.admitted(), Names{"a"});
    EXPECT_EQ(line.admission.waiting(), 2U);
    line.leave("a");
    EXPECT_EQ(line.admitted(), (Names{"a", "b"}));
    EXPECT_EQ(line.admission.in_flight(), 1);
    line.leave("b");
    line.leave("c");
    EXPECT_EQ(line.admitted(), (Names{"a", "b", "c"}));
    EXPECT_EQ(line.admission.in_flight(), 0);
}

TEST(Admission, AHigherClassGoesFirst) {
    Line line(at_most(1));
    line.ask("running");
    line.ask("low", Priority::low);
    line.ask("normal");
    line.ask("high", Priority::high);
    for (const auto* name : {"running", "high", "normal", "low"}) line.leave(name);
    EXPECT_EQ(line.admitted(), (Names{"running", "high", "normal", "low"}));
}

TEST(Admission, AFullLineRefusesAtOnce) {
    Line line(at_most(1, 1));
    for (const auto* name : {"a", "b", "c"}) line.ask(name);
    EXPECT_EQ(line.refused.at("c"), Failure::rate_limit_exceeded);
    EXPECT_EQ(line.admission.waiting(), 1U);
}

TEST(Admission, WhoLeavesTheLineGivesItsTurnToTheNext) {
    Line line(at_most(1));
    for (const auto* name : {"a", "b", "c"}) line.ask(name);
    line.cancellations["b"]->request();
    ASSERT_TRUE(test::run_until(line.loop, [&] { return line.refused.contains("b"); }));
    line.leave("a");
    EXPECT_EQ(line.admitted(), (Names{"a", "c"}));
}

TEST(Admission, WhoLeavesWhileItIsGivenAPlacePassesItOn) {
    Line line(at_most(1));
    for (const auto* name : {"a", "b", "c"}) line.ask(name);
    line.places.erase("a");  // the place is b's, who has not heard of it
    line.cancellations["b"]->request();
    ASSERT_TRUE(test::run_until(line.loop, [&] { return line.order.size() == 2; }));
    EXPECT_EQ(line.admitted(), (Names{"a", "c"}));
    EXPECT_EQ(line.admission.in_flight(), 1);
}

TEST(Admission, AHigherLimitLetsThoseInWhoWait) {
    Line line(at_most(1));
    for (const auto* name : {"a", "b", "c", "d"}) line.ask(name);
    line.admission.set(at_most(3));
    ASSERT_TRUE(test::run_until(line.loop, [&] { return line.order.size() == 3; }));
    EXPECT_EQ(line.admitted(), (Names{"a", "b", "c"}));
    EXPECT_EQ(line.admission.in_flight(), 3);
    line.admission.set(at_most(-1));
    ASSERT_TRUE(test::run_until(line.loop, [&] { return line.order.size() == 4; }));
    for (const auto* name : {"a", "b", "c", "d"}) line.leave(name);
    EXPECT_EQ(line.admission.in_flight(), 0);
}

TEST(Admission, ALowerLimitTakesNobodysPlaceAndHoldsOnceEnoughHaveLeft) {
    Line line(at_most(3));
    for (const auto* name : {"a", "b", "c", "d"}) line.ask(name);
    line.admission.set(at_most(1));
    line.leave("a");
    line.leave("b");
    EXPECT_EQ(line.admitted(), (Names{"a", "b", "c"}));
    EXPECT_EQ(line.admission.in_flight(), 1);
    line.leave("c");
    ASSERT_TRUE(test::run_until(line.loop, [&] { return line.order.size() == 4; }));
    EXPECT_EQ(line.admission.in_flight(), 1);
}

TEST(Admission, ARateThatDidNotChangeStaysSpent) {
    AdmissionSettings settings;
    settings.requests_per_second = 0.001;
    Line line(settings);
    line.ask("a");
    line.admission.set(settings);
    line.ask("b");
    EXPECT_TRUE(line.refused.contains("b"));
    line.admission.set(at_most(-1));
    line.ask("c");
    EXPECT_EQ(line.admitted(), (Names{"a", "c"}));
}

TEST(Admission, WaitingHasAnEnd) {
    auto settings = at_most(1);
    settings.queue_timeout = std::chrono::milliseconds(1);
    Line line(settings);
    line.ask("a");
    line.ask("b");
    ASSERT_TRUE(test::run_until(line.loop, [&] { return line.refused.contains("b"); }));
    EXPECT_EQ(line.refused.at("b"), Failure::request_timeout);
    line.leave("a");
    EXPECT_EQ(line.admission.in_flight(), 0);
}

TEST(Admission, ARateRefusesWhatComesTooFast) {
    AdmissionSettings settings;
    settings.requests_per_second = 0.001;
    Line line(settings);
    line.ask("a");
    line.ask("b");
    EXPECT_EQ(line.admitted(), Names{"a"});
    EXPECT_EQ(line.refused.at("b"), Failure::rate_limit_exceeded);
}

}  // namespace
}  // namespace smg::gateway
