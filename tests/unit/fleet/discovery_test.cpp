#include "fleet/discovery.hpp"

#include "fixture.hpp"
#include "fleet/peer.hpp"

namespace smg::fleet::test {
namespace {

class Discovery : public FleetTest {
protected:
    ListOutcome fetch(const json& spec, const std::string& key = secret_key, ListOptions options = {}) {
        const auto found = worker(add(spec));
        auto peer = peer_of(*found, config::Proxies()).value();
        return run(loop(), fetch_models_with_key(pool(), found, std::move(peer), Secret(key), options, cancellation_));
    }
    const http::RequestHead& asked(std::size_t index = 0) const { return upstream_.received().at(index); }
};

TEST_F(Discovery, OpenAi) {
    upstream_.answer(200, R"({"object":"list","data":[{"id":"gpt-4o","object":"model","created":1,"owned_by":"openai"},{"id":"o4-mini"}]})");
    const auto outcome = fetch(external("openai"));
    ASSERT_TRUE(outcome.ok()) << outcome.error->message;
    EXPECT_EQ(ids_of(outcome.models), (std::vector<std::string>{"gpt-4o", "o4-mini"}));
    EXPECT_EQ(outcome.models[0].owned_by, "openai");
    EXPECT_EQ(asked().method, "GET");
    EXPECT_EQ(asked().target, "/v1/models");
    EXPECT_EQ(asked().fields.get("authorization"), std::string("Bearer ") + secret_key);
    EXPECT_EQ(asked().fields.get("user-agent"), "smg/" SMG_VERSION);
    EXPECT_EQ(asked().fields.get("accept"), "application/json");
    EXPECT_EQ(asked().fields.get("accept-encoding"), "identity");
    EXPECT_EQ("http://" + std::string(asked().fields.get("host")), upstream_.url());
}

TEST_F(Discovery, AnthropicPageByPage) {
    upstream_.script([](const http::RequestHead& head) {
        if (head.target.find("after_id=claude-b") == std::string::npos)
            return ScriptedReply(200, R"({"data":[{"type":"model","id":"claude-a","display_name":"A"},{"id":"claude-b"}],)"
                                      R"("has_more":true,"first_id":"claude-a","last_id":"claude-b"})");
        return ScriptedReply(200, R"({"data":[{"id":"claude-b"},{"id":"claude-c"}],"has_more":false,"last_id":"claude-c"})");
    });
    const auto outcome = fetch(external("anthropic"));
    ASSERT_TRUE(outcome.ok()) << outcome.error->message;
    EXPECT_EQ(ids_of(outcome.models), (std::vector<std::string>{"claude-a", "claude-b", "claude-c"})) << "each id once";
    EXPECT_EQ(upstream_.received().size(), 2U);
    EXPECT_EQ(asked().fields.get("x-api-key"), secret_key);
    EXPECT_EQ(asked().fields.get("anthropic-version"), "2023-06-01");
    EXPECT_FALSE(asked().fields.contains("authorization"));
}

TEST_F(Discovery, GeminiPageByPage) {
    upstream_.script([](const http::RequestHead& head) {
        if (head.target.find("pageToken=next%2Fone") == std::string::npos)
            return ScriptedReply(200, R"({"models":[{"name":"models/gemini-2.5-pro","displayName":"Gemini 2.5 Pro","inputTokenLimit":1048576,)"
                                      R"("supportedGenerationMethods":["generateContent"]}],"nextPageToken":"next/one"})");
        return ScriptedReply(200, R"({"models":[{"name":"models/gemini-2.5-flash","supportedGenerationMethods":["generateContent"]}]})");
    });
    const auto outcome = fetch(external("gemini"));
    ASSERT_TRUE(outcome.ok()) << outcome.error->message;
    EXPECT_EQ(ids_of(outcome.models), (std::vector<std::string>{"gemini-2.5-pro", "gemini-2.5-flash"}));
    EXPECT_TRUE(asked().target.starts_with("/v1beta/models")) << asked().target;
    EXPECT_EQ(asked().fields.get("x-goog-api-key"), secret_key);
}

TEST_F(Discovery, XaiBelowAPrefixWithTheWorkersOwnHeadersAndQuery) {
    upstream_.answer(200, R"({"data":[{"id":"grok-4","created":1,"object":"model","owned_by":"xai"}],"object":"list"})");
    const auto outcome =
        fetch(external("xai", {{"url", upstream_.url("/proxy/v1/")}, {"headers", {{"x-team", "red-team-token"}}}, {"query", {{"zone", "eu"}}}}));
    ASSERT_TRUE(outcome.ok()) << outcome.error->message;
    EXPECT_EQ(ids_of(outcome.models), std::vector<std::string>{"grok-4"});
    EXPECT_EQ(asked().target, "/proxy/v1/models?zone=eu");
    EXPECT_EQ(asked().fields.get("x-team"), "red-team-token");
}

TEST_F(Discovery, TheWorkersOwnCredentialRuleWins) {
    upstream_.answer(200, R"({"data":[]})");
    ASSERT_TRUE(fetch(external("openai-compatible", {{"auth", {{"header", "api-key"}, {"scheme", ""}}}})).ok());
    EXPECT_EQ(asked().fields.get("api-key"), secret_key);
    EXPECT_FALSE(asked().fields.contains("authorization"));
}

TEST_F(Discovery, ARefusalSaysWhatTheProviderSaid) {
    upstream_.answer(401, R"({"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}})");
    const auto outcome = fetch(external("anthropic"));
    ASSERT_FALSE(outcome.ok());
    EXPECT_TRUE(outcome.key_refused());
    EXPECT_EQ(outcome.status, 401);
    EXPECT_EQ(outcome.error->message, "GET " + upstream_.url("/v1/models") + " answered 401: invalid x-api-key");
    EXPECT_NE(outcome.body.find("authentication_error"), std::string::npos);
}

