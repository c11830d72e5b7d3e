#include "gateway/admission.hpp"

#include <algorithm>
#include <vector>

namespace smg::gateway {

/// Shared by the coroutine that waits and by whoever gives it a place. The timer is its loop's; `given` is guarded by the lock.
struct Admission::Waiter {
    explicit Waiter(net::EventLoop& its_loop) : loop(its_loop), timer(its_loop.context()) {}
    net::EventLoop& loop;
    net::asio::steady_timer timer;
    bool given = false;
};

Admission::Rules Admission::rules_of(const config::AdmissionSettings& settings) {
    Rules rules{settings, nullptr};
    // A second's worth may come at once, and one request always may.
    if (const auto rate = settings.requests_per_second) rules.rate = std::make_shared<TokenBucket>(std::max(1.0, *rate), *rate);
    return rules;
}

void Admission::set(const config::AdmissionSettings& settings) {
    auto rules = rules_of(settings);
    if (settings.requests_per_second == rules_.get().settings.requests_per_second) rules.rate = rules_.get().rate;  // what is spent stays spent
    rules_.replace(std::move(rules));
    std::vector<std::shared_ptr<Waiter>> admitted;
    {
        const std::lock_guard lock(mutex_);
        while (settings.max_concurrent < 0 || in_flight_ < settings.max_concurrent) {
            auto next = next_in_line();
            if (!next) break;
            ++in_flight_;
            admitted.push_back(std::move(next));
        }
    }
    for (auto& each : admitted) wake(std::move(each));
}

Admission::Entry Admission::stand(const std::shared_ptr<Waiter>& waiter, config::Priority priority) {
    const std::lock_guard lock(mutex_);
    const auto& settings = rules_.get().settings;
    if (settings.max_concurrent < 0 || (in_flight_ < settings.max_concurrent && waiting_ == 0)) {
        ++in_flight_;
        return Entry::admitted;
    }
    if (waiting_ >= settings.queue_size) return Entry::full;
    lines_[static_cast<std::size_t>(priority)].push_back(waiter);
    ++waiting_;
    return Entry::queued;
}

std::shared_ptr<Admission::Waiter> Admission::next_in_line() {
    const auto line = std::find_if(lines_.begin(), lines_.end(), [](const auto& each) { return !each.empty(); });
    if (line == lines_.end()) return nullptr;
    auto next = std::move(line->front());
    line->pop_front();
    --waiting_;
    next->given = true;
    return next;
}

void Admission::wake(std::shared_ptr<Waiter> waiter) {
    auto& loop = waiter->loop;
    loop.post([waiter = std::move(waiter)] { waiter->timer.cancel(); });
}

void Admission::leave() {
    std::shared_ptr<Waiter> next;
    {
        const std::lock_guard lock(mutex_);
        const auto most = rules_.get().settings.max_concurrent;
        const bool too_many = most >= 0 && in_flight_ > most;  // since a reload
        if (!too_many) next = next_in_line();
        if (!next) {
            --in_flight_;
            return;
        }
        // The place passes on: as many are under way as before.
    }
    wake(std::move(next));
}

bool Admission::step_out(const std::shared_ptr<Waiter>& waiter) {
    const std::lock_guard lock(mutex_);
    if (waiter->given) return false;
    for (auto& line : lines_) waiting_ -= std::erase(line, waiter);
    return true;
}

net::Awaitable<Result<Admission::Place>> Admission::enter(net::EventLoop& loop, config::Priority priority, net::Cancellation& cancellation,
                                                          net::Duration limit) {
    const auto& rules = rules_.get();
    if (rules.rate && rules.rate->take(1, std::chrono::steady_clock::now()).count() > 0)
        co_return fail(Failure::rate_limit_exceeded, "more requests a second than this gateway takes");
    if (rules.settings.max_concurrent < 0) co_return Place();
    const auto waiter = std::make_shared<Waiter>(loop);
    const auto entry = stand(waiter, priority);
    if (entry == Entry::full) co_return fail(Failure::rate_limit_exceeded, "too many requests are under way and waiting");
    if (entry == Entry::admitted) co_return Place(*this);
    waiter->timer.expires_after(std::min<net::Duration>(rules.settings.queue_timeout, limit));
    {
        const net::Cancellation::Hook hook(cancellation, [&waiter] { waiter->timer.cancel(); });
        if (!cancellation.requested()) co_await waiter->timer.async_wait(net::as_value);
    }
    const bool empty_handed = step_out(waiter);
    Place place;
    if (!empty_handed) place = Place(*this);  // given back at once if nobody wants it any more
    if (cancellation.requested()) co_return fail(Failure::service_unavailable, "the gateway is shutting down");
    if (empty_handed && limit < rules.settings.queue_timeout)
        co_return fail(Failure::upstream_timeout, "the time of this request ended while it waited for a place among the requests under way");
    if (empty_handed) co_return fail(Failure::request_timeout, "waited too long for a place among the requests under way");
    co_return std::move(place);
}

std::int64_t Admission::in_flight() const {
    const std::lock_guard lock(mutex_);
    return in_flight_;
}

std::size_t Admission::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_;
}

}  // namespace smg::gateway
