/// What decides between equal workers, seen from outside (contract section 6).
#include <gtest/gtest.h>

#include <set>

#include "support/running_gateway.hpp"

namespace smg::test {
namespace {

/// Four workers of one provider, each with a stored key.
class Choice : public testing::Test {
protected:
    static config::Config with(const std::string& policy) {
        auto config = test_config();
        config.policy = policy;
        return config;
    }
    void add_workers(const RunningGateway& gateway) {
        for (const auto* name : {"a", "b", "c", "d"})
            gateway.add_worker({{"url", providers["openai"].url()}, {"name", name}, {"provider", "openai"}, {"api_key", "sk-proj-stored"}});
    }
    /// Who answered, one letter a request.
    static std::string answered(const RunningGateway& gateway, int requests, const Headers& headers = {}) {
        std::string all;
        for (int i = 0; i < requests; ++i) all += gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello"), headers).field("x-smg-worker");
        return all;
    }
    Providers providers;
};

TEST_F(Choice, ConsistentHashingGoesByWhomTheProxyNames) {
    RunningGateway gateway(with("consistent_hashing"));
    add_workers(gateway);
    std::set<std::string> workers;
    for (int client = 0; client < 12; ++client) {
        const auto address = "203.0.113." + std::to_string(client);
        const auto direct = answered(gateway, 3, {{"x-forwarded-for", address}});
        EXPECT_EQ(direct, std::string(3, direct[0])) << address;
        EXPECT_EQ(answered(gateway, 1, {{"x-forwarded-for", " " + address + ", 10.0.0.1"}}), direct.substr(0, 1)) << "the first is the client";
        workers.insert(direct.substr(0, 1));
    }
    EXPECT_GT(workers.size(), 1U) << "though the peer is always the same";
    const auto nobody = answered(gateway, 24);
    EXPECT_NE(nobody, std::string(24, nobody[0])) << "chance, where nothing tells clients apart";
}

TEST_F(Choice, ChanceIsAnotherInEveryProcess) {
    auto config = with("random");
    config.random_seed.reset();
    RunningGateway one(config), other(config);
    add_workers(one);
    add_workers(other);
    EXPECT_NE(answered(one, 24), answered(other, 24));
    RunningGateway fixed(with("random")), same(with("random"));
    add_workers(fixed);
    add_workers(same);
    EXPECT_EQ(answered(fixed, 12), answered(same, 12)) << "in tests";
}

}  // namespace
}  // namespace smg::test
