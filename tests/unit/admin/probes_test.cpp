#include "fixture.hpp"

namespace smg::admin::test {
namespace {

class Probes : public AdminTest {};

class OpenGateway : public AdminTest {
protected:
    OpenGateway() : AdminTest(options(draining_)) {}
    static ControlPlaneOptions options(bool& draining) {
        ControlPlaneOptions made;
        made.enable_igw = true;
        made.access.api_key = Secret("gateway-key");
        made.draining = [&draining] { return draining; };
        return made;
    }
    static inline bool draining_ = false;
};

TEST_F(Probes, TheProcessAnswers) {
    for (const auto* path : {"/health", "/liveness"}) {
        const auto response = get(path);
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.body, "OK");
        EXPECT_EQ(response.fields.get("content-type"), "text/plain; charset=utf-8");
    }
    EXPECT_EQ(send(request("POST", "/health")).status, 405);
    EXPECT_EQ(get("/nothing").status, 404);
}

TEST_F(Probes, ReadyWithAHealthyWorker) {
    auto response = get("/readiness");
    EXPECT_EQ(response.status, 503);
    auto body = json::parse(response.body);
    EXPECT_EQ(body, (json{{"status", "not ready"}, {"healthy_workers", 0}, {"total_workers", 0}, {"reason", "no workers are registered"}}));
    ready();
    response = get("/readiness");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(json::parse(response.body), (json{{"status", "ready"}, {"healthy_workers", 1}, {"total_workers", 1}}));
}

TEST_F(Probes, AFailedWorkerIsNone) {
    upstream_.answer(401, "no");
    EXPECT_EQ(post(keyed(), "wait=20").status, 400);
    const auto response = get("/readiness");
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(json::parse(response.body)["reason"], "no worker is healthy");
    EXPECT_EQ(json::parse(response.body)["total_workers"], 1);
}

TEST_F(OpenGateway, IsReadyWithoutWorkersAndForEverybodyUntilItDrains) {
    draining_ = false;
    auto probe = request("GET", "/readiness");
    probe.peer = net::asio::ip::make_address("10.0.0.1");
    EXPECT_EQ(send(probe).status, 200);
    draining_ = true;
    const auto response = send(probe);
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(json::parse(response.body)["reason"], "the gateway is shutting down");
}

}  // namespace
}  // namespace smg::admin::test
