#pragma once
/// "Whoever wanted this has left." One per request. What waits registers how to be woken; usually that is closing its socket,
/// which makes every pending operation on it complete at once (docs/adr/0002).
#include <functional>
#include <utility>

namespace smg::net {

/// Lives and is used on one event loop's thread.
class Cancellation {
public:
    [[nodiscard]] bool requested() const noexcept { return requested_; }
    void request() {
        if (std::exchange(requested_, true)) return;
        if (const auto hook = std::exchange(hook_, nullptr)) hook();
    }

    /// Registers what `request` calls, for as long as the guard lives. One at a time: the request has one thread of control.
    /// When cancellation was requested already, the hook runs at once.
    class Hook {
    public:
        Hook(Cancellation& cancellation, std::function<void()> wake) : cancellation_(cancellation) {
            if (cancellation.requested_) {
                wake();
            } else {
                outer_ = std::exchange(cancellation.hook_, std::move(wake));
            }
        }
        ~Hook() { cancellation_.hook_ = std::move(outer_); }
        Hook(const Hook&) = delete;
        Hook& operator=(const Hook&) = delete;

    private:
        Cancellation& cancellation_;
        std::function<void()> outer_;
    };

private:
    bool requested_ = false;
    std::function<void()> hook_;
};

}  // namespace smg::net
