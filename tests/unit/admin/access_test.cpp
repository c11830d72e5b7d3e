#include "admin/access.hpp"

#include "fixture.hpp"
#include "support/tokens.hpp"

namespace smg::admin::test {
namespace {

class Access : public testing::Test {
protected:
    Access() : request_(loop_, cancellation_) {
        request_.method = "GET";
        request_.path = "/workers";
        request_.fields.add("host", "localhost:30000");
        request_.peer = net::asio::ip::make_address("127.0.0.1");
    }
    config::ControlPlaneKey key(const std::string& id, bool admin, const std::string& value) {
        config::ControlPlaneKey made;
        made.id = id;
        made.name = "Name of " + id;
        made.admin = admin;
        made.key = Secret(value);
        return made;
    }
    /// `200:who`, or status and code.
    std::string outcome() const {
        const auto caller = authorise(rules_, request_);
        if (caller) return "200:" + caller->name;
        return std::to_string(caller.error().status) + ":" + json::parse(caller.error().body).at("code").get<std::string>();
    }
    std::string with(const std::string& name, const std::string& value) {
        request_.fields.add(name, value);
        auto result = outcome();
        request_.fields.erase(name);
        return result;
    }
    std::string with_host(const std::string& host) {
        request_.fields.set("host", host);
        return outcome();
    }
    std::string from(const char* peer) {
        request_.peer = net::asio::ip::make_address(peer);
        return outcome();
    }