TEST_F(Discovery, ABadKeyThatIsA400IsARefusedKeyToo) {
    upstream_.answer(400, R"({"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT",)"
                          R"("details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}})");
    const auto gemini = fetch(external("gemini"));
    EXPECT_TRUE(gemini.key_refused());
    EXPECT_EQ(gemini.status, 400);
    upstream_.answer(402, R"({"error":{"message":"Insufficient balance"}})");
    EXPECT_TRUE(fetch(external("openai-compatible", {{"name", "broke"}})).key_refused());
    upstream_.answer(500, R"({"error":{"message":"oops"}})");
    EXPECT_FALSE(fetch(external("openai-compatible", {{"name", "ill"}})).key_refused());
}

TEST_F(Discovery, NoKeyEverStandsInAMessage) {
    const std::string header_value = "header-secret-998877";
    for (const std::string& echoed : {std::string(secret_key), header_value, std::string("sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789")}) {
        upstream_.answer(401, json({{"error", {{"message", "Incorrect API key provided: " + echoed + ". Find yours\nthere."}}}}).dump());
        const auto outcome = fetch(external("openai", {{"name", "n" + std::to_string(count_)}, {"headers", {{"x-extra", header_value}}}}));
        ASSERT_FALSE(outcome.ok());
        EXPECT_EQ(outcome.error->message.find(echoed), std::string::npos) << outcome.error->message;
        EXPECT_NE(outcome.error->message.find("Incorrect API key provided: [redacted]"), std::string::npos) << outcome.error->message;
        EXPECT_EQ(outcome.error->message.find('\n'), std::string::npos);
    }
}

TEST_F(Discovery, TheQueryIsNoPartOfAMessage) {
    upstream_.answer(404, "not here");
    const auto outcome = fetch(external("openai", {{"query", {{"code", "function-key-1234"}}}}));
    EXPECT_NE(asked().target.find("code=function-key-1234"), std::string::npos);
    EXPECT_EQ(outcome.error->message, "GET " + upstream_.url("/v1/models") + " answered 404: not here");
}

TEST_F(Discovery, LongWordsAreCutAtACharactersBorder) {
    std::string words;
    for (int i = 0; i < 1000; ++i) words += "\xc3\xa9";
    upstream_.answer(500, json({{"error", {{"message", words}}}}).dump());
    const auto outcome = fetch(external("openai"));
    EXPECT_LT(outcome.error->message.size(), 600U);
    EXPECT_NO_THROW((void)json(outcome.error->message).dump()) << "valid UTF-8";
}

