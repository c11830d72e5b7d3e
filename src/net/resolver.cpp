#include "net/resolver.hpp"

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace smg::net {
namespace {

using Addresses = std::vector<asio::ip::address>;
using Endpoints = std::vector<tcp::endpoint>;
using Clock = std::chrono::steady_clock;

constexpr std::size_t max_entries = 10000;
constexpr int served_lifetimes = 10;

Endpoints with_port(const Addresses& addresses, std::uint16_t port) {
    Endpoints endpoints;
    endpoints.reserve(addresses.size());
    for (const auto& address : addresses) endpoints.emplace_back(address, port);
    return endpoints;
}

/// One that waits for a lookup, on its own loop.
struct Waiter {
    explicit Waiter(EventLoop& event_loop) : loop(event_loop), wake(event_loop.context(), asio::steady_timer::time_point::max()) {}
    void finish(error_code code) {
        if (std::exchange(done, true)) return;
        outcome = code;
        wake.cancel();
    }
    EventLoop& loop;
    asio::steady_timer wake;
    bool done = false;
    error_code outcome;
    Addresses addresses;
};

/// One lookup under way and all that wait for it.
struct Lookup {
    std::vector<std::shared_ptr<Waiter>> waiters;
};

struct Entry {
    Addresses addresses;  ///< empty until the first lookup succeeds
    Clock::time_point fetched;
    std::shared_ptr<Lookup> lookup;
};

}  // namespace

struct DnsCache::Shared : std::enable_shared_from_this<DnsCache::Shared> {
    explicit Shared(Clock::duration life) : lifetime(life) {}

    /// What may be served without waiting; otherwise `waiter` is told later. Starts a lookup where one is due.
    Addresses serve_or_wait(EventLoop& loop, const std::string& host, std::shared_ptr<Waiter>& waiter);
    void start_lookup(EventLoop& loop, const std::string& host);
    void finish_lookup(const std::string& host, const error_code& code, Addresses found);
    void make_room();

    const Clock::duration lifetime;
    std::mutex mutex;
    std::unordered_map<std::string, Entry> entries;
};

Addresses DnsCache::Shared::serve_or_wait(EventLoop& loop, const std::string& host, std::shared_ptr<Waiter>& waiter) {
    bool lookup_due = false;
    Addresses served;
    {
        const std::scoped_lock lock(mutex);
        if (!entries.contains(host)) make_room();
        auto& entry = entries[host];
        const auto age = Clock::now() - entry.fetched;
        const bool known = !entry.addresses.empty();
        if (known && age < lifetime) return entry.addresses;
        if (known && age < lifetime * served_lifetimes) served = entry.addresses;
        lookup_due = entry.lookup == nullptr;
        if (lookup_due) entry.lookup = std::make_shared<Lookup>();
        if (served.empty()) {
            waiter = std::make_shared<Waiter>(loop);
            entry.lookup->waiters.push_back(waiter);
        }
    }
    if (lookup_due) start_lookup(loop, host);
    return served;
}

void DnsCache::Shared::start_lookup(EventLoop& loop, const std::string& host) {
    auto resolver = std::make_shared<tcp::resolver>(loop.context());
    resolver->async_resolve(host, "", tcp::resolver::address_configured,
                            [self = shared_from_this(), resolver, host](const error_code& code, const tcp::resolver::results_type& results) {
                                Addresses found;
                                for (const auto& result : results) found.push_back(result.endpoint().address());
                                self->finish_lookup(host, code, interleave_families(found));
                            });
}

void DnsCache::Shared::finish_lookup(const std::string& host, const error_code& code, Addresses found) {
    auto outcome = !code && found.empty() ? error_code(asio::error::host_not_found) : code;
    std::vector<std::shared_ptr<Waiter>> waiters;
    {
        const std::scoped_lock lock(mutex);
        auto& entry = entries[host];
        if (!outcome) {
            entry.addresses = std::move(found);
            entry.fetched = Clock::now();
        } else if (!entry.addresses.empty()) {
            outcome = {};  // the old answer is better than none
        }
        if (const auto lookup = std::exchange(entry.lookup, nullptr)) waiters = std::move(lookup->waiters);
        for (auto& waiter : waiters) waiter->addresses = entry.addresses;
        if (entry.addresses.empty()) entries.erase(host);
    }
    for (auto& waiter : waiters) {
        auto& loop = waiter->loop;
        loop.post([waiter = std::move(waiter), outcome] { waiter->finish(outcome); });  // its timer dies on its own loop
    }
}

void DnsCache::Shared::make_room() {
    if (entries.size() < max_entries) return;
    std::erase_if(entries, [](const auto& entry) { return entry.second.lookup == nullptr; });
}

DnsCache::DnsCache(Clock::duration lifetime) : shared_(std::make_shared<Shared>(lifetime)) {}

Awaitable<Result<Endpoints>> DnsCache::resolve(EventLoop& loop, std::string host, std::uint16_t port, Duration timeout, Cancellation& cancellation) {
    error_code not_an_address;
    const auto literal = asio::ip::make_address(host, not_an_address);
    if (!not_an_address) co_return Endpoints{tcp::endpoint(literal, port)};

    std::shared_ptr<Waiter> waiter;
    const auto served = shared_->serve_or_wait(loop, host, waiter);
    if (!waiter) co_return with_port(served, port);

    Deadline deadline(loop.deadlines(), [waiter] { waiter->finish(asio::error::timed_out); });
    deadline.set_after(timeout);
    const Cancellation::Hook hook(cancellation, [waiter] { waiter->finish(asio::error::operation_aborted); });
    if (!waiter->done) co_await waiter->wake.async_wait(as_value);
    if (waiter->outcome == asio::error::timed_out) co_return fail(Failure::upstream_timeout, "resolving host '" + host + "' took too long");
    if (waiter->outcome) co_return fail(Failure::upstream_error, "cannot resolve host '" + host + "': " + waiter->outcome.message());
    co_return with_port(waiter->addresses, port);
}

Awaitable<Result<Endpoints>> DnsCache::resolve(EventLoop& loop, std::string host, std::uint16_t port) {
    Cancellation never;
    auto resolved = co_await resolve(loop, std::move(host), port, std::chrono::seconds(10), never);
    co_return resolved;
}

std::vector<asio::ip::address> interleave_families(const std::vector<asio::ip::address>& addresses) {
    Addresses first;
    Addresses second;
    for (const auto& address : addresses) (address.is_v6() == addresses.front().is_v6() ? first : second).push_back(address);
    Addresses mixed;
    for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
        if (i < first.size()) mixed.push_back(first[i]);
        if (i < second.size()) mixed.push_back(second[i]);
    }
    return mixed;
}

}  // namespace smg::net
