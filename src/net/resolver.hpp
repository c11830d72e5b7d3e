#pragma once
/// Names to addresses, with a cache shared by all loops.
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/asio.hpp"
#include "net/cancellation.hpp"
#include "net/event_loop.hpp"

namespace smg::net {

/// getaddrinfo knows no lifetimes, so answers are kept for a fixed while. For ten times as long they are still served at once while a
/// fresh answer is being fetched, and whatever their age when no fresh one can be had. A name is looked up once at a time, however many
/// wait for it: a dead name server must not queue up lookups before those of other names.
/// Thread-safe. The lookup itself runs on a thread of Asio's; it may go on after the cache is gone.
class DnsCache {
public:
    explicit DnsCache(std::chrono::steady_clock::duration lifetime = std::chrono::seconds(30));

    /// The addresses of `host` (a name or an address), with `port`, families interleaved as Happy Eyeballs wants them (RFC 8305 section 4).
    /// Failures: upstream_error; upstream_timeout when `timeout` passed. After cancellation: upstream_error at once.
    [[nodiscard]] Awaitable<Result<std::vector<tcp::endpoint>>> resolve(EventLoop& loop, std::string host, std::uint16_t port, Duration timeout,
                                                                        Cancellation& cancellation);
    /// The same within ten seconds.
    [[nodiscard]] Awaitable<Result<std::vector<tcp::endpoint>>> resolve(EventLoop& loop, std::string host, std::uint16_t port);

private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

/// IPv6 and IPv4 in turn, starting with the family of the first, order kept within a family.
[[nodiscard]] std::vector<asio::ip::address> interleave_families(const std::vector<asio::ip::address>& addresses);

}  // namespace smg::net
