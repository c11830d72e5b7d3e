#pragma once
/// A request that two workers are asked at once (docs/reliability.md, "Hedging"): who takes part, and waiting for whoever answers first.
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/upstream_request.hpp"
#include "net/asio.hpp"
#include "net/cancellation.hpp"
#include "net/event_loop.hpp"
#include "routing/route.hpp"
#include "upstream/exchange.hpp"
#include "workers/breakers.hpp"

namespace smg::gateway {

/// One of them: the request on its way to one worker. On its loop's thread; never moved, since the exchange reads `head` and `sent` where they are.
struct Contestant {
    Contestant(routing::Choice to, workers::BreakerPass permit)
        : choice(std::move(to)), pass(std::move(permit)), in_flight(choice.worker->counters) {}
    Contestant(const Contestant&) = delete;
    Contestant& operator=(const Contestant&) = delete;

    routing::Choice choice;
    workers::BreakerPass pass;  ///< while it is not the dispatch's
    workers::InFlight in_flight;
    UpstreamRequest sent;
    std::string head;
    workers::Clock::time_point began = workers::Clock::now();
    std::size_t span = 0;  ///< of its attempt in the trace
    net::Cancellation cancellation;
    std::optional<upstream::Exchange> exchange;
    std::optional<Result<void>> started;  ///< once its head has come, or never will
    std::exception_ptr thrown;

    [[nodiscard]] bool ended() const noexcept { return started || thrown; }
    /// It has answered, and with a success.
    [[nodiscard]] bool succeeded() const noexcept { return started && *started && exchange->head().status >= 200 && exchange->head().status < 300; }
};
using ContestantPtr = std::shared_ptr<Contestant>;

/// Of one request, in its coroutine. When the client leaves, all of them are cancelled, also those whose answer is being relayed.
class HedgeRace {
public:
    HedgeRace(net::EventLoop& loop, net::Cancellation& request);
    /// Cancels whoever is still under way.
    ~HedgeRace();
    HedgeRace(const HedgeRace&) = delete;
    HedgeRace& operator=(const HedgeRace&) = delete;

    /// Its request is written and its answer's head waited for, beside the others.
    void enter(const ContestantPtr& one);
    /// The next that has answered or failed, each once; null: `until` has passed, or nobody is left. What one threw is thrown here.
    [[nodiscard]] net::Awaitable<ContestantPtr> next(net::TimePoint until);
    /// Takes it out: its connection is closed, and nothing of it runs any more.
    [[nodiscard]] net::Awaitable<void> withdraw(ContestantPtr one);
    /// Somebody has entered whom `next` has not returned.
    [[nodiscard]] bool under_way() const noexcept { return !waiting_.empty(); }
    /// The first of those; null: nobody.
    [[nodiscard]] ContestantPtr remaining() const { return waiting_.empty() ? nullptr : waiting_.front(); }

private:
    /// Rings when somebody's start has ended.
    struct Bell {
        explicit Bell(net::EventLoop& loop) : timer(loop.context()) {}
        net::asio::steady_timer timer;
    };
    static net::Awaitable<void> run(ContestantPtr one, std::shared_ptr<Bell> bell);
    [[nodiscard]] net::Awaitable<void> listen(net::TimePoint until);

    net::EventLoop& loop_;
    std::shared_ptr<Bell> bell_;
    std::vector<ContestantPtr> all_;
    std::vector<ContestantPtr> waiting_;
    net::Cancellation::Hook hook_;
};

}  // namespace smg::gateway
