#include "net/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace smg::net {
namespace {

using namespace std::chrono_literals;

/// Time stands still until the test moves it.
class TimerWheelTest : public testing::Test {
protected:
    static TimePoint clock() { return now_; }
    void pass(Duration time) {
        now_ += time;
        wheel_.advance();
    }
    /// In steps of one tick, as the event loop does.
    void pass_slowly(Duration time) {
        for (const auto end = now_ + time; now_ < end;) pass(std::min<Duration>(TimerWheel::tick, end - now_));
    }

    static TimePoint now_;
    TimerWheel wheel_{&clock};
};
TimePoint TimerWheelTest::now_{1'000'003ms};

TEST_F(TimerWheelTest, FiresOnceNeverEarlyAndTwoTicksLateAtMost) {
    for (const Duration delay : std::initializer_list<Duration>{0ms, 1ms, 19ms, 20ms, 21ms, 777ms, 20s, 21s, 300s}) {
        int fired = 0;
        TimePoint at;
        Deadline deadline(wheel_, [&] {
            ++fired;
            at = now_;
        });
        deadline.set_after(delay);
        const auto due = now_ + delay;
        pass_slowly(delay + 3 * TimerWheel::tick);
        EXPECT_EQ(fired, 1);
        EXPECT_GE(at, due);
        EXPECT_LE(at, due + 2 * TimerWheel::tick) << std::chrono::duration_cast<std::chrono::milliseconds>(delay).count();
        EXPECT_FALSE(deadline.armed());
        pass_slowly(2s);
        EXPECT_EQ(fired, 1);
    }
    EXPECT_EQ(wheel_.armed(), 0U);
}

TEST_F(TimerWheelTest, MovedLaterFiresLater) {
    int fired = 0;
    Deadline deadline(wheel_, [&] { ++fired; });
    deadline.set_after(100ms);
    for (int i = 0; i < 100; ++i) {
        pass(50ms);
        deadline.set_after(100ms);
    }
    EXPECT_EQ(fired, 0);
    EXPECT_EQ(wheel_.armed(), 1U);
    pass_slowly(160ms);
    EXPECT_EQ(fired, 1);
}

TEST_F(TimerWheelTest, MovedEarlierFiresEarlier) {
    int fired = 0;
    Deadline deadline(wheel_, [&] { ++fired; });
    deadline.set_after(10s);
    deadline.set_after(100ms);
    pass_slowly(160ms);
    EXPECT_EQ(fired, 1);
    pass_slowly(20s);
    EXPECT_EQ(fired, 1);
}

TEST_F(TimerWheelTest, ClearedOrDestroyedNeverFires) {
    int fired = 0;
    Deadline cleared(wheel_, [&] { ++fired; });
    cleared.set_after(100ms);
    cleared.clear();
    cleared.clear();
    {
        Deadline destroyed(wheel_, [&] { ++fired; });
        destroyed.set_after(100ms);
        EXPECT_EQ(wheel_.armed(), 1U);
    }
    EXPECT_EQ(wheel_.armed(), 0U);
    pass_slowly(1s);
    EXPECT_EQ(fired, 0);
    cleared.set_after(100ms);
    pass_slowly(1s);
    EXPECT_EQ(fired, 1);
}

TEST_F(TimerWheelTest, CallbackMaySetItAgain) {
    int fired = 0;
    Deadline deadline(wheel_);
    deadline.on_expiry([&] {
        if (++fired < 5) deadline.set_after(100ms);
    });
    deadline.set_after(100ms);
    pass_slowly(450ms);
    EXPECT_GE(fired, 3);
    EXPECT_LE(fired, 4);
    pass_slowly(10s);
    EXPECT_EQ(fired, 5);
}

TEST_F(TimerWheelTest, SetAgainByItsCallbackAtOnceDoesNotLoop) {
    int fired = 0;
    Deadline deadline(wheel_);
    deadline.on_expiry([&] {
        ++fired;
        deadline.set_after(0ms);
    });
    deadline.set_after(0ms);
    pass(TimerWheel::tick);
    pass(TimerWheel::tick);
    EXPECT_LE(fired, 2);
    EXPECT_TRUE(deadline.armed());
}

TEST_F(TimerWheelTest, SetAgainByALateCallbackKeepsItsTime) {
    // A lap and nothing else armed: the slot that is being fired must not be taken for the new one, however late the tick comes.
    for (int late = 0; late < 8; ++late)
        for (Duration again = 20'300ms; again < 20'700ms; again += 20ms) {
            std::vector<TimePoint> fired;
            Deadline deadline(wheel_);
            deadline.on_expiry([&] {
                fired.push_back(now_);
                if (fired.size() == 1) deadline.set_after(again);
            });
            deadline.set_after(100ms);
            pass(120ms + late * TimerWheel::tick);
            if (fired.empty()) pass(2 * TimerWheel::tick);
            ASSERT_EQ(fired.size(), 1U);
            pass_slowly(again + 3 * TimerWheel::tick);
            ASSERT_EQ(fired.size(), 2U);
            EXPECT_GE(fired[1] - fired[0], again) << late;
            EXPECT_LE(fired[1] - fired[0], again + 2 * TimerWheel::tick) << late;
        }
}

TEST_F(TimerWheelTest, CallbackMayDestroyItsOwnerAndOthersOfItsSlot) {
    std::vector<std::unique_ptr<Deadline>> all;
    int fired = 0;
    for (int i = 0; i < 5; ++i) {
        all.push_back(std::make_unique<Deadline>(wheel_));
        all.back()->on_expiry([&] {
            ++fired;
            all.clear();
        });
        all.back()->set_after(100ms);
    }
    pass_slowly(1s);
    EXPECT_EQ(fired, 1);
    EXPECT_EQ(wheel_.armed(), 0U);
}

TEST_F(TimerWheelTest, CallbackMayClearAndMoveOthersOfItsSlot) {
    std::vector<std::unique_ptr<Deadline>> three;
    int fired = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        three.push_back(std::make_unique<Deadline>(wheel_));
        // Whichever comes first: it disarms its right neighbour and puts off its left one.
        three.back()->on_expiry([&, i] {
            if (++fired > 1) return;
            three[(i + 1) % 3]->clear();
            three[(i + 2) % 3]->set_after(1s);
        });
        three.back()->set_after(100ms);
    }
    pass_slowly(900ms);
    EXPECT_EQ(fired, 1);
    EXPECT_EQ(wheel_.armed(), 1U);
    pass_slowly(400ms);
    EXPECT_EQ(fired, 2);
}