TEST_F(Discovery, WhatIsNoListIsAnError) {
    for (const auto* body : {"<html>hello</html>", R"({"data":7})", ""}) {
        upstream_.answer(200, body);
        const auto outcome = fetch(external("openai", {{"name", "n" + std::to_string(count_)}}));
        ASSERT_FALSE(outcome.ok()) << body;
        EXPECT_FALSE(outcome.key_refused());
        EXPECT_TRUE(outcome.error->message.starts_with("GET " + upstream_.url("/v1/models"))) << outcome.error->message;
    }
}

TEST_F(Discovery, RedirectsAreNotFollowed) {
    upstream_.answer(302, "");
    EXPECT_NE(fetch(external("openai")).error->message.find("answered 302: redirects are not followed"), std::string::npos);
    EXPECT_EQ(upstream_.received().size(), 1U);
}

TEST_F(Discovery, PagesAndBytesAreBounded) {
    int page = 0;
    upstream_.script([&page](const http::RequestHead&) {
        const auto id = "m" + std::to_string(++page);
        return ScriptedReply(200, json({{"data", {{{"id", id}}}}, {"has_more", true}, {"last_id", id}}).dump());
    });
    ListOptions options;
    options.max_pages = 3;
    const auto outcome = fetch(external("anthropic"), secret_key, options);
    EXPECT_EQ(ids_of(outcome.models), (std::vector<std::string>{"m1", "m2", "m3"}));
    options.max_pages = 50;
    options.max_bytes = 200;
    const auto too_long = fetch(external("anthropic", {{"name", "long"}}), secret_key, options);
    ASSERT_FALSE(too_long.ok());
    EXPECT_NE(too_long.error->message.find("too long"), std::string::npos);
}

TEST_F(Discovery, APageThatNamesItselfIsTheLast) {
    upstream_.answer(200, R"({"data":[{"id":"a"}],"has_more":true,"last_id":"a"})");
    EXPECT_EQ(ids_of(fetch(external("anthropic")).models), std::vector<std::string>{"a"});
    EXPECT_LE(upstream_.received().size(), 2U);
}

TEST_F(Discovery, SilenceAndCutsAreErrorsInTime) {
    ListOptions options;
    options.until = std::chrono::steady_clock::now() + 100ms;
    const auto silent = fetch(external("openai"), secret_key, options);
    ASSERT_FALSE(silent.ok());
    EXPECT_EQ(silent.error->failure, Failure::upstream_timeout);
    upstream_.script([](const http::RequestHead&) {
        ScriptedReply reply(200, R"({"data":[)");
        reply.cut = true;
        return reply;
    });
    const auto cut = fetch(external("openai", {{"name", "cut"}}));
    ASSERT_FALSE(cut.ok());
    EXPECT_EQ(cut.status, 0);
}

TEST_F(Discovery, ACancelledListEndsAtOnce) {
    const auto found = worker(add(external("openai")));
    auto peer = peer_of(*found, config::Proxies()).value();
    Running<ListOutcome> running(loop(), fetch_models_with_key(pool(), found, std::move(peer), Secret("k"), ListOptions(), cancellation_));
    ASSERT_TRUE(run_until(loop(), [&] { return upstream_.received().size() == 1; }));
    cancellation_.request();
    EXPECT_FALSE(running.get(5s).ok());
}

TEST_F(Discovery, TheStoredKeyIsTheOneThatDiscoverUses) {
    upstream_.answer(200, R"({"data":[{"id":"gpt-4o"}]})");
    const auto found = worker(add(external("openai")));
    auto peer = peer_of(*found, config::Proxies()).value();
    const auto models = run(loop(), discover_models(pool(), found, peer, ListOptions(), cancellation_));
    ASSERT_TRUE(models);
    EXPECT_EQ(models->size(), 1U);
    EXPECT_EQ(asked().fields.get("authorization"), std::string("Bearer ") + secret_key);
    upstream_.answer(403, R"({"error":{"message":"no"}})");
    const auto refused = run(loop(), discover_models(pool(), found, peer, ListOptions(), cancellation_));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().failure, Failure::invalid_api_key);
}

}  // namespace
}  // namespace smg::fleet::test
