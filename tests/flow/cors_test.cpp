/// What browsers are told, so that pages of the listed origins may use the data plane, and no others.
#include <gtest/gtest.h>

#include "support/running_gateway.hpp"

namespace smg::test {
namespace {

const std::string page = "https://app.example";
const std::string chat_path = "/v1/chat/completions";

class Cors : public testing::Test {
protected:
    explicit Cors(const std::vector<std::string>& origins = {page, "http://localhost:3000"}) : gateway(with(origins)) {
        gateway.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-proj-stored"}}, key());
    }
    static config::Config with(const std::vector<std::string>& origins) {
        auto config = test_config();
        config.cors_allowed_origins = origins;
        config.api_key = Secret("gateway-key");
        return config;
    }
    static Headers key() { return {{"x-smg-api-key", "gateway-key"}}; }
    static Headers from(const std::string& origin, const Headers& more = {}) {
        Headers headers{{"Origin", origin}};
        headers.insert(headers.end(), more.begin(), more.end());
        return headers;
    }
    [[nodiscard]] Answer preflight(const std::string& path, const std::string& origin, const Headers& more = {}) const {
        auto headers = from(origin, more);
        headers.push_back({"Access-Control-Request-Method", "POST"});
        return gateway.client().request("OPTIONS", path, {}, headers);
    }
    static bool says_nothing(const Answer& answer) {
        for (const auto& field : answer.fields)
            if (istarts_with(field.name, "access-control-")) return false;
        return true;
    }
    static void expect_open(const Answer& answer, const std::string& origin = page) {
        EXPECT_EQ(answer.field("access-control-allow-origin"), origin);
        EXPECT_EQ(answer.fields.count("access-control-allow-origin"), 1U);
        EXPECT_EQ(answer.fields.count("access-control-expose-headers"), 1U) << "the provider's own does not stand beside it";
        EXPECT_NE(answer.field("access-control-expose-headers").find("x-request-id, "), std::string::npos);
        EXPECT_EQ(answer.field("vary"), "origin");
        EXPECT_FALSE(answer.fields.contains("access-control-allow-credentials"));
    }

