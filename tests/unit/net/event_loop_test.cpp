#include "net/event_loop.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <future>
#include <memory>
#include <set>
#include <thread>

#include "net/cancellation.hpp"
#include "support/loop_runner.hpp"

namespace smg::net {
namespace {

using namespace std::chrono_literals;

TEST(EventLoops, EachOnAThreadOfItsOwn) {
    EventLoops loops(3);
    ASSERT_EQ(loops.size(), 3U);
    loops.start();
    std::set<std::thread::id> threads{std::this_thread::get_id()};
    for (std::size_t i = 0; i < loops.size(); ++i) {
        std::promise<std::thread::id> told;
        loops[i].post([&] { told.set_value(std::this_thread::get_id()); });
        threads.insert(told.get_future().get());
    }
    EXPECT_EQ(threads.size(), 4U);
    loops.stop();
    loops.stop();
}

TEST(EventLoops, StopDropsWhatIsStillPosted) {
    const auto kept = std::make_shared<int>(1);
    {
        EventLoops loops(1);
        loops[0].post([kept] {});
        EXPECT_EQ(kept.use_count(), 2);
    }
    EXPECT_EQ(kept.use_count(), 1);
}

TEST(EventLoop, DeadlinesFireWhileItRuns) {
    EventLoop loop;
    int fired = 0;
    const auto began = std::chrono::steady_clock::now();
    Deadline deadline(loop.deadlines(), [&] { ++fired; });
    deadline.set_after(60ms);
    ASSERT_TRUE(test::run_until(loop, [&] { return fired > 0; }));
    EXPECT_GE(std::chrono::steady_clock::now() - began, 60ms);
    // Nothing is armed now, so the ticking has stopped; it starts again with the next deadline.
    deadline.set_after(20ms);
    ASSERT_TRUE(test::run_until(loop, [&] { return fired > 1; }));
}

TEST(EventLoop, ScratchIsItsWhole) {
    EventLoop loop;
    EXPECT_EQ(loop.scratch().size(), EventLoop::scratch_size);
    std::memset(loop.scratch().data(), 1, loop.scratch().size());
}

TEST(EventLoop, CoroutinesInItDieWithIt) {
    const auto kept = std::make_shared<int>(1);
    {
        EventLoop loop;
        const auto wait_for_ever = [](EventLoop& waiting, std::shared_ptr<int>) -> Awaitable<int> {
            Deadline deadline(waiting.deadlines(), [] {});
            deadline.set_after(1h);
            asio::steady_timer never(waiting.context(), asio::steady_timer::time_point::max());
            co_await never.async_wait(as_value);
            co_return 1;
        };
        const test::Running<int> running(loop, wait_for_ever(loop, kept));
        test::run_ready(loop);
        EXPECT_FALSE(running.done());
        EXPECT_EQ(kept.use_count(), 2);
    }
    EXPECT_EQ(kept.use_count(), 1);
}

TEST(LoopRunner, ThrowsWhatTheCoroutineThrowsAndWhenItHangs) {
    EventLoop loop;
    const auto bug = []() -> Awaitable<int> {
        throw std::logic_error("a bug");
        co_return 1;
    };
    EXPECT_THROW(test::run(loop, bug()), std::logic_error);
    const auto hang = [](EventLoop& waiting) -> Awaitable<void> {
        asio::steady_timer never(waiting.context(), asio::steady_timer::time_point::max());
        co_await never.async_wait(as_value);
    };
    EXPECT_THROW(test::run(loop, hang(loop), 40ms), std::runtime_error);
}

TEST(Cancellation, CallsTheHookOnce) {
    Cancellation cancellation;
    int called = 0;
    const Cancellation::Hook hook(cancellation, [&] { ++called; });
    EXPECT_FALSE(cancellation.requested());
    cancellation.request();
    cancellation.request();
    EXPECT_TRUE(cancellation.requested());
    EXPECT_EQ(called, 1);
}

TEST(Cancellation, InnermostHookOfTheMoment) {
    Cancellation cancellation;
    std::string called;
    const Cancellation::Hook outer(cancellation, [&] { called += "outer "; });
    { const Cancellation::Hook inner(cancellation, [&] { called += "inner "; }); }
    cancellation.request();
    EXPECT_EQ(called, "outer ");
    const Cancellation::Hook late(cancellation, [&] { called += "late "; });
    EXPECT_EQ(called, "outer late ");
}

TEST(Cancellation, WithoutHook) {
    Cancellation cancellation;
    { const Cancellation::Hook gone(cancellation, [] { FAIL(); }); }
    cancellation.request();
    EXPECT_TRUE(cancellation.requested());
}

}  // namespace
}  // namespace smg::net
