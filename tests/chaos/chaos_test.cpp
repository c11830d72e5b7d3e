// Ten workers that fail at random, under load. What ought to have happened follows from the schedule of the faults: see `Verdict`.
//   SMG_CHAOS_SECONDS=600 SMG_CHAOS_SEED=7 build/dev/test_chaos
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <thread>

#include "chaos/faulty_workers.hpp"
#include "support/running_gateway.hpp"

namespace smg::test {
namespace {

constexpr std::size_t worker_count = 10;
constexpr std::size_t faults_at_once = 4;
constexpr int callers = 12;
constexpr Millis quiet{3000};
constexpr Millis first_byte_limit{600};
constexpr Millis breaker_period{1000};
/// Longer than all that a request may wait for: a hung worker's silence, then another's.
constexpr Millis stuck{8000};

int setting(const char* name, int otherwise) {
    const auto* text = std::getenv(name);
    return text != nullptr ? std::atoi(text) : otherwise;
}

/// What a client saw of one request.
struct Seen {
    std::string mark;
    bool stream = false;
    Millis begin{};
    Millis end{};
    bool whole = false;    ///< the answer came to its proper end
    bool began = false;    ///< of a stream: output was seen
    bool said_so = false;  ///< an answer that is not whole: an error with a status, or an error event
    std::string text;      ///< of what was no answer
};

config::Config chaos_config() {
    auto config = test_config();
    config.policy = "round_robin";
    config.connect_timeout = Millis(500);
    config.first_byte_timeout = first_byte_limit;
    config.request_timeout = first_byte_limit;
    config.idle_timeout = first_byte_limit;
    config.retry.max_attempts = static_cast<int>(worker_count);
    config.retry.initial_backoff = Millis(10);
    return config;
}

class Chaos : public testing::Test {
protected:
    Chaos() : workers(worker_count), gateway(chaos_config()) {
        workers.start();
        for (std::size_t i = 0; i < worker_count; ++i)
            gateway.add_worker({{"url", workers.url(i)},
                                {"name", "w" + std::to_string(i)},
                                {"provider", "openai-compatible"},
                                {"runtime_type", "external"},
                                {"api_key", "stored-key-of-a-worker"},
                                {"models", {"chaos"}},
                                {"resilience", {{"cb_failure_threshold", 3}, {"cb_success_threshold", 1}, {"cb_timeout_secs", 1}}}});
    }

    [[nodiscard]] Millis now() const { return std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - began); }

    void ask(HttpClient& client, Seen& seen) const {
        client.send_request("POST", "/v1/chat/completions", chat("chaos", FaultyWorkers::mark + seen.mark + FaultyWorkers::mark, seen.stream).dump());
        const auto head = client.read_head();
        if (head.status != 200 || !seen.stream) {
            seen.text = client.read_body();
            seen.whole = head.status == 200 && seen.text.find("Hello there") != std::string::npos && !client.broken();
            seen.said_so = head.status >= 400;
            if (head.status != 200) seen.text = std::to_string(head.status) + " " + seen.text;
            return;
        }
        while (const auto event = client.read_event()) {
            seen.began = seen.began || event->find("\"content\":\"Hello\"") != std::string::npos;
            seen.said_so = seen.said_so || event->find("\"error\"") != std::string::npos;
            if (event->find("[DONE]") != std::string::npos) seen.whole = true;
            seen.text += *event;
        }
        if (seen.said_so) seen.whole = false;
    }
    void call_until(Millis end, int caller, std::vector<Seen>& all) {
        auto client = gateway.client();
        for (int n = 0; now() < end; ++n) {
            Seen seen;
            seen.mark = std::to_string(caller) + "." + std::to_string(n);
            seen.stream = n % 4 != 0;
            seen.begin = now();
            try {
                ask(client, seen);
            } catch (const std::exception& error) { seen.text += error.what(); }
            seen.end = now();
            if (!seen.whole) client = gateway.client();
            all.push_back(std::move(seen));
            std::this_thread::sleep_for(Millis(10));  // the load, not a wait for anything
        }
    }

    FaultyWorkers workers;
    RunningGateway gateway;
    std::chrono::steady_clock::time_point began;
};

/// Judges one request that did not get its answer.
class Verdict {
public:
    Verdict(const FaultSchedule& schedule, const Seen& seen, const std::vector<Sent>& sends) : schedule_(schedule), seen_(seen), sends_(sends) {}

