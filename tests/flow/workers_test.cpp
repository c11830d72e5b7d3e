/// Workers that come, change and go while requests are under way.
#include <gtest/gtest.h>

#include <thread>

#include "support/scripted_models.hpp"

namespace smg::test {
namespace {

class Workers : public testing::Test {
protected:
    [[nodiscard]] Json worker(const std::string& id) const { return Json::parse(gateway.get("/workers/" + id).body); }
    Providers providers;
    RunningGateway gateway;
};

TEST_F(Workers, ARequestWaitsForAWorkerThatIsBeingRegistered) {
    const RawUpstream slow;
    ASSERT_EQ(gateway.post("/workers", {{"url", slow.url()}, {"provider", "openai"}, {"api_key", "sk-proj-stored"}}).status, 202);
    auto client = gateway.client();
    client.send_request("POST", "/v1/chat/completions", chat("gpt-4o", "Hello").dump());
    auto listing = slow.accept();
    EXPECT_EQ(listing.read().start_line, "GET /v1/models HTTP/1.1");
    EXPECT_FALSE(client.socket().readable_within(Limit(100))) << "it waits";
    listing.send(sized_answer(200, R"({"object":"list","data":[{"id":"gpt-4o","object":"model","created":1,"owned_by":"x"}]})"));
    // The chat may come over the same connection or, from another loop, over one of its own.
    auto other = slow.contacted_within(Limit(500)) ? slow.accept() : std::move(listing);
    EXPECT_EQ(other.read().start_line, "POST /v1/chat/completions HTTP/1.1");
    other.send(sized_answer(200, "{}"));
    EXPECT_EQ(client.read().status, 200);
}

TEST_F(Workers, AFailedRegistrationTellsWhyAndServesNobody) {
    Providers strict({}, {{"openai", "sk-proj-the-only-one"}});
    const auto answer = gateway.post("/workers?wait=5", {{"url", strict["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-proj-wrong"}});
    EXPECT_GE(answer.status, 400);
    const auto list = Json::parse(gateway.get("/workers").body);
    ASSERT_EQ(list.at("workers").size(), 1U);
    const auto& failed = list.at("workers").at(0);
    EXPECT_EQ(failed.at("status"), "failed");
    EXPECT_NE(failed.at("job_status").at("message").get<std::string>().find("401"), std::string::npos) << failed.dump();
    const auto refused = gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello"));
    EXPECT_GE(refused.status, 500) << refused.body;
    const auto id = failed.at("id").get<std::string>();
    const Json spec = {{"url", strict["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-proj-the-only-one"}};
    const auto replaced = gateway.post("/workers?wait=10", spec);
    EXPECT_EQ(replaced.status, 201) << replaced.body;
    EXPECT_EQ(Json::parse(replaced.body).at("id"), id) << "over a failed worker, keeping its id";
    EXPECT_EQ(gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello")).status, 200);
}

TEST_F(Workers, ANewKeyTakesEffect) {
    const auto id = gateway.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-proj-first"}});
    EXPECT_EQ(gateway.client().request("PATCH", "/workers/" + id, R"({"api_key":"sk-proj-second"})").status, 202);
    EXPECT_EQ(gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello")).status, 200);
    EXPECT_EQ(providers["openai"].requests().back().fields.get("authorization"), "Bearer sk-proj-second");
}

TEST_F(Workers, GetEditPutWorksAndKeepsTheKey) {
    const auto id = gateway.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-proj-first"}});
    auto spec = worker(id);
    EXPECT_FALSE(spec.contains("api_key"));
    spec["priority"] = 77;
    const auto put = gateway.client().request("PUT", "/workers/" + id, spec.dump());
    ASSERT_EQ(put.status, 202) << put.body;
    EXPECT_EQ(worker(id).at("priority"), 77);
    EXPECT_EQ(gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello")).status, 200);
    EXPECT_EQ(providers["openai"].requests().back().fields.get("authorization"), "Bearer sk-proj-first");
}

TEST(WorkerDraining, LetsOpenStreamsEnd) {
    PlayedWorker played("openai");
    const auto list = Json::parse(played.gateway.get("/workers").body);
    const auto id = list.at("workers").at(0).at("id").get<std::string>();
    auto client = played.gateway.client();
    auto upstream = played.ask(client, true);
    upstream.send(std::string(stream_head) + chunk(chat_event("one")));
    client.read_head();
    ASSERT_EQ(client.read_event(), chat_event("one"));
    EXPECT_EQ(played.gateway.client().request("PATCH", "/workers/" + id, R"({"health":{"drain_settle_secs":0}})").status, 202);
    EXPECT_EQ(played.gateway.client().request("DELETE", "/workers/" + id).status, 202);
    const auto refused = played.gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello"), played.key());
    EXPECT_GE(refused.status, 400);
    upstream.send(chunk(chat_event("two")) + chunk(chat_event("", "stop")) + chunk(done_event) + std::string(end_of_chunks));
    EXPECT_EQ(client.read_body(), chat_event("two") + chat_event("", "stop") + std::string(done_event));
    const auto until = std::chrono::steady_clock::now() + step_limit;
    while (played.gateway.get("/workers/" + id).status != 404) ASSERT_LT(std::chrono::steady_clock::now(), until) << "it never goes";
}

/// When the grace period is over the open requests are told, in their own format, and no client takes a cut for an end.
TEST(GatewayStopping, TellsThoseWhoAreStillBeingServed) {
    PlayedWorker played("openai");
    auto streaming = played.gateway.client();
    auto first = played.ask(streaming, true);
    first.send(std::string(stream_head) + chunk(chat_event("x")));
    EXPECT_EQ(streaming.read_head().status, 200);
    EXPECT_EQ(text_of(*streaming.read_event()), "x");
    auto waiting = played.gateway.client();
    auto second = played.ask(waiting, false);
    std::thread stopper([&] { played.gateway.server().stop(); });
    std::string rest;
    while (const auto event = streaming.read_event()) rest += *event;
    const auto refused = waiting.read();
    stopper.join();
    EXPECT_NE(rest.find("shutting down"), std::string::npos) << rest;
    EXPECT_EQ(rest.find("[DONE]"), std::string::npos);
    EXPECT_FALSE(streaming.broken()) << "a proper last chunk";
    EXPECT_EQ(refused.status, 503);
    EXPECT_NE(refused.body.find("shutting down"), std::string::npos) << refused.body;
}

TEST(GatewayDraining, SaysSoAndFinishesWhatIsOpen) {
    PlayedWorker played("openai");
    auto client = played.gateway.client();
    auto upstream = played.ask(client, true);
    upstream.send(std::string(stream_head) + chunk(chat_event("one")));
    client.read_head();
    auto idle = played.gateway.client();
    EXPECT_EQ(idle.get("/readiness").status, 200);
    played.gateway.server().begin_drain();
    const auto readiness = idle.get("/readiness");
    EXPECT_EQ(readiness.status, 503);
    EXPECT_EQ(readiness.field("connection"), "close");
    EXPECT_EQ(Json::parse(readiness.body).at("status").is_string(), true);
    auto another = played.gateway.client();
    EXPECT_EQ(another.get("/health", {}).status, 200) << "new connections are still taken";
    EXPECT_GE(played.gateway.server().open_requests(), 1);
    played.gateway.server().stop_accepting();
    upstream.send(chunk(chat_event("", "stop")) + chunk(done_event) + std::string(end_of_chunks));
    EXPECT_EQ(client.read_body(), chat_event("one") + chat_event("", "stop") + std::string(done_event));
    const auto still_accepted = [&] {
        try {
            static_cast<void>(played.gateway.client());
            return true;
        } catch (const std::runtime_error&) { return false; }
    };
    const auto until = std::chrono::steady_clock::now() + step_limit;
    while (still_accepted()) ASSERT_LT(std::chrono::steady_clock::now(), until) << "it still listens";
}

}  // namespace
}  // namespace smg::test
