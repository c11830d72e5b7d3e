/// The control plane by tokens of an OpenID provider: its keys fetched, changed and out of reach.
#include <gtest/gtest.h>

#include <thread>

#include "support/issuer.hpp"
#include "support/raw_upstream.hpp"
#include "support/request_log.hpp"
#include "support/running_gateway.hpp"

namespace smg::test {
namespace {

using Paths = std::vector<std::string>;

class Tokens : public testing::Test {
protected:
    Tokens() { issuer.publish(first); }

    config::Config with_keys_url() const {
        auto config = test_config();
        config.jwt.issuer = "https://login.example";
        config.jwt.audience = "smg";
        config.jwt.jwks_uri = issuer.keys_url();
        return config;
    }
    static Headers bearer(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }
    static std::string token(const SigningKey& key, const Json& more = Json::object(), const std::string& name = "https://login.example") {
        auto claims = admin_claims(name);
        claims.update(more);
        return key.sign(claims);
    }
    static int status(const RunningGateway& gateway, const std::string& token) { return gateway.get("/workers", bearer(token)).status; }

    Issuer issuer;
    SigningKey first = SigningKey::ec("first");
    SigningKey second = SigningKey::ec("second");
};

TEST_F(Tokens, OpenTheControlPlaneAndTheAuditNamesTheCaller) {
    const RequestLog log;
    Providers providers;
    const RunningGateway gateway(with_keys_url());
    const auto good = token(first);
    EXPECT_EQ(gateway.get("/workers").status, 401) << "loopback alone does not open it any more";
    EXPECT_EQ(status(gateway, good), 200);
    gateway.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-any-0123456789"}}, bearer(good));
    EXPECT_EQ(gateway.get("/metrics", bearer(good)).status, 200);
    EXPECT_EQ(gateway.get("/metrics").status, 401);
    EXPECT_EQ(gateway.get("/inflight", bearer(good)).status, 200);
    EXPECT_EQ(issuer.asked(), Paths{"/keys"}) << "once for all of them";
    const auto lines = log.lines("control plane");
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].at("caller"), "jwt:ada");
}

TEST_F(Tokens, ThatAreNotGoodAreRefusedWithTheReason) {
    const RunningGateway gateway(with_keys_url());
    const auto refused = [&gateway](const std::string& token) {
        const auto answer = gateway.get("/workers", bearer(token));
        EXPECT_EQ(answer.body.find(token), std::string::npos);
        return std::to_string(answer.status) + " " + answer.field("www-authenticate") + " " + Json::parse(answer.body).at("error").get<std::string>();
    };
    const std::string invalid = "401 Bearer error=\"invalid_token\" the token ";
    EXPECT_EQ(refused(token(first, {{"exp", 1}})), invalid + "has expired (`exp`)");
    EXPECT_EQ(refused(token(first, {{"aud", "other"}})), invalid + "is for another audience (`aud`)");
    EXPECT_EQ(refused(token(first, {{"iss", "https://evil.example"}})), invalid + "is of another issuer (`iss`)");
    EXPECT_EQ(refused(token(SigningKey::ec("first"))), invalid + "has a signature that does not verify");
    EXPECT_EQ(refused(token(first, {{"roles", "staff"}})), "403  the control plane needs the role `admin`; the token's `roles` does not have it");
}

TEST_F(Tokens, StandBesideTheKeysOfTheControlPlane) {
    auto config = with_keys_url();
    config.api_key = Secret("data-plane-key");
    config.control_plane_keys.push_back({"ops", "Ops", true, Secret("ops-key")});
    const RunningGateway gateway(config);
    EXPECT_EQ(status(gateway, "ops-key"), 200);
    EXPECT_EQ(status(gateway, "data-plane-key"), 401);
    EXPECT_EQ(issuer.asked(), Paths{}) << "nobody has shown a token yet";
    EXPECT_EQ(status(gateway, token(first)), 200);
}

TEST_F(Tokens, OfANewKeyAreTaken) {
    const RunningGateway gateway(with_keys_url());
    EXPECT_EQ(status(gateway, token(first)), 200);
    issuer.publish(second);
    EXPECT_EQ(status(gateway, token(second)), 200);
    EXPECT_EQ(status(gateway, token(first)), 200);
    EXPECT_EQ(issuer.asked().size(), 2U);
    for (const auto* guessed : {"a", "b", "c"}) EXPECT_EQ(status(gateway, token(SigningKey::ec(guessed))), 401);
    EXPECT_EQ(issuer.asked().size(), 2U) << "who guesses names of keys makes no traffic";
}

