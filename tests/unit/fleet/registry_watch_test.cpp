#include "fleet/registry_watch.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

#include "fixture.hpp"

namespace smg::fleet::test {
namespace {

class Watch : public FleetTest {
protected:
    Running<bool> wait(net::Duration timeout = 1h) {
        return Running<bool>(loop(), watch_.changed(loop(), registry_.version(), timeout, cancellation_));
    }
    RegistryWatch watch_{loops_, registry_};
};

TEST_F(Watch, AVersionThatMovedOnIsTrueAtOnce) {
    const auto seen = registry_.version();
    add({{"url", "https://api.openai.com"}});
    EXPECT_TRUE(run(loop(), watch_.changed(loop(), seen, 1h, cancellation_)));
}

TEST_F(Watch, EveryWaiterIsWokenByAChange) {
    auto first = wait();
    auto second = wait();
    smg::test::run_ready(loop());
    EXPECT_FALSE(first.done());
    add({{"url", "https://api.openai.com"}});
    EXPECT_TRUE(first.get());
    EXPECT_TRUE(second.get());
}

TEST_F(Watch, AChangeOnAnotherThreadWakesToo) {
    auto waiting = wait();
    smg::test::run_ready(loop());
    std::thread([this] { add({{"url", "https://api.openai.com"}}); }).join();
    EXPECT_TRUE(waiting.get());
}

TEST_F(Watch, FalseWhenTheTimeHasPassed) {
    const auto began = std::chrono::steady_clock::now();
    EXPECT_FALSE(wait(30ms).get());
    EXPECT_GE(std::chrono::steady_clock::now() - began, 30ms);
    EXPECT_FALSE(wait(0ms).get());
}

TEST_F(Watch, FalseWhenTheClientLeaves) {
    auto waiting = wait();
    smg::test::run_ready(loop());
    cancellation_.request();
    EXPECT_FALSE(waiting.get());
    EXPECT_FALSE(wait().get()) << "left before it waited";
}

TEST_F(Watch, ItMayGoBeforeTheRegistry) {
    auto early = std::make_unique<RegistryWatch>(loops_, registry_);
    early.reset();
    add({{"url", "https://api.openai.com"}});
    EXPECT_EQ(registry_.snapshot()->workers().size(), 1U);
}

/// Follows the version on its own loop.
struct Follower {
    static net::Awaitable<void> run(Follower& self, net::EventLoop& loop, RegistryWatch& watch, workers::Registry& registry, std::uint64_t last) {
        net::Cancellation cancellation;
        while (self.seen < last) {
            const bool moved = co_await watch.changed(loop, self.seen, 20s, cancellation);
            if (!moved) co_return;
            self.seen = registry.version();
        }
    }
    std::atomic<std::uint64_t> seen{0};
};

TEST(WatchAcrossThreads, NoChangeIsMissed) {
    net::EventLoops loops(3);
    workers::Registry registry(providers::Catalog::built_in());
    RegistryWatch watch(loops, registry);
    constexpr std::uint64_t last = 500;
    std::vector<Follower> followers(loops.size());
    for (std::size_t i = 0; i < loops.size(); ++i)
        net::asio::co_spawn(loops[i].executor(), Follower::run(followers[i], loops[i], watch, registry, last), [](std::exception_ptr) {});
    loops.start();
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    const auto late = [&] {
        return std::any_of(followers.begin(), followers.end(), [&](const Follower& each) { return each.seen < registry.version(); });
    };
    // Each change finds the followers anywhere between waking and waiting; a wake-up that is lost leaves one behind.
    while (registry.version() < last && std::chrono::steady_clock::now() < give_up) {
        registry.set_aliases({});
        while (late() && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
    }
    EXPECT_EQ(registry.version(), last);
    EXPECT_FALSE(late());
    loops.stop();
}

}  // namespace
}  // namespace smg::fleet::test
