/// Workers that refuse at once and say not for how long: they must not draw the requests of those that serve.
#include <gtest/gtest.h>

#include "support/scripted_models.hpp"
#include "support/scripted_upstream.hpp"

namespace smg::test {
namespace {

class BareRefusal : public testing::TestWithParam<std::tuple<std::string, int>> {
protected:
    BareRefusal() {
        play(refusing, std::get<1>(GetParam()), R"({"error":{"message":"no","type":"requests","param":null,"code":null}})");
        play(serving, 200, R"({"id":"c","object":"chat.completion","created":1,"model":"gpt-4o","choices":[{"index":0,)"
                           R"("message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]})");
        loops.start();
    }
    /// Its list of models is always there.
    static void play(ScriptedUpstream& upstream, int status, const std::string& body) {
        upstream.script([status, body](const http::RequestHead& head) {
            return head.method == "GET" ? ScriptedReply(200, R"({"object":"list","data":[{"id":"gpt-4o"}]})") : ScriptedReply(status, body);
        });
    }
    ~BareRefusal() override { loops.stop(); }

    net::EventLoops loops{1};
    ScriptedUpstream refusing{loops};
    ScriptedUpstream serving{loops};
};

TEST_P(BareRefusal, CostsAFewRequestsASecondTryAndNobodyAnAnswer) {
    auto config = test_config();
    config.policy = std::get<0>(GetParam());
    RunningGateway gateway(std::move(config));
    for (const auto& [name, url] : {std::pair("refusing", refusing.url()), std::pair("serving", serving.url())})
        gateway.add_worker({{"url", url}, {"name", name}, {"provider", "openai"}, {"api_key", "sk-proj-stored"}, {"models", {"gpt-4o"}}});
    auto client = gateway.client();
    int answered = 0;
    for (int n = 0; n < 100; ++n) answered += client.post("/v1/chat/completions", chat("gpt-4o", "Hello " + std::to_string(n)).dump()).status == 200;
    EXPECT_EQ(answered, 100);
    EXPECT_LT(gateway.metric("smg_worker_errors_total", {}, 0), 12) << "asked again once a second, then ever more seldom";
}

INSTANTIATE_TEST_SUITE_P(Policies, BareRefusal,
                         testing::Combine(testing::Values("cache_aware", "round_robin", "least_load", "least_latency"), testing::Values(429, 403)),
                         [](const auto& row) { return std::get<0>(row.param) + "_" + std::to_string(std::get<1>(row.param)); });

}  // namespace
}  // namespace smg::test
