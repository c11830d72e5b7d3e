#include "admin/jwt.hpp"

#include <gtest/gtest.h>

#include "support/tokens.hpp"

namespace smg::admin::test {
namespace {

using smg::test::admin_claims;
using smg::test::base64url;
using smg::test::key_set;
using smg::test::SigningKey;
using Json = nlohmann::json;

constexpr std::int64_t now = 1'800'000'000;
const std::string issuer = "https://login.example/realms/a";

/// Made once: RSA keys take their time.
struct Keys {
    SigningKey ec = SigningKey::ec("ec-1");
    SigningKey rsa = SigningKey::rsa("rsa-1");
};
const Keys& the() {
    static const Keys keys;
    return keys;
}

class Jwt : public testing::Test {
protected:
    Jwt() {
        rules.issuer = issuer;
        rules.audience = "smg";
    }
    static JwkSet known() { return JwkSet::parse(key_set({the().ec.jwk(), the().rsa.jwk()})).value(); }
    static Json claims(const Json& more = Json::object()) {
        auto made = admin_claims(issuer, "smg", now);
        made.update(more);
        return made;
    }
    static Json without(const char* name) {
        auto made = claims();
        made.erase(name);
        return made;
    }
    /// `admin ada`, `user ada`, or what is wrong.
    std::string judged(const std::string& token, const JwkSet& keys) const {
        const auto caller = verify_jwt(token, keys, rules, now);
        if (!caller) return caller.error();
        return (caller->admin ? "admin " : "user ") + caller->subject;
    }
    std::string judged(const std::string& token) const { return judged(token, known()); }
    std::string judged(const Json& of) const { return judged(the().ec.sign(of)); }

