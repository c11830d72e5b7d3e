#pragma once
/// How many requests are under way at once, and who waits for a place (contract section 7, Admission).
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "base/published.hpp"
#include "base/result.hpp"
#include "gateway/token_bucket.hpp"
#include "net/asio.hpp"
#include "net/cancellation.hpp"
#include "net/event_loop.hpp"
#include "smg/config.hpp"

namespace smg::gateway {

/// One of the process, for all loops: a line of those who wait, first come first served within a priority class, higher classes first. The lock
/// is held for a few instructions, and not taken at all without a limit.
class Admission {
public:
    explicit Admission(const config::AdmissionSettings& settings) : rules_(rules_of(settings)) {}
    Admission(const Admission&) = delete;
    Admission& operator=(const Admission&) = delete;

    /// A place among the requests under way, until it is destroyed. Outlived by its admission.
    class Place {
    public:
        Place() = default;
        explicit Place(Admission& admission) : admission_(&admission) {}
        Place(Place&& other) noexcept : admission_(std::exchange(other.admission_, nullptr)) {}
        Place& operator=(Place&& other) noexcept {
            std::swap(admission_, other.admission_);
            return *this;
        }
        ~Place() {
            if (admission_ != nullptr) admission_->leave();
        }

    private:
        Admission* admission_ = nullptr;
    };

    /// Waits, on the caller's loop, until there is a place, `limit` at most: what the request's own time leaves. Failures: rate_limit_exceeded
    /// (the line is full, or more requests a second than allowed), request_timeout (waited too long), upstream_timeout (the limit came first),
    /// service_unavailable (cancelled meanwhile).
    [[nodiscard]] net::Awaitable<Result<Place>> enter(net::EventLoop& loop, config::Priority priority, net::Cancellation& cancellation,
                                                      net::Duration limit = net::Duration::max());

    /// From now on, after a reload; any thread. Those under way stay, those who wait get the places that there are now. Requests that came while
    /// there was no limit are not counted.
    void set(const config::AdmissionSettings& settings);

    /// What a refused request should wait before it comes again.
    static constexpr std::chrono::milliseconds retry_after{1000};

    [[nodiscard]] std::int64_t in_flight() const;
    [[nodiscard]] std::size_t waiting() const;

private:
    struct Waiter;
    enum class Entry { admitted, queued, full };

    [[nodiscard]] Entry stand(const std::shared_ptr<Waiter>& waiter, config::Priority priority);
    void leave();
    /// Leaves the line; false when a place was given meanwhile.
    [[nodiscard]] bool step_out(const std::shared_ptr<Waiter>& waiter);

    struct Rules {
        config::AdmissionSettings settings;
        std::shared_ptr<TokenBucket> rate;  ///< null: no limit
    };
    [[nodiscard]] static Rules rules_of(const config::AdmissionSettings& settings);
    /// The next of the line gets a place; null: nobody waits. The lock is held.
    [[nodiscard]] std::shared_ptr<Waiter> next_in_line();
    static void wake(std::shared_ptr<Waiter> waiter);

    Published<Rules> rules_;
    mutable std::mutex mutex_;
    std::int64_t in_flight_ = 0;
    std::array<std::deque<std::shared_ptr<Waiter>>, config::priority_classes> lines_;  ///< the highest class first
    std::size_t waiting_ = 0;
};

}  // namespace smg::gateway
