/// Ten workers under load that are killed, hung, slowed, limited, broken and cut at random, by a seed. What a request met is written down by the
/// servers themselves, so that an oracle knows which requests another worker could have served: all of them must have been.
///
/// `SMG_CHAOS_SECONDS` (default 12) and `SMG_CHAOS_SEED` make it longer and another one; `SMG_CHAOS_HEDGE=1` asks a second worker beside slow ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <thread>

#include "support/chaos_upstream.hpp"
#include "support/running_gateway.hpp"

namespace smg::test {
namespace {

using std::chrono::milliseconds;
using Time = std::chrono::steady_clock::time_point;

constexpr std::size_t servers = 10;
constexpr int clients = 12;
constexpr std::size_t most_faulty = 2;
constexpr auto breaker_period = milliseconds(800);
/// Between a second request's leaving the gateway and its arrival, under hedging: meanwhile the first may have begun to speak.
constexpr auto on_its_way = milliseconds(200);
/// For a wait that a server asked for, and for a machine that is busy with other things.
constexpr auto allowance = milliseconds(1200);

long from_environment(const char* name, long otherwise) {
    const auto* text = std::getenv(name);
    return text != nullptr ? std::atol(text) : otherwise;
}

config::Config chaos_config() {
    auto config = test_config();
    config.policy = "random";
    config.request_timeout = milliseconds(1500);
    config.first_byte_timeout = milliseconds(400);
    config.idle_timeout = milliseconds(600);
    config.retry.initial_backoff = milliseconds(10);
    config.breaker.failure_threshold = 3;
    config.breaker.success_threshold = 2;
    config.breaker.timeout = breaker_period;
    config.hedge.enabled = from_environment("SMG_CHAOS_HEDGE", 0) != 0;
    config.hedge.max_share = 0.2;
    return config;
}

struct Episode {
    std::size_t server;
    Fault fault;
    Time begin;
    Time end;
};

struct Asked {
    std::string id;
    bool stream = false;
    bool served = false;
    std::string got;
    Time begin{};
    Time end{};
};

Asked ask(const RunningGateway& gateway, std::string id, bool stream) {
    Asked asked;
    asked.id = std::move(id);
    asked.stream = stream;
    asked.begin = std::chrono::steady_clock::now();
    try {
        const auto answer = gateway.post("/v1/chat/completions", chat("gpt-4o", asked.id, stream));
        const bool whole = stream ? answer.body.ends_with("data: [DONE]\n\n") : answer.body.ends_with("}");
        asked.served = answer.status == 200 && whole && answer.body.find(asked.id + "\"") != std::string::npos;
        asked.got = std::to_string(answer.status) + " attempts " + answer.field("x-smg-attempts") + " " + answer.body.substr(0, 200);
    } catch (const std::exception& error) { asked.got = error.what(); }
    asked.end = std::chrono::steady_clock::now();
    return asked;
}

class Chaos : public testing::Test {
protected:
    Chaos() : loops(1) {
        for (std::size_t i = 0; i < servers; ++i) upstreams.push_back(std::make_unique<ChaosUpstream>(loops[0], ledger, i));
        loops.start();
        for (std::size_t i = 0; i < servers; ++i)
            gateway.add_worker({{"url", upstreams[i]->url()},
                                {"name", "w" + std::to_string(i)},
                                {"provider", "openai"},
                                {"runtime_type", "external"},
                                {"models", {"gpt-4o"}},
                                {"api_key", "sk-proj-stored-" + std::to_string(i)}});
    }
    ~Chaos() override { loops.stop(); }

    /// Faults come and go until `until`; never more than `most_faulty` servers misbehave at once, and in the end none does.
    std::vector<Episode> misbehave(std::mt19937_64& random, Time until) {
        std::vector<Episode> episodes;
        std::map<std::size_t, std::size_t> open;  // server to episode
        const auto pick = [&random](std::size_t below) { return static_cast<std::size_t>(random() % below); };
        for (;;) {
            const auto now = std::chrono::steady_clock::now();
            for (auto each = open.begin(); each != open.end();) {
                if (episodes[each->second].end > now) {
                    ++each;
                    continue;
                }
                upstreams[each->first]->misbehave(Fault::none);
                episodes[each->second].end = now;
                each = open.erase(each);
            }
            if (now >= until && open.empty()) return episodes;
            if (now < until && open.size() < most_faulty) {
                const auto server = pick(servers);
                if (!open.contains(server)) {
                    const auto fault = all_faults[pick(all_faults.size())];
                    episodes.push_back({server, fault, now, now + milliseconds(200 + pick(900))});
                    open[server] = episodes.size() - 1;
                    upstreams[server]->misbehave(fault);
                }
            }
            std::this_thread::sleep_for(milliseconds(20 + pick(200)));
        }
    }

