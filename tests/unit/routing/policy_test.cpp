#include "routing/policy.hpp"

#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "routing/rendezvous.hpp"

namespace smg::routing {
namespace {

/// Candidates a, b, c … with loads, weights, costs.
struct Bench {
    explicit Bench(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            auto spec = std::make_shared<workers::WorkerSpec>();
            specs.push_back(spec);
            auto worker = std::make_shared<workers::Worker>();
            worker->id = "worker-" + std::string(1, static_cast<char>('a' + i));
            worker->spec = spec;
            worker->counters = std::make_shared<workers::Counters>();
            owned.push_back(worker);
            candidates.push_back(worker.get());
        }
    }
    void load(std::size_t index, std::int64_t value) { owned[index]->counters->in_flight = value; }
    std::size_t pick(Policy policy, std::string_view affinity = {}, std::string_view identity = {}, std::string_view model = "m") {
        return policy(PolicyInput{candidates, model, affinity, identity, settings, affinity, prompt, prompt.size(), now}, state);
    }
    std::map<std::size_t, int> shares(Policy policy, int rounds) {
        std::map<std::size_t, int> count;
        for (int i = 0; i < rounds; ++i) ++count[pick(policy)];
        return count;
    }
    std::vector<std::shared_ptr<workers::WorkerSpec>> specs;
    std::vector<std::shared_ptr<workers::Worker>> owned;
    std::vector<const workers::Worker*> candidates;
    PolicyState state{7};
    config::PolicySettings settings;
    std::string prompt;
    workers::Clock::time_point now = workers::Clock::time_point(std::chrono::hours(1));
};

using Shares = std::map<std::size_t, int>;

TEST(RoundRobin, In_turn_and_per_model) {
    Bench bench(3);
    EXPECT_EQ(bench.shares(round_robin, 30), (Shares{{0, 10}, {1, 10}, {2, 10}}));
    EXPECT_EQ(bench.pick(round_robin, {}, {}, "other"), 0U);
    EXPECT_EQ(bench.pick(round_robin, {}, {}, "other"), 1U);
}

TEST(WeightedRoundRobin, Exact_shares_smoothly) {
    Bench bench(3);
    bench.specs[0]->weight = 5;
    std::vector<std::size_t> order;
    for (int i = 0; i < 7; ++i) order.push_back(bench.pick(weighted_round_robin));
    EXPECT_EQ(order, (std::vector<std::size_t>{0, 0, 1, 0, 2, 0, 0}));
    EXPECT_EQ(bench.shares(weighted_round_robin, 70), (Shares{{0, 50}, {1, 10}, {2, 10}}));
}

TEST(RandomChoice, Is_even) {
    Bench bench(4);
    for (const auto& [index, count] : bench.shares(random_choice, 4000)) EXPECT_NEAR(count, 1000, 150) << index;
}

TEST(PowerOfTwo, Never_the_most_loaded) {
    Bench bench(3);
    bench.load(0, 9);
    bench.load(1, 1);
    bench.load(2, 5);
    const auto shares = bench.shares(power_of_two, 300);
    EXPECT_FALSE(shares.contains(0));
    EXPECT_NEAR(shares.at(1), 200, 50);
    EXPECT_EQ(Bench(1).pick(power_of_two), 0U);
}

TEST(LeastLoad, Relative_to_weight_and_ties_are_shared) {
    Bench bench(3);
    bench.load(0, 2);
    bench.load(1, 3);
    bench.load(2, 4);
    EXPECT_EQ(bench.shares(least_load, 20), (Shares{{0, 20}}));
    bench.specs[2]->weight = 4;
    EXPECT_EQ(bench.shares(least_load, 20), (Shares{{2, 20}}));
    Bench idle(2);
    for (const auto& [index, count] : idle.shares(least_load, 400)) EXPECT_NEAR(count, 200, 60) << index;
}

TEST(LeastCost, Then_least_load) {
    Bench bench(3);
    bench.specs[0]->cost = 2;
    bench.load(1, 5);
    EXPECT_EQ(bench.shares(least_cost, 20), (Shares{{2, 20}}));
}

TEST(CacheAware, A_session_stays_and_sessions_spread) {
    Bench bench(4);
    Shares shares;
    for (int session = 0; session < 400; ++session) {
        const auto key = "session-" + std::to_string(session);
        const auto first = bench.pick(cache_aware, key);
        ++shares[first];
        for (int i = 0; i < 3; ++i) EXPECT_EQ(bench.pick(cache_aware, key), first);
    }
    for (const auto& [index, count] : shares) EXPECT_NEAR(count, 100, 40) << index;
}

TEST(CacheAware, Only_the_sessions_of_a_worker_that_goes_move) {
    Bench four(4);
    Bench three(4);
    three.candidates.pop_back();
    for (int session = 0; session < 200; ++session) {
        const auto key = "s" + std::to_string(session);
        const auto before = four.pick(cache_aware, key);
        if (before == 3) continue;
        EXPECT_EQ(three.pick(cache_aware, key), before);
    }
}

TEST(CacheAware, Gives_way_when_loads_are_out_of_balance) {
    Bench bench(2);
    const auto home = bench.pick(cache_aware, "s");
    bench.load(home, 64);
    EXPECT_EQ(bench.pick(cache_aware, "s"), home);  // not more than the absolute threshold
    bench.load(home, 65);
    EXPECT_EQ(bench.pick(cache_aware, "s"), 1 - home);
    bench.load(1 - home, 60);
    EXPECT_EQ(bench.pick(cache_aware, "s"), home);
    bench.load(home, 1065);
    bench.load(1 - home, 1000);
    EXPECT_EQ(bench.pick(cache_aware, "s"), home);  // more than abs, not more than 1.5 times
}

TEST(CacheAware, Without_a_session_the_least_loaded) {
    Bench bench(2);
    bench.load(0, 1);
    EXPECT_EQ(bench.pick(cache_aware), 1U);
}

TEST(ConsistentHashing, Routing_key_then_caller_then_chance) {
    Bench bench(4);
    EXPECT_EQ(bench.pick(consistent_hashing, "k", "caller"), bench.pick(consistent_hashing, "k", "other"));
    EXPECT_EQ(bench.pick(consistent_hashing, "", "caller"), bench.pick(consistent_hashing, "", "caller"));
    EXPECT_EQ(bench.shares(consistent_hashing, 200).size(), 4U);
}

TEST(Rendezvous, Shares_follow_weights) {
    Bench bench(2);
    bench.specs[1]->weight = 3;
    const PolicyInput input{bench.candidates, "m", "", "", bench.settings};
    int heavy = 0;
    for (int i = 0; i < 2000; ++i) heavy += rendezvous(input, "key" + std::to_string(i)) == 1 ? 1 : 0;
    EXPECT_NEAR(heavy, 1500, 100);
}

TEST(Passthrough, The_first) { EXPECT_EQ(Bench(3).pick(passthrough), 0U); }

TEST(PolicyNames, All_and_nothing_else) {
    for (const auto* name : {"round_robin", "weighted_round_robin", "random", "power_of_two", "least_load", "least_cost", "cache_aware",
                             "consistent_hashing", "passthrough", "least_latency", "prefix_hash", "manual", "bucket"}) {
        const auto kind = workers::policy_named(name);
        ASSERT_TRUE(kind.has_value()) << name;
        EXPECT_EQ(workers::name_of(*kind), name);
        EXPECT_NE(policy_of(*kind), nullptr);
    }
    EXPECT_NE(workers::policy_named("fastest").error().message.find("round_robin"), std::string::npos);
}

TEST(PolicyState, Is_bounded_and_shared) {
    PolicyState state{1};
    for (std::size_t i = 0; i < PolicyState::max_keys; ++i) (void)state.turn("key" + std::to_string(i));
    EXPECT_EQ(state.turn("new-1"), 0U);
    EXPECT_EQ(state.turn("new-2"), 1U);  // keys beyond the bound share one counter
    PolicyState shared{1};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&shared] {
            for (int i = 0; i < 1000; ++i) (void)shared.turn("m");
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(shared.turn("m"), 4000U);
}

}  // namespace
}  // namespace smg::routing