    config::JwtSettings rules;
};

constexpr auto no_jwt = "is neither a key nor a signed JWT";
constexpr auto bad_algorithm = "is not signed by one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512";
constexpr auto bad_signature = "has a signature that does not verify";
constexpr auto not_its_algorithm = "is signed by an algorithm that is not its key's";

TEST_F(Jwt, EveryAsymmetricAlgorithmVerifies) {
    for (const std::string algorithm : {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
        EXPECT_EQ(judged(the().rsa.sign(claims(), algorithm)), "admin ada") << algorithm;
    EXPECT_EQ(judged(the().ec.sign(claims())), "admin ada");
    for (const auto& [algorithm, curve] : {std::pair("ES384", CJOSE_JWK_EC_P_384), std::pair("ES512", CJOSE_JWK_EC_P_521)}) {
        const auto key = SigningKey::ec("other", curve);
        EXPECT_EQ(judged(key.sign(claims(), algorithm), JwkSet::parse(key_set({key.jwk()})).value()), "admin ada") << algorithm;
    }
}

TEST_F(Jwt, ThePublicKeyIsNoSecretToSignWith) {
    const auto public_text = the().rsa.jwk().dump();
    for (const auto* algorithm : {"HS256", "HS384", "HS512"})
        EXPECT_EQ(judged(SigningKey::secret("rsa-1", public_text).sign(claims(), algorithm)), bad_algorithm);
}

TEST_F(Jwt, UnsignedIsNoTokenAtAll) {
    const auto payload = base64url(claims().dump());
    for (const auto* algorithm : {"none", "None", "NONE", ""})
        EXPECT_EQ(judged(base64url(Json{{"alg", algorithm}, {"kid", "ec-1"}}.dump()) + "." + payload + "."), bad_algorithm) << algorithm;
    EXPECT_EQ(judged(base64url(R"({"kid":"ec-1"})") + "." + payload + "."), bad_algorithm);
    EXPECT_EQ(judged(base64url(R"({"alg":"ES256","kid":"ec-1"})") + "." + payload + "."), bad_signature);
}

TEST_F(Jwt, ItsKeyHasToBeOfTheAlgorithmsType) {
    const auto good = the().ec.sign(claims());
    const auto rest = good.substr(good.find('.'));
    EXPECT_EQ(judged(base64url(R"({"alg":"RS256","kid":"ec-1"})") + rest), not_its_algorithm);
    EXPECT_EQ(judged(base64url(R"({"alg":"ES256","kid":"rsa-1"})") + rest), not_its_algorithm);
    EXPECT_EQ(judged(base64url(R"({"alg":"ES384","kid":"ec-1"})") + rest), not_its_algorithm) << "a curve for each";
    EXPECT_EQ(judged(base64url(R"({"alg":"RS256","alg":"ES256","kid":"rsa-1"})") + rest), not_its_algorithm);
}

TEST_F(Jwt, AKeyThatNamesItsAlgorithmIsForThatAlone) {
    const auto keys = JwkSet::parse(key_set({the().rsa.jwk({{"alg", "PS256"}})})).value();
    EXPECT_EQ(judged(the().rsa.sign(claims(), "PS256"), keys), "admin ada");
    EXPECT_EQ(judged(the().rsa.sign(claims(), "RS256"), keys), not_its_algorithm);
}

TEST_F(Jwt, TheKeyIsFoundByItsId) {
    EXPECT_EQ(judged(SigningKey::ec("ec-2").sign(claims())), "is signed with a key that its issuer does not have");
    EXPECT_EQ(judged(SigningKey::ec("ec-1").sign(claims())), bad_signature) << "somebody else's key under its name";
    const auto nameless = SigningKey::ec("");
    EXPECT_EQ(judged(nameless.sign(claims()), JwkSet::parse(key_set({nameless.jwk(), the().rsa.jwk()})).value()), "admin ada") << "one that fits";
    EXPECT_EQ(judged(nameless.sign(claims()), JwkSet::parse(key_set({nameless.jwk(), the().ec.jwk()})).value()),
              "names no key (`kid`), and its issuer has several");
}

TEST_F(Jwt, WhatIsChangedDoesNotVerify) {
    const auto token = the().ec.sign(claims({{"roles", {"staff"}}}));
    const auto first = token.find('.'), last = token.rfind('.');
    EXPECT_EQ(judged(token.substr(0, first + 1) + base64url(claims().dump()) + token.substr(last)), bad_signature);
    auto flipped = token;
    flipped[last + 5] = flipped[last + 5] == 'A' ? 'B' : 'A';
    EXPECT_EQ(judged(flipped), bad_signature);
    EXPECT_EQ(judged(token.substr(0, last + 1)), bad_signature);
}

TEST_F(Jwt, WhatIsNoTokenIsSaidToBeNone) {
    for (const auto* text : {"", "sk-some-key", "a.b", "a.b.c", "..", "e30.e30",
                             "e30.e30.e30.e30", "e.e30.e30", "W10.e30.x", "bm8.e30.x", "e30=.e30.x"})
        EXPECT_TRUE(judged(std::string(text)) == no_jwt || judged(std::string(text)) == bad_algorithm) << text;
    EXPECT_EQ(judged(std::string(20'000, 'a') + ".b.c"), no_jwt);
    EXPECT_EQ(judged(base64url(std::string(9000, '[')) + ".b.c"), no_jwt);
    EXPECT_EQ(judged(the().ec.sign(Json::array({1}))), "holds no claims");
}

TEST_F(Jwt, CriticalExtensionsAreNotKnown) {
    EXPECT_EQ(judged(the().ec.sign(claims(), "ES256", {{"crit", {"b64"}}})), "has critical extensions (`crit`), and none is known here");
    EXPECT_EQ(judged(the().ec.sign(claims(), "ES256", {{"jku", "https://evil.example"}, {"x5u", "https://evil.example"}})), "admin ada")
        << "what names a place is not looked at";
}

TEST_F(Jwt, IssuerAndAudience) {
    constexpr auto other_issuer = "is of another issuer (`iss`)";
    constexpr auto other_audience = "is for another audience (`aud`)";
    for (const Json& each : {Json(issuer + "/"), Json("https://LOGIN.example/realms/a"), Json(nullptr), Json({issuer})})
        EXPECT_EQ(judged(claims({{"iss", each}})), other_issuer) << each;
    EXPECT_EQ(judged(without("iss")), other_issuer);
    EXPECT_EQ(judged(claims({{"aud", {"other", "smg"}}})), "admin ada");
    for (const Json& each : {Json("smg2"), Json("other smg"), Json({"other"}), Json::array(), Json(1)})
        EXPECT_EQ(judged(claims({{"aud", each}})), other_audience) << each;
    EXPECT_EQ(judged(without("aud")), other_audience);
}

TEST_F(Jwt, TimesHaveAMinutesLeeway) {
    EXPECT_EQ(judged(claims({{"exp", now - 59}})), "admin ada");
    EXPECT_EQ(judged(claims({{"exp", now - 60}})), "has expired (`exp`)");
    EXPECT_EQ(judged(claims({{"exp", static_cast<double>(now) + 0.5}})), "admin ada");
    EXPECT_EQ(judged(without("exp")), "does not say when it expires (`exp`)");
    EXPECT_EQ(judged(claims({{"exp", "tomorrow"}})), "does not say when it expires (`exp`)");
    EXPECT_EQ(judged(claims({{"nbf", now + 60}})), "admin ada");
    EXPECT_EQ(judged(claims({{"nbf", now + 61}})), "is not valid yet (`nbf`)");
    EXPECT_EQ(judged(claims({{"nbf", "yesterday"}})), "is not valid yet (`nbf`)");
    EXPECT_EQ(judged(without("nbf")), "admin ada");
}

TEST_F(Jwt, TheRoleIsATextOrOneOfAList) {
    EXPECT_EQ(judged(claims({{"roles", "admin"}})), "admin ada");
    for (const Json& each : {Json("administrator"), Json("Admin"), Json("staff admin"),
                             Json::array(), Json({{"admin", true}}), Json(true), Json(nullptr)})
        EXPECT_EQ(judged(claims({{"roles", each}})), "user ada") << each;
    EXPECT_EQ(judged(without("roles")), "user ada");
    EXPECT_EQ(judged(claims({{"roles", {1, nullptr, "admin"}}})), "admin ada");
}

TEST_F(Jwt, TheRoleMayStandDeeper) {
    rules.role_claim = "realm_access.roles";
    EXPECT_EQ(judged(claims({{"realm_access", {{"roles", {"admin"}}}}})), "admin ada");
    EXPECT_EQ(judged(claims({{"realm_access.roles", {"admin"}}})), "admin ada");
    EXPECT_EQ(judged(claims({{"realm_access", "admin"}})), "user ada");
    EXPECT_EQ(judged(claims()), "user ada");
    rules.role_claim = "https://app.example/roles";
    EXPECT_EQ(judged(claims({{"https://app.example/roles", {"admin"}}})), "admin ada");
    rules.role_claim = "resource_access.my.client.roles";
    EXPECT_EQ(judged(claims({{"resource_access", {{"my.client", {{"roles", {"admin"}}}}}}})), "admin ada");
}

TEST_F(Jwt, WithAMappingOnlyWhatItNamesCounts) {
    rules.role_mapping = {{"gateway-admins", "admin"}, {"staff", "user"}, {"operators", "admin"}};
    EXPECT_EQ(judged(claims({{"roles", {"gateway-admins"}}})), "admin ada");
    EXPECT_EQ(judged(claims({{"roles", {"staff", "operators"}}})), "admin ada");
    EXPECT_EQ(judged(claims({{"roles", {"staff"}}})), "user ada");
    EXPECT_EQ(judged(claims({{"roles", {"admin"}}})), "user ada") << "their admin is not ours";
}

TEST_F(Jwt, TheSubjectIsFitForALogLine) {
    EXPECT_EQ(judged(claims({{"sub", "a\nb\x7f"}})), "admin a?b?");
    EXPECT_EQ(judged(claims({{"sub", std::string(63, 'x') + "ä and more"}})), "admin " + std::string(63, 'x'));
    EXPECT_EQ(judged(claims({{"sub", "sk-proj-0123456789abcdefghijkl"}})), "admin [redacted]");
    auto service = without("sub");
    EXPECT_EQ(judged(service), "admin unnamed");
    service["client_id"] = "deploy";
    EXPECT_EQ(judged(service), "admin deploy");
}

TEST(JwkSet, TakesWhatVerifiesSignatures) {
    const auto taken = [](const Json& key) { return JwkSet::parse(key_set({key})).has_value(); };
    EXPECT_TRUE(taken(the().ec.jwk()));
    EXPECT_TRUE(taken(the().rsa.jwk({{"use", "sig"}, {"key_ops", {"verify"}}, {"x5c", {"…"}}})));
    EXPECT_TRUE(taken(the().ec.jwk(Json::object(), true))) << "of a private key the public half";
    EXPECT_FALSE(taken(the().rsa.jwk({{"use", "enc"}})));
    EXPECT_FALSE(taken(the().rsa.jwk({{"key_ops", {"encrypt"}}})));
    EXPECT_FALSE(taken(SigningKey::secret("s", "0123456789abcdef0123456789abcdef").jwk(Json::object(), true)));
    EXPECT_FALSE(taken(SigningKey::rsa("small", 1024).jwk())) << "RFC 7518 section 3.3";
    EXPECT_FALSE(taken({{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}}));
    EXPECT_FALSE(taken({{"kty", "RSA"}, {"n", "AQAB"}}));
    EXPECT_FALSE(taken({{"kty", "EC"}, {"crv", "P-256"}, {"x", "AQAB"}, {"y", "AQAB"}})) << "no point of the curve";
    EXPECT_FALSE(taken("text"));
}

TEST(JwkSet, OneBadKeyLeavesTheOthers) {
    const auto keys = JwkSet::parse(key_set({Json(7), {{"kty", "XX"}}, the().ec.jwk()})).value();
    ASSERT_EQ(keys.keys().size(), 1U);
    EXPECT_TRUE(keys.holds("ec-1"));
    EXPECT_FALSE(keys.holds("rsa-1"));
}

TEST(JwkSet, SaysWhatIsNone) {
    for (const auto* text : {"", "[]", "{}", R"({"keys":{}})", "<html>"})
        EXPECT_EQ(JwkSet::parse(text).error().message, "is no JSON Web Key Set") << text;
    EXPECT_EQ(JwkSet::parse(R"({"keys":[]})").error().message, "has no key that verifies signatures of RSA or of a curve");
}

}  // namespace
}  // namespace smg::admin::test
