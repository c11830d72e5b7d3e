#include "upstream/pool.hpp"

#include <algorithm>

#include "upstream/tunnel.hpp"

namespace smg::upstream {

Pool::Pool(net::EventLoop& loop, Environment environment, PoolLimits limits, PoolCounters& counters)
    : loop_(loop), environment_(std::move(environment)), limits_(limits), counters_(counters) {}

Pool::~Pool() {
    for (auto& [key, peer] : peers_) counters_.idle -= static_cast<std::int64_t>(peer.idle.size());
}

std::unique_ptr<Connection> Pool::take_idle(const Peer& peer) {
    const auto key = peer.key();
    const auto found = peers_.find(key);
    if (found == peers_.end()) return nullptr;
    auto& idle = found->second.idle;
    while (!idle.empty()) {
        auto connection = std::move(idle.back());
        idle.pop_back();
        --counters_.idle;
        connection->idle_deadline_.clear();
        if (!connection->stream().is_stale()) {
            ++counters_.active;
            ++counters_.reused;
            return connection;
        }
        connection->stream().close();
        if (--found->second.open == 0) {
            peers_.erase(found);
            return nullptr;
        }
    }
    return nullptr;
}

net::Awaitable<Result<net::tcp::socket>> Pool::open_tcp(const Peer& peer, net::Duration timeout, net::Cancellation& cancellation) {
    const auto& host = peer.proxy.empty() ? peer.host : peer.proxy.host;
    const auto port = peer.proxy.empty() ? peer.port : peer.proxy.port;
    const auto give_up_at = std::chrono::steady_clock::now() + timeout;
    auto endpoints = co_await environment_.dns->resolve(loop_, host, port, timeout, cancellation);
    if (!endpoints) co_return tl::unexpected(endpoints.error());
    const auto remaining = std::max<net::Duration>(give_up_at - std::chrono::steady_clock::now(), std::chrono::milliseconds(1));
    auto connected = co_await net::connect(loop_, std::move(*endpoints), environment_.address_rule, remaining, cancellation);
    co_return connected;
}

net::Awaitable<Result<std::unique_ptr<Connection>>> Pool::open(const Peer& peer, net::Duration timeout, net::Cancellation& cancellation) {
    const auto key = peer.key();
    const auto give_up_at = std::chrono::steady_clock::now() + timeout;
    auto& state = peers_[key];
    state.most_idle = peer.most_idle.value_or(limits_.max_idle_per_peer);
    state.longest_idle = peer.longest_idle.value_or(limits_.idle_timeout);
    if (state.open >= limits_.max_connections_per_peer) co_return fail(Failure::service_unavailable, "too many connections to the upstream");
    ++state.open;
    ++counters_.active;

    auto opened = co_await open_tcp(peer, timeout, cancellation);
    if (!opened) {
        --counters_.active;
        closed(key);
        co_return tl::unexpected(opened.error());
    }
    ++counters_.opened;
    std::shared_ptr<net::ByteStream> stream;
    if (peer.proxy.empty() && !peer.tls) {
        stream = std::make_shared<net::ByteStream>(loop_, std::move(*opened));
    } else {
        auto remaining = std::max<net::Duration>(give_up_at - std::chrono::steady_clock::now(), std::chrono::milliseconds(1));
        auto secured = co_await secure(loop_, std::move(*opened), peer, *environment_.tls, remaining, cancellation);
        if (!secured) {
            --counters_.active;
            closed(key);
            co_return tl::unexpected(secured.error());
        }
        stream = std::move(*secured);
    }
    co_return std::make_unique<Connection>(loop_, std::move(stream), key);
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
    auto& state = peers_[connection->key_];
    if (state.idle.size() >= state.most_idle) return discard(std::move(connection));
    ++connection->requests_;
    connection->reader_.reset();
    auto* raw = connection.get();
    connection->idle_deadline_.on_expiry([this, raw] { drop_idle(raw); });
    connection->idle_deadline_.set_after(state.longest_idle);
    --counters_.active;
    ++counters_.idle;
    state.idle.push_back(std::move(connection));
}

void Pool::discard(std::unique_ptr<Connection> connection) noexcept {
    connection->stream().close();
    --counters_.active;
    closed(connection->key_);
}

void Pool::drop_idle(Connection* connection) {
    const auto key = connection->key_;
    const auto found = peers_.find(key);
    if (found == peers_.end()) return;
    auto& idle = found->second.idle;
    const auto at = std::find_if(idle.begin(), idle.end(), [&](const auto& candidate) { return candidate.get() == connection; });
    if (at == idle.end()) return;
    (*at)->stream().close();
    idle.erase(at);
    --counters_.idle;
    closed(key);
}

void Pool::closed(const std::string& key) {
    const auto found = peers_.find(key);
    if (found != peers_.end() && --found->second.open == 0) peers_.erase(found);
}

}  // namespace smg::upstream
