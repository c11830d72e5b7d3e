/// Who may do what, and with whose key.
#include <gtest/gtest.h>
#include <ifaddrs.h>

#include "support/running_gateway.hpp"

namespace smg::test {
namespace {

/// An address of this machine that is not loopback, in host order; 0: there is none.
in_addr_t outer_address() {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return 0;
    in_addr_t found = 0;
    for (const auto* each = list; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_INET) continue;
        const auto address = ntohl(reinterpret_cast<const sockaddr_in*>(each->ifa_addr)->sin_addr.s_addr);
        if (address >> 24U != 127) found = address;
    }
    ::freeifaddrs(list);
    return found;
}

class KeyRules : public testing::Test {
protected:
    static config::Config with_key() {
        auto config = test_config();
        config.api_key = Secret("the-gateways-own");
        return config;
    }
    [[nodiscard]] std::string sent_credential(const std::string& provider, const std::string& header) {
        const auto requests = providers[provider].requests();
        return requests.empty() ? "nothing was sent" : std::string(requests.back().fields.get(header));
    }
    void add_stored(RunningGateway& gateway, const std::string& provider, const std::string& key, const Headers& headers = {}) {
        gateway.add_worker({{"url", providers[provider].url()}, {"provider", provider}, {"api_key", key}}, headers);
    }
    Providers providers;
};

/// A worker whose stored key is refused when it is registered still takes callers who bring their own.
TEST(RefusedStoredKey, DoesNotLockOutCallersWithTheirOwn) {
    Providers providers({}, {{"openai", "sk-proj-good"}});
    RunningGateway gateway;
    const Json spec = {{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-proj-bad"}};
    ASSERT_EQ(gateway.client().post("/workers?wait=10", spec.dump()).status, 400);
    const Headers good = {{"Authorization", "Bearer sk-proj-good"}};
    const auto own = gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello"), good);
    EXPECT_EQ(own.status, 200) << own.body;
    EXPECT_EQ(own.field("x-smg-key-source"), "caller");
    EXPECT_FALSE(Json::parse(gateway.get("/v1/models", good).body).at("data").empty());
    const auto stored = gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello"));
    EXPECT_EQ(stored.status, 502);
    EXPECT_EQ(stored.field("x-smg-error-code"), "upstream_credential");
    EXPECT_EQ(stored.field("x-should-retry"), "false");
    EXPECT_EQ(stored.body.find("127.0.0.1"), std::string::npos) << "where a worker is, is not the client's business";
}

TEST_F(KeyRules, TheGatewaysKeyOpensTheDataPlaneInEveryPlaceForAKey) {
    RunningGateway gateway(with_key());
    const Header own{"Authorization", "Bearer the-gateways-own"};
    add_stored(gateway, "openai", "sk-proj-stored", {own});
    const auto body = chat("gpt-4o", "Hello");
    for (const auto& header :
         {own, Header{"x-api-key", "the-gateways-own"}, Header{"x-goog-api-key", "the-gateways-own"}, Header{"X-SMG-API-Key", "the-gateways-own"}}) {
        EXPECT_EQ(gateway.post("/v1/chat/completions", body, {header}).status, 200) << header.name;
        EXPECT_EQ(sent_credential("openai", "authorization"), "Bearer sk-proj-stored");
    }
    EXPECT_EQ(gateway.post("/v1/chat/completions?key=the-gateways-own", body).status, 200);
    const auto before = providers["openai"].received();
    for (const Headers& headers : {Headers{}, Headers{{"Authorization", "Bearer wrong"}}, Headers{{"Authorization", "Bearer sk-proj-of-the-caller"}},
                                   Headers{{"X-SMG-API-Key", "the-gateways-ow"}}}) {
        const auto refused = gateway.post("/v1/chat/completions", body, headers);
        EXPECT_EQ(refused.status, 401);
        EXPECT_EQ(refused.field("www-authenticate"), "Bearer");
        EXPECT_EQ(refused.field("x-smg-error-code"), "invalid_api_key");
    }
    EXPECT_EQ(gateway.get("/v1/models").status, 401);
    EXPECT_EQ(gateway.get("/health").status, 200) << "probes need no key";
    EXPECT_EQ(providers["openai"].received(), before);
}

TEST_F(KeyRules, ACallersKeyBesideTheGatewaysGoesUpstream) {
    RunningGateway gateway(with_key());
    const Header own{"X-SMG-API-Key", "the-gateways-own"};
    add_stored(gateway, "openai", "sk-proj-stored", {own});
    const auto answer = gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello"), {own, {"Authorization", "Bearer sk-proj-of-the-caller"}});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.field("x-smg-key-source"), "caller");
    EXPECT_EQ(sent_credential("openai", "authorization"), "Bearer sk-proj-of-the-caller");
}

TEST_F(KeyRules, PrecedencePlaceholdersAndForms) {
    RunningGateway gateway;
    add_stored(gateway, "openai", "sk-proj-stored");
    const std::vector<std::pair<std::string, std::string>> table = {{"sk-proj-of-the-caller", "caller"},
                                                                    {"some-unknown-form", "caller"},
                                                                    {"sk-ant-api03-of-the-caller", "stored"},
                                                                    {"xai-of-the-caller", "stored"},
                                                                    {"AIza-of-the-caller-0123", "stored"},
                                                                    {"EMPTY", "stored"},
                                                                    {"none", "stored"},
                                                                    {"dummy", "stored"},
                                                                    {"sk-no-key-required", "stored"},
                                                                    {"x", "stored"}};
    for (const auto& [key, source] : table) {
        const auto answer = gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello"), {{"Authorization", "Bearer " + key}});
        EXPECT_EQ(answer.status, 200) << key << ": " << answer.body;
        EXPECT_EQ(answer.field("x-smg-key-source"), source) << key;
        EXPECT_EQ(sent_credential("openai", "authorization"), source == "caller" ? "Bearer " + key : "Bearer sk-proj-stored");
    }
}

TEST_F(KeyRules, AKeyOfAnotherProviderIsNotSentAndNamesItself) {
    RunningGateway gateway;
    gateway.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"runtime_type", "external"}});
    const auto answer = gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello"), {{"x-api-key", "sk-ant-api03-of-the-caller"}});
    EXPECT_EQ(answer.status, 401);
    EXPECT_NE(answer.body.find("anthropic"), std::string::npos);
    EXPECT_EQ(providers["openai"].received(), 0U);
}