    /// Why nobody else could have answered it; empty when somebody could.
    [[nodiscard]] std::string excuse() const {
        for (const auto& sent : sends_) {
            if (sent.output) return "its output had begun";
            const bool written_and_lost = sent.fault == Fault::hung || sent.fault == Fault::garbage || killed_after(sent);
            if (!seen_.stream && written_and_lost) return "a unary request may have been served, and billed, although no answer came";
        }
        for (std::size_t worker = 0; worker < worker_count; ++worker)
            if (schedule_.well(worker, seen_.begin - 2 * breaker_period, seen_.end)) return {};
        return "nobody was well all the time";
    }

private:
    /// It had been taken by a worker that was killed before it answered.
    [[nodiscard]] bool killed_after(const Sent& sent) const { return !schedule_.well(sent.worker, sent.at, seen_.end); }

    const FaultSchedule& schedule_;
    const Seen& seen_;
    const std::vector<Sent>& sends_;
};

TEST_F(Chaos, WhatAnotherWorkerCouldServeIsServedOnceAndInTime) {
    const auto seed = static_cast<unsigned>(setting("SMG_CHAOS_SEED", 20260501));
    const Millis length(1000 * setting("SMG_CHAOS_SECONDS", 40));
    const FaultSchedule schedule(seed, worker_count, length, quiet, faults_at_once);
    began = std::chrono::steady_clock::now();
    workers.play(schedule);
    std::vector<std::vector<Seen>> by_caller(callers);
    std::vector<std::thread> threads;
    for (int caller = 0; caller < callers; ++caller)
        threads.emplace_back([this, length, caller, &mine = by_caller[static_cast<std::size_t>(caller)]] { call_until(length, caller, mine); });
    for (auto& thread : threads) thread.join();
    const auto& books = workers.books();

    std::size_t requests = 0, sends = 0, failed = 0;
    std::vector<std::vector<Millis>> arrivals(worker_count);
    for (const auto& caller : by_caller) {
        for (const auto& seen : caller) {
            ++requests;
            static const std::vector<Sent> never;
            const auto entry = books.find(seen.mark);
            const auto& sent = entry == books.end() ? never : entry->second;
            sends += sent.size();
            for (const auto& each : sent) arrivals[each.worker].push_back(each.at);
            EXPECT_LT(seen.end - seen.begin, stuck) << seen.mark;
            EXPECT_LE(std::count_if(sent.begin(), sent.end(), [](const Sent& each) { return each.output; }), 1) << seen.mark << ": generated twice";
            if (seen.whole) continue;
            ++failed;
            std::string route;
            for (const auto& each : sent) route += " w" + std::to_string(each.worker) + ":" + std::string(name_of(each.fault));
            EXPECT_TRUE(seen.said_so) << seen.mark << " broke off without a word;" << route << "\n" << seen.text;
            EXPECT_NE(Verdict(schedule, seen, sent).excuse(), "")
                << seen.mark << (seen.stream ? " (stream)" : "") << " at " << seen.begin.count() << " ms, sent to" << route << ", got " << seen.text;
        }
    }
    EXPECT_LE(static_cast<double>(sends), 1.2 * static_cast<double>(requests));
    for (const auto& episode : schedule.episodes()) {
        const auto& times = arrivals[episode.worker];
        const auto back_by = episode.end + breaker_period + Millis(1500);
        const bool back = std::any_of(times.begin(), times.end(), [&](Millis at) { return at >= episode.end && at <= back_by; });
        EXPECT_TRUE(back) << "w" << episode.worker << " was " << name_of(episode.fault) << " until " << episode.end.count()
                          << " ms and got no request within a breaker's period";
    }
    std::cout << "seed " << seed << ": " << requests << " requests, " << sends << " sends ("
              << static_cast<double>(sends) / static_cast<double>(requests) << " each), " << schedule.episodes().size() << " faults, " << failed
              << " requests that nobody could have saved\n";
    RecordProperty("requests", static_cast<int>(requests));
    RecordProperty("sends", static_cast<int>(sends));
}

}  // namespace
}  // namespace smg::test
