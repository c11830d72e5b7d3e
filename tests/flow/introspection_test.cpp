/// What the gateway tells of itself: server-timing, open requests, loads, its configuration, the log's level, bodies, the audit.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "support/request_log.hpp"
#include "support/running_gateway.hpp"
#include "support/scripted_models.hpp"

namespace smg::test {
namespace {

/// `a;dur=1.5, b;dur=2` as numbers.
std::map<std::string, double> times_of(const Answer& answer) {
    std::map<std::string, double> times;
    const auto text = answer.field("server-timing") + ", ";
    for (std::size_t at = 0; at + 2 < text.size();) {
        const auto end = text.find(", ", at);
        const auto entry = text.substr(at, end - at);
        const auto dur = entry.find(";dur=");
        if (dur == std::string::npos) throw std::runtime_error("no server-timing: " + text);
        times[entry.substr(0, dur)] = std::stod(entry.substr(dur + 5));
        at = end + 2;
    }
    return times;
}

TEST(ServerTiming, TellsWhereTheTimeWent) {
    simulator::SimulatorOptions slow;
    slow.latency = std::chrono::milliseconds(60);
    Providers providers(slow);
    const RunningGateway gateway;
    gateway.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-any-0123456789"}});
    auto client = gateway.client();
    for (const bool stream : {false, true}) {
        const auto begun = std::chrono::steady_clock::now();
        const auto answer = client.post("/v1/chat/completions", chat("gpt-4o", "Hello", stream).dump());
        const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - begun;
        ASSERT_EQ(answer.status, 200);
        auto times = times_of(answer);
        EXPECT_EQ(times.count("accept"), stream ? 0U : 1U) << "of a connection's first request alone";
        for (const auto* name : {"read", "queue", "select", "connect", "ttft"}) ASSERT_EQ(times.count(name), 1U) << name;
        EXPECT_GE(times["ttft"], 60);
        EXPECT_LE(times["ttft"], taken.count());
        EXPECT_LE(times["read"] + times["queue"] + times["select"] + times["connect"], times["ttft"]);
    }
}

TEST(ServerTiming, StandsOnErrorsToo) {
    const RunningGateway gateway;
    const auto answer = gateway.post("/v1/chat/completions", chat("nobody-serves-this", "Hello"));
    EXPECT_GE(answer.status, 400);
    EXPECT_EQ(times_of(answer).count("read"), 1U);
}

Json open_one(const RunningGateway& gateway, const std::string& phase) {
    const auto until = std::chrono::steady_clock::now() + step_limit;
    for (;;) {
        const auto listed = Json::parse(gateway.get("/inflight").body);
        for (const auto& each : listed.at("requests"))
            if (each.at("path") == "/v1/chat/completions" && each.at("phase") == phase) return each;
        if (std::chrono::steady_clock::now() > until) throw std::runtime_error("none in phase " + phase + ": " + listed.dump());
    }
}

TEST(Inflight, FollowsARequestThroughItsPhases) {
    PlayedWorker played("openai");
    auto client = played.gateway.client();
    client.send("POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{");
    EXPECT_EQ(open_one(played.gateway, "read_body").at("bytes_in"), 1);
    client.close();

    client = played.gateway.client();
    auto upstream = played.ask(client, true, {{"x-request-id", "seen-1"}});
    auto open = open_one(played.gateway, "wait");
    EXPECT_EQ(open.at("request_id"), "seen-1");
    EXPECT_EQ(open.at("worker"), "played");
    EXPECT_EQ(open.at("provider"), "openai");
    EXPECT_EQ(open.at("model"), "gpt-4o");
    EXPECT_EQ(open.at("attempts"), 1);
    EXPECT_EQ(open.at("streaming"), true);
    EXPECT_EQ(open.at("client"), "127.0.0.1");
    EXPECT_EQ(open.at("bytes_out"), 0);
    const auto loads = Json::parse(played.gateway.get("/get_loads").body).at("workers");
    ASSERT_EQ(loads.size(), 1U);
    EXPECT_EQ(loads[0].at("worker"), played.upstream.url());
    EXPECT_EQ(loads[0].at("load"), 1);

    upstream.send(std::string(stream_head) + chunk(chat_event("one")));
    client.read_head();
    ASSERT_EQ(client.read_event(), chat_event("one"));
    open = open_one(played.gateway, "relay");
    EXPECT_GT(open.at("bytes_out"), 0);
    EXPECT_GE(open.at("age_ms"), 0);
    upstream.send(chunk(chat_event("", "stop")) + chunk(done_event) + "0\r\n\r\n");
    client.read_body();
    EXPECT_EQ(played.gateway.metric("smg_router_requests_total", {}), 1);
    const auto after = Json::parse(played.gateway.get("/inflight").body);
    EXPECT_EQ(after.at("count"), 1) << after;  // the one that asks
    EXPECT_EQ(after.at("requests")[0].at("path"), "/inflight");
}

TEST(Inflight, ShowsTheOldestAndCountsAll) {
    auto config = test_config();
    config.threads = 3;
    const RunningGateway gateway(config);
    std::vector<HttpClient> clients;
    for (int i = 0; i < 9; ++i) {
        clients.push_back(gateway.client());
        clients.back().send("POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-request-id: r" + std::to_string(i) + "\r\ncontent-length: 9\r\n\r\n");
        const auto until = std::chrono::steady_clock::now() + step_limit;
        while (gateway.server().open_requests() < i + 1 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    }
    const auto listed = Json::parse(gateway.get("/inflight?limit=4").body);
    EXPECT_EQ(listed.at("count"), 10);
    ASSERT_EQ(listed.at("requests").size(), 4U);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(listed.at("requests")[static_cast<std::size_t>(i)].at("request_id"), "r" + std::to_string(i));
    for (const auto* wrong : {"0", "-1", "x", "10001", ""}) EXPECT_EQ(gateway.get(std::string("/inflight?limit=") + wrong).status, 400) << wrong;
}

config::Config configured(const std::vector<std::string>& arguments, const config::Environment& environment) {
    std::vector<const char*> argv{"smg", "--port", "0", "--prometheus-port", "0", "--enable-igw"};
    for (const auto& each : arguments) argv.push_back(each.c_str());
    const auto command = config::parse_command_line(static_cast<int>(argv.size()), argv.data(), environment);
    if (const auto* refused = std::get_if<config::PrintAndExit>(&command)) throw std::runtime_error(refused->text);
    return std::get<config::RunGateway>(command).config;
}

TEST(Config, SaysWhatCountsAndWhereItComesFrom) {
    const TemporaryDirectory directory;
    std::ofstream(directory.file("smg.toml")) << "queue-size = 7\nlog-level = \"warn\"\n[aliases]\nfast = \"gpt-4o-mini\"\n"
                                                 "[[tenants]]\nname = \"acme\"\nkey = \"acme-secret-0123456789\"\n";
    const RunningGateway gateway(configured({"--config", directory.file("smg.toml"), "--api-key", "own-secret-0123456789"},
                                            {{"SMG_LOG_LEVEL", "error"},
                                             {"SMG_UPSTREAM_PROXY", "http://me:proxy-secret@127.0.0.1:9"},
                                             {"OPENAI_API_KEY", "sk-proj-env-secret-0123456789"}}));
    const Headers own{{"Authorization", "Bearer own-secret-0123456789"}};
    const auto answer = gateway.get("/config", own);
    ASSERT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body.find("secret"), std::string::npos) << answer.body;
    const auto shown = Json::parse(answer.body);
    const auto& settings = shown.at("settings");
    EXPECT_EQ(settings.at("queue-size"), (Json{{"value", "7"}, {"source", "smg.toml:1: queue-size"}}));
    EXPECT_EQ(settings.at("log-level"), (Json{{"value", "error"}, {"source", "SMG_LOG_LEVEL"}}));
    EXPECT_EQ(settings.at("port"), (Json{{"value", "0"}, {"source", "--port"}}));
    EXPECT_EQ(settings.at("queue-timeout-secs"), (Json{{"value", "60"}, {"source", "default"}}));
    EXPECT_EQ(settings.at("api-key"), (Json{{"value", "[set]"}, {"source", "--api-key"}}));
    EXPECT_EQ(settings.at("upstream-proxy").at("value"), "[set]");
    EXPECT_EQ(shown.at("aliases"), (Json{{"fast", "gpt-4o-mini"}}));
    EXPECT_EQ(shown.at("tenants")[0].at("name"), "acme");
    EXPECT_EQ(shown.at("tenants")[0].at("keys"), 1);
    EXPECT_EQ(shown.at("provider_keys")[0], (Json{{"provider", "openai"}, {"source", "OPENAI_API_KEY"}}));
}

TEST(Introspection, IsTheControlPlanes) {
    auto config = test_config();
    config.api_key = Secret("own-secret-0123456789");
    const RunningGateway gateway(config);
    for (const auto* path : {"/inflight", "/get_loads", "/config", "/log_level"}) {
        EXPECT_EQ(gateway.get(path).status, 401) << path;
        EXPECT_EQ(gateway.get(path, {{"x-api-key", "own-secret-0123456789"}}).status, 200) << path;
        auto client = gateway.client();
        EXPECT_EQ(client.request("DELETE", path, {}, {{"x-api-key", "own-secret-0123456789"}}).status, 405) << path;
    }
}

TEST(LogLevel, ChangesWhileItRuns) {
    const RequestLog log;
    Providers providers;
    const RunningGateway gateway;
    gateway.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-any-0123456789"}});
    auto client = gateway.client();
    const auto put = [&](const std::string& body) { return client.request("PUT", "/log_level", body, {{"content-type", "application/json"}}); };
    EXPECT_EQ(gateway.get("/log_level").body, R"({"level":"info"})");
    auto answer = put(R"({"level":"WARN"})");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"level":"warn"})");
    gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello"));
    EXPECT_EQ(gateway.metric("smg_router_requests_total", {}), 1);
    for (const auto& line : log.lines()) EXPECT_NE(line.value("endpoint", ""), "chat");
    for (const auto* wrong : {"", "{}", "[]", R"({"level":"loud"})", R"({"level":1})", R"({"level":"info","more":1})"})
        EXPECT_EQ(put(wrong).status, 400) << wrong;
    EXPECT_EQ(put(R"({"level":"info"})").status, 200);
    gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello"));
    EXPECT_EQ(gateway.metric("smg_router_requests_total", {}, 2), 2);
    const auto lines = log.lines();
    EXPECT_TRUE(std::any_of(lines.begin(), lines.end(), [](const Json& line) { return line.value("endpoint", "") == "chat"; }));
}

