#pragma once
/// Opens TCP connections by Happy Eyeballs (RFC 8305): the next address is tried when the one before it fails or takes 250 ms.
#include <functional>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "net/asio.hpp"
#include "net/cancellation.hpp"
#include "net/event_loop.hpp"

namespace smg::net {

/// Which addresses may be connected to at all; asked for each address after resolution, so that no name leads around it.
using AddressRule = std::function<bool(const asio::ip::address&)>;

/// False for link-local (cloud metadata services live there), multicast and unspecified addresses, IPv4-mapped ones included.
[[nodiscard]] bool is_connectable(const asio::ip::address& address) noexcept;

/// Connects to the first endpoint that answers. Failures: upstream_error; upstream_timeout when `timeout` passed.
/// After cancellation: upstream_error at once.
[[nodiscard]] Awaitable<Result<tcp::socket>> connect(EventLoop& loop, std::vector<tcp::endpoint> endpoints, AddressRule allowed, Duration timeout,
                                                     Cancellation& cancellation);

}  // namespace smg::net
