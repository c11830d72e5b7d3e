/// SIGUSR2: another process of the program takes over while requests and streams go on.
#include <gtest/gtest.h>

#include <atomic>

#include "support/running_gateway.hpp"
#include "support/smg_process.hpp"

namespace smg::test {
namespace {

class Successor : public testing::Test {
protected:
    [[nodiscard]] std::vector<std::string> arguments(std::vector<std::string> more = {}) const {
        std::vector<std::string> all{"--port", "0", "--prometheus-port", "0", "--host", "127.0.0.1", "--threads", "2", "--enable-igw"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    [[nodiscard]] Json worker() {
        return {
            {"url", providers["openai"].url()}, {"provider", "openai"}, {"runtime_type", "external"}, {"name", "one"}, {"api_key", "sk-proj-stored"}};
    }
    static simulator::SimulatorOptions slow_streams() {
        simulator::SimulatorOptions options;
        options.chunks = 20;
        options.chunk_interval = std::chrono::milliseconds(40);
        return options;
    }
    Providers providers{slow_streams()};
    TemporaryDirectory directory;
};

/// Asks again and again on connections that are kept, as a proxy does: a new one only after `connection: close`.
class Load {
public:
    explicit Load(std::uint16_t port, bool stream)
        : thread_([this, port, stream] {
              while (!over_) {
                  HttpClient client(port);
                  for (bool again = true; again && !over_;) {
                      const auto answer = client.post("/v1/chat/completions", chat("gpt-4o", "Hello", stream).dump());
                      EXPECT_EQ(answer.status, 200) << answer.body;
                      EXPECT_FALSE(client.broken());
                      if (stream) { EXPECT_NE(answer.body.find("[DONE]"), std::string::npos) << "a stream was cut"; }
                      again = answer.field("connection") != "close";
                      ++served_;
                  }
              }
          }) {}
    ~Load() { stop(); }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;
    void stop() {
        over_ = true;
        if (thread_.joinable()) thread_.join();
    }
    [[nodiscard]] bool serves_again() const {
        const auto until = std::chrono::steady_clock::now() + step_limit;
        for (const int before = served_; served_ < before + 2;) {
            if (std::chrono::steady_clock::now() > until || testing::Test::HasFailure()) return false;
            std::this_thread::yield();
        }
        return true;
    }

private:
    std::atomic<bool> over_{false};
    std::atomic<int> served_{0};
    std::thread thread_;
};

TEST_F(Successor, TakesOverUnderLoadAndNoStreamIsCut) {
    SmgProcess smg(arguments({"--log-level", "info"}));
    const auto port = smg.port();
    ASSERT_EQ(smg.client().post("/workers?wait=10", worker().dump()).status, 201);
    const auto id = Json::parse(smg.client().get("/workers/one").body).at("id");
    Load unary(port, false), streams(port, true), more(port, true);
    ASSERT_TRUE(unary.serves_again() && streams.serves_again());
    auto open = smg.client();
    open.send_request("POST", "/v1/chat/completions", chat("gpt-4o", "A long story", true).dump());
    ASSERT_EQ(open.read_head().status, 200);
    ASSERT_TRUE(open.read_event());
    smg.kill(SIGUSR2);
    ASSERT_TRUE(smg.output().wait_for("handed over")) << smg.output().text();
    EXPECT_TRUE(unary.serves_again() && streams.serves_again() && more.serves_again());
    std::string rest;
    while (const auto event = open.read_event()) rest += *event;
    EXPECT_NE(rest.find("[DONE]"), std::string::npos) << "the old process finishes what it began";
    EXPECT_FALSE(open.broken());
    EXPECT_EQ(smg.wait(), 0) << "and leaves";
    EXPECT_EQ(Json::parse(HttpClient(port).get("/workers/one").body).at("id"), id) << "without a store, workers are handed over too";
    EXPECT_TRUE(unary.serves_again() && streams.serves_again());
    unary.stop();
    streams.stop();
    more.stop();
}

TEST_F(Successor, TakesTheStoreToo) {
    const auto state = directory.file("smg.db");
    SmgProcess smg(arguments({"--state", state}));
    const auto port = smg.port();
    ASSERT_EQ(smg.client().post("/workers?wait=10", worker().dump()).status, 201);
    smg.kill(SIGUSR2);
    ASSERT_TRUE(smg.output().wait_for("handed over")) << smg.output().text();
    EXPECT_EQ(smg.wait(), 0);
    HttpClient client(port);
    EXPECT_EQ(client.request("PATCH", "/workers/one", R"({"priority":9})").status, 202) << "the successor holds the store";
    EXPECT_EQ(Json::parse(client.get("/workers/one").body).at("priority"), 9);
    EXPECT_EQ(client.post("/v1/chat/completions", chat("gpt-4o", "Hello").dump()).status, 200);
}

TEST_F(Successor, ThatCannotStartChangesNothing) {
    const auto state = directory.file("smg.db");
    const auto file = directory.write("smg.toml", "");
    SmgProcess smg(arguments({"--state", state, "--config", file}));
    ASSERT_EQ(smg.client().post("/workers?wait=10", worker().dump()).status, 201);
    directory.write("smg.toml", "nonsense = 1\n");
    smg.kill(SIGUSR2);
    ASSERT_TRUE(smg.output().wait_for("this process goes on")) << smg.output().text();
    EXPECT_EQ(smg.client().get("/readiness").status, 200);
    EXPECT_EQ(smg.client().request("PATCH", "/workers/one", R"({"priority":9})").status, 202) << "it has its store back";
    EXPECT_EQ(smg.client().post("/v1/chat/completions", chat("gpt-4o", "Hello").dump()).status, 200);
}

}  // namespace
}  // namespace smg::test
