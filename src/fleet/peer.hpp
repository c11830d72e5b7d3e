#pragma once
/// Where a worker's connections go.
#include <string>

#include "base/result.hpp"
#include "smg/config.hpp"
#include "upstream/peer.hpp"
#include "workers/worker.hpp"

namespace smg::fleet {

/// Scheme, host and port of the worker's URL, and its egress proxy: the spec's `proxy` (`none`: no proxy), else what `proxies` choose.
/// A proxy's password is revealed here and nowhere else. Any thread.
/// Failure: invalid_request, with `proxy` as its param, for a proxy that cannot be used.
[[nodiscard]] Result<upstream::Peer> peer_of(const workers::Worker& worker, const config::Proxies& proxies);

/// The same before the worker exists: what a `POST` can be told at once.
[[nodiscard]] Result<upstream::Peer> peer_of(const workers::WorkerSpec& spec, const providers::WorkerUrl& url, const config::Proxies& proxies);

/// Somebody who is no worker, through the proxy that `proxies` choose.
[[nodiscard]] upstream::Peer peer_at(bool tls, const std::string& host, std::uint16_t port, const config::Proxies& proxies);

}  // namespace smg::fleet
