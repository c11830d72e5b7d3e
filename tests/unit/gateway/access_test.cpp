#include "gateway/access.hpp"

#include <gtest/gtest.h>

#include "unit/gateway/fixture.hpp"

namespace smg::gateway {
namespace {

AccessRules with_key(const std::string& key) {
    AccessRules rules;
    rules.keys.emplace_back(key);
    return rules;
}

TEST(Access, WithoutKeysEverybodyMayCome) {
    testing::Asked asked;
    asked.request.head.fields.add("Authorization", "Bearer sk-caller-key-1");
    const auto credentials = check_access(asked.request, {});
    ASSERT_TRUE(credentials);
    EXPECT_EQ(credentials->caller_key.reveal(), "sk-caller-key-1");
    EXPECT_TRUE(credentials->was_bearer);
    EXPECT_TRUE(credentials->stored_keys_allowed) << "the peer is loopback";
}

TEST(Access, StoredKeysAreForLoopbackUnlessAKeyWasShown) {
    testing::Asked asked;
    asked.request.peer = net::asio::ip::make_address("192.0.2.7");
    EXPECT_FALSE(check_access(asked.request, {})->stored_keys_allowed);
    AccessRules open;
    open.insecure_open = true;
    EXPECT_TRUE(check_access(asked.request, open)->stored_keys_allowed);
    asked.request.head.fields.add("X-SMG-API-Key", "gateway-key");
    EXPECT_TRUE(check_access(asked.request, with_key("gateway-key"))->stored_keys_allowed);
    testing::Asked mapped;
    mapped.request.peer = net::asio::ip::make_address("::ffff:127.0.0.1");
    EXPECT_TRUE(check_access(mapped.request, {})->stored_keys_allowed);
}

class GatewayKeyIn : public ::testing::TestWithParam<std::pair<std::string, std::string>> {};

TEST_P(GatewayKeyIn, AdmitsAndIsNobodysKey) {
    testing::Asked asked;
    asked.request.head.fields.add(GetParam().first, GetParam().second);
    const auto credentials = check_access(asked.request, with_key("gateway-key"));
    ASSERT_TRUE(credentials);
    EXPECT_TRUE(credentials->caller_key.empty());
}

INSTANTIATE_TEST_SUITE_P(Headers, GatewayKeyIn,
                         ::testing::Values(std::pair("authorization", "Bearer gateway-key"), std::pair("authorization", "bearer  gateway-key "),
                                           std::pair("x-api-key", "gateway-key"), std::pair("x-goog-api-key", "gateway-key"),
                                           std::pair("x-smg-api-key", "gateway-key")));

TEST(Access, TheQueryMayHoldIt) {
    testing::Asked asked;
    asked.request.query = "alt=sse&key=gateway%2Dkey";
    EXPECT_TRUE(check_access(asked.request, with_key("gateway-key")));
}

TEST(Access, ACallersKeyComesBesideTheGateways) {
    testing::Asked asked;
    asked.request.head.fields.add("x-smg-api-key", "gateway-key");
    asked.request.head.fields.add("x-api-key", "sk-ant-caller");
    const auto credentials = check_access(asked.request, with_key("gateway-key"));
    ASSERT_TRUE(credentials);
    EXPECT_EQ(credentials->caller_key.reveal(), "sk-ant-caller");
    EXPECT_FALSE(credentials->was_bearer);
}

TEST(Access, WrongAndMissingKeysAreRefusedWithoutRepeatingThem) {
    testing::Asked missing;
    testing::Asked wrong;
    wrong.request.head.fields.add("authorization", "Bearer sk-secret-of-somebody");
    for (auto* asked : {&missing, &wrong}) {
        const auto credentials = check_access(asked->request, with_key("gateway-key"));
        ASSERT_FALSE(credentials);
        EXPECT_EQ(credentials.error().failure, Failure::invalid_api_key);
        EXPECT_EQ(credentials.error().message.find("sk-secret"), std::string::npos);
        EXPECT_EQ(credentials.error().message.find("gateway-key"), std::string::npos);
    }
}

TEST(Access, PlaceholdersAreNoKey) {
    testing::Asked asked;
    asked.request.head.fields.add("authorization", "Bearer EMPTY");
    asked.request.head.fields.add("x-api-key", "sk-ant-real-one");
    EXPECT_EQ(check_access(asked.request, {})->caller_key.reveal(), "sk-ant-real-one");
}

TEST(Access, TheGatewaysOwnHeaderNeverHoldsACallersKey) {
    testing::Asked asked;
    asked.request.head.fields.add("x-smg-api-key", "sk-proj-meant-for-the-gateway");
    EXPECT_TRUE(check_access(asked.request, {})->caller_key.empty());
}

}  // namespace
}  // namespace smg::gateway
