#include <filesystem>
#include <fstream>

#include "fixture.hpp"
#include "telemetry/log.hpp"

namespace smg::admin::test {
namespace {

class Item : public AdminTest {
protected:
    Response put(const std::string& id, const json& body) { return send(with_body("PUT", "/workers/" + id, body.dump())); }
    Response patch(const std::string& id, const json& body) { return send(with_body("PATCH", "/workers/" + id, body.dump())); }
    [[nodiscard]] bool becomes_ready(const std::string& id) {
        return run_until(loops_[0], [&] { return worker(id)->ready(); });
    }
    std::string key_of(const std::string& id) const { return worker(id)->spec->api_key.reveal(); }
};

TEST_F(Item, GetShowsItWithoutSecrets) {
    const auto id = ready({{"headers", {{"x-team", "header-secret"}}}, {"priority", 70}, {"health", {{"timeout_secs", 2}}}});
    const auto response = get("/workers/" + id);
    EXPECT_EQ(response.status, 200);
    const auto info = json::parse(response.body);
    EXPECT_EQ(info["url"], upstream_.url());
    EXPECT_EQ(info["priority"], 70);
    EXPECT_EQ(info["health"]["timeout_secs"], 2);
    EXPECT_EQ(info["header_names"], json::array({"x-team"}));
    EXPECT_EQ(info["circuit_breaker"]["state"], "closed");
    EXPECT_EQ(response.body.find("header-secret"), std::string::npos);
    EXPECT_EQ(response.body.find(secret_key), std::string::npos);
    EXPECT_EQ(send(request("HEAD", "/workers/" + id)).status, 200);
}

TEST_F(Item, ListShowsAllOrThoseThatServeAModel) {
    const auto openai = ready();
    EXPECT_EQ(post({{"url", "https://api.anthropic.com"}}, "wait=5").status, 201);
    const auto all = json::parse(get("/workers").body);
    EXPECT_EQ(all["total"], 2);
    EXPECT_EQ(all["workers"].size(), 2U);
    EXPECT_EQ(all["stats"], (json{{"total_workers", 2},
                                  {"healthy_workers", 2},
                                  {"total_models", 1},
                                  {"total_load", 0},
                                  {"regular_count", 2},
                                  {"prefill_count", 0},
                                  {"decode_count", 0}}));
    const auto of_model = json::parse(get("/workers", "model=gpt-4o").body);
    ASSERT_EQ(of_model["total"], 1);
    EXPECT_EQ(of_model["workers"][0]["id"], openai);
    EXPECT_EQ(json::parse(get("/workers", "model=claude-sonnet-4").body)["total"], 1);
}

TEST_F(Item, UnknownIdsAre404ForEveryVerb) {
    expect_error(get("/workers/nobody"), 404, "WORKER_NOT_FOUND", {"nobody"});
    expect_error(put("nobody", keyed()), 404, "WORKER_NOT_FOUND", {"nobody"});
    expect_error(patch("nobody", {{"priority", 1}}), 404, "WORKER_NOT_FOUND", {"nobody"});
    expect_error(send(request("DELETE", "/workers/nobody")), 404, "WORKER_NOT_FOUND", {"nobody"});
    expect_error(send(request("POST", "/workers/nobody")), 405, "METHOD_NOT_ALLOWED", {"POST"});
}

TEST_F(Item, PatchChangesWhatItNamesAndKeepsTheWorkerInService) {
    const auto id = ready({{"labels", {{"a", "1"}, {"b", "2"}}}});
    const auto asked = upstream_.received().size();
    const auto response = patch(id, {{"priority", 90}, {"labels", {{"a", nullptr}}}});
    EXPECT_EQ(response.status, 202) << response.body;
    const auto body = json::parse(response.body);
    EXPECT_EQ(body["worker_id"], id);
    EXPECT_TRUE(body.contains("status") && body.contains("message"));
    EXPECT_EQ(shown(id)["priority"], 90);
    EXPECT_EQ(shown(id)["labels"], (json{{"b", "2"}}));
    EXPECT_EQ(shown(id)["status"], "ready");
    EXPECT_EQ(key_of(id), secret_key);
    smg::test::run_ready(loops_[0]);
    EXPECT_EQ(upstream_.received().size(), asked);
}

TEST_F(Item, ANewKeyDiscoversAnew) {
    const auto id = ready();
    upstream_.answer(200, R"({"data":[{"id":"gpt-5"}]})");
    EXPECT_EQ(patch(id, {{"api_key", "the-next-key"}}).status, 202);
    EXPECT_EQ(shown(id)["status"], "pending");
    ASSERT_TRUE(becomes_ready(id));
    EXPECT_EQ(shown(id)["model_id"], "gpt-5");
    EXPECT_EQ(upstream_.received().back().fields.get("authorization"), "Bearer the-next-key");
    EXPECT_EQ(patch(id, {{"api_key", nullptr}}).status, 202);
    EXPECT_EQ(shown(id)["status"], "ready") << "bring your own";
    EXPECT_EQ(shown(id)["has_api_key"], false);
}

TEST_F(Item, PatchRefusesWhatCannotChange) {
    const auto id = ready();
    expect_error(patch(id, {{"url", "https://api.openai.com"}}), 400, "BAD_REQUEST", {"url"});
    expect_error(patch(id, {{"name", "other"}}), 400, "BAD_REQUEST", {"name"});
    expect_error(patch(id, {{"provider", "xai"}}), 400, "BAD_REQUEST", {"provider"});
    expect_error(patch(id, {{"priority", "high"}}), 400, "BAD_REQUEST", {"priority"});
    expect_error(patch(id, {{"flavour", 1}}), 400, "BAD_REQUEST", {"flavour"});
    auto untyped = request("PATCH", "/workers/" + id);
    expect_error(send(untyped), 415, "UNSUPPORTED_MEDIA_TYPE", {"application/json"});
}

TEST_F(Item, PutReplacesAndKeepsTheKeyThatItDoesNotName) {
    const auto id = ready({{"priority", 70}, {"headers", {{"x-a", "kept"}, {"x-b", "kept too"}}}});
    EXPECT_EQ(put(id, {{"url", upstream_.url("/v1")}, {"provider", "openai"}, {"runtime_type", "external"}, {"headers", {{"x-b", "new"}}}}).status,
              202);
    EXPECT_EQ(shown(id)["priority"], 50) << "what is absent falls back";
    EXPECT_EQ(key_of(id), secret_key);
    EXPECT_EQ(shown(id)["header_names"].size(), 2U);
    EXPECT_EQ(put(id, keyed({{"api_key", nullptr}})).status, 202);
    EXPECT_EQ(shown(id)["has_api_key"], false);
    expect_error(put(id, keyed({{"url", "https://api.openai.com"}})), 400, "BAD_REQUEST", {"url"});
    expect_error(put(id, keyed({{"name", "other"}})), 400, "BAD_REQUEST", {"name"});
}

TEST_F(Item, GetEditPutWorks) {
    const auto id = ready();
    auto info = shown(id);
    info["priority"] = 80;
    const auto response = put(id, info);
    EXPECT_EQ(response.status, 202) << response.body;
    ASSERT_TRUE(becomes_ready(id));
    EXPECT_EQ(shown(id)["priority"], 80);
    EXPECT_EQ(key_of(id), secret_key) << "what is shown is never what is stored";
    EXPECT_FALSE(worker(id)->declares_models()) << "a discovered list is no declaration";
    auto again = shown(id);
    again["cost"] = 2.5;
    EXPECT_EQ(patch(id, again).status, 202);
    EXPECT_EQ(shown(id)["cost"], 2.5);
}

TEST_F(Item, SpellingOutWhatTheHostTellsIsNoChange) {
    EXPECT_EQ(post({{"url", "https://api.openai.com"}, {"api_key", secret_key}, {"proxy", upstream_.url()}}).status, 202);
    ASSERT_TRUE(registry_.apply("w1", workers::StatusEvent::registered, "", 1000));
    auto info = shown("w1");
    EXPECT_EQ(info["provider"], "openai");
    info["runtime_type"] = "external";
    EXPECT_EQ(put("w1", info).status, 202);
    EXPECT_EQ(shown("w1")["status"], "ready");
}

TEST_F(Item, AFailedWorkerIsTriedAnewWhenItIsEdited) {
    upstream_.answer(403, "no");
    EXPECT_EQ(post(keyed(), "wait=20").status, 400);
    upstream_.answer(200, one_model);
    EXPECT_EQ(patch("w1", {{"priority", 60}}).status, 202);
    EXPECT_TRUE(becomes_ready("w1"));
}

TEST_F(Item, DeleteDrainsAndThenItIsGone) {
    const auto id = ready();
    workers::InFlight open(worker(id)->counters);
    const auto response = send(request("DELETE", "/workers/" + id));
    EXPECT_EQ(response.status, 202);
    EXPECT_EQ(json::parse(response.body)["worker_id"], id);
    EXPECT_EQ(shown(id)["status"], "draining");
    EXPECT_EQ(shown(id)["load"], 1);
    EXPECT_EQ(send(request("DELETE", "/workers/" + id)).status, 202) << "once more changes nothing";
    expect_error(patch(id, {{"priority", 1}}), 404, "WORKER_NOT_FOUND", {"removed"});
    EXPECT_EQ(post(keyed(), "wait=20").status, 201) << "its place is free already";
    open.release();
    ASSERT_TRUE(run_until(loops_[0], [&] { return !worker(id); }));
    EXPECT_EQ(get("/workers/" + id).status, 404);
}

TEST_F(Item, ANameServesAsWellAsAnIdAndIsTheFirstOnes) {
    const auto id = ready({{"name", "first"}});
    EXPECT_EQ(json::parse(get("/workers/first").body)["id"], id);
    EXPECT_EQ(patch("first", {{"priority", 60}}).status, 202);
    EXPECT_EQ(worker(id)->spec->priority, 60);
    EXPECT_EQ(post({{"url", "https://api.anthropic.com"}, {"name", "first"}}, "wait=5").status, 201);
    EXPECT_EQ(json::parse(get("/workers/first").body)["id"], id);
    const auto second = registry_.snapshot()->workers().back();
    EXPECT_EQ(worker(id)->label(), "first");
    EXPECT_EQ(second->label(), second->id) << "two of one label would be one in the metrics";
}

TEST_F(Item, WhoMayNotGetsNothing) {
    const auto id = ready();
    for (const auto* method : {"GET", "PUT", "PATCH", "DELETE"}) {
        auto made = with_body(method, "/workers/" + id, keyed().dump());
        made.peer = net::asio::ip::make_address("10.0.0.1");
        expect_error(send(made), 403, "FORBIDDEN", {"--api-key"});
    }
    auto made = with_body("POST", "/workers", keyed({{"name", "b"}}).dump());
    made.fields.add("origin", "http://evil.example");
    expect_error(send(made), 403, "FORBIDDEN", {"origin"});
    EXPECT_EQ(registry_.snapshot()->workers().size(), 1U);
}

TEST_F(Item, ChangesLeaveALineWithoutAKey) {
    const auto directory = std::filesystem::path(testing::TempDir()) / ("smg_audit_" + std::to_string(::getpid()));
    telemetry::LogOptions options;
    options.directory = directory.string();
    ASSERT_TRUE(telemetry::set_up_log(options));
    const auto id = ready({{"headers", {{"x-team", "header-secret"}}}});
    EXPECT_EQ(patch(id, {{"api_key", "another-secret"}}).status, 202);
    EXPECT_EQ(post({{"url", "http://user:password-in-url@host"}}).status, 400);
    EXPECT_EQ(send(request("DELETE", "/workers/" + id)).status, 202);
    telemetry::shut_down_log();
    std::string log;
    for (const auto& file : std::filesystem::directory_iterator(directory)) {
        std::ifstream stream(file.path());
        log.append(std::istreambuf_iterator<char>(stream), {});
    }
    std::filesystem::remove_all(directory);
    for (const auto* secret : {secret_key, "header-secret", "another-secret", "password-in-url"})
        EXPECT_EQ(log.find(secret), std::string::npos) << log;
    for (const auto* method : {"POST", "PATCH", "DELETE"}) EXPECT_NE(log.find(std::string("method=") + method), std::string::npos) << log;
    for (const std::string& word :
         {"worker=" + id, "url=" + upstream_.url(), std::string("outcome=202"), std::string("outcome=400"), std::string("caller=loopback")})
        EXPECT_NE(log.find(word), std::string::npos) << word << " in " << log;
}

}  // namespace
}  // namespace smg::admin::test
