#pragma once
/// Deadlines by the ten thousands, cheap to set and to move, coarse to fire (two ticks late at most). The clock is handed in.
#include <array>
#include <chrono>
#include <cstddef>
#include <functional>

namespace smg::net {

using TimePoint = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

class TimerWheel;

/// One deadline of one owner. Its callback runs at most once per `set`, on the thread that advances the wheel, and may set it again
/// or destroy its owner. Destroying it disarms it. Neither copied nor moved: the wheel links to its address.
class Deadline {
public:
    explicit Deadline(TimerWheel& wheel) : wheel_(wheel) {}
    Deadline(TimerWheel& wheel, std::function<void()> callback) : wheel_(wheel), callback_(std::move(callback)) {}
    ~Deadline() { clear(); }
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;

    void on_expiry(std::function<void()> callback) { callback_ = std::move(callback); }
    void set(TimePoint when);
    /// From the clock's now.
    void set_after(Duration delay);
    void clear() noexcept;
    [[nodiscard]] bool armed() const noexcept { return armed_; }

private:
    friend class TimerWheel;
    void unlink() noexcept;

    TimerWheel& wheel_;
    std::function<void()> callback_;
    TimePoint when_{};
    TimePoint slot_time_{};  ///< when its slot is looked at; never later than `when_` rounded up to a tick
    Deadline* previous_ = nullptr;
    Deadline* next_ = nullptr;
    bool armed_ = false;
};

/// Not thread-safe: one wheel a thread.
class TimerWheel {
public:
    static constexpr Duration tick = std::chrono::milliseconds(20);

    using Clock = TimePoint (*)();

    explicit TimerWheel(Clock clock = [] { return std::chrono::steady_clock::now(); }) : clock_(clock), cursor_(clock()) {}
    TimerWheel(const TimerWheel&) = delete;
    TimerWheel& operator=(const TimerWheel&) = delete;
    ~TimerWheel();

    /// Fires what is due now.
    void advance();
    [[nodiscard]] TimePoint now() const { return clock_(); }
    [[nodiscard]] std::size_t armed() const noexcept { return armed_; }
    /// Called when the first deadline is armed after there was none: the driver starts to tick.
    std::function<void()> on_first_armed;

private:
    friend class Deadline;
    static constexpr std::size_t slots = 1024;
    void link(Deadline& deadline);
    [[nodiscard]] static std::size_t slot_of(TimePoint when) noexcept;

    void fire_slot(std::size_t slot, TimePoint now);

    Clock clock_;
    TimePoint cursor_;  ///< every slot before this time has been looked at
    std::array<Deadline*, slots> heads_{};
    std::size_t armed_ = 0;
    bool advancing_ = false;
};

}  // namespace smg::net
