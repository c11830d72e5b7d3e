/// Many at once: nothing is mixed up, nothing is left behind, nothing is piled up.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>
#include <thread>

#include "support/scripted_models.hpp"

namespace smg::test {
namespace {

class Load : public testing::Test {
protected:
    Load() {
        const std::map<std::string, std::string> keys = {
            {"openai", "sk-proj-stored"}, {"anthropic", "sk-ant-api03-stored"}, {"xai", "xai-stored"}, {"gemini", "AIza-stored-0123456789"}};
        for (const auto& [provider, key] : keys) gateway.add_worker({{"url", providers[provider].url()}, {"provider", provider}, {"api_key", key}});
    }
    /// One client's life: answers that are whole, answers that break, and departures at different moments.
    void live(int seed, std::string& problems) {
        const std::vector<std::string> models = {"gpt-4o", "claude-sonnet-4-5", "grok-3", "gemini-2.5-flash"};
        auto client = gateway.client();
        for (int n = 0; n < 40; ++n) {
            const auto turn = static_cast<std::size_t>(seed * 7 + n);
            const auto& model = models[turn % 4];
            const auto words = "caller " + std::to_string(seed) + " turn " + std::to_string(n) + ".";
            const bool stream = turn % 3 == 0;
            if (turn % 5 == 1) {
                const std::string silence = n % 2 == 0 ? "simulate:hang" : "simulate:stall";
                client.send_request("POST", "/v1/chat/completions", chat(model, silence, stream).dump());
                if (n % 4 == 3 && stream) client.read_head();
                client = gateway.client();
                continue;
            }
            if (turn % 5 == 2) {
                client.post("/v1/chat/completions", chat(model, "simulate:cut", stream).dump());
                client = gateway.client();
                continue;
            }
            const auto answer = client.post("/v1/chat/completions", chat(model, words, stream).dump());
            if (answer.status != 200) problems += "\n" + answer.body;
            if (!stream && answer.body.find("You said: " + words) == std::string::npos) problems += "\nnot for " + words + ": " + answer.body;
        }
    }
    /// The gauge falls to nothing by itself once everybody has gone.
    void expect_falls_to_nothing(const std::string& gauge, const std::string& label) const {
        const auto until = std::chrono::steady_clock::now() + step_limit;
        while (gateway.metric(gauge, {label}, 0) > 0) ASSERT_LT(std::chrono::steady_clock::now(), until) << gauge;
    }
    Providers providers;
    RunningGateway gateway;
};

TEST_F(Load, ManyCallersOfAllKindsLeaveNothingBehind) {
    std::vector<std::thread> callers;
    std::vector<std::string> problems(12);
    for (int seed = 0; seed < 12; ++seed)
        callers.emplace_back([this, seed, &mine = problems[static_cast<std::size_t>(seed)]] {
            try {
                live(seed, mine);
            } catch (const std::exception& error) { mine += error.what(); }
        });
    for (auto& caller : callers) caller.join();
    for (const auto& problem : problems) EXPECT_EQ(problem, "");
    expect_falls_to_nothing("smg_worker_requests_active", "");
    expect_falls_to_nothing("smg_upstream_pool_connections", "state=\"active\"");
    for (const auto* provider : {"openai", "anthropic", "xai", "gemini"})
        EXPECT_TRUE(providers[provider].wait_until([&] { return providers[provider].answering() == 0; }, step_limit)) << provider;
}

std::size_t resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::size_t total = 0;
    std::size_t resident = 0;
    statm >> total >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Each stream is far larger than all that lies between its ends; what the kernel does not hold would be the gateway's.
TEST(UnreadStreams, CostNoMemory) {
#ifdef __SANITIZE_ADDRESS__
    constexpr int streams = 200;  // a thousand take it minutes
#else
    constexpr int streams = 1000;
#endif
    constexpr std::size_t stream_bytes = 10 * 1024 * 1024;
    rlimit files{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_max < 4 * streams + 200) GTEST_SKIP() << "too few files may be open";
    PlayedWorker played("openai", test_config(), 32 * 1024);
    std::vector<HttpClient> clients;
    std::vector<MessageStream> upstreams;
    std::string block;
    while (block.size() < 256 * 1024) block += chunk(chat_event(std::string(4000, 'x')));
    for (int n = 0; n < streams; ++n) {
        clients.push_back(played.gateway.client(16 * 1024));
        upstreams.push_back(played.ask(clients.back(), true));
        upstreams.back().send(stream_head);
    }
    const auto before = resident_bytes();
    std::size_t most = 0;
    for (auto& upstream : upstreams) {
        std::size_t sent = 0;
        std::size_t taken = block.size();
        while (taken == block.size() && sent < stream_bytes) sent += taken = upstream.socket().write_within(block, Limit(20));
        EXPECT_LT(sent, stream_bytes);
        most = std::max(most, sent);
    }
    const auto after = resident_bytes();
    const auto growth = after > before ? after - before : 0;
    RecordProperty("resident_bytes_per_stream", static_cast<int>(growth / streams));
    RecordProperty("most_taken_by_one_stream", static_cast<int>(most));
#ifndef __SANITIZE_ADDRESS__  // which keeps what was freed: its memory says nothing of the gateway's
    EXPECT_LT(growth / streams, 256U * 1024) << "of a stream of 10 MB";
#endif
    EXPECT_EQ(played.gateway.get("/health").status, 200);
}

}  // namespace
}  // namespace smg::test
