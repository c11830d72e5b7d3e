#include "gateway/hedge_race.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <utility>

namespace smg::gateway {

HedgeRace::HedgeRace(net::EventLoop& loop, net::Cancellation& request)
    : loop_(loop), bell_(std::make_shared<Bell>(loop)), hook_(request, [this] {
          for (const auto& one : all_) one->cancellation.request();
          bell_->timer.cancel();
      }) {}

HedgeRace::~HedgeRace() {
    for (const auto& one : waiting_) one->cancellation.request();
}

net::Awaitable<void> HedgeRace::run(ContestantPtr one, std::shared_ptr<Bell> bell) {
    auto started = co_await one->exchange->start(one->head, one->sent.body);
    std::string().swap(one->head);
    one->sent.was_sent();
    one->started.emplace(std::move(started));
    bell->timer.cancel();
}

void HedgeRace::enter(const ContestantPtr& one) {
    all_.push_back(one);
    waiting_.push_back(one);
    auto ended = [one, bell = bell_](std::exception_ptr thrown) {
        one->thrown = std::move(thrown);
        bell->timer.cancel();
    };
    net::asio::co_spawn(loop_.executor(), run(one, bell_), std::move(ended));
}

net::Awaitable<void> HedgeRace::listen(net::TimePoint until) {
    bell_->timer.expires_at(until);
    (void)co_await bell_->timer.async_wait(net::as_value);
}

net::Awaitable<ContestantPtr> HedgeRace::next(net::TimePoint until) {
    while (!waiting_.empty()) {
        const auto ended = std::find_if(waiting_.begin(), waiting_.end(), [](const auto& one) { return one->ended(); });
        if (ended != waiting_.end()) {
            auto one = *ended;
            waiting_.erase(ended);
            if (one->thrown) std::rethrow_exception(one->thrown);
            co_return one;
        }
        if (std::chrono::steady_clock::now() >= until) break;
        co_await listen(until);
    }
    co_return nullptr;
}

net::Awaitable<void> HedgeRace::withdraw(ContestantPtr one) {
    one->cancellation.request();
    while (!one->ended()) co_await listen(net::TimePoint::max());
    std::erase(waiting_, one);
    std::erase(all_, one);
    one->exchange.reset();
    one->in_flight.release();
}

}  // namespace smg::gateway
