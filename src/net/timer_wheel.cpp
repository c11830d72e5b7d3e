#include "net/timer_wheel.hpp"

#include <algorithm>
#include <utility>

namespace smg::net {

std::size_t TimerWheel::slot_of(TimePoint when) noexcept {
    return static_cast<std::size_t>(when.time_since_epoch() / tick) % slots;
}

TimerWheel::~TimerWheel() {
    for (auto* head : heads_)
        while (head != nullptr) {
            auto* next = head->next_;
            head->armed_ = false;
            head->previous_ = head->next_ = nullptr;
            head = next;
        }
}

void TimerWheel::link(Deadline& deadline) {
    // One lap ahead at most; what lies beyond is looked at early and moved on.
    const auto horizon = cursor_ + tick * static_cast<int>(slots - 1);
    deadline.slot_time_ = std::clamp(deadline.when_, cursor_ + tick, horizon);
    auto*& head = heads_[slot_of(deadline.slot_time_)];
    deadline.previous_ = nullptr;
    deadline.next_ = head;
    if (head != nullptr) head->previous_ = &deadline;
    head = &deadline;
}

void Deadline::unlink() noexcept {
    auto*& head = wheel_.heads_[TimerWheel::slot_of(slot_time_)];
    (previous_ != nullptr ? previous_->next_ : head) = next_;
    if (next_ != nullptr) next_->previous_ = previous_;
    previous_ = next_ = nullptr;
}

void Deadline::set(TimePoint when) {
    when_ = when;
    if (armed_ && slot_time_ <= when) return;  // its slot comes first and will move it on
    if (armed_) {
        unlink();
        wheel_.link(*this);
        return;
    }
    armed_ = true;
    // Nobody ticked while nothing was armed. A callback's own slot is still being walked, though: the cursor stays on it.
    if (wheel_.armed_ == 0 && !wheel_.advancing_) wheel_.cursor_ = std::max(wheel_.cursor_, wheel_.clock_() - TimerWheel::tick);
    wheel_.link(*this);
    if (++wheel_.armed_ == 1 && wheel_.on_first_armed) wheel_.on_first_armed();
}

void Deadline::set_after(Duration delay) { set(wheel_.now() + delay); }

void Deadline::clear() noexcept {
    if (!armed_) return;
    unlink();
    armed_ = false;
    --wheel_.armed_;
}

void TimerWheel::advance() {
    const auto now = clock_();
    // After a long pause one lap over all slots is enough.
    const auto lap = tick * static_cast<int>(slots);
    if (now - cursor_ > lap) cursor_ = now - lap;
    advancing_ = true;
    while (cursor_ + tick <= now) {
        cursor_ += tick;
        fire_slot(slot_of(cursor_), now);
    }
    advancing_ = false;
}

void TimerWheel::fire_slot(std::size_t slot, TimePoint now) {
    auto* due = std::exchange(heads_[slot], nullptr);  // taken whole: a callback that arms anew cannot make the walk endless
    Deadline* expired = nullptr;
    while (due != nullptr) {
        auto* next = due->next_;
        due->previous_ = due->next_ = nullptr;
        if (due->when_ <= now) {
            due->slot_time_ = cursor_;
            due->next_ = expired;
            if (expired != nullptr) expired->previous_ = due;
            expired = due;
        } else {
            link(*due);
        }
        due = next;
    }
    // Back under their slot, where `clear` finds those that a callback disarms or destroys. Nothing else is linked there now:
    // `link` never chooses the cursor's own slot.
    heads_[slot] = expired;
    while (heads_[slot] != nullptr) {
        auto* deadline = heads_[slot];
        if (deadline->when_ > now) {  // put off by a callback of this walk
            deadline->unlink();
            link(*deadline);
            continue;
        }
        deadline->clear();
        const auto callback = deadline->callback_;  // a copy: it may destroy its owner
        if (callback) callback();
    }
}

}  // namespace smg::net
