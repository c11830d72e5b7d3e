#include "net/readiness.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "net/event_loop.hpp"
#include "net/parked.hpp"
#include "support/loop_runner.hpp"

namespace smg::net {
namespace {

/// A descriptor that becomes readable when it is told to.
class Signal final : public Readiness::Listener {
public:
    explicit Signal(EventLoop& loop) : loop_(loop), descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        EXPECT_TRUE(loop_.readiness().add(descriptor_, *this));
    }
    ~Signal() override { leave(); }

    void raise() const { EXPECT_EQ(::eventfd_write(descriptor_, 1), 0); }
    void leave() {
        if (descriptor_ < 0) return;
        loop_.readiness().remove(descriptor_, *this);
        ::close(std::exchange(descriptor_, -1));
    }
    void on_ready(std::uint32_t events) override {
        if ((events & EPOLLIN) == 0) return;
        ++told;
        if (when_told) when_told();
    }
    void on_loop_end() noexcept override {
        ::close(std::exchange(descriptor_, -1));
        ++ended;
    }

    int told = 0;
    int ended = 0;
    std::function<void()> when_told;

private:
    EventLoop& loop_;
    int descriptor_;
};

TEST(Readiness, TellsOnceForEachChange) {
    EventLoop loop;
    Signal signal(loop);
    test::run_ready(loop);
    EXPECT_EQ(signal.told, 0);
    signal.raise();
    ASSERT_TRUE(test::run_until(loop, [&] { return signal.told > 0; }));
    test::run_ready(loop);
    EXPECT_EQ(signal.told, 1) << "nobody took it, and nothing has changed";
    signal.raise();
    EXPECT_TRUE(test::run_until(loop, [&] { return signal.told == 2; }));
}

TEST(Readiness, WhoeverIsRemovedIsToldNoMore) {
    EventLoop loop;
    std::vector<std::unique_ptr<Signal>> all;
    for (int i = 0; i < 300; ++i) all.push_back(std::make_unique<Signal>(loop));
    test::run_ready(loop);
    int told = 0;
    // The first one that is told takes all others away, most of which the kernel has named in the same breath.
    for (auto& each : all)
        each->when_told = [&, mine = each.get()] {
            ++told;
            for (auto& other : all)
                if (other.get() != mine) other.reset();
        };
    for (auto& each : all) each->raise();
    ASSERT_TRUE(test::run_until(loop, [&] { return told > 0; }));
    test::run_ready(loop);
    EXPECT_EQ(told, 1);
}

TEST(Readiness, ListenersMayOutliveTheLoop) {
    auto loop = std::make_unique<EventLoop>();
    std::vector<std::unique_ptr<Signal>> all;
    for (int i = 0; i < 3; ++i) all.push_back(std::make_unique<Signal>(*loop));
    all[1].reset();
    loop.reset();
    EXPECT_EQ(all[0]->ended, 1);
    EXPECT_EQ(all[2]->ended, 1);
}

Awaitable<int> count_turns(Parked& parked, int turns) {
    int counted = 0;
    while (counted < turns) {
        auto place = parked.here();
        co_await place;
        ++counted;
    }
    co_return counted;
}

TEST(Parked, GoesOnWhereItIsCalledFor) {
    EventLoop loop;
    Parked parked;
    test::Running<int> running(loop, count_turns(parked, 3));
    test::run_ready(loop);
    for (int turn = 0; turn < 3; ++turn) {
        ASSERT_TRUE(parked.holds());
        parked.resume();
    }
    EXPECT_FALSE(parked.holds());
    EXPECT_EQ(running.get(), 3);
}

TEST(Parked, EndsWithItsPlace) {
    const auto kept = std::make_shared<int>(1);
    EventLoop loop;
    {
        Parked parked;
        const auto wait = [](Parked& place, std::shared_ptr<int>) -> Awaitable<int> {
            auto here = place.here();
            co_await here;
            co_return 1;
        };
        auto waiting = wait(parked, kept);
        asio::co_spawn(loop.executor(), std::move(waiting), asio::detached);
        test::run_ready(loop);
        EXPECT_EQ(kept.use_count(), 2);
    }
    test::run_ready(loop);
    EXPECT_EQ(kept.use_count(), 1);
}

}  // namespace
}  // namespace smg::net