TEST(LogBodies, ShowsBothSidesOfTheDataPlane) {
    for (const bool asked_for : {true, false}) {
        const RequestLog log;
        Providers providers;
        auto config = test_config();
        config.log_bodies = asked_for;
        const RunningGateway gateway(config);
        gateway.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-any-0123456789"}});
        const auto unary = gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello sk-proj-0123456789abcdefgh"), {{"x-request-id", "unary"}});
        EXPECT_EQ(gateway.metric("smg_router_requests_total", {}), 1);
        const auto stream = gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello", true), {{"x-request-id", "stream"}});
        EXPECT_EQ(gateway.metric("smg_router_requests_total", {}, 2), 2);
        const auto asked = log.lines("request body"), answered = log.lines("answer body");
        if (!asked_for) {
            EXPECT_TRUE(asked.empty() && answered.empty());
            continue;
        }
        ASSERT_EQ(asked.size(), 2U);  // and none of the worker that was registered
        ASSERT_EQ(answered.size(), 2U);
        EXPECT_EQ(asked[0].at("request_id"), "unary");
        EXPECT_EQ(asked[0].at("body"), chat("gpt-4o", "Hello [redacted]").dump());
        auto shown = unary.body;  // the simulated provider repeats what it was told
        shown.replace(shown.find("sk-proj-0123456789abcdefgh"), 26, "[redacted]");
        EXPECT_EQ(answered[0].at("body"), shown);
        EXPECT_EQ(answered[0].at("bytes"), unary.body.size());
        EXPECT_EQ(answered[1].at("request_id"), "stream");
        EXPECT_EQ(answered[1].at("body"), stream.body);
    }
}

