#include <filesystem>
#include <fstream>

#include "fixture.hpp"

namespace smg::admin::test {
namespace {

class Create : public AdminTest {};

TEST_F(Create, Answers202AtOnceAndRegistersInTheBackground) {
    const auto response = post(keyed({{"url", upstream_.url("/v1/")}}));
    EXPECT_EQ(response.status, 202);
    EXPECT_EQ(response.fields.get("location"), "/workers/w1");
    EXPECT_EQ(response.fields.get("content-type"), "application/json");
    EXPECT_EQ(json::parse(response.body), (json{{"status", "accepted"},
                                                {"worker_id", "w1"},
                                                {"url", upstream_.url("/v1/")},
                                                {"location", "/workers/w1"},
                                                {"message", "Worker addition queued for background processing"}}));
    EXPECT_EQ(shown("w1")["status"], "pending");
    EXPECT_TRUE(run_until(loops_[0], [this] { return worker("w1")->ready(); }));
}

TEST_F(Create, WithWaitAnswers201AndTheWorkerOnceItIsRegistered) {
    const auto response = post(keyed(), "wait=20");
    ASSERT_EQ(response.status, 201) << response.body;
    EXPECT_EQ(response.fields.get("location"), "/workers/w1");
    const auto info = json::parse(response.body);
    EXPECT_EQ(info["id"], "w1");
    EXPECT_EQ(info["status"], "ready");
    EXPECT_EQ(info["is_healthy"], true);
    EXPECT_EQ(info["model_id"], "gpt-4o");
    EXPECT_EQ(response.body.find(secret_key), std::string::npos);
}

TEST_F(Create, WithWaitTellsTheFailureAndKeepsTheWorkerToLookAt) {
    upstream_.answer(401, json({{"error", {{"message", std::string("Incorrect API key provided: ") + secret_key}}}}).dump());
    const auto response = post(keyed(), "wait=20");
    expect_error(response, 400, "BAD_REQUEST", {"answered 401: Incorrect API key provided: [redacted]", upstream_.url("/v1/models")});
    EXPECT_EQ(response.fields.get("location"), "/workers/w1");
    const auto info = shown("w1");
    EXPECT_EQ(info["status"], "failed");
    EXPECT_EQ(info["job_status"]["status"], "failed");
    EXPECT_NE(info["job_status"]["message"].get<std::string>().find("answered 401"), std::string::npos);
    EXPECT_EQ(info.dump().find(secret_key), std::string::npos);
}

TEST_F(Create, AWaitThatIsTooShortIsAnswered202) {
    upstream_.script([](const http::RequestHead&) { return std::nullopt; });
    EXPECT_EQ(post(keyed(), "wait=0.05").status, 202);
    EXPECT_EQ(shown("w1")["status"], "pending");
    EXPECT_EQ(post(keyed({{"name", "b"}}), "wait=0").status, 202);
}

TEST_F(Create, AClientThatLeavesEndsItsWait) {
    upstream_.script([](const http::RequestHead&) { return std::nullopt; });
    Running<Response> waiting(loops_[0], plane_.handle(with_body("POST", "/workers", keyed().dump(), "wait=600")));
    ASSERT_TRUE(run_until(loops_[0], [this] { return !upstream_.received().empty(); }));
    cancellation_.request();
    EXPECT_EQ(waiting.get(5s).status, 202);
}

TEST_F(Create, DeletedWhileItIsWaitedFor) {
    upstream_.script([](const http::RequestHead&) { return std::nullopt; });
    Running<Response> waiting(loops_[0], plane_.handle(with_body("POST", "/workers", keyed().dump(), "wait=600")));
    ASSERT_TRUE(run_until(loops_[0], [this] { return !upstream_.received().empty(); }));
    EXPECT_EQ(send(request("DELETE", "/workers/w1")).status, 202);
    expect_error(waiting.get(5s), 404, "WORKER_NOT_FOUND", {"w1"});
}

TEST_F(Create, BadWaitsNameTheirField) {
    for (const auto* query : {"wait=soon", "wait=-1", "wait=601", "wait=", "wait", "wait=nan", "wait=1x", "a=b&wait"})
        expect_error(post(keyed(), query), 400, "BAD_REQUEST", {"wait"});
    EXPECT_TRUE(registry_.snapshot()->workers().empty());
    EXPECT_EQ(post(keyed(), "waiter=1&x=wait").status, 202) << "another parameter";
}

TEST_F(Create, WithoutAKeyItIsReadyAtOnce) {
    EXPECT_EQ(post({{"url", "https://api.anthropic.com"}}, "wait=5").status, 201);
    EXPECT_EQ(shown("w1")["status"], "ready");
    EXPECT_EQ(shown("w1")["provider"], "anthropic");
}

TEST_F(Create, TheSameUrlAndNameIsAConflict) {
    upstream_.script([](const http::RequestHead&) { return std::nullopt; });
    EXPECT_EQ(post(keyed()).status, 202);
    expect_error(post(keyed({{"url", upstream_.url("/v1")}})), 409, "WORKER_CREATE_IN_PROGRESS", {"w1"});
    upstream_.answer(200, one_model);
    const auto other = ready({{"name", "second"}});
    expect_error(post(keyed({{"name", "second"}})), 409, "WORKER_ALREADY_EXISTS", {other});
}

TEST_F(Create, OverAFailedWorkerReplacesItAndKeepsTheId) {
    upstream_.answer(401, "no");
    EXPECT_EQ(post(keyed(), "wait=20").status, 400);
    upstream_.answer(200, one_model);
    const auto response = post(keyed({{"api_key", "a-better-key"}}), "wait=20");
    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(json::parse(response.body)["id"], "w1");
    EXPECT_EQ(registry_.snapshot()->workers().size(), 1U);
    EXPECT_EQ(upstream_.received().back().fields.get("authorization"), "Bearer a-better-key");
}

struct BadSpec {
    BadSpec(json change, std::string field) : spec(std::move(change)), word(std::move(field)) {}
    json spec;
    std::string word;
};

TEST_F(Create, EveryErrorNamesItsField) {
    const std::vector<BadSpec> bad = {
        {{{"url", nullptr}}, "url"},
        {{{"url", "ftp://x"}}, "url"},
        {{{"url", "http://user:pass@x"}}, "url"},
        {{{"url", "http://169.254.169.254"}}, "url"},
        {{{"url", "http://[fe80::1]:80"}}, "url"},
        {{{"url", "http://0.0.0.0:80"}}, "url"},
        {{{"url", 7}}, "url"},
        {{{"provider", "opnai"}}, "openai"},
        {{{"provider", "anthropic"}, {"url", "https://api.openai.com"}}, "provider"},
        {{{"runtime_type", "vlm"}}, "runtime_type"},
        {{{"worker_type", "prefill"}}, "worker_type"},
        {{{"connection_mode", "grpc"}}, "connection_mode"},
        {{{"priority", 101}}, "priority"},
        {{{"cost", "much"}}, "cost"},
        {{{"models", "gpt-4o"}}, "models"},
        {{{"models", {{{"name", "x"}}}}}, "models[0]"},
        {{{"labels", {{"policy", "best"}}}}, "labels.policy"},
        {{{"headers", {{"host", "x"}}}}, "headers.host"},
        {{{"health", {{"timeout", 3}}}}, "health.timeout"},
        {{{"resilience", {{"max_retries", -1}}}}, "resilience.max_retries"},
        {{{"proxy", "socks5://x"}}, "proxy"},
        {{{"proxy", "https://proxy:8443"}}, "proxy"},
        {{{"api_key", nullptr}, {"api_key_file", "/nonexistent"}}, "api_key_file"},
        {{{"api_key_file", "/etc/hostname"}}, "api_key_file"},
        {{{"colour", "red"}}, "colour"},
    };
    for (const auto& each : bad) expect_error(post(keyed(each.spec)), 400, "BAD_REQUEST", {each.word});
    EXPECT_TRUE(registry_.snapshot()->workers().empty());
}

TEST_F(Create, BodiesThatAreNone) {
    for (const auto* body : {"", "{", "[]", "7", "null", R"({"url":"http://a","url":"http://b"})", "\xff\xfe"})
        EXPECT_EQ(send(with_body("POST", "/workers", body)).status, 400) << body;
    expect_error(send(with_body("POST", "/workers", R"({"url":"http://a","url":"http://b"})")), 400, "BAD_REQUEST", {"url"});
}

TEST_F(Create, OnlyJsonIsTaken) {
    for (const auto* type : {"", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"}) {
        auto made = with_body("POST", "/workers", keyed().dump());
        made.fields.set("content-type", type);
        expect_error(send(made), 415, "UNSUPPORTED_MEDIA_TYPE", {"application/json"});
    }
    auto squeezed = with_body("POST", "/workers", keyed().dump());
    squeezed.fields.add("content-encoding", "gzip");
    expect_error(send(squeezed), 415, "UNSUPPORTED_MEDIA_TYPE", {"content-encoding"});
    auto with_charset = with_body("POST", "/workers", keyed().dump());
    with_charset.fields.set("content-type", "Application/JSON; charset=utf-8");
    EXPECT_EQ(send(with_charset).status, 202);
}

TEST_F(Create, TheKeyMayComeFromAFile) {
    const auto path = std::filesystem::path(testing::TempDir()) / ("smg_admin_key_" + std::to_string(::getpid()));
    std::ofstream(path) << secret_key << "\n";
    auto spec = keyed({{"api_key_file", path.string()}});
    spec.erase("api_key");
    EXPECT_EQ(post(spec, "wait=20").status, 201);
    std::filesystem::remove(path);
    EXPECT_EQ(upstream_.received().back().fields.get("authorization"), std::string("Bearer ") + secret_key);
    EXPECT_EQ(shown("w1")["has_api_key"], true);
    EXPECT_EQ(shown("w1").dump().find(secret_key), std::string::npos);
}

TEST_F(Create, OtherMethodsAreRefusedWithThoseThatAre) {
    const auto response = send(request("DELETE", "/workers"));
    expect_error(response, 405, "METHOD_NOT_ALLOWED", {"DELETE"});
    EXPECT_EQ(response.fields.get("allow"), "GET, HEAD, POST");
}

}  // namespace
}  // namespace smg::admin::test