TEST_F(Tokens, OfOldKeysAreTakenWhileTheirServerIsAway) {
    const RunningGateway gateway(with_keys_url());
    EXPECT_EQ(status(gateway, token(first)), 200);
    issuer.set_mood(Issuer::Mood::failing);
    EXPECT_EQ(status(gateway, token(second)), 401);
    EXPECT_EQ(issuer.asked().size(), 2U);
    EXPECT_EQ(status(gateway, token(first)), 200);
}

TEST_F(Tokens, CannotBeJudgedWithoutAnyKeys) {
    const RequestLog log;
    issuer.set_mood(Issuer::Mood::failing);
    const RunningGateway gateway(with_keys_url());
    const auto shown = token(first);
    const auto answer = gateway.get("/workers", bearer(shown));
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(Json::parse(answer.body).at("code"), "SERVICE_UNAVAILABLE");
    const auto lines = log.lines("the issuer's keys cannot be fetched");
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].at("reason"), issuer.keys_url() + " answered 503");
}

TEST_F(Tokens, TheIssuersOwnDocumentTellsWhereItsKeysAre) {
    auto config = with_keys_url();
    config.jwt.issuer = issuer.url();
    config.jwt.jwks_uri.clear();
    const RunningGateway gateway(config);
    EXPECT_EQ(status(gateway, token(first, Json::object(), issuer.url())), 200);
    EXPECT_EQ(issuer.asked(), (Paths{"/.well-known/openid-configuration", "/keys"}));
}

TEST_F(Tokens, ADocumentOfAnotherIssuerTellsNothing) {
    auto config = with_keys_url();
    config.jwt.issuer = issuer.url();
    config.jwt.jwks_uri.clear();
    issuer.call_yourself("https://evil.example");
    const RunningGateway gateway(config);
    EXPECT_EQ(status(gateway, token(first, Json::object(), issuer.url())), 503);
    EXPECT_EQ(issuer.asked(), Paths{"/.well-known/openid-configuration"});
}

TEST_F(Tokens, NobodyGoesWhereATokenPoints) {
    const RawUpstream elsewhere;
    const RunningGateway gateway(with_keys_url());
    const auto pointing = second.sign(admin_claims("https://login.example"), "ES256", {{"jku", elsewhere.url()}, {"x5u", elsewhere.url()}});
    EXPECT_EQ(status(gateway, pointing), 401);
    EXPECT_FALSE(elsewhere.contacted_within(Limit(0)));
}

TEST_F(Tokens, AServerThatKeepsSilentHoldsUpNobodyElse) {
    issuer.set_mood(Issuer::Mood::silent);
    auto config = with_keys_url();
    config.threads = 1;
    config.allow_upstream = {"192.0.2.1"};  // says nothing of issuers
    const RunningGateway gateway(config);
    auto waiting = gateway.client();
    waiting.send_request("GET", "/workers", {}, bearer(token(first)));
    while (issuer.asked().empty()) std::this_thread::yield();
    EXPECT_EQ(gateway.get("/health").status, 200);
    EXPECT_EQ(gateway.get("/workers").status, 401);
    // And the gateway stops, though the fetch has not ended.
}

TEST_F(Tokens, AReloadBringsThem) {
    auto config = test_config();
    const RunningGateway gateway(config);
    EXPECT_EQ(gateway.get("/workers").status, 200);
    config = with_keys_url();
    config.jwt.role_claim = "groups";
    config.jwt.role_mapping = {{"operators", "admin"}};
    const auto reloaded = gateway.server().reload(config);
    ASSERT_TRUE(reloaded);
    EXPECT_TRUE(reloaded->need_restart.empty());
    EXPECT_EQ(gateway.get("/workers").status, 401);
    EXPECT_EQ(status(gateway, token(first)), 403);
    EXPECT_EQ(status(gateway, token(first, {{"groups", {"operators"}}})), 200);
    config.jwt.role_claim = "roles";
    config.jwt.role_mapping.clear();
    issuer.set_mood(Issuer::Mood::failing);
    ASSERT_TRUE(gateway.server().reload(config));
    EXPECT_EQ(status(gateway, token(first)), 200) << "the same issuer's keys stay";
    config.jwt.jwks_uri = "https://keys.example:0/";
    EXPECT_FALSE(gateway.server().reload(config));
    EXPECT_EQ(status(gateway, token(first)), 200);
}

}  // namespace
}  // namespace smg::test