    net::EventLoop loop_;
    net::Cancellation cancellation_;
    Request request_;
    AccessRules rules_;
};

constexpr auto loopback = "200:loopback";
constexpr auto forbidden = "403:FORBIDDEN";
constexpr auto unauthorised = "401:UNAUTHORIZED";

TEST_F(Access, WithoutKeysLoopbackPeersMay) {
    EXPECT_EQ(from("127.0.0.1"), loopback);
    EXPECT_EQ(from("127.8.9.1"), loopback);
    EXPECT_EQ(from("::1"), loopback);
    EXPECT_EQ(from("::ffff:127.0.0.1"), loopback);
    for (const auto* peer : {"10.0.0.1", "192.168.1.2", "::ffff:10.0.0.1", "fe80::1", "2001:db8::1"}) EXPECT_EQ(from(peer), forbidden) << peer;
}

TEST_F(Access, WithALoopbackHost) {
    for (const auto* host : {"localhost", "LocalHost:80", "127.0.0.1", "127.0.0.2:30000", "[::1]", "[::1]:30000"})
        EXPECT_EQ(with_host(host), loopback) << host;
    for (const auto* host :
         {"evil.example", "localhost.evil.example", "127.0.0.1.nip.io:30000", "10.0.0.1", "[::2]:1", "", "localhost@evil", "2130706433"})
        EXPECT_EQ(with_host(host), forbidden) << host;
    request_.fields.erase("host");
    EXPECT_EQ(outcome(), forbidden);
}

TEST_F(Access, WithoutAForeignOrigin) {
    EXPECT_EQ(with("origin", "http://localhost:30000"), loopback);
    for (const auto* origin : {"http://evil.example", "null", "http://localhost:3000", "http://127.0.0.1:30000", "file://", ""})
        EXPECT_EQ(with("origin", origin), forbidden) << origin;
    EXPECT_EQ(with("sec-fetch-site", "cross-site"), forbidden);
    EXPECT_EQ(with("sec-fetch-site", "same-site"), forbidden);
    EXPECT_EQ(with("sec-fetch-site", "none"), loopback);
    EXPECT_EQ(with_host("localhost"), loopback);
    EXPECT_EQ(with("origin", "https://localhost"), loopback) << "the default port of its own scheme";
}

TEST_F(Access, WithoutAProxyBetween) {
    EXPECT_EQ(with("forwarded", "for=1.2.3.4"), forbidden);
    EXPECT_EQ(with("X-Forwarded-For", "1.2.3.4"), forbidden);
    EXPECT_EQ(with("X-Forwarded-Proto", "https"), forbidden);
    EXPECT_EQ(with("X-Real-IP", "1.2.3.4"), forbidden);
}

TEST_F(Access, AndWithJsonWhereThereIsABody) {
    request_.method = "DELETE";
    request_.body = "{}";
    EXPECT_EQ(outcome(), "415:UNSUPPORTED_MEDIA_TYPE");
    EXPECT_EQ(with("content-type", "text/plain"), "415:UNSUPPORTED_MEDIA_TYPE");
    EXPECT_EQ(with("content-type", "application/json; charset=utf-8"), loopback);
}

TEST_F(Access, TheRefusalSaysWhatToDo) {
    request_.peer = net::asio::ip::make_address("10.0.0.1");
    EXPECT_NE(authorise(rules_, request_).error().body.find("--control-plane-api-keys"), std::string::npos);
}

TEST_F(Access, TheApiKeyOpensItFromAnywhereInThreePlaces) {
    rules_.api_key = Secret("gateway-key");
    request_.peer = net::asio::ip::make_address("10.0.0.1");
    request_.fields.set("host", "gateway.corp");
    EXPECT_EQ(with("Authorization", "Bearer gateway-key"), "200:api key");
    EXPECT_EQ(with("authorization", "bearer   gateway-key "), "200:api key");
    EXPECT_EQ(with("x-api-key", "gateway-key"), "200:api key");
    EXPECT_EQ(with("X-SMG-API-Key", "gateway-key"), "200:api key");
    EXPECT_EQ(outcome(), unauthorised);
    for (const auto* wrong : {"gateway-ke", "gateway-keyy", "gateway-kez", "", "Gateway-key"})
        EXPECT_EQ(with("x-api-key", wrong), unauthorised) << wrong;
    EXPECT_EQ(with("authorization", "Basic gateway-key"), unauthorised);
    EXPECT_EQ(with("x-goog-api-key", "gateway-key"), unauthorised);
    EXPECT_EQ(authorise(rules_, request_).error().fields.get("www-authenticate"), "Bearer");
}

TEST_F(Access, WithAKeySetLoopbackNeedsItToo) {
    rules_.api_key = Secret("gateway-key");
    EXPECT_EQ(outcome(), unauthorised);
}

TEST_F(Access, ARightKeyBesideAForeignOneIsEnough) {
    rules_.api_key = Secret("gateway-key");
    request_.fields.add("authorization", "Bearer sk-somebody-elses");
    EXPECT_EQ(outcome(), unauthorised);
    EXPECT_EQ(with("x-smg-api-key", "gateway-key"), "200:api key");
}

TEST_F(Access, ControlPlaneKeysStandBeforeTheApiKeyAndHaveRoles) {
    rules_.api_key = Secret("gateway-key");
    rules_.keys = {key("ops", true, "admin-key"), key("dev", false, "user-key")};
    EXPECT_EQ(with("authorization", "Bearer admin-key"), "200:ops:Name of ops");
    EXPECT_EQ(with("authorization", "Bearer user-key"), forbidden);
    EXPECT_EQ(with("authorization", "Bearer gateway-key"), unauthorised) << "the data plane's key is not the control plane's";
    EXPECT_EQ(with("authorization", "Bearer nothing"), unauthorised);
    EXPECT_EQ(outcome(), unauthorised);
    request_.fields.add("x-api-key", "user-key");
    EXPECT_EQ(with("authorization", "Bearer admin-key"), "200:ops:Name of ops");
}

class AccessByToken : public Access {
protected:
    AccessByToken() {
        rules_.jwt.issuer = "https://login.example";
        rules_.jwt.audience = "smg";
    }
    std::string shown(const std::string& token, const JwkSet* keys) {
        request_.fields.set("authorization", "Bearer " + token);
        const auto caller = authorise(rules_, request_, keys, now);
        if (caller) return "200:" + caller->name;
        EXPECT_EQ(caller.error().body.find(token.substr(token.find('.') + 1, 20)), std::string::npos) << "no answer repeats a token";
        return std::to_string(caller.error().status) + ":" + json::parse(caller.error().body).at("error").get<std::string>();
    }
    std::string shown(const json& more = json::object()) {
        auto claims = smg::test::admin_claims("https://login.example", "smg", now);
        claims.update(more);
        return shown(key_.sign(claims), &keys_);
    }
    static constexpr std::int64_t now = 1'800'000'000;
    const smg::test::SigningKey key_ = smg::test::SigningKey::ec("k1");
    const JwkSet keys_ = JwkSet::parse(smg::test::key_set({key_.jwk()})).value();
};

TEST_F(AccessByToken, AnAdminsOpensTheControlPlane) {
    request_.peer = net::asio::ip::make_address("10.0.0.1");
    EXPECT_EQ(shown(), "200:jwt:ada");
    EXPECT_EQ(shown({{"roles", {"staff"}}}), "403:the control plane needs the role `admin`; the token's `roles` does not have it");
    EXPECT_EQ(shown({{"exp", now - 3600}}), "401:the token has expired (`exp`)");
    EXPECT_EQ(authorise(rules_, request_, &keys_, now).error().fields.get("www-authenticate"), "Bearer error=\"invalid_token\"");
    EXPECT_EQ(shown("some-key", &keys_), "401:the token is neither a key nor a signed JWT");
}

TEST_F(AccessByToken, LoopbackNeedsOneTooAndTheApiKeyIsNone) {
    EXPECT_EQ(outcome(), unauthorised);
    rules_.api_key = Secret("gateway-key");
    EXPECT_EQ(with("x-api-key", "gateway-key"), unauthorised);
    EXPECT_EQ(with("authorization", "Bearer gateway-key"), unauthorised);
}

TEST_F(AccessByToken, KeysOfTheControlPlaneWorkBesideIt) {
    rules_.keys = {key("ops", true, "admin-key"), key("dev", false, "user-key")};
    EXPECT_EQ(shown("admin-key", nullptr), "200:ops:Name of ops");
    EXPECT_EQ(shown(), "200:jwt:ada");
    EXPECT_EQ(with("x-api-key", "user-key"), "503:SERVICE_UNAVAILABLE") << "no keys at hand";
    request_.fields.add("x-api-key", "user-key");
    EXPECT_EQ(shown(), "200:jwt:ada") << "one that is right is enough";
    EXPECT_EQ(shown({{"exp", 1}}).substr(0, 4), "403:") << "known, and a user";
}

TEST_F(AccessByToken, WithoutTheIssuersKeysNobodyCanTell) {
    const auto token = key_.sign(smg::test::admin_claims("https://login.example"));
    EXPECT_EQ(shown(token, nullptr), "503:the keys that the token is to be verified with cannot be fetched just now");
    EXPECT_EQ(authorise(rules_, request_).error().fields.get("retry-after"), "5");
}

TEST_F(AccessByToken, TheIssuerIsAskedForWhatItTakes) {
    const auto wanted = [this] { return wanted_issuer_key(rules_, request_).value_or("(none)"); };
    EXPECT_EQ(wanted(), "(none)");
    request_.fields.set("authorization", "Bearer " + key_.sign({{"iss", "x"}}));
    EXPECT_EQ(wanted(), "k1");
    request_.fields.set("authorization", "Bearer admin-key");
    EXPECT_EQ(wanted(), "(none)");
    request_.fields.set("authorization", "Bearer " + smg::test::SigningKey::secret("k1", "0123456789abcdef0123456789abcdef").sign({}, "HS256"));
    EXPECT_EQ(wanted(), "(none)") << "refused without";
    request_.fields.set("authorization", "Bearer " + smg::test::SigningKey::ec("").sign({{"iss", "x"}}));
    EXPECT_EQ(wanted(), "");
    rules_.keys = {key("ops", true, "admin-key")};
    request_.fields.set("x-api-key", "admin-key");
    EXPECT_EQ(wanted(), "(none)") << "a key has opened it";
    rules_ = {};
    request_.fields.erase("x-api-key");
    EXPECT_EQ(wanted(), "(none)");
}

TEST_F(Access, NoAnswerRepeatsAKey) {
    rules_.keys = {key("dev", false, "user-key-secret")};
    request_.fields.add("authorization", "Bearer user-key-secret");
    EXPECT_EQ(authorise(rules_, request_).error().body.find("user-key-secret"), std::string::npos);
    request_.fields.set("authorization", "Bearer guessed-secret");
    EXPECT_EQ(authorise(rules_, request_).error().body.find("guessed-secret"), std::string::npos);
}

}  // namespace
}  // namespace smg::admin::test
