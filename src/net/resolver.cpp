#include "net/resolver.hpp"

#include <algorithm>

namespace smg::net {

std::vector<asio::ip::address> interleave_families(const std::vector<asio::ip::address>& addresses) {
    std::vector<asio::ip::address> first, second, mixed;
    for (const auto& address : addresses) (address.is_v6() == addresses.front().is_v6() ? first : second).push_back(address);
    for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
        if (i < first.size()) mixed.push_back(first[i]);
        if (i < second.size()) mixed.push_back(second[i]);
    }
    return mixed;
}

namespace {

std::vector<tcp::endpoint> with_port(const std::vector<asio::ip::address>& addresses, std::uint16_t port) {
    std::vector<tcp::endpoint> endpoints;
    endpoints.reserve(addresses.size());
    for (const auto& address : addresses) endpoints.emplace_back(address, port);
    return endpoints;
}

}  // namespace

Awaitable<Result<std::vector<tcp::endpoint>>> DnsCache::resolve(EventLoop& loop, std::string host, std::uint16_t port) {
    error_code code;
    const auto literal = asio::ip::make_address(host, code);
    if (!code) co_return std::vector<tcp::endpoint>{tcp::endpoint(literal, port)};

    std::vector<asio::ip::address> stale;
    {
        const std::scoped_lock lock(mutex_);
        if (const auto found = entries_.find(host); found != entries_.end()) {
            if (found->second.expires > std::chrono::steady_clock::now()) co_return with_port(found->second.addresses, port);
            stale = found->second.addresses;
        }
    }
    tcp::resolver resolver(loop.context());
    auto [failure, results] = co_await resolver.async_resolve(host, "", tcp::resolver::address_configured, as_value);
    std::vector<asio::ip::address> addresses;
    for (const auto& result : results) addresses.push_back(result.endpoint().address());
    if (failure || addresses.empty()) {
        if (!stale.empty()) co_return with_port(stale, port);
        co_return fail(Failure::upstream_error, "cannot resolve host '" + host + "': " + failure.message());
    }
    addresses = interleave_families(addresses);
    {
        const std::scoped_lock lock(mutex_);
        if (entries_.size() >= max_entries) entries_.clear();
        entries_.insert_or_assign(host, Entry{addresses, std::chrono::steady_clock::now() + lifetime_});
    }
    co_return with_port(addresses, port);
}

}  // namespace smg::net
