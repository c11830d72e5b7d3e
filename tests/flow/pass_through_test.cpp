/// Contract section 10, points 13 and 14: what a client and a provider of the same format say to each other passes byte for byte.
#include <gtest/gtest.h>

#include "support/scripted_models.hpp"

namespace smg::test {
namespace {

/// Unknown and nested members, odd white space, numbers that a parser would change, escapes that it would resolve.
const std::string odd_members = R"("temperature":0.7, "top_p" : 1.0,"seed":12345678901234567890,"x_new":{"deep":[1,2.50,{"a":null}],"é":"\u00e9\/"},
  "metadata":{"k":"v\n"}  ,"zero":-0.0,"big":1e400)";

std::string odd_body(const std::string& model, const std::string& rest) {
    return "{ \"model\":\"" + model + "\"," + odd_members + "," + rest + " }\n";
}

struct Case {
    std::string provider;
    std::string path;
    std::string request;
};

Case case_of(const std::string& provider) {
    if (provider == "anthropic")
        return {provider, "/v1/messages", odd_body("claude-sonnet-4-5", R"("max_tokens":9,"messages":[{"role":"user","content":"hi"}])")};
    if (provider == "gemini")
        return {provider, "/v1beta/models/gemini-2.5-flash:generateContent",
                "{" + odd_members + R"(,"contents":[{"role":"user","parts":[{"text":"hi"}]}]})"};
    return {provider, "/v1/chat/completions", odd_body(provider == "xai" ? "grok-3" : "gpt-4o", R"("messages":[{"role":"user","content":"hi"}])")};
}

class PassThrough : public testing::TestWithParam<std::string> {};

TEST_P(PassThrough, RequestAndAnswerByteForByte) {
    PlayedWorker played(GetParam());
    const auto [provider, path, request] = case_of(GetParam());
    auto client = played.gateway.client();
    client.send_request("POST", path, request, played.key());
    auto upstream = played.upstream.accept();
    const auto received = upstream.read();
    EXPECT_EQ(received.body, request);
    EXPECT_EQ(received.field("user-agent").substr(0, 4), "smg/");
    EXPECT_EQ(received.field("accept-encoding"), "identity");
    const std::string body = "{\"id\" : \"x\",\n \"new\":{\"temperature\":0.70,\"é\":\"\\u00e9\\/\"},\"usage\":{\"prompt_tokens\":1}  }\n";
    upstream.send(sized_answer(200, body, "application/json; charset=utf-8"));
    const auto answer = client.read();
    EXPECT_EQ(answer.body, body);
    EXPECT_EQ(answer.field("content-type"), "application/json; charset=utf-8");
}

TEST_P(PassThrough, AnErrorInTheProvidersOwnWords) {
    PlayedWorker played(GetParam());
    const auto [provider, path, request] = case_of(GetParam());
    auto client = played.gateway.client();
    client.send_request("POST", path, request, played.key());
    auto upstream = played.upstream.accept();
    upstream.read();
    if (provider == "xai") {
        // A string where OpenAI's clients expect an object: the exception that the contract names.
        upstream.send(sized_answer(400, R"({"code":"Client specified an invalid argument","error":"no such thing"})"));
        EXPECT_EQ(Json::parse(client.read().body).at("error").at("message"), "no such thing");
        return;
    }
    const std::string error =
        provider == "anthropic" ? R"({"type":"error","error":{"type":"invalid_request_error","message":"no"},"extra":1, "request_id":"req_1"})"
        : provider == "gemini"  ? R"({"error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT", "extra":1}})"
                                : R"({"error": {"message":"no","type":"invalid_request_error","param":null,"code":null,"extra":1}})";
    upstream.send(sized_answer(400, error));
    const auto answer = client.read();
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, error);
    EXPECT_EQ(answer.field("x-smg-error-code"), "invalid_request");
}

INSTANTIATE_TEST_SUITE_P(Each, PassThrough, testing::Values("openai", "anthropic", "xai", "gemini"), [](const auto& test) { return test.param; });

TEST(PassThroughStream, OfUnknownEventsByteForByte) {
    PlayedWorker played("anthropic");
    auto client = played.gateway.client();
    const std::string body = R"({"model":"claude-sonnet-4-5","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"x"}]})";
    client.send_request("POST", "/v1/messages", body, played.key());
    auto upstream = played.upstream.accept();
    upstream.read();
    const auto stream = messages_start() + "event: something_new\r\ndata: {\"type\":\"something_new\",\"x\":0.70}\r\n\r\n" + ": a comment\n\n" +
                        messages_text("spr\u00fcche") + messages_end();
    upstream.send(std::string(stream_head) + chunk(stream) + std::string(end_of_chunks));
    EXPECT_EQ(client.read().body, stream);
}

