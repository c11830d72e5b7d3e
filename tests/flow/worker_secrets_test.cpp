/// What a worker alone is shown (key, header and query values) reaches no client when the worker repeats it in an error or a head, and no log line.
#include <gtest/gtest.h>

#include "support/request_log.hpp"
#include "support/scripted_models.hpp"
#include "support/scripted_upstream.hpp"

namespace smg::test {
namespace {

const std::string key = "plain+stored/key-77";
const std::string header = "header-value-88";
const std::string parameter = "query value/99";
/// All of them, as JSON and targets spell them too.
const std::string echo = "Bearer " + key + " plain\\u002bstored\\/key-77 " + header + " ?team=query%20value%2F99 " + parameter;

struct Case {
    std::string name, client, provider;
};
void PrintTo(const Case& shown, std::ostream* out) { *out << shown.name; }

class WorkerSecrets : public testing::TestWithParam<Case> {
protected:
    WorkerSecrets() { loops_.start(); }
    ~WorkerSecrets() override { loops_.stop(); }

    [[nodiscard]] std::string model() const {
        if (GetParam().provider == "anthropic") return "claude-sonnet-4-5";
        return GetParam().provider == "gemini" ? "gemini-2.5-flash" : "gpt-4o";
    }
    /// The error as its provider words it.
    [[nodiscard]] std::string error() const {
        if (GetParam().provider == "anthropic")
            return R"({"type":"error","error":{"type":"invalid_request_error","message":"told: )" + echo + R"("}})";
        if (GetParam().provider == "gemini") return R"({"error":{"code":400,"message":"told: )" + echo + R"(","status":"INVALID_ARGUMENT"}})";
        return R"({"error":{"message":"told: )" + echo + R"(","type":"invalid_request_error","param":null,"code":"bad"}})";
    }
    [[nodiscard]] std::string error_event() const {
        return (GetParam().provider == "anthropic" ? "event: error\ndata: " : "data: ") + error() + "\n\n";
    }
    [[nodiscard]] std::string output(const std::string& text) const {
        if (GetParam().provider == "anthropic")
            return messages_start() +
                   messages_event("content_block_delta", {{"index", 0}, {"delta", {{"type", "text_delta"}, {"text", text}}}});
        if (GetParam().provider == "openai") return chat_event(text);
        const Json part = {{"parts", {{{"text", text}}}}, {"role", "model"}};
        return "data: " + Json{{"candidates", {{{"content", part}, {"index", 0}}}}}.dump() + "\n\n";
    }
    /// The provider answers so.
    void play(int status, const std::string& type, const std::string& body) {
        upstream_.script([=](const http::RequestHead& asked) {
            if (asked.method == "GET") return ScriptedReply(200, R"({"object":"list","data":[],"models":[]})");
            ScriptedReply reply(status, body);
            reply.fields.add("content-type", type);
            reply.fields.add("x-ratelimit-foo", "Bearer " + key);
            reply.fields.add("x-ratelimit-bar", "42");
            reply.fields.add(GetParam().provider == "anthropic" ? "request-id" : "x-request-id", header);
            return reply;
        });
    }
    [[nodiscard]] Answer ask(const RunningGateway& gateway, bool stream) const {
        gateway.add_worker({{"url", upstream_.url()},
                            {"name", "played"},
                            {"provider", GetParam().provider},
                            {"runtime_type", "external"},
                            {"models", {model()}},
                            {"api_key", key},
                            {"headers", {{"x-team", header}, {"accept", "text/event-stream"}}},
                            {"query", {{"team", parameter}}},
                            {"resilience", {{"disable_retry", true}}}});
        if (GetParam().client == "gemini") {
            const auto* method = stream ? ":streamGenerateContent" : ":generateContent";
            return gateway.post("/v1beta/models/" + model() + method, {{"contents", {{{"role", "user"}, {"parts", {{{"text", "Hello"}}}}}}}});
        }
        auto body = chat(model(), "Hello", stream);
        body["max_tokens"] = 100;
        return gateway.post(GetParam().client == "anthropic" ? "/v1/messages" : "/v1/chat/completions", body);
    }
    static void expect_hidden(const Answer& answer) {
        auto all = answer.body;
        for (const auto& field : answer.fields) all.append("\n").append(field.value);
        for (const std::string part : {"stored/key", "stored\\/key", "header-value", "query value", "query%20value", "value/99", "2F99"})
            EXPECT_EQ(all.find(part), std::string::npos) << part << " in " << all;
        EXPECT_NE(all.find("[redacted]"), std::string::npos) << all;
        EXPECT_NE(all.find("told: "), std::string::npos) << "the other words stay: " << all;
    }

