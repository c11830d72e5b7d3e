#include "fleet/peer.hpp"

#include <algorithm>
#include <chrono>

#include "http/url.hpp"

namespace smg::fleet {

namespace {

Result<upstream::Proxy> proxy_at(const std::string& text) {
    const auto url = http::parse_url(text);
    if (!url) return fail(Failure::invalid_request, "proxy is not a URL that can be used: " + url.error().message, "proxy");
    if (url->tls)
        return fail(Failure::invalid_request, "proxy must begin with http://: the way to the proxy itself is not encrypted, the tunnel is", "proxy");
    upstream::Proxy proxy;
    proxy.host = url->host;
    proxy.port = url->port;
    return proxy;
}

upstream::Proxy proxy_of(const config::Proxy& chosen) {
    upstream::Proxy proxy;
    proxy.host = chosen.host;
    proxy.port = chosen.port;
    proxy.authorization = chosen.authorization.reveal();
    return proxy;
}

}  // namespace

Result<upstream::Peer> peer_of(const workers::WorkerSpec& spec, const providers::WorkerUrl& url, const config::Proxies& proxies) {
    auto peer = peer_at(url.tls, url.host, url.port, spec.proxy.empty() ? proxies : config::Proxies());
    peer.most_idle = spec.http_pool.pool_max_idle_per_host;
    if (const auto& seconds = spec.http_pool.pool_idle_timeout_secs)
        peer.longest_idle = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(std::min(*seconds, 1e8)));
    if (spec.proxy.empty() || spec.proxy == "none") return peer;
    auto own = proxy_at(spec.proxy);
    if (!own) return tl::unexpected(own.error());
    peer.proxy = std::move(*own);
    return peer;
}

upstream::Peer peer_at(bool tls, const std::string& host, std::uint16_t port, const config::Proxies& proxies) {
    upstream::Peer peer;
    peer.tls = tls;
    peer.host = host;
    peer.port = port;
    if (const auto* chosen = proxies.choose(tls, host, port)) peer.proxy = proxy_of(*chosen);
    return peer;
}

Result<upstream::Peer> peer_of(const workers::Worker& worker, const config::Proxies& proxies) {
    return peer_of(*worker.spec, worker.identity.url, proxies);
}

}  // namespace smg::fleet