    Providers providers;
    RunningGateway gateway;
};

TEST_F(Cors, APreflightNeedsNoKey) {
    const auto answer = preflight(chat_path, page, {{"Access-Control-Request-Headers", "authorization,content-type, x-stainless-os"}});
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.field("access-control-allow-origin"), page);
    EXPECT_EQ(answer.field("access-control-allow-methods"), "OPTIONS, POST");
    EXPECT_EQ(answer.field("access-control-allow-headers"), "authorization,content-type, x-stainless-os");
    EXPECT_EQ(answer.field("access-control-max-age"), "3600");
    EXPECT_EQ(answer.field("vary"), "origin, access-control-request-method, access-control-request-headers");
    EXPECT_FALSE(answer.fields.contains("access-control-allow-credentials"));
    for (const auto* path :
         {"/v1/models", "/v1/messages", "/chat/completions", "/v1beta/models/gemini-2.5-flash:generateContent", "/openai/v1/files"})
        EXPECT_EQ(preflight(path, "http://localhost:3000").field("access-control-allow-origin"), "http://localhost:3000") << path;
}

TEST_F(Cors, WhatIsNoListOfNamesIsNotWrittenBack) {
    for (const auto* names : {"a b", "x, ,y", "", "a\x80", "a:b", "{x}"}) {
        const auto answer = preflight(chat_path, page, {{"Access-Control-Request-Headers", names}});
        EXPECT_EQ(answer.status, 204);
        EXPECT_FALSE(answer.fields.contains("access-control-allow-headers")) << names;
    }
}

TEST_F(Cors, AnswersErrorsAndStreamsCanBeRead) {
    expect_open(gateway.post(chat_path, chat("gpt-4o", "Hello"), from(page, key())));
    expect_open(gateway.get("/v1/models", from(page, key())));
    const auto refused = gateway.post(chat_path, chat("gpt-4o", "Hello"), from(page));
    EXPECT_EQ(refused.status, 401);
    expect_open(refused);
    const auto unknown = gateway.post(chat_path, chat("no-such-model", "Hello"), from(page, key()));
    EXPECT_EQ(unknown.status, 404);
    expect_open(unknown);
    const auto method = gateway.get(chat_path, from(page));
    EXPECT_EQ(method.status, 405);
    expect_open(method);
    const auto stream = gateway.post(chat_path, chat("gpt-4o", "Hello", true), from(page, key()));
    EXPECT_TRUE(stream.field("content-type").starts_with("text/event-stream"));
    EXPECT_NE(stream.body.find("[DONE]"), std::string::npos);
    expect_open(stream);
}

TEST_F(Cors, WhateverTheGatewayAddsMayBeRead) {
    const auto answer = gateway.post(chat_path, chat("gpt-4o", "Hello"), from(page, key()));
    const auto exposed = answer.field("access-control-expose-headers");
    for (const auto& field : answer.fields) {
        if (!istarts_with(field.name, "x-smg-") && !istarts_with(field.name, "x-ratelimit-")) continue;
        EXPECT_NE((exposed + ",").find(ascii_lower(field.name) + ","), std::string::npos) << field.name;
    }
}

TEST_F(Cors, AnOriginThatIsNotListedIsToldNothing) {
    for (const std::string origin : {"https://evil.example", "http://app.example", "https://app.example:8443", "https://app.example.evil.example",
                                     "https://APP.example", "null", "*", ""}) {
        const auto asked = preflight(chat_path, origin);
        EXPECT_EQ(asked.status, 204);
        EXPECT_EQ(asked.field("allow"), "OPTIONS, POST");
        EXPECT_TRUE(says_nothing(asked)) << origin;
        const auto answer = gateway.post(chat_path, chat("gpt-4o", "Hello"), from(origin, key()));
        EXPECT_EQ(answer.status, 200) << "served as ever";
        EXPECT_TRUE(says_nothing(answer)) << origin;
        EXPECT_EQ(answer.field("vary"), "origin") << "or a cache hands it to the pages that may";
    }
    EXPECT_TRUE(says_nothing(gateway.post(chat_path, chat("gpt-4o", "Hello"), key())));
    EXPECT_TRUE(says_nothing(gateway.post(chat_path, chat("gpt-4o", "Hello"), from(page, from(page, key()))))) << "two origins are none";
}

TEST_F(Cors, TheControlPlaneIsNotForPages) {
    for (const auto* path : {"/workers", "/workers/x", "/metrics", "/config", "/inflight", "/get_loads", "/log_level", "/health", "/readiness"}) {
        EXPECT_TRUE(says_nothing(preflight(path, page))) << path;
        EXPECT_TRUE(says_nothing(gateway.get(path, from(page, key())))) << path;
    }
    auto config = with({"*"});
    config.api_key = Secret();
    const RunningGateway open(config);
    EXPECT_EQ(open.get("/workers").status, 200);
    EXPECT_EQ(open.get("/workers", from(page)).status, 403) << "and the rule against pages of other origins stays";
}

TEST_F(Cors, AReloadChangesTheList) {
    auto config = with({"https://other.example"});
    const auto reloaded = gateway.server().reload(config);
    ASSERT_TRUE(reloaded);
    EXPECT_TRUE(reloaded->need_restart.empty());
    EXPECT_TRUE(says_nothing(preflight(chat_path, page)));
    expect_open(gateway.get("/v1/models", from("https://other.example", key())), "https://other.example");
}

class CorsForAll : public Cors {
protected:
    CorsForAll() : Cors({page, "*"}) {}
};

TEST_F(CorsForAll, EveryOriginMayRead) {
    EXPECT_EQ(preflight(chat_path, "https://any.example").field("access-control-allow-origin"), "*");
    expect_open(gateway.get("/v1/models", from("null", key())), "*");
}

class WithoutCors : public Cors {
protected:
    WithoutCors() : Cors(std::vector<std::string>{}) {}
};

TEST_F(WithoutCors, NothingIsSaid) {
    const auto asked = preflight(chat_path, page);
    EXPECT_EQ(asked.status, 204);
    EXPECT_TRUE(says_nothing(asked));
    const auto answer = gateway.post(chat_path, chat("gpt-4o", "Hello"), from(page, key()));
    EXPECT_TRUE(says_nothing(answer));
    EXPECT_FALSE(answer.fields.contains("vary"));
}

}  // namespace
}  // namespace smg::test
