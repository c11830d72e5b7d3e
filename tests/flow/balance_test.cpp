/// Load over real sockets, as the policies promise it: each worker's share, and the way out of one that turns slow.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>

#include "support/running_gateway.hpp"
#include "support/scripted_upstream.hpp"

namespace smg::test {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::size_t count = 4;
constexpr auto whole_answer =
    R"({"id":"c","object":"chat.completion","created":1,"model":"m",)"
    R"("choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}]})";

/// Four workers of one model; who was asked how often is counted where it arrives.
class Balance : public testing::Test {
protected:
    using Counts = std::array<std::atomic<int>, count>;

    ~Balance() override { loops.stop(); }
    void begin(const std::string& policy, const std::array<double, count>& weights = {1, 1, 1, 1}) {
        auto config = test_config();
        config.policy = policy;
        for (std::size_t i = 0; i < count; ++i)
            upstreams[i]->script([this, i](const http::RequestHead&) -> std::optional<ScriptedReply> {
                ++asked[i];
                if (silent) return std::nullopt;
                ScriptedReply reply(200, whole_answer);
                reply.fields.set("content-type", "application/json");
                reply.delay = milliseconds(delays[i].load());
                return reply;
            });
        loops.start();
        gateway.emplace(config);
        for (std::size_t i = 0; i < count; ++i)
            gateway->add_worker({{"url", upstreams[i]->url()},
                                 {"name", "w" + std::to_string(i)},
                                 {"provider", "openai"},
                                 {"runtime_type", "external"},
                                 {"models", {"m"}},
                                 {"weight", weights[i]}});
    }
    static Headers key() { return {{"Authorization", "Bearer sk-proj-caller"}}; }
    HttpClient ask() const {
        auto client = gateway->client();
        client.send_request("POST", "/v1/chat/completions", chat("openai/m", "Hello").dump(), key());
        return client;
    }
    /// So many requests, by several clients at once.
    void send(int requests) {
        std::atomic<int> left{requests};
        std::vector<std::thread> clients;
        for (int i = 0; i < 6; ++i)
            clients.emplace_back([&] {
                auto client = gateway->client();
                while (left-- > 0) EXPECT_EQ(client.post("/v1/chat/completions", chat("openai/m", "Hello").dump(), key()).status, 200);
            });
        for (auto& client : clients) client.join();
    }
    void expect_shares(const std::array<int, count>& ideal) {
        for (std::size_t i = 0; i < count; ++i) EXPECT_NEAR(asked[i], ideal[i], 0.05 * ideal[i]) << "w" << i;
    }
    /// Holds so many requests open at once.
    void hold(std::size_t requests) {
        silent = true;
        for (std::size_t i = 1; i <= requests; ++i) {
            open.push_back(ask());
            const auto until = Clock::now() + step_limit;
            while (total() < static_cast<int>(i)) ASSERT_LT(Clock::now(), until);
        }
    }
    int total() const {
        int sum = 0;
        for (const auto& each : asked) sum += each;
        return sum;
    }

    net::EventLoops loops{1};
    std::array<std::unique_ptr<ScriptedUpstream>, count> upstreams{
        std::make_unique<ScriptedUpstream>(loops), std::make_unique<ScriptedUpstream>(loops), std::make_unique<ScriptedUpstream>(loops),
        std::make_unique<ScriptedUpstream>(loops)};
    Counts asked{};
    std::array<std::atomic<int>, count> delays{};
    std::atomic<bool> silent{false};
    std::optional<RunningGateway> gateway;
    std::vector<HttpClient> open;
};

TEST_F(Balance, RoundRobinSharesEvenly) {
    begin("round_robin");
    send(400);
    expect_shares({100, 100, 100, 100});
}

TEST_F(Balance, WeightedRoundRobinSharesByWeight) {
    begin("weighted_round_robin", {1, 2, 3, 4});
    send(400);
    expect_shares({40, 80, 120, 160});
}

TEST_F(Balance, LeastLoadKeepsWhatIsOpenEven) {
    begin("least_load");
    hold(80);
    expect_shares({20, 20, 20, 20});
}

TEST_F(Balance, LeastLoadKeepsItInProportionToTheWeights) {
    begin("least_load", {1, 1, 2, 4});
    hold(80);
    expect_shares({10, 10, 20, 40});
}

TEST_F(Balance, LeastLatencyLeavesAWorkerThatTurnsTenTimesSlower) {
    begin("least_latency");
    for (auto& delay : delays) delay = 5;
    constexpr int some = 200;
    send(some);  // all are known now
    asked[0] = 0;
    send(some);
    const int before = asked[0];
    ASSERT_GT(before, some / 20) << "it had its share";
    delays[0] = 50;
    const auto turned = Clock::now();
    int after = before;
    while (after * 10 > before) {
        ASSERT_LT(Clock::now() - turned, step_limit) << after << " of " << before;
        asked[0] = 0;
        send(some);
        after = asked[0];
    }
    EXPECT_LE(Clock::now() - turned, std::chrono::seconds(3));
}

}  // namespace
}  // namespace smg::test
