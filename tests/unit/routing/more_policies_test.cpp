// Latency, prefixes, sticky keys, lengths: what each policy promises, over many picks.
#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <set>

#include "routing/policy.hpp"
#include "routing/rendezvous.hpp"

namespace smg::routing {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Workers with a clock and a state of their own.
struct Pool {
    explicit Pool(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) add();
    }
    void add() {
        auto worker = std::make_shared<workers::Worker>();
        worker->id = "worker-" + std::to_string(owned.size());
        worker->sequence = owned.size();
        worker->spec = std::make_shared<workers::WorkerSpec>();
        worker->counters = std::make_shared<workers::Counters>();
        owned.push_back(worker);
        candidates.push_back(worker.get());
    }
    std::size_t pick(Policy policy) { return policy(PolicyInput{candidates, "m", {}, {}, settings, key, prompt, bytes, now}, state); }
    std::atomic<std::int64_t>& in_flight(std::size_t index) { return owned[index]->counters->in_flight; }

    std::vector<std::shared_ptr<workers::Worker>> owned;
    std::vector<const workers::Worker*> candidates;
    PolicyState state{11};
    config::PolicySettings settings;
    std::string key, prompt;
    std::uint64_t bytes = 1000;
    workers::Clock::time_point now = workers::Clock::time_point(hours(1));
};

/// Answers come after each worker's latency, on a clock that this drives; the share of each worker in what was sent in the last second.
std::map<std::size_t, double> shares_of_last_second(Pool& pool, const std::vector<milliseconds>& latencies, milliseconds length) {
    struct Open {
        workers::Clock::time_point ends;
        std::size_t worker;
        milliseconds took;
    };
    std::vector<Open> open;
    std::map<std::size_t, double> shares;
    const auto end = pool.now + length;
    double counted = 0;
    for (; pool.now < end; pool.now += milliseconds(2)) {
        std::erase_if(open, [&](const Open& each) {
            if (each.ends > pool.now) return false;
            --pool.in_flight(each.worker);
            pool.owned[each.worker]->counters->first_byte.sample(std::chrono::duration<double>(each.took).count(), pool.now);
            return true;
        });
        const auto worker = pool.pick(least_latency);
        ++pool.in_flight(worker);
        open.push_back({pool.now + latencies[worker], worker, latencies[worker]});
        if (pool.now + seconds(1) < end) continue;
        ++shares[worker];
        ++counted;
    }
    for (auto& [worker, share] : shares) share /= counted;
    return shares;
}

TEST(LeastLatency, MovesOffAWorkerThatTurnsSlowWithinThreeSeconds) {
    Pool pool(4);
    std::vector<milliseconds> latencies(4, milliseconds(20));
    const auto before = shares_of_last_second(pool, latencies, seconds(5));
    for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(before.at(i), 0.25, 0.1) << i;
    latencies[2] = milliseconds(200);
    const auto after = shares_of_last_second(pool, latencies, seconds(3));
    const auto left = after.contains(2) ? after.at(2) : 0;
    EXPECT_LE(left, 0.1 * before.at(2)) << "90 % of its traffic has moved";
}

TEST(LeastLatency, TriesAWorkerAgainThatWasSlow) {
    Pool pool(2);
    pool.owned[0]->counters->first_byte.sample(10, pool.now);
    pool.owned[1]->counters->first_byte.sample(0.5, pool.now);
    EXPECT_EQ(pool.pick(least_latency), 1U);
    for (int i = 0; i < 100; ++i) {
        pool.now += seconds(1);
        pool.owned[1]->counters->first_byte.sample(0.5, pool.now);
    }
    EXPECT_EQ(pool.pick(least_latency), 0U) << "what was heard so long ago has faded";
}

TEST(LeastLatency, AWorkerThatHasNeverAnsweredGetsOneRequestAtATime) {
    Pool pool(2);
    pool.owned[0]->counters->first_byte.sample(0.1, pool.now);
    EXPECT_EQ(pool.pick(least_latency), 1U);
    pool.in_flight(1) = 1;
    EXPECT_EQ(pool.pick(least_latency), 0U);
}

