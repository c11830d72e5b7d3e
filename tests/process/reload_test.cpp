/// The configuration changes while requests go on.
#include <gtest/gtest.h>

#include <atomic>

#include "support/running_gateway.hpp"
#include "support/smg_process.hpp"

namespace smg::test {
namespace {

class Reload : public testing::Test {
protected:
    [[nodiscard]] std::string worker(const std::string& name, int priority = 50) {
        return "[[workers]]\nurl = \"" + providers["openai"].url() + "\"\nprovider = \"openai\"\nruntime_type = \"external\"\nname = \"" + name +
               "\"\napi_key = \"sk-proj-" + name + "\"\npriority = " + std::to_string(priority) + "\n[workers.health]\ndrain_settle_secs = 0\n";
    }
    [[nodiscard]] std::vector<std::string> arguments(const std::string& file) const {
        return {"--port", "0", "--prometheus-port", "0", "--host", "127.0.0.1", "--threads", "2", "--config", file};
    }
    static bool serves(SmgProcess& process) {
        const auto until = std::chrono::steady_clock::now() + step_limit;
        while (process.client().get("/readiness").status != 200)
            if (std::chrono::steady_clock::now() > until) return false;
        return true;
    }
    static std::vector<std::string> names(SmgProcess& process) {
        std::vector<std::string> all;
        const auto listed = Json::parse(process.client().get("/workers").body);
        for (const auto& each : listed.at("workers"))
            if (each.at("status") != "draining") all.push_back(each.at("name"));
        return all;
    }
    static simulator::SimulatorOptions slow_streams() {
        simulator::SimulatorOptions options;
        options.chunk_interval = std::chrono::milliseconds(5);
        return options;
    }
    Providers providers{slow_streams()};
    TemporaryDirectory directory;
};

TEST_F(Reload, ASignalAppliesWhatChangedAndTheFileIsWatchedToo) {
    const auto file = directory.write("smg.toml", worker("one") + worker("two"));
    SmgProcess smg(arguments(file));
    ASSERT_TRUE(serves(smg));
    const auto before = Json::parse(smg.client().get("/workers").body).at("workers");
    directory.write("smg.toml", "metrics-max-models = 7\napi-key = \"gw-new\"\n" + worker("one") + worker("three", 60) +
                                    "[aliases]\nfast = \"gpt-4o-mini\"\n");
    // No signal: the file's change is enough.
    ASSERT_TRUE(smg.output().wait_for("configuration reloaded")) << smg.output().text();
    EXPECT_TRUE(smg.output().wait_for("need a restart")) << smg.output().text();
    const Headers key{{"Authorization", "Bearer gw-new"}};
    EXPECT_EQ(smg.client().get("/workers").status, 401) << "the new key holds for the control plane";
    const auto after = Json::parse(smg.client().get("/workers", key).body).at("workers");
    EXPECT_EQ(after.at(0).at("id"), before.at(0).at("id")) << "what did not change stays";
    EXPECT_EQ(smg.client().post("/v1/chat/completions", chat("gpt-4o", "Hello").dump()).status, 401);
    const auto answer = smg.client().post("/v1/chat/completions", chat("fast", "Hello").dump(), key);
    EXPECT_EQ(answer.status, 200) << answer.body;
    directory.write("smg.toml", worker("one"));
    smg.kill(SIGHUP);
    ASSERT_TRUE(smg.output().wait_for("configuration reloaded", 2)) << smg.output().text();
    EXPECT_EQ(names(smg), std::vector<std::string>{"one"});
}

TEST_F(Reload, LimitsTheLogsLevelAndProvidersToo) {
    const auto acme = [&](const std::string& root) {
        return "[providers.acme]\napi_root = \"" + root + "\"\nmodels = [\"acme-*\"]\n[[workers]]\nurl = \"" + providers["openai"].url() +
               "\"\nprovider = \"acme\"\nruntime_type = \"external\"\nname = \"acme\"\nmodels = [{id = \"acme-1\", upstream_model = \"gpt-4o\"}]\n";
    };
    const Headers key{{"Authorization", "Bearer somebodys-own-key-of-acme"}};
    const auto file = directory.write("smg.toml", acme("/elsewhere"));
    SmgProcess smg(arguments(file));
    ASSERT_TRUE(serves(smg));
    EXPECT_EQ(smg.client().post("/v1/chat/completions", chat("acme-1", "Hello").dump(), key).status, 404) << "nothing is at that root";
    directory.write("smg.toml", "log-level = \"debug\"\nmax-payload-size = 2000\n" + acme("/v1"));
    ASSERT_TRUE(smg.output().wait_for("configuration reloaded")) << smg.output().text();
    EXPECT_EQ(smg.output().text().find("need a restart"), std::string::npos) << smg.output().text();
    const auto answer = smg.client().post("/v1/chat/completions", chat("acme-1", "Hello").dump(), key);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(smg.client().post("/v1/chat/completions", chat("acme-1", std::string(3000, 'x')).dump(), key).status, 413);
    EXPECT_EQ(Json::parse(smg.client().get("/log_level").body).at("level"), "debug");
    // The provider and its worker leave together.
    directory.write("smg.toml", "rate-limit-tokens-per-second = 0.001\n" + worker("one"));
    ASSERT_TRUE(smg.output().wait_for("configuration reloaded", 2)) << smg.output().text();
    EXPECT_EQ(names(smg), std::vector<std::string>{"one"});
    EXPECT_EQ(smg.client().post("/v1/chat/completions", chat("gpt-4o", "Hello").dump()).status, 200);
    EXPECT_EQ(smg.client().post("/v1/chat/completions", chat("gpt-4o", "Hello").dump()).status, 429) << "one request may always come";
}

TEST_F(Reload, ABadFileIsRefusedWholeWithItsLine) {
    const auto file = directory.write("smg.toml", worker("one"));
    SmgProcess smg(arguments(file));
    ASSERT_TRUE(serves(smg));
    directory.write("smg.toml", worker("two") + "[aliases]\nfast = 3\n");
    ASSERT_TRUE(smg.output().wait_for("nothing has changed")) << smg.output().text();
    EXPECT_NE(smg.output().text().find("smg.toml:11"), std::string::npos) << smg.output().text();
    directory.write("smg.toml", worker("two") + worker("two"));
    ASSERT_TRUE(smg.output().wait_for("nothing has changed", 2)) << smg.output().text();
    EXPECT_EQ(names(smg), std::vector<std::string>{"one"});
    SmgProcess check({"--check-config", "--config", file, "--prometheus-port", "0", "--port", std::to_string(smg.port())});
    EXPECT_EQ(check.wait(), 2) << "the same words before a reload, beside the running process";
    EXPECT_TRUE(check.output().wait_for("has the url and name of")) << check.output().text();
}

TEST_F(Reload, UnderLoadNoRequestFailsAndNoStreamIsCut) {
    const auto file = directory.write("smg.toml", worker("a") + worker("b"));
    SmgProcess smg(arguments(file));
    ASSERT_TRUE(serves(smg));
    std::atomic<bool> over{false};
    std::atomic<int> served{0};
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i)
        clients.emplace_back([&, stream = i % 2 == 0] {
            auto client = smg.client();
            while (!over) {
                const auto answer = client.post("/v1/chat/completions", chat("gpt-4o", "Hello", stream).dump());
                EXPECT_EQ(answer.status, 200) << answer.body;
                if (stream) { EXPECT_NE(answer.body.find("[DONE]"), std::string::npos) << "a stream was cut"; }
                ++served;
            }
        });
    for (std::size_t round = 1; round <= 12; ++round) {
        const auto others = std::string(round % 2 == 0 ? "a" : "c");
        directory.write("smg.toml",
                        worker(others, static_cast<int>(round)) + worker("b", 50) + "[aliases]\nr" + std::to_string(round) + " = \"gpt-4o\"\n");
        smg.kill(SIGHUP);
        EXPECT_TRUE(smg.output().wait_for("configuration reloaded", round)) << smg.output().text();
        for (const int until = served + 8; served < until && !HasFailure();) std::this_thread::yield();
    }
    over = true;
    for (auto& client : clients) client.join();
    EXPECT_EQ(smg.client().get("/readiness").status, 200);
}

}  // namespace
}  // namespace smg::test
