/// The table of errors: status, code and a body in the client's own format, whatever went wrong and wherever.
#include <gtest/gtest.h>

#include "support/running_gateway.hpp"
#include "support/scripted_models.hpp"

namespace smg::test {
namespace {

enum class Format { openai, anthropic, gemini };

std::string name_of(const testing::TestParamInfo<Format>& info) {
    if (info.param == Format::anthropic) return "Anthropic";
    return info.param == Format::gemini ? "Gemini" : "OpenAi";
}

class Errors : public testing::TestWithParam<Format> {
protected:
    static std::string path(const std::string& model = "gpt-4o", bool stream = false) {
        if (GetParam() == Format::openai) return "/v1/chat/completions";
        if (GetParam() == Format::anthropic) return "/v1/messages";
        return "/v1beta/models/" + model + (stream ? ":streamGenerateContent?alt=sse" : ":generateContent");
    }
    static Json body(const std::string& text, const std::string& model = "gpt-4o", bool stream = false) {
        if (GetParam() == Format::gemini) return {{"contents", {{{"role", "user"}, {"parts", {{{"text", text}}}}}}}};
        auto made = chat(model, text, stream);
        if (GetParam() == Format::anthropic) made["max_tokens"] = 100;
        return made;
    }
    static void expect_error(const Answer& answer, int status, const std::string& code, const std::string& in_message = {}) {
        EXPECT_EQ(answer.status, status) << answer.body;
        EXPECT_EQ(answer.field("x-smg-error-code"), code) << answer.body;
        EXPECT_TRUE(answer.field("content-type").starts_with("application/json")) << answer.field("content-type");
        EXPECT_FALSE(answer.field("x-request-id").empty());
        Json error;
        ASSERT_NO_THROW(error = Json::parse(answer.body)) << answer.body;
        ASSERT_TRUE(error.is_object() && error.contains("error")) << answer.body;
        error = error.at("error");
        EXPECT_NE(error.at("message").get<std::string>().find(in_message), std::string::npos) << answer.body;
        EXPECT_FALSE(error.at("message").get<std::string>().empty());
        const auto whole = Json::parse(answer.body);
        switch (GetParam()) {
            case Format::openai:
                EXPECT_TRUE(error.at("type").is_string());
                EXPECT_TRUE(error.contains("param") && error.contains("code")) << answer.body;
                break;
            case Format::anthropic:
                EXPECT_EQ(whole.at("type"), "error");
                EXPECT_TRUE(error.at("type").is_string());
                break;
            case Format::gemini:
                EXPECT_EQ(error.at("code"), status);
                EXPECT_TRUE(error.at("status").is_string());
                break;
        }
    }
};

/// Every provider answers badly on demand; a stored key serves all.
class ErrorsOfRequests : public Errors {
protected:
    ErrorsOfRequests() { gateway.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-proj-stored"}}); }
    static config::Config small() {
        auto config = test_config();
        config.max_payload_size = 100'000;
        return config;
    }
    Providers providers;
    RunningGateway gateway{small()};
};

TEST_P(ErrorsOfRequests, NoJson) {
    expect_error(gateway.client().post(path(), "{\"model\": nonsense"), 400, "invalid_request");
    expect_error(gateway.client().post(path(), "[1,2]"), 400, "invalid_request");
}

TEST_P(ErrorsOfRequests, NoModelOrTwo) {
    if (GetParam() == Format::gemini) {
        EXPECT_EQ(gateway.post(path(), body("x")).status, 200) << "its model stands in the path";
        return;
    }
    expect_error(gateway.client().post(path(), R"({"messages":[{"role":"user","content":"x"}],"max_tokens":9})"), 400, "invalid_request", "model");
    const auto two = R"({"model":"gpt-4o","model":"gpt-4o","messages":[{"role":"user","content":"x"}],"max_tokens":9})";
    expect_error(gateway.client().post(path(), two), 400, "invalid_request", "model");
    const auto number = R"({"model":7,"messages":[{"role":"user","content":"x"}],"max_tokens":9})";
    expect_error(gateway.client().post(path(), number), 400, "invalid_request", "model");
}

TEST_P(ErrorsOfRequests, UnknownModelWithASuggestion) {
    expect_error(gateway.post(path("gtp-4o"), body("x", "gtp-4o")), 404, "model_not_found", "gpt-4o");
}

TEST_P(ErrorsOfRequests, WrongMethod) {
    const auto answer = gateway.client().request("DELETE", path());
    expect_error(answer, 405, "method_not_allowed");
    EXPECT_NE(answer.field("allow").find("POST"), std::string::npos);
}

TEST_P(ErrorsOfRequests, UnknownPath) {
    const std::map<Format, std::string> unknown = {
        {Format::openai, "/v1/nothing"}, {Format::anthropic, "/v1/messages/nothing/here"}, {Format::gemini, "/v1beta/nothing"}};
    expect_error(gateway.get(unknown.at(GetParam())), 404, "not_found");
}

TEST_P(ErrorsOfRequests, BodyTooLarge) {
    auto sized = gateway.client();
    sized.send_request("POST", path(), body(std::string(200'000, 'x')).dump());
    expect_error(sized.read(), 413, "payload_too_large");
    EXPECT_TRUE(sized.closed_within(Limit(5000)));
    auto chunked = gateway.client();
    chunked.send("POST " + path() + " HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n");
    chunked.send(chunk(std::string(60'000, ' ')));
    chunked.send(chunk(std::string(60'000, ' ')));
    expect_error(chunked.read(), 413, "payload_too_large");
}

TEST_P(ErrorsOfRequests, HeadTooLarge) {
    auto client = gateway.client();
    client.send("POST " + path() + " HTTP/1.1\r\nhost: localhost\r\nx-long: " + std::string(100'000, 'x') + "\r\n\r\n");
    const auto answer = client.read();
    EXPECT_EQ(answer.status, 431);
    EXPECT_EQ(answer.field("x-smg-error-code"), "headers_too_large");
    EXPECT_FALSE(answer.body.empty());
    EXPECT_TRUE(client.closed_within(Limit(5000)));
}

TEST_P(ErrorsOfRequests, MediaTypeAndEncoding) {
    const auto text = body("x").dump();
    expect_error(gateway.client().post(path(), text, {{"Content-Type", "text/plain"}}), 415, "unsupported_media_type");
    expect_error(gateway.client().post(path(), text, {{"Content-Encoding", "br"}}), 415, "unsupported_media_type");
}

TEST_P(ErrorsOfRequests, BadOwnHeader) {
    expect_error(gateway.post(path(), body("x"), {{"X-SMG-Timeout-Ms", "soon"}}), 400, "invalid_request", "X-SMG-Timeout-Ms");
    expect_error(gateway.post(path(), body("x"), {{"X-SMG-Target-Worker", "nobody"}}), 400, "invalid_request", "nobody");
}

TEST_P(ErrorsOfRequests, TheConnectionLivesOnAfterABadBody) {
    auto client = gateway.client();
    expect_error(client.post(path(), "{"), 400, "invalid_request");
    EXPECT_EQ(client.post(path(), body("Hello").dump()).status, 200);
}

INSTANTIATE_TEST_SUITE_P(InEachFormat, ErrorsOfRequests, testing::Values(Format::openai, Format::anthropic, Format::gemini), name_of);

/// The provider, or the way to it, fails.
class ErrorsOfProviders : public Errors {
protected:
    ErrorsOfProviders() { gateway.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-proj-stored"}}); }
    /// What becomes of an error, not how often it is tried: reliability_test.
    static config::Config sent_once() {
        auto config = test_config();
        config.retry.enabled = false;
        return config;
    }
    Answer ask(const std::string& text, bool stream, const Headers& headers = {}) {
        return gateway.post(path("gpt-4o", stream), body(text, "gpt-4o", stream), headers);
    }
    Providers providers;
    RunningGateway gateway;
};

TEST_P(ErrorsOfProviders, KeepTheirStatusOnUnaryRequestsAndBeforeStreams) {
    const std::vector<std::tuple<std::string, int, std::string>> table = {
        {"status=400", 400, "invalid_request"}, {"status=404", 404, "model_not_found"}, {"status=429", 429, "rate_limit_exceeded"},
        {"quota", 429, "insufficient_quota"},   {"status=500", 500, "upstream_error"},  {"status=503", 503, "service_unavailable"},
        {"reset", 502, "upstream_error"},       {"html", 502, "upstream_error"},        {"status=401", 502, "upstream_credential"},
    };
    for (const auto& [steering, status, code] : table)
        for (const bool stream : {false, true}) {
            SCOPED_TRACE(steering + (stream ? ", stream" : ", unary"));
            RunningGateway fresh(sent_once());  // a limit that was met cools a worker
            fresh.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-proj-stored"}});
            const auto answer = fresh.post(path("gpt-4o", stream), body("simulate:" + steering, "gpt-4o", stream));
            const bool overloaded = status == 503 && GetParam() == Format::anthropic;  // which has a status of its own for it
            expect_error(answer, overloaded ? 529 : status, code);
            const bool hopeless = code == "insufficient_quota" || code == "upstream_credential";
            EXPECT_EQ(answer.field("x-should-retry"), hopeless ? "false" : "");
            EXPECT_EQ(answer.field("retry-after"), steering == "status=429" ? "1" : "") << "as the provider said";
        }
}

TEST_P(ErrorsOfProviders, ACallersRefusedKeyIsTheCallers) {
    const auto answer = ask("simulate:status=401", false, {{"Authorization", "Bearer sk-proj-of-the-caller"}});
    expect_error(answer, 401, "invalid_api_key");
    EXPECT_EQ(answer.field("x-smg-key-source"), "caller");
}

TEST_P(ErrorsOfProviders, AMalformedAnswerIsAnError) { expect_error(ask("simulate:malformed", false), 502, "upstream_error"); }

TEST_P(ErrorsOfProviders, TooSlow) {
    for (const bool stream : {false, true}) {
        const auto answer = ask("simulate:hang", stream, {{"X-SMG-Timeout-Ms", "150"}});
        expect_error(answer, 504, "upstream_timeout");
    }
}

TEST_P(ErrorsOfProviders, NobodyListens) {
    std::string url;
    {
        const RawUpstream gone;
        url = gone.url();
    }
    RunningGateway lonely(sent_once());
    lonely.add_worker({{"url", url}, {"provider", "openai"}, {"runtime_type", "external"}});
    const Headers key = {{"Authorization", "Bearer sk-proj-caller"}};
    for (const bool stream : {false, true})
        expect_error(lonely.post(path("gpt-4o", stream), body("x", "gpt-4o", stream), key), 502, "upstream_error");
}

TEST_P(ErrorsOfProviders, NoHttp) {
    PlayedWorker played("openai");
    auto client = played.gateway.client();
    client.send_request("POST", path(), body("x").dump(), played.key());
    auto upstream = played.upstream.accept();
    upstream.read();
    upstream.send("SSH-2.0-OpenSSH_9.2\r\n\r\n");
    expect_error(client.read(), 502, "upstream_error");
}

TEST_P(ErrorsOfProviders, NoKeyAtAll) {
    RunningGateway keyless;
    keyless.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"runtime_type", "external"}});
    const auto answer = keyless.post(path(), body("x"));
    expect_error(answer, 401, "invalid_api_key");
    EXPECT_FALSE(answer.field("www-authenticate").empty());
}

/// Nothing has been said yet: the client gets the status that the provider meant, and the id that its support knows.
TEST(ErrorsOfStreams, AnOverloadThatComesAsTheFirstEvent) {
    auto config = test_config();
    config.retry.enabled = false;
    PlayedWorker played("anthropic", config);
    const Json stated = {{"type", "overloaded_error"}, {"message", "Overloaded"}};
    const auto overloaded = messages_event("error", {{"error", stated}, {"request_id", "req_9"}});
    for (const auto& [path, status] : {std::pair<std::string, int>("/v1/messages", 529), {"/v1/chat/completions", 503}}) {
        auto client = played.gateway.client();
        auto asked = chat(played.model(), "x", true);
        asked["max_tokens"] = 9;
        client.send_request("POST", path, asked.dump(), played.key());
        auto upstream = played.upstream.accept();
        upstream.read();
        upstream.send("HTTP/1.1 200 OK\r\nrequest-id: req_9\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n" +
                      chunk(overloaded) + std::string(end_of_chunks));
        const auto answer = client.read();
        EXPECT_EQ(answer.status, status) << path << answer.body;
        const auto error = Json::parse(answer.body);
        EXPECT_EQ(error.at("error").at("message"), "Overloaded");
        if (status == 503) continue;
        EXPECT_EQ(error.at("error").at("type"), "overloaded_error");
        EXPECT_EQ(error.at("request_id"), "req_9");
        EXPECT_EQ(answer.field("request-id"), "req_9");
    }
}

INSTANTIATE_TEST_SUITE_P(InEachFormat, ErrorsOfProviders, testing::Values(Format::openai, Format::anthropic, Format::gemini), name_of);

}  // namespace
}  // namespace smg::test
