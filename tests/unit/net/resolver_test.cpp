#include "net/resolver.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "support/loop_runner.hpp"

namespace smg::net {
namespace {

/// The system's name service, played by the test: Asio's calls of `getaddrinfo` end up here.
struct NameService {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> answer;  ///< empty: no such name
    int lookups = 0;
    bool held = false;  ///< lookups stand still
};
NameService names;

void play(std::vector<std::string> answer, bool held = false) {
    const std::scoped_lock lock(names.mutex);
    names.answer = std::move(answer);
    names.held = held;
    names.changed.notify_all();
}

int lookups() {
    const std::scoped_lock lock(names.mutex);
    return names.lookups;
}

}  // namespace
}  // namespace smg::net

extern "C" int getaddrinfo(const char* __restrict, const char* __restrict, const addrinfo* __restrict hints, addrinfo** __restrict out) {
    auto& names = smg::net::names;
    std::unique_lock lock(names.mutex);
    ++names.lookups;
    names.changed.wait(lock, [&] { return !names.held; });
    *out = nullptr;
    addrinfo** tail = out;
    for (const auto& text : names.answer) {
        const bool v6 = text.find(':') != std::string::npos;
        auto* info = static_cast<addrinfo*>(std::calloc(1, sizeof(addrinfo) + sizeof(sockaddr_in6)));
        info->ai_family = v6 ? AF_INET6 : AF_INET;
        info->ai_socktype = hints->ai_socktype;
        info->ai_addrlen = v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
        info->ai_addr = reinterpret_cast<sockaddr*>(info + 1);
        info->ai_addr->sa_family = static_cast<sa_family_t>(info->ai_family);
        if (v6) ::inet_pton(AF_INET6, text.c_str(), &reinterpret_cast<sockaddr_in6*>(info->ai_addr)->sin6_addr);
        else ::inet_pton(AF_INET, text.c_str(), &reinterpret_cast<sockaddr_in*>(info->ai_addr)->sin_addr);
        *tail = info;
        tail = &info->ai_next;
    }
    return *out != nullptr ? 0 : EAI_NONAME;
}

extern "C" void freeaddrinfo(addrinfo* info) noexcept {
    while (info != nullptr) std::free(std::exchange(info, info->ai_next));
}

namespace smg::net {
namespace {

using namespace std::chrono_literals;
using Resolved = Result<std::vector<tcp::endpoint>>;

class ResolverTest : public testing::Test {
protected:
    ResolverTest() {
        const std::scoped_lock lock(names.mutex);
        names.lookups = 0;
        names.held = false;
    }
    ~ResolverTest() override { play({}); }

    Awaitable<Resolved> start(const std::string& host, Duration timeout = 20s) { return cache_->resolve(loop_, host, 443, timeout, cancellation_); }
    std::string resolve(const std::string& host) { return text(test::run(loop_, start(host))); }
    static std::string text(const Resolved& resolved) {
        if (!resolved) return "failed: " + resolved.error().message;
        std::string all;
        for (const auto& endpoint : *resolved) {
            EXPECT_EQ(endpoint.port(), 443);
            all += (all.empty() ? "" : " ") + endpoint.address().to_string();
        }
        return all;
    }