TEST_F(KeyRules, RequireAndIgnore) {
    auto config = test_config();
    config.caller_keys = config::CallerKeys::require;
    RunningGateway strict(config);
    add_stored(strict, "openai", "sk-proj-stored");
    EXPECT_EQ(strict.post("/v1/chat/completions", chat("gpt-4o", "Hello")).status, 401);
    const Headers callers = {{"Authorization", "Bearer sk-proj-of-the-caller"}};
    EXPECT_EQ(strict.post("/v1/chat/completions", chat("gpt-4o", "Hello"), callers).field("x-smg-key-source"), "caller");
    config.caller_keys = config::CallerKeys::ignore;
    RunningGateway deaf(config);
    add_stored(deaf, "openai", "sk-proj-stored");
    EXPECT_EQ(deaf.post("/v1/chat/completions", chat("gpt-4o", "Hello"), callers).field("x-smg-key-source"), "stored");
    EXPECT_EQ(sent_credential("openai", "authorization"), "Bearer sk-proj-stored");
}

TEST_F(KeyRules, TheSchemeIsTheProvidersAndABearerStaysOneOnItsOwnFormat) {
    RunningGateway gateway;
    gateway.add_worker({{"url", providers["anthropic"].url()}, {"provider", "anthropic"}, {"runtime_type", "external"}});
    auto body = chat("claude-sonnet-4-5", "Hello");
    gateway.post("/v1/chat/completions", body, {{"Authorization", "Bearer sk-ant-api03-of-the-caller"}});
    EXPECT_EQ(sent_credential("anthropic", "x-api-key"), "sk-ant-api03-of-the-caller");
    EXPECT_EQ(sent_credential("anthropic", "authorization"), "");
    body["max_tokens"] = 50;
    gateway.post("/v1/messages", body, {{"Authorization", "Bearer sk-ant-api03-of-the-caller"}});
    EXPECT_EQ(sent_credential("anthropic", "authorization"), "Bearer sk-ant-api03-of-the-caller");
    EXPECT_EQ(sent_credential("anthropic", "x-api-key"), "");
}

TEST_F(KeyRules, TheControlPlaneWithoutAKeyIsForThisMachineAlone) {
    const RunningGateway gateway;
    EXPECT_EQ(gateway.get("/workers").status, 200);
    for (const Headers& headers :
         {Headers{{"Host", "evil.example"}}, Headers{{"Origin", "https://evil.example"}}, Headers{{"Origin", "null"}},
          Headers{{"X-Forwarded-For", "127.0.0.1"}}, Headers{{"Forwarded", "for=127.0.0.1"}}, Headers{{"Sec-Fetch-Site", "cross-site"}}})
        for (const auto* target : {"/workers", "/metrics"}) {
            const auto answer = gateway.get(target, headers);
            EXPECT_EQ(answer.status, 403) << target << ' ' << headers[0].name;
            EXPECT_EQ(Json::parse(answer.body).at("code"), "FORBIDDEN");
        }
    EXPECT_EQ(gateway.client().post("/workers", "url=http://127.0.0.1", {{"Content-Type", "application/x-www-form-urlencoded"}}).status, 415);
    EXPECT_EQ(gateway.client().post("/workers", "{}", {{"Content-Type", "text/plain"}}).status, 415);
}

TEST_F(KeyRules, TheControlPlaneWithAKeyWantsIt) {
    const RunningGateway gateway(with_key());
    EXPECT_EQ(gateway.get("/workers").status, 401);
    EXPECT_EQ(gateway.get("/workers", {{"Authorization", "Bearer wrong"}}).status, 401);
    EXPECT_EQ(gateway.get("/workers", {{"Authorization", "Bearer the-gateways-own"}, {"X-Forwarded-For", "9.9.9.9"}}).status, 200);
    EXPECT_EQ(gateway.get("/metrics").status, 401);
    EXPECT_FALSE(gateway.metrics().empty()) << "its own port needs none";
}

TEST_F(KeyRules, StoredKeysServeThisMachineAloneUnlessToldOtherwise) {
    const auto outer = outer_address();
    if (outer == 0) GTEST_SKIP() << "this machine has no address but loopback";
    const auto body = chat("gpt-4o", "Hello").dump();
    for (const bool open : {false, true}) {
        auto config = test_config();
        config.hosts = {"0.0.0.0"};
        config.insecure_open = open;
        RunningGateway gateway(config);
        add_stored(gateway, "openai", "sk-proj-stored");
        HttpClient stranger(Socket::connect(gateway.port(), 0, outer));
        EXPECT_EQ(stranger.post("/v1/chat/completions", body).status, open ? 200 : 401);
        EXPECT_EQ(stranger.post("/v1/chat/completions", body, {{"Authorization", "Bearer sk-proj-of-the-caller"}}).status, 200);
        EXPECT_EQ(stranger.get("/workers").status, 403);
        EXPECT_EQ(gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello")).status, 200);
    }
}

}  // namespace
}  // namespace smg::test
