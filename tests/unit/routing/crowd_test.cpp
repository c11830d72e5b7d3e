// More workers of one model than a request looks at: each policy promises there what it promises of a few.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "routing/route.hpp"
#include "unit/workers/fixture.hpp"

namespace smg::routing {
namespace {

using workers::PolicyKind;

class Crowd : public testing::Test {
protected:
    static constexpr int count = 600;
    Crowd() {
        for (int i = 0; i < count; ++i)
            fleet.ready(R"({"url":"http://localhost:)" + std::to_string(10'000 + i) + R"(","models":["m"],"weight":)" +
                        (i % 2 == 0 ? "1" : "3") + "}");
    }
    std::string pick(const RouteRequest& request) {
        const auto choice = choose(*fleet.registry.snapshot(), state, options, request);
        return choice ? choice->worker->id : "nobody";
    }
    static RouteRequest asking(std::string_view prompt = {}) {
        RouteRequest request;
        request.model = "m";
        request.prompt = prompt;
        request.now = workers::Clock::time_point(std::chrono::seconds(1000));
        return request;
    }
    workers::test::Fleet fleet;
    RouteOptions options;
    PolicyState state{1};
};

TEST_F(Crowd, ATextGoesBackToWhoSawItsBeginning) {
    std::string text(2000, 's');  // what all of them begin with
    std::map<std::string, std::string> first;
    for (int conversation = 0; conversation < 50; ++conversation) {
        const auto prompt = text + std::to_string(conversation) + std::string(6000, static_cast<char>('a' + conversation % 26));
        first[prompt] = pick(asking(prompt));
    }
    int back = 0;
    for (const auto& [prompt, worker] : first) back += pick(asking(prompt + " and another turn")) == worker ? 1 : 0;
    EXPECT_GE(back, 48) << "of 50: a node of the table holds two workers";
}

TEST_F(Crowd, WhoSawItIsLeftWhenItIsOutOfService) {
    const std::string prompt(6000, 'p');
    const auto worker = pick(asking(prompt));
    ASSERT_TRUE(fleet.registry.remove(worker));
    EXPECT_NE(pick(asking(prompt)), worker);
}

TEST_F(Crowd, SessionsAreSpreadAndEachStays) {
    std::map<std::string, int> sessions;
    for (int i = 0; i < 6000; ++i) {
        auto request = asking();
        request.affinity_key = "session-" + std::to_string(i);
        const auto worker = pick(request);
        ASSERT_EQ(pick(request), worker);
        ++sessions[worker];
    }
    EXPECT_GT(sessions.size(), 590U);
    const auto most = std::max_element(sessions.begin(), sessions.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    EXPECT_LT(most->second, 45) << "ten each on the average, fifteen by weight";
}

TEST_F(Crowd, TurnsFollowTheWeights) {
    options.policy = PolicyKind::weighted_round_robin;
    double light = 0, heavy = 0;
    for (int i = 0; i < 20'000; ++i) {
        const auto worker = fleet.worker(pick(asking()));
        (worker->spec->weight > 1 ? heavy : light) += 1;
    }
    EXPECT_NEAR(heavy / (light + heavy), 0.75, 0.02);
}

TEST_F(Crowd, AnybodyIsFoundWhenFewAreInService) {
    for (int i = 1; i < count; ++i)
        ASSERT_TRUE(fleet.registry.apply("w" + std::to_string(i), workers::StatusEvent::unhealthy, "down", 1002));
    options.policy = PolicyKind::least_load;
    for (int i = 0; i < 20; ++i) EXPECT_EQ(pick(asking()), "w600");
}

TEST_F(Crowd, OneTextsBeginningIsSharedByManyUnderPrefixHash) {
    options.policy = PolicyKind::prefix_hash;
    const std::string prompt(4000, 'p');
    std::map<std::string, int> loads;
    for (int i = 0; i < 1000; ++i) {
        const auto worker = pick(asking(prompt));
        ++loads[worker];
        ++fleet.worker(worker)->counters->in_flight;
    }
    for (const auto& [worker, load] : loads) EXPECT_LE(load, 6) << worker;
    EXPECT_GT(loads.size(), 200U);
}

}  // namespace
}  // namespace smg::routing