TEST(PassThroughStream, CountsAreAskedForAndTakenOutAgain) {
    PlayedWorker played("openai");
    auto client = played.gateway.client();
    auto upstream = played.ask(client, true);
    EXPECT_EQ(Json::parse(played.received.body).at("stream_options").at("include_usage"), true);
    const std::string begin = R"(data: {"id":"a","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}])";
    const std::string counts = R"(data: {"id":"a","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}})";
    upstream.send(std::string(stream_head) + chunk(begin + ",\"usage\":null}\n\n") + chunk(counts + "\n\n") + chunk(done_event) +
                  std::string(end_of_chunks));
    EXPECT_EQ(client.read().body, begin + "}\n\n" + std::string(done_event));
}

TEST(PassThroughStream, CountsThatTheCallerAskedForStay) {
    PlayedWorker played("openai");
    auto client = played.gateway.client();
    const std::string body =
        R"({"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"stream":true, "stream_options":{"include_usage":true}})";
    client.send_request("POST", "/v1/chat/completions", body, played.key());
    auto upstream = played.upstream.accept();
    EXPECT_EQ(upstream.read().body, body);
    const auto stream = chat_event("x") + chat_event("", "stop") +
                        "data: {\"id\":\"a\",\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}}\n\n" + std::string(done_event);
    upstream.send(std::string(stream_head) + chunk(stream) + std::string(end_of_chunks));
    EXPECT_EQ(client.read().body, stream);
}

TEST(PassThroughResponses, RequestAnswerAndStreamByteForByte) {
    for (const std::string provider : {"openai", "xai"}) {
        PlayedWorker played(provider);
        auto client = played.gateway.client();
        const auto request = odd_body(played.model(), R"("input":[{"type":"item_reference","id":"rs_1"}],"previous_response_id":"resp_0","x":1.0)");
        client.send_request("POST", "/v1/responses", request, played.key());
        auto upstream = played.upstream.accept();
        const auto received = upstream.read();
        EXPECT_EQ(received.start_line, "POST /v1/responses HTTP/1.1");
        EXPECT_EQ(received.body, request);
        const std::string body =
            "{\"id\" : \"resp_1\",\n \"new\":0.70,\"output\":[],\"usage\":{\"input_tokens\":3,\"output_tokens\":4}, \"z\":null }\n";
        upstream.send(sized_answer(200, body, "application/json"));
        EXPECT_EQ(client.read().body, body);

        const auto streamed = odd_body(played.model(), R"("input":"x","stream":true)");
        client.send_request("POST", "/v1/responses", streamed, played.key());
        EXPECT_EQ(upstream.read().body, streamed);
        const std::string stream =
            "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_2\",\"x\":1.0}}\n\n"
            "event: response.new\r\ndata: {\"type\":\"response.new\",\"obfuscation\":\"\u00e9\"}\r\n\r\n"
            ": a comment\n\n"
            "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"id\":\"resp_2\","
            "\"usage\":{\"input_tokens\":3,\"output_tokens\":4,\"total_tokens\":7}}}\n\n";
        upstream.send(std::string(stream_head) + chunk(stream) + std::string(end_of_chunks));
        EXPECT_EQ(client.read().body, stream);
        EXPECT_FALSE(client.broken());
        EXPECT_EQ(played.gateway.metric("smg_router_tokens_total", {"token_type=\"output\""}, 8), 8);
    }
}

/// The last event repeats the whole answer, so it may be larger than what is held back of one.
TEST(PassThroughResponses, ALastEventOfAMegabyteEndsTheStreamWell) {
    PlayedWorker played("openai");
    auto client = played.gateway.client();
    client.send_request("POST", "/v1/responses", R"({"model":"gpt-4o","input":"x","stream":true})", played.key());
    auto upstream = played.upstream.accept();
    upstream.read();
    const std::string stream =
        "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"x\"}\n\n"
        "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"text\":\"" +
        std::string(1'000'000, 'x') + "\",\"usage\":{\"input_tokens\":3,\"output_tokens\":4,\"total_tokens\":7}}}\n\n";
    upstream.send(std::string(stream_head) + chunk(stream) + std::string(end_of_chunks));
    const auto answer = client.read();
    EXPECT_TRUE(answer.body == stream) << answer.body.size();
    EXPECT_FALSE(client.broken());
    EXPECT_EQ(played.gateway.metric("smg_router_tokens_total", {"token_type=\"output\""}, 4), 4);
}