    net::EventLoops loops_{1};
    ScriptedUpstream upstream_{loops_};
};

TEST_P(WorkerSecrets, AUnaryErrorTellsNone) {
    play(400, "application/json", error());
    const auto answer = ask(RunningGateway(), false);
    EXPECT_EQ(answer.status, 400);
    expect_hidden(answer);
}

TEST_P(WorkerSecrets, AnErrorInAUnarySuccessTellsNone) {
    play(200, "application/json", error());
    expect_hidden(ask(RunningGateway(), false));
}

TEST_P(WorkerSecrets, AStreamsFirstEventTellsNone) {
    play(200, "text/event-stream", error_event());
    const auto answer = ask(RunningGateway(), true);
    EXPECT_TRUE(answer.field("content-type").starts_with("application/json")) << answer.body;
    EXPECT_EQ(answer.field("x-ratelimit-foo"), "");
    expect_hidden(answer);
}

TEST_P(WorkerSecrets, AnEventAfterOutputTellsNone) {
    play(200, "text/event-stream", output("said: " + header + " error") + error_event());
    const auto answer = ask(RunningGateway(), true);
    EXPECT_EQ(answer.status, 200);
    const auto end_of_output = answer.body.find("told: ");
    ASSERT_NE(end_of_output, std::string::npos) << answer.body;
    EXPECT_NE(answer.body.substr(0, end_of_output).find("said: " + header + " error"), std::string::npos) << "what is output passes: " << answer.body;
    auto rest = answer;
    rest.body = answer.body.substr(end_of_output);
    expect_hidden(rest);
}

TEST_P(WorkerSecrets, AHeadTellsNone) {
    play(200, "text/event-stream", output("Hello"));
    const auto answer = ask(RunningGateway(), true);
    EXPECT_EQ(answer.field("x-ratelimit-foo"), "");
    EXPECT_EQ(answer.field("x-ratelimit-bar"), "42");
    EXPECT_EQ(answer.field("x-smg-upstream-request-id"), "");
    EXPECT_NE(answer.body.find("Hello"), std::string::npos);
    for (const auto& field : answer.fields) EXPECT_EQ(field.value.find(header), std::string::npos) << field.name;
}

TEST_P(WorkerSecrets, TheLogOfBodiesTellsNone) {
    const RequestLog log;
    auto config = test_config();
    config.log_bodies = true;
    const RunningGateway gateway(config);
    play(200, "text/event-stream", output("said: " + header + " and " + key));
    const auto answer = ask(gateway, true);
    EXPECT_NE(answer.body.find(header), std::string::npos) << "the model's own words pass";
    EXPECT_EQ(gateway.metric("smg_router_requests_total", {}), 1);
    const auto lines = log.lines("answer body");
    ASSERT_EQ(lines.size(), 1U);
    const std::string body = lines[0].at("body");
    EXPECT_NE(body.find("said: [redacted] and [redacted]"), std::string::npos) << body;
    for (const auto& line : log.lines()) EXPECT_EQ(line.dump().find(header), std::string::npos) << line;
}

INSTANTIATE_TEST_SUITE_P(Formats, WorkerSecrets,
                         testing::Values(Case{"Chat", "openai", "openai"}, Case{"Messages", "anthropic", "anthropic"},
                                         Case{"Gemini", "gemini", "gemini"}, Case{"ChatOfAnthropic", "openai", "anthropic"},
                                         Case{"MessagesOfOpenAi", "anthropic", "openai"}, Case{"ChatOfGemini", "openai", "gemini"}),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace smg::test
