/// Over real sockets: ten thousand requests, each with names of its own, leave a scrape as long as it was.
#include <gtest/gtest.h>

#include <thread>

#include "support/running_gateway.hpp"

namespace smg::test {
namespace {

class LabelBounds : public testing::Test {
protected:
    LabelBounds() : gateway(with_tenants()) {
        gateway.add_worker({{"url", providers["openai"].url()},
                            {"provider", "openai"},
                            {"api_key", "sk-any-0123456789"},
                            {"labels", {{"policy", "manual"}}}});
    }
    static config::Config with_tenants() {
        auto config = test_config();
        config.trust_tenant_header = true;
        auto& tenant = config.tenants.emplace_back();
        tenant.name = "acme";
        tenant.keys.emplace_back("acme-key-0123456789");
        return config;
    }
    /// Everything that a client may put into a request, made of one word.
    void ask(HttpClient& client, int turn, const std::string& word) const {
        const Headers headers = {{"X-SMG-API-Key", "acme-key-0123456789"},
                                 {"X-SMG-Tenant-Id", word},
                                 {"X-SMG-Routing-Key", word},
                                 {"X-SMG-Target-Worker", turn % 9 == 0 ? word : ""},
                                 {"X-SMG-Fallback-Models", word},
                                 {"User-Agent", word},
                                 {"x-request-id", word}};
        switch (turn % 5) {
            case 0: client.post("/v1/chat/completions", chat(word, "Hello").dump(), headers); break;
            case 1: client.post("/v1/chat/completions", chat("gpt-" + word, "Hello").dump(), headers); break;
            case 2: client.request("GET", "/" + word + "/" + word, {}, headers); break;
            case 3: client.request("X" + std::to_string(turn), "/v1/models/" + word, {}, headers); break;
            case 4: client.post("/openai/" + word + "?" + word, "{}", headers); break;
        }
    }
    void ask_many(const std::string& prefix, int how_many) const {
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([this, t, &prefix, how_many] {
                auto client = gateway.client();
                for (int i = t; i < how_many; i += 4) {
                    try {
                        ask(client, i, prefix + std::to_string(i));
                    } catch (const std::exception&) { client = gateway.client(); }  // an answer that ends its connection
                }
            });
        for (auto& thread : threads) thread.join();
        asked += how_many;
        EXPECT_GE(gateway.metric("smg_http_requests_total", {}, asked), asked);
    }
    [[nodiscard]] auto series() const {
        const auto text = gateway.metrics();
        return std::count(text.begin(), text.end(), '\n');
    }

    Providers providers;
    RunningGateway gateway;
    mutable double asked = 0;
};

TEST_F(LabelBounds, TenThousandRequestsLeaveAScrapeAsLongAsItWas) {
    ask_many("first-", 500);
    const auto before = series();
    ask_many("then-", 10'000);
    EXPECT_EQ(series(), before);
    const auto text = gateway.metrics();
    for (const auto* invented : {"first-", "then-", "X12"}) EXPECT_EQ(text.find(invented), std::string::npos) << invented;
}

}  // namespace
}  // namespace smg::test
