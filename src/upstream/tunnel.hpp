#pragma once
/// From a TCP connection to a stream that ends at the peer: through an egress proxy (CONNECT), then TLS, as the peer demands.
#include <memory>

#include "base/result.hpp"
#include "net/byte_stream.hpp"
#include "net/cancellation.hpp"
#include "net/tls.hpp"
#include "upstream/peer.hpp"

namespace smg::upstream {

/// Failures: upstream_error (the proxy refused, the certificate does not verify), upstream_timeout.
[[nodiscard]] net::Awaitable<Result<std::shared_ptr<net::ByteStream>>> secure(net::EventLoop& loop, net::tcp::socket socket, const Peer& peer,
                                                                              net::TlsClientContext& tls, net::Duration timeout,
                                                                              net::Cancellation& cancellation);

}  // namespace smg::upstream
