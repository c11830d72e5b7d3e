#include "admin/introspection.hpp"

#include "fixture.hpp"

namespace smg::admin::test {
namespace {

class Introspection : public AdminTest {};

telemetry::OpenRequest open_for(int milliseconds, std::string model = {}) {
    telemetry::OpenRequest open;
    open.request_id = "r" + std::to_string(milliseconds);
    open.path = "/v1/chat/completions";
    open.phase = "route";
    open.age = std::chrono::milliseconds(milliseconds);
    open.model = std::move(model);
    return open;
}

TEST_F(Introspection, TheOldestComeFirst) {
    telemetry::OpenRequestsView view;
    view.count = 7;
    view.requests = {open_for(5), open_for(500), open_for(50)};
    const auto body = json::parse(inflight(std::move(view), 2).body);
    EXPECT_EQ(body["count"], 7);
    ASSERT_EQ(body["requests"].size(), 2U);
    EXPECT_EQ(body["requests"][0]["age_ms"], 500);
    EXPECT_EQ(body["requests"][1]["age_ms"], 50);
    EXPECT_FALSE(body["requests"][0].contains("worker"));
}

TEST_F(Introspection, WhatClientsWroteIsRedactedAndCut) {
    telemetry::OpenRequestsView view;
    view.requests = {open_for(1, "sk-proj-0123456789abcdef" + std::string(9000, 'x')), open_for(2, "bad \xff utf8")};
    const auto response = inflight(std::move(view), 10);
    EXPECT_EQ(response.body.find("0123456789abcdef"), std::string::npos);
    EXPECT_LT(response.body.size(), 2000U);
    EXPECT_TRUE(json::accept(response.body));
}

TEST_F(Introspection, LoadsOfEachWorker) {
    const auto id = ready({{"name", "one"}});
    const workers::InFlight first(worker(id)->counters), second(worker(id)->counters);
    const auto body = json::parse(get("/get_loads").body);
    ASSERT_EQ(body["workers"].size(), 1U);
    EXPECT_EQ(body["workers"][0],
              (json{{"worker", upstream_.url()}, {"worker_id", id}, {"name", "one"}, {"backend_type", "external"}, {"healthy", true}, {"load", 2}}));
}

TEST_F(Introspection, NothingIsKnownWithoutAnybodyWhoTells) {
    EXPECT_EQ(json::parse(get("/inflight").body), (json{{"count", 0}, {"requests", json::array()}}));
    EXPECT_EQ(json::parse(get("/config").body)["settings"], json::object());
}

TEST_F(Introspection, OnlyReadsButForTheLogLevel) {
    for (const auto* path : {"/inflight", "/get_loads", "/config"}) {
        const auto response = send(request("PUT", path));
        EXPECT_EQ(response.status, 405) << path;
        EXPECT_EQ(response.fields.get("allow"), "GET, HEAD") << path;
    }
    EXPECT_EQ(send(request("POST", "/log_level")).fields.get("allow"), "GET, HEAD, PUT");
    auto foreign = request("GET", "/config");
    foreign.peer = net::asio::ip::make_address("192.0.2.1");
    EXPECT_EQ(send(std::move(foreign)).status, 403);
}

}  // namespace
}  // namespace smg::admin::test
