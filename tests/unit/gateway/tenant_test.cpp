// Token buckets, tenants and what is reserved for a request: no budget may leak, whatever way a request ends.
#include "gateway/tenant.hpp"

#include <gtest/gtest.h>

#include "gateway/access.hpp"
#include "unit/gateway/fixture.hpp"

namespace smg::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const net::TimePoint start = net::TimePoint(seconds(1000));

TEST(TokenBucket, GivesItsCapacityAtOnceAndThenItsRate) {
    TokenBucket bucket(3, 2);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(bucket.take(1, start), milliseconds(0));
    EXPECT_EQ(bucket.take(1, start), milliseconds(500));
    EXPECT_GT(bucket.take(1, start + milliseconds(400)), milliseconds(0));
    EXPECT_EQ(bucket.take(1, start + milliseconds(500)), milliseconds(0));
    EXPECT_EQ(bucket.take(3, start + seconds(60)), milliseconds(0)) << "never more than its capacity is saved up";
    EXPECT_GT(bucket.take(1, start + seconds(60)), milliseconds(0));
}

TEST(TokenBucket, WhatExceedsTheCapacityNeedsAFullBucket) {
    TokenBucket bucket(10, 1);
    EXPECT_EQ(bucket.take(1000, start), milliseconds(0));
    EXPECT_EQ(bucket.take(1000, start), seconds(10));
}

TEST(TokenBucket, SettlingGivesBackOrGoesIntoDebt) {
    TokenBucket bucket(10, 1);
    EXPECT_EQ(bucket.take(10, start), milliseconds(0));
    bucket.settle(4, start);
    EXPECT_EQ(bucket.take(4, start), milliseconds(0));
    bucket.settle(-5, start);
    EXPECT_EQ(bucket.take(1, start), seconds(6));
}

config::Tenant limited(std::optional<std::uint64_t> requests, std::optional<std::uint64_t> tokens) {
    config::Tenant tenant;
    tenant.name = "acme";
    tenant.requests_per_minute = requests;
    tenant.tokens_per_minute = tokens;
    return tenant;
}

TEST(Tenant, ARequestThatIsRefusedTakesNothing) {
    Tenant tenant(limited(1, 600));
    EXPECT_EQ(tenant.reserve(100, start), milliseconds(0));
    EXPECT_EQ(tenant.reserve(100, start), seconds(60)) << "one request a minute";
    EXPECT_EQ(tenant.reserve(500, start + seconds(60)), milliseconds(0)) << "the refused one's tokens were not kept";
}

TEST(Tenant, TokensAreReservedThenSettledByWhatWasUsed) {
    const auto tenant = std::make_shared<Tenant>(limited({}, 600));
    const auto now = std::chrono::steady_clock::now();
    EXPECT_EQ(tenant->reserve(500, now), milliseconds(0));
    EXPECT_GT(tenant->reserve(200, now), milliseconds(0));
    {
        TokenReservation reservation(tenant, 500);
        reservation.used(50);
    }
    EXPECT_EQ(tenant->reserve(500, now), milliseconds(0)) << "450 came back";
    EXPECT_GT(tenant->reserve(200, now), milliseconds(0));
}

TEST(Tenant, AReservationThatIsMovedIsGivenBackOnce) {
    const auto tenant = std::make_shared<Tenant>(limited({}, 600));
    const auto now = std::chrono::steady_clock::now();
    ASSERT_EQ(tenant->reserve(600, now), milliseconds(0));
    TokenReservation first(tenant, 600);
    TokenReservation second;
    second = std::move(first);
    EXPECT_GT(tenant->reserve(600, now), milliseconds(0));
    second = TokenReservation();
    EXPECT_EQ(tenant->reserve(600, now), milliseconds(0));
}

TEST(Tenant, ItsListMayHoldBeginnings) {
    auto settings = limited({}, {});
    EXPECT_TRUE(Tenant(settings).may_use("anything"));
    settings.models = {"gpt-4o", "claude-*"};
    const Tenant tenant(settings);
    EXPECT_TRUE(tenant.may_use("GPT-4o"));
    EXPECT_TRUE(tenant.may_use("claude-sonnet-4"));
    EXPECT_FALSE(tenant.may_use("gpt-4o-mini"));
    EXPECT_FALSE(tenant.may_use("grok-4"));
}

TEST(Tenant, ItsKeyAdmitsAndNamesIt) {
    auto settings = limited({}, {});
    settings.keys.emplace_back("tenant-key");
    AccessRules rules;
    rules.tenants.push_back(std::make_shared<Tenant>(settings));
    testing::Asked stranger;
    EXPECT_FALSE(check_access(stranger.request, rules)) << "a tenant's key is a key of the gateway";
    testing::Asked member;
    member.request.head.fields.add("authorization", "Bearer tenant-key");
    const auto credentials = check_access(member.request, rules);
    ASSERT_TRUE(credentials);
    ASSERT_TRUE(credentials->tenant);
    EXPECT_EQ(credentials->tenant->name(), "acme");
    EXPECT_TRUE(credentials->caller_key.empty()) << "and goes to no provider";
    EXPECT_TRUE(credentials->stored_keys_allowed);
}

TEST(Tenant, AHeaderNamesItOnlyWhereHeadersAreTrusted) {
    AccessRules rules;
    rules.tenants.push_back(std::make_shared<Tenant>(limited({}, {})));
    testing::Asked asked;
    asked.request.head.fields.add("X-SMG-Tenant-Id", "acme");
    EXPECT_FALSE(check_access(asked.request, rules)->tenant);
    rules.tenant_header = "x-smg-tenant-id";
    EXPECT_TRUE(check_access(asked.request, rules)->tenant);
    testing::Asked unknown;
    unknown.request.head.fields.add("X-SMG-Tenant-Id", "nobody");
    EXPECT_EQ(check_access(unknown.request, rules).error().failure, Failure::forbidden) << "else a misspelt name would know no limits";
}

}  // namespace
}  // namespace smg::gateway
