#pragma once
/// The keys of an issuer of tokens, kept for a while: who asks for one that is not there makes them be fetched anew, within bounds.
#include <functional>
#include <memory>
#include <string>

#include "admin/jwk_set.hpp"
#include "net/cancellation.hpp"
#include "net/event_loop.hpp"

namespace smg::admin {

/// Fetches on a loop of its own choice, once for all who wait; the others' loops are not held up.
class IssuerKeys {
public:
    /// Runs on the home loop.
    using Fetch = std::function<net::Awaitable<Result<JwkSet>>(net::Cancellation&)>;
    using Clock = std::function<net::TimePoint()>;

    /// Nothing is fetched before somebody asks. `home` outlives this, and what `fetch` refers to outlives `home`'s running.
    IssuerKeys(net::EventLoop& home, Fetch fetch, Clock clock = std::chrono::steady_clock::now);
    IssuerKeys(const IssuerKeys&) = delete;
    IssuerKeys& operator=(const IssuerKeys&) = delete;

    /// The keys as they are known, fetched before where there are none, where they are older than `lifetime`, or where none has this id; the last
    /// at most once in `pause`. Those that are known stay when the fetch fails. Null: there have never been any. Awaited on any loop.
    [[nodiscard]] net::Awaitable<std::shared_ptr<const JwkSet>> with(std::string key_id);

    /// Cuts off what is being fetched, for good. Any thread.
    void stop();
    /// Nothing is being fetched. Any thread.
    [[nodiscard]] bool idle() const;

    static constexpr auto lifetime = std::chrono::minutes(10);
    static constexpr auto pause = std::chrono::seconds(30);
    static constexpr auto pause_without_keys = std::chrono::seconds(1);

private:
    struct State;
    static net::Awaitable<void> refresh(std::shared_ptr<State> state, std::string key_id);
    const std::shared_ptr<State> state_;  ///< shared with the coroutine that fetches
};

}  // namespace smg::admin