TEST(PassThroughResponses, AStreamThatBreaksOffSaysSo) {
    PlayedWorker played("openai");
    auto client = played.gateway.client();
    client.send_request("POST", "/v1/responses", R"({"model":"gpt-4o","input":"x","stream":true})", played.key());
    auto upstream = played.upstream.accept();
    upstream.read();
    upstream.send(std::string(stream_head) +
                  chunk("event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"x\"}\n\n"));
    upstream.close();
    const auto answer = client.read();
    EXPECT_NE(answer.body.find("event: response.failed"), std::string::npos) << answer.body;
    EXPECT_EQ(answer.body.find("response.completed"), std::string::npos);
}

TEST(PassThroughHeaders, OfTheProviderComeBackButForADenyList) {
    PlayedWorker played("openai");
    auto client = played.gateway.client();
    auto upstream = played.ask(client, false);
    upstream.send(
        sized_answer(200, "{}", "application/json",
                     "x-request-id: req_of_openai\r\nx-ratelimit-remaining-tokens: 7\r\nopenai-processing-ms: 12\r\nretry-after: 3\r\n"
                     "x-new-family: yes\r\nset-cookie: a=b\r\nopenai-organization: org\r\nopenai-project: p\r\ncf-ray: 1\r\nalt-svc: h3\r\n"));
    const auto answer = client.read();
    EXPECT_EQ(answer.field("x-smg-upstream-request-id"), "req_of_openai");
    EXPECT_NE(answer.field("x-request-id"), "req_of_openai");
    for (const auto& [name, value] : {std::pair("x-ratelimit-remaining-tokens", "7"), std::pair("openai-processing-ms", "12"),
                                      std::pair("retry-after", "3"), std::pair("x-new-family", "yes")})
        EXPECT_EQ(answer.field(name), value) << name;
    for (const auto* name : {"set-cookie", "openai-organization", "openai-project", "cf-ray", "alt-svc"}) EXPECT_EQ(answer.field(name), "") << name;
    EXPECT_EQ(answer.field("x-smg-worker"), "played");
    EXPECT_EQ(answer.field("x-smg-provider"), "openai");
    EXPECT_EQ(answer.field("x-smg-attempts"), "1");
    EXPECT_EQ(answer.field("x-smg-key-source"), "caller");
}

TEST(PassThroughHeaders, OfATranslatedAnswerComeBackByFamily) {
    PlayedWorker played("anthropic");
    auto client = played.gateway.client();
    auto upstream = played.ask(client, false);
    const Json message = {{"id", "msg_1"},
                          {"type", "message"},
                          {"role", "assistant"},
                          {"model", "claude-sonnet-4-5-20250929"},
                          {"content", {{{"type", "text"}, {"text", "hi"}}}},
                          {"stop_reason", "end_turn"},
                          {"stop_sequence", nullptr},
                          {"usage", {{"input_tokens", 1}, {"output_tokens", 2}}}};
    upstream.send(sized_answer(200, message.dump(), "application/json",
                               "request-id: req_of_anthropic\r\nanthropic-ratelimit-requests-remaining: 49\r\nanthropic-organization-id: org\r\n"));
    const auto answer = client.read();
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.field("anthropic-ratelimit-requests-remaining"), "49");
    EXPECT_EQ(answer.field("x-ratelimit-remaining-requests"), "49");
    EXPECT_EQ(answer.field("x-smg-upstream-request-id"), "req_of_anthropic");
    EXPECT_EQ(answer.field("request-id"), "req_of_anthropic");
    EXPECT_EQ(answer.field("anthropic-organization-id"), "");
}

TEST(PassThroughHeaders, OfTheCallerGoUpstreamWhenTheyAreTheProviders) {
    PlayedWorker played("openai");
    auto client = played.gateway.client();
    auto upstream = played.ask(client, false,
                               {{"openai-beta", "x=1"},
                                {"idempotency-key", "i"},
                                {"x-stainless-lang", "cpp"},
                                {"traceparent", "00-a-b-01"},
                                {"cookie", "c=1"},
                                {"x-forwarded-for", "1.2.3.4"},
                                {"anthropic-beta", "y"},
                                {"x-other", "z"}});
    for (const auto* name : {"openai-beta", "idempotency-key", "x-stainless-lang", "traceparent"}) EXPECT_NE(played.received.field(name), "") << name;
    for (const auto* name : {"cookie", "x-forwarded-for", "anthropic-beta", "x-other"}) EXPECT_EQ(played.received.field(name), "") << name;
}

}  // namespace
}  // namespace smg::test