TEST(Audit, ALineForEachChangeUnlessItIsTurnedOff) {
    for (const bool audited : {true, false}) {
        const RequestLog log;
        Providers providers;
        auto config = test_config();
        config.audit_log = audited;
        const RunningGateway gateway(config);
        const auto id = gateway.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-any-0123456789"}});
        auto client = gateway.client();
        client.request("PUT", "/log_level", R"({"level":"info"})", {{"content-type", "application/json"}});
        client.request("DELETE", "/workers/" + id);
        gateway.get("/workers");
        const auto lines = log.lines("control plane");
        ASSERT_EQ(lines.size(), audited ? 3U : 0U);
        if (!audited) continue;
        EXPECT_EQ(lines[0].at("method"), "POST");
        EXPECT_EQ(lines[0].at("outcome"), 202);
        EXPECT_EQ(lines[1].at("path"), "/log_level");
        EXPECT_EQ(lines[1].at("outcome"), 200);
        EXPECT_EQ(lines[2].at("worker"), id);
    }
}

TEST(AccessLog, TellsWhoEndedARequestAndWhy) {
    const RequestLog log;
    Providers providers;
    providers["openai"].fail_all(500);
    auto config = test_config();
    config.retry.max_attempts = 2;
    config.retry.initial_backoff = std::chrono::milliseconds(1);
    const RunningGateway gateway(config);
    gateway.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-any-0123456789"}, {"name", "one"}});
    EXPECT_EQ(gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello")).status, 500);
    EXPECT_EQ(gateway.metric("smg_router_requests_total", {}), 1);
    const auto line = log.lines().back();
    EXPECT_EQ(line.at("attempts"), 2);
    EXPECT_EQ(line.at("attempt_reasons"), "one:500 one:500");
    EXPECT_EQ(line.at("failure"), "backend_error");
    EXPECT_EQ(line.at("ended_by"), "provider");
    for (const auto* phase : {"body_ms", "queue_ms", "route_ms", "connect_ms", "send_ms", "wait_ms", "relay_ms", "duration_ms"})
        EXPECT_TRUE(line.contains(phase) && line.at(phase).is_number()) << phase;
}

}  // namespace
}  // namespace smg::test