TEST_F(TimerWheelTest, LongPauseFiresAllThatIsDueAndNothingElse) {
    int due = 0;
    int later = 0;
    std::vector<std::unique_ptr<Deadline>> all;
    for (int i = 1; i <= 1000; ++i) {
        all.push_back(std::make_unique<Deadline>(wheel_, [&, i] { ++(i <= 600 ? due : later); }));
        all.back()->set_after(i * 100ms);
    }
    pass(60s + 2 * TimerWheel::tick);
    EXPECT_EQ(due, 600);
    EXPECT_EQ(later, 0);
    EXPECT_EQ(wheel_.armed(), 400U);
    pass_slowly(41s);
    EXPECT_EQ(later, 400);
}

TEST_F(TimerWheelTest, ArmedAfterALongIdleTimeIsOnTime) {
    now_ += 1h;  // nobody advanced meanwhile: nothing was armed
    int fired = 0;
    Deadline deadline(wheel_, [&] { ++fired; });
    deadline.set_after(100ms);
    pass_slowly(80ms);
    EXPECT_EQ(fired, 0);
    pass_slowly(80ms);
    EXPECT_EQ(fired, 1);
}

TEST_F(TimerWheelTest, TellsWhenTheFirstOneIsArmed) {
    int told = 0;
    wheel_.on_first_armed = [&] { ++told; };
    Deadline a(wheel_);
    Deadline b(wheel_);
    a.set_after(1s);
    b.set_after(1s);
    EXPECT_EQ(told, 1);
    a.clear();
    b.clear();
    a.set_after(1s);
    EXPECT_EQ(told, 2);
}

TEST_F(TimerWheelTest, DeadlineMayOutliveItsWheel) {
    auto wheel = std::make_unique<TimerWheel>(&clock);
    Deadline deadline(*wheel, [] { FAIL(); });
    deadline.set_after(1s);
    wheel.reset();
    EXPECT_FALSE(deadline.armed());
}

}  // namespace
}  // namespace smg::net