    Ledger ledger;
    net::EventLoops loops;
    std::vector<std::unique_ptr<ChaosUpstream>> upstreams;
    RunningGateway gateway{chaos_config()};
};

/// Why a request may have failed: it had gone too far at a server that then let it down.
bool excused(const Asked& asked, const std::vector<Send>& sends, const std::vector<Episode>& episodes) {
    int hung = 0;
    for (const auto& send : sends) {
        const bool let_down =
            send.killed || send.met == Fault::hung || send.met == Fault::garbage || send.met == Fault::cut_early || send.met == Fault::cut_late;
        if (!asked.stream && let_down) return true;
        if (asked.stream && send.output && !send.finished) return true;
        hung += send.met == Fault::hung ? 1 : 0;
    }
    if (asked.stream) return hung > 1;
    // Written to a server that was killed before it read it: nobody can know.
    for (const auto& episode : episodes)
        if (episode.fault == Fault::killed && episode.begin <= asked.end && episode.begin + milliseconds(100) >= asked.begin) return true;
    return false;
}

long milliseconds_between(Time begin, Time end) { return static_cast<long>(std::chrono::duration_cast<milliseconds>(end - begin).count()); }

/// When, counted from the fault's end, the server was asked, from its beginning on, and what it did: `-1203 (2)`.
std::string told(const std::vector<Send>& sends, const Episode& episode) {
    std::string text;
    for (const auto& send : sends)
        if (send.server == episode.server && send.at >= episode.begin && send.at <= episode.end + milliseconds(5000))
            text += (text.empty() ? "" : ", ") + std::to_string(milliseconds_between(episode.end, send.at)) + " (" +
                    std::to_string(static_cast<int>(send.met)) + ")";
    return text.empty() ? "nothing" : text.substr(0, 400);
}

TEST_F(Chaos, WhatAnotherWorkerCouldServeIsServed) {
    const auto seconds = from_environment("SMG_CHAOS_SECONDS", 12);
    const auto seed = static_cast<std::uint64_t>(from_environment("SMG_CHAOS_SEED", 20261124));
    std::mt19937_64 random(seed);
    RecordProperty("seed", std::to_string(seed));

    std::atomic<bool> over{false};
    std::atomic<int> number{0};
    std::mutex mutex;
    std::vector<Asked> all;
    std::vector<std::thread> threads;
    for (int i = 0; i < clients; ++i)
        threads.emplace_back([&] {
            std::vector<Asked> mine;
            while (!over) {
                const auto n = number++;
                mine.push_back(ask(gateway, "req-" + std::to_string(n), n % 2 == 0));
            }
            const std::lock_guard lock(mutex);
            all.insert(all.end(), mine.begin(), mine.end());
        });
    const auto episodes = misbehave(random, std::chrono::steady_clock::now() + std::chrono::seconds(seconds));
    std::this_thread::sleep_for(breaker_period + allowance);  // the last ones come back
    over = true;
    for (auto& thread : threads) thread.join();
    const auto ended = std::chrono::steady_clock::now();
    const auto ledgered = ledger.sends();

    const bool hedging = chaos_config().hedge.enabled;
    std::size_t sends = 0, served = 0, excuses = 0, unexcused = 0, moved = 0;
    std::vector<std::vector<Time>> healthy(servers);
    std::vector<Send> all_sends;
    for (const auto& asked : all) {
        const auto found = ledgered.find(asked.id);
        const auto mine = found == ledgered.end() ? std::vector<Send>() : found->second;
        sends += mine.size();
        moved += mine.size() > 1 ? 1 : 0;
        all_sends.insert(all_sends.end(), mine.begin(), mine.end());
        for (const auto& send : mine)
            if (send.met == Fault::none) healthy[send.server].push_back(send.at);
        for (std::size_t i = 0; i + 1 < mine.size(); ++i)
            EXPECT_FALSE(mine[i].output && (!hedging || mine[i].spoke_at + on_its_way < mine[i + 1].at))
                << asked.id << " was sent again although its answer had begun";
        EXPECT_LT(asked.end - asked.begin, std::chrono::seconds(8)) << asked.id << " was stuck";
        served += asked.served ? 1 : 0;
        if (asked.served) continue;
        if (excused(asked, mine, episodes)) {
            ++excuses;
        } else if (++unexcused <= 10) {
            std::string met;
            for (const auto& send : mine) met += " w" + std::to_string(send.server) + ":" + std::to_string(static_cast<int>(send.met));
            ADD_FAILURE() << asked.id << (asked.stream ? " (stream)" : " (unary)") << " could have been served; met" << met << "; got " << asked.got;
        }
    }
    EXPECT_EQ(unexcused, 0U);
    EXPECT_LE(static_cast<double>(sends), 1.2 * static_cast<double>(all.size()));
    EXPECT_GT(moved, 0U) << "nothing was put to the test";

    std::sort(all_sends.begin(), all_sends.end(), [](const Send& a, const Send& b) { return a.at < b.at; });
    std::size_t recoveries = 0;
    for (const auto& episode : episodes) {
        auto next = ended;
        for (const auto& other : episodes)
            if (other.server == episode.server && other.begin >= episode.end) next = std::min(next, other.begin);
        if (next - episode.end < breaker_period + allowance) continue;
        ++recoveries;
        const auto& times = healthy[episode.server];
        EXPECT_TRUE(
            std::any_of(times.begin(), times.end(), [&](Time at) { return at >= episode.end && at <= episode.end + breaker_period + allowance; }))
            << "w" << episode.server << " did not come back after fault " << static_cast<int>(episode.fault) << " of "
            << milliseconds_between(episode.begin, episode.end) << " ms; what it got from then on: " << told(all_sends, episode);
    }
    EXPECT_GT(recoveries, 0U);
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, std::size_t>>{{"requests", all.size()},
                                                                                                {"sends", sends},
                                                                                                {"served", served},
                                                                                                {"excused", excuses},
                                                                                                {"moved", moved},
                                                                                                {"episodes", episodes.size()},
                                                                                                {"recoveries", recoveries}})
        RecordProperty(name, std::to_string(value));
}

}  // namespace
}  // namespace smg::test