TEST(PrefixHash, TextsThatBeginAlikeGoTogetherAndTheRestIsSpread) {
    Pool pool(5);
    std::map<std::size_t, int> counts;
    for (int i = 0; i < 100'000; ++i) {
        pool.prompt = "conversation " + std::to_string(i % 20'000);
        ++counts[pool.pick(prefix_hash)];
    }
    pool.prompt = std::string(4000, 'p') + "one end";
    const auto first = pool.pick(prefix_hash);
    pool.prompt = std::string(4000, 'p') + "another end";
    EXPECT_EQ(pool.pick(prefix_hash), first) << "256 tokens are 1,024 bytes";
    for (const auto& [worker, count] : counts) EXPECT_NEAR(count, 20'000, 1'000) << worker;
}

TEST(PrefixHash, NobodyGetsMoreThanItsFairShareTimesTheFactor) {
    Pool pool(4);
    pool.prompt = "the same beginning for all";
    for (int i = 0; i < 400; ++i) {
        const auto chosen = pool.pick(prefix_hash);
        const auto load = ++pool.in_flight(chosen);
        EXPECT_LE(static_cast<double>(load), std::ceil(1.25 * (i + 1) / 4.0));
    }
    for (std::size_t i = 0; i < 4; ++i) EXPECT_GT(pool.in_flight(i), 0);
}

class Movement : public testing::TestWithParam<Policy> {};
TEST_P(Movement, OnlyTheKeysOfAWorkerThatComesOrGoesMove) {
    constexpr int keys = 10'000;
    Pool pool(10);
    const auto place = [&](int i) {
        pool.key = pool.prompt = "key " + std::to_string(i);
        return pool.candidates[pool.pick(GetParam())]->id;
    };
    std::vector<std::string> before;
    for (int i = 0; i < keys; ++i) before.push_back(place(i));
    pool.add();
    int moved = 0;
    for (int i = 0; i < keys; ++i) {
        const auto now = place(i);
        if (now == before[static_cast<std::size_t>(i)]) continue;
        ++moved;
        EXPECT_EQ(now, "worker-10") << "to nobody but the new one";
    }
    EXPECT_LE(moved, keys / 11 * 1.15);
    pool.candidates.erase(pool.candidates.begin() + 3);
    for (int i = 0; i < keys; ++i) {
        const auto& was = before[static_cast<std::size_t>(i)];
        const auto now = place(i);
        if (now != was && now != "worker-10") { EXPECT_EQ(was, "worker-3"); }
    }
}
INSTANTIATE_TEST_SUITE_P(Hashing, Movement, testing::Values(consistent_hashing, prefix_hash));

TEST(Manual, AKeyKeepsItsWorkerUntilThatGoesOrTheKeyRests) {
    Pool pool(4);
    pool.key = "session-1";
    const auto first = pool.pick(manual);
    for (int i = 0; i < 50; ++i) EXPECT_EQ(pool.pick(manual), first);
    const auto id = pool.candidates[first]->id;
    pool.candidates.erase(pool.candidates.begin() + static_cast<std::ptrdiff_t>(first));
    const auto second = pool.candidates[pool.pick(manual)]->id;
    EXPECT_NE(second, id);
    EXPECT_EQ(pool.candidates[pool.pick(manual)]->id, second);
    pool.settings.assignment_mode = config::AssignmentMode::min_group;
    for (int i = 0; i < 30; ++i) {
        pool.key = "other-" + std::to_string(i);
        (void)pool.pick(manual);
    }
    const auto keys = pool.state.sticky_keys.keys_of_workers();
    for (const auto& [worker, count] : keys) EXPECT_LE(count, 12U) << worker;
    pool.now += pool.settings.max_idle + seconds(1);
    pool.state.sticky_keys.evict(pool.now, pool.settings.max_idle);
    EXPECT_EQ(pool.state.sticky_keys.size(), 0U);
}

TEST(Manual, AssignsByLoadWhereItIsAskedTo) {
    Pool pool(3);
    pool.settings.assignment_mode = config::AssignmentMode::min_load;
    pool.in_flight(0) = 5;
    pool.in_flight(1) = 1;
    pool.in_flight(2) = 9;
    pool.key = "k";
    EXPECT_EQ(pool.pick(manual), 1U);
    pool.in_flight(1) = 100;
    EXPECT_EQ(pool.pick(manual), 1U) << "and stays";
}

TEST(StickyKeys, AreBounded) {
    StickyKeys keys;
    const auto now = workers::Clock::time_point(hours(1));
    for (std::size_t i = 0; i < StickyKeys::parts * StickyKeys::most_in_a_part / 8; ++i) keys.assign(std::to_string(i), "w", now + milliseconds(i));
    EXPECT_EQ(keys.find("1", now + hours(1), seconds(7200)), "w");
    EXPECT_EQ(keys.find("none", now, seconds(1)), "");
}

TEST(Bucket, EachWorkerHasItsLengthsAndAnEqualPartOfTheLoad) {
    Pool pool(4);
    std::map<std::size_t, double> load;
    std::map<std::size_t, double> requests;
    std::uint64_t random = 1;
    for (int i = 0; i < 100'000; ++i) {
        random = random * 6364136223846793005ULL + 1442695040888963407ULL;
        pool.bytes = 100 + (random >> 33U) % 1000 * ((random >> 50U) % 10 == 0 ? 100 : 1);  // a tenth is a hundred times as long
        const auto worker = pool.pick(bucket);
        if (i < 20'000) continue;  // it learns the boundaries first
        load[worker] += static_cast<double>(pool.bytes);
        ++requests[worker];
    }
    const auto total = std::accumulate(load.begin(), load.end(), 0.0, [](double sum, const auto& each) { return sum + each.second; });
    for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(load[i] / total, 0.25, 0.0125) << i;
    EXPECT_GT(requests[0], 10 * requests[3]) << "the first has the short ones";
}

TEST(Bucket, UnevenLoadsGoToTheLeastLoaded) {
    Pool pool(3);
    pool.in_flight(2) = 100;
    pool.in_flight(0) = 10;
    pool.bytes = 1'000'000;
    EXPECT_EQ(pool.pick(bucket), 1U);
}

/// Many conversations, each turn repeating all before it: the share of bytes that the worker had seen, as its provider's prompt cache would have.
struct Workload {
    double hit_rate(Policy policy) {
        Pool pool(8);
        std::vector<std::set<std::string>> seen(8);
        double hit = 0, all = 0;
        std::vector<std::string> talks(200);
        for (int turn = 0; turn < 12; ++turn) {
            for (std::size_t step = 0; step < talks.size(); ++step) {
                const auto talk = (step * 37 + static_cast<std::size_t>(turn) * 53) % talks.size();  // nobody keeps to an order
                talks[talk] += "turn " + std::to_string(turn) + " of conversation " + std::to_string(talk) +
                               std::string(700, static_cast<char>('a' + talk % 26));
                pool.prompt = "[system prompt that all of them share, a hundred bytes or so of it, give or take a few more letters]" + talks[talk];
                const auto worker = pool.pick(policy);
                for (std::size_t at = 128; at <= pool.prompt.size(); at += 128) {
                    const bool known = !seen[worker].insert(pool.prompt.substr(0, at)).second;
                    hit += known ? 1 : 0;
                    all += 1;
                }
            }
        }
        return hit / all;
    }
};

TEST(CacheAware, ConversationsWithoutAKeyFindTheirWorker) {
    Workload workload;
    const auto aware = workload.hit_rate(cache_aware);
    const auto turns = workload.hit_rate(round_robin);
    const auto two = workload.hit_rate(power_of_two);
    RecordProperty("cache_aware", std::to_string(aware));
    RecordProperty("round_robin", std::to_string(turns));
    RecordProperty("power_of_two", std::to_string(two));
    std::cout << "prefix hits: cache_aware " << aware << ", round_robin " << turns << ", power_of_two " << two << "\n";
    EXPECT_GT(aware, 0.8);
    EXPECT_GT(aware, 1.5 * two);
}

TEST(CacheAware, ASharedBeginningAloneBindsNobody) {
    Pool pool(4);
    std::set<std::size_t> used;
    for (int i = 0; i < 40; ++i) {
        pool.prompt = std::string(256, 's') + std::string(2000, static_cast<char>('a' + i % 26)) + std::to_string(i);
        used.insert(pool.pick(cache_aware));
    }
    EXPECT_EQ(used.size(), 4U);
}

TEST(CacheAware, LeavesTheKnownWorkerWhenLoadsAreUneven) {
    Pool pool(2);
    pool.prompt = std::string(4096, 'c');
    const auto home = pool.pick(cache_aware);
    EXPECT_EQ(pool.pick(cache_aware), home);
    pool.in_flight(home) = 100;
    EXPECT_NE(pool.pick(cache_aware), home);
}

}  // namespace
}  // namespace smg::routing