    EventLoop loop_;
    Cancellation cancellation_;
    std::unique_ptr<DnsCache> cache_ = std::make_unique<DnsCache>(1h);
};

TEST(InterleaveFamilies, StartsWithTheFirstAndKeepsTheOrder) {
    const auto address = [](const char* text) { return asio::ip::make_address(text); };
    const std::vector given{address("::1"), address("::2"), address("::3"), address("1.1.1.1"), address("2.2.2.2")};
    EXPECT_EQ(interleave_families(given),
              (std::vector{address("::1"), address("1.1.1.1"), address("::2"), address("2.2.2.2"), address("::3")}));
    EXPECT_EQ(interleave_families({address("1.1.1.1"), address("::1"), address("2.2.2.2")}),
              (std::vector{address("1.1.1.1"), address("::1"), address("2.2.2.2")}));
    EXPECT_TRUE(interleave_families({}).empty());
}

TEST_F(ResolverTest, AddressesNeedNoLookup) {
    EXPECT_EQ(resolve("192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(resolve("2001:db8::1"), "2001:db8::1");
    EXPECT_EQ(lookups(), 0);
}

TEST_F(ResolverTest, OneLookupServesUntilItIsOld) {
    play({"192.0.2.1", "192.0.2.2", "2001:db8::1"});
    EXPECT_EQ(resolve("a.test"), "192.0.2.1 2001:db8::1 192.0.2.2");
    play({"192.0.2.9"});
    EXPECT_EQ(resolve("a.test"), "192.0.2.1 2001:db8::1 192.0.2.2");
    EXPECT_EQ(lookups(), 1);
    EXPECT_EQ(resolve("b.test"), "192.0.2.9");
    EXPECT_EQ(lookups(), 2);
}

TEST_F(ResolverTest, OldAnswerIsServedWhileAFreshOneIsFetched) {
    // Old at once, but within ten lifetimes for as long as a slow test may take.
    cache_ = std::make_unique<DnsCache>(1s);
    play({"192.0.2.1"});
    EXPECT_EQ(resolve("a.test"), "192.0.2.1");
    play({"192.0.2.2"}, true);
    ASSERT_TRUE(test::run_until(loop_, [&] {
        EXPECT_EQ(resolve("a.test"), "192.0.2.1");
        return lookups() == 2;
    })) << "it was never looked up again";
    EXPECT_EQ(resolve("a.test"), "192.0.2.1");
    play({"192.0.2.2"});
    EXPECT_TRUE(test::run_until(loop_, [&] { return resolve("a.test") == "192.0.2.2"; }));
}

TEST_F(ResolverTest, VeryOldAnswerIsServedOnlyWhenThereIsNoFreshOne) {
    cache_ = std::make_unique<DnsCache>(0s);
    play({"192.0.2.1"});
    EXPECT_EQ(resolve("a.test"), "192.0.2.1");
    play({"192.0.2.2"});
    EXPECT_EQ(resolve("a.test"), "192.0.2.2");
    play({});
    EXPECT_EQ(resolve("a.test"), "192.0.2.2");
    EXPECT_EQ(lookups(), 3);
}

TEST_F(ResolverTest, FailureNamesTheHostAndIsNotKept) {
    const auto failed = test::run(loop_, start("nowhere.test"));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().failure, Failure::upstream_error);
    EXPECT_NE(failed.error().message.find("nowhere.test"), std::string::npos);
    play({"192.0.2.1"});
    EXPECT_EQ(resolve("nowhere.test"), "192.0.2.1");
}

TEST_F(ResolverTest, ManyWaitForOneLookup) {
    play({"192.0.2.1"}, true);
    std::vector<std::unique_ptr<test::Running<Resolved>>> waiting;
    for (int i = 0; i < 20; ++i) waiting.push_back(std::make_unique<test::Running<Resolved>>(loop_, start("a.test")));
    ASSERT_TRUE(test::run_until(loop_, [] { return lookups() == 1; }));
    play({"192.0.2.1"});
    for (auto& each : waiting) EXPECT_EQ(text(each->get()), "192.0.2.1");
    EXPECT_EQ(lookups(), 1);
}

TEST_F(ResolverTest, WaitersOnOtherLoopsAreToldThere) {
    play({"192.0.2.1"}, true);
    EventLoop other;
    test::Running<Resolved> here(loop_, start("a.test"));
    test::Running<Resolved> there(other, cache_->resolve(other, "a.test", 443, 20s, cancellation_));
    test::run_ready(loop_);
    test::run_ready(other);
    play({"192.0.2.1"});
    EXPECT_EQ(text(here.get()), "192.0.2.1");
    EXPECT_EQ(text(there.get()), "192.0.2.1");
    EXPECT_EQ(lookups(), 1);
}

TEST_F(ResolverTest, SlowLookupTimesOutAndItsAnswerIsKept) {
    play({"192.0.2.1"}, true);
    const auto late = test::run(loop_, start("a.test", 50ms));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().failure, Failure::upstream_timeout);
    play({"192.0.2.1"});
    EXPECT_EQ(resolve("a.test"), "192.0.2.1");
    EXPECT_EQ(lookups(), 1);
}

TEST_F(ResolverTest, CancellationEndsTheWaitAtOnce) {
    play({"192.0.2.1"}, true);
    test::Running<Resolved> waiting(loop_, start("a.test"));
    test::run_ready(loop_);
    EXPECT_FALSE(waiting.done());
    cancellation_.request();
    const auto cancelled = waiting.get();
    ASSERT_FALSE(cancelled);
    EXPECT_EQ(cancelled.error().failure, Failure::upstream_error);
    EXPECT_FALSE(test::run(loop_, start("a.test"))) << "cancelled before it began";
}

TEST_F(ResolverTest, LookupMayOutliveTheCache) {
    play({"192.0.2.1"}, true);
    EXPECT_FALSE(test::run(loop_, start("a.test", 50ms)));
    cache_.reset();
    play({"192.0.2.1"});
    test::run_ready(loop_);
}

TEST_F(ResolverTest, WithoutALimitOfItsOwn) {
    play({"192.0.2.1"});
    EXPECT_EQ(text(test::run(loop_, cache_->resolve(loop_, "a.test", 443))), "192.0.2.1");
}

}  // namespace
}  // namespace smg::net
