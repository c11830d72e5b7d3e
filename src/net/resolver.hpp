#pragma once
/// Names to addresses, with a cache shared by all loops.
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "net/asio.hpp"
#include "net/event_loop.hpp"

namespace smg::net {

/// getaddrinfo knows no lifetimes, so answers are kept for a fixed while; after it they are still served while a fresh answer fails.
/// Thread-safe. The lookup itself runs on a thread of Asio's.
class DnsCache {
public:
    explicit DnsCache(std::chrono::seconds lifetime = std::chrono::seconds(30)) : lifetime_(lifetime) {}

    /// The addresses of `host` (a name or an address), with `port`, families interleaved as Happy Eyeballs wants them (RFC 8305 section 4).
    [[nodiscard]] Awaitable<Result<std::vector<tcp::endpoint>>> resolve(EventLoop& loop, std::string host, std::uint16_t port);

private:
    struct Entry {
        std::vector<asio::ip::address> addresses;
        std::chrono::steady_clock::time_point expires;
    };
    static constexpr std::size_t max_entries = 10000;
    std::chrono::seconds lifetime_;
    std::mutex mutex_;
    std::unordered_map<std::string, Entry> entries_;
};

/// IPv6 and IPv4 in turn, starting with the family of the first, order kept within a family.
[[nodiscard]] std::vector<asio::ip::address> interleave_families(const std::vector<asio::ip::address>& addresses);

}  // namespace smg::net
