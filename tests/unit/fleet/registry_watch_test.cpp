#include "fleet/registry_watch.hpp"

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

TEST(WatchAcrossThreads, NoChangeIsMissed) {
    net::EventLoops loops(3);
    workers::Registry registry(providers::Catalog::built_in());
    RegistryWatch watch(loops, registry);
    loops.start();
    // Each loop follows the version to the end; a wake-up that were lost would leave it waiting.
    constexpr std::uint64_t last = 300;
    std::atomic<int> arrived{0};
    struct Follow {
        static net::Awaitable<void> run(net::EventLoop& loop, RegistryWatch& watch, workers::Registry& registry, std::atomic<int>& arrived) {
            net::Cancellation cancellation;
            for (auto seen = registry.version(); seen < last; seen = registry.version())
                if (!co_await watch.changed(loop, seen, 20s, cancellation)) co_return;
            arrived.fetch_add(1);
            arrived.notify_all();
        }
    };
    for (std::size_t i = 0; i < loops.size(); ++i)
        net::asio::co_spawn(loops[i].executor(), Follow::run(loops[i], watch, registry, arrived), [](std::exception_ptr) {});
    for (std::uint64_t i = 0; i < last; ++i) registry.set_aliases({});
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (arrived < 3 && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
    EXPECT_EQ(arrived, 3);
    loops.stop();
}

}  // namespace
}  // namespace smg::fleet::test
