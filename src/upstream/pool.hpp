#pragma once
/// One event loop's shard of the upstream connections: kept alive between requests, bounded, counted.
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "http/message.hpp"
#include "net/byte_stream.hpp"
#include "net/cancellation.hpp"
#include "net/connector.hpp"
#include "net/event_loop.hpp"
#include "net/resolver.hpp"
#include "net/tls.hpp"
#include "upstream/peer.hpp"

namespace smg::upstream {

/// What all shards share. Thread-safe; outlives the pools.
struct Environment {
    std::shared_ptr<net::DnsCache> dns;
    std::shared_ptr<net::TlsClientContext> tls;
    net::AddressRule address_rule;  ///< further narrowing by the operator; may be empty
};

struct PoolLimits {
    std::size_t max_idle_per_peer = 256;  ///< kept open for reuse
    std::size_t max_connections_per_peer = 16384;
    std::chrono::seconds idle_timeout{50};  ///< shorter than the 60 s after which many servers close
};

/// Connection counts over all shards, for the metrics.
struct PoolCounters {
    std::atomic<std::int64_t> active{0};
    std::atomic<std::int64_t> idle{0};
    std::atomic<std::uint64_t> opened{0};
    std::atomic<std::uint64_t> reused{0};
    std::atomic<std::uint64_t> tls_resumed{0};
};

/// An open connection to a peer and the reader of its responses.
class Connection {
public:
    Connection(net::EventLoop& loop, std::shared_ptr<net::ByteStream> stream, std::string peer_key)
        : stream_(std::move(stream)), key_(std::move(peer_key)), idle_deadline_(loop.deadlines()) {}

    [[nodiscard]] net::ByteStream& stream() noexcept { return *stream_; }
    [[nodiscard]] const std::shared_ptr<net::ByteStream>& shared_stream() noexcept { return stream_; }
    [[nodiscard]] http::ResponseReader& reader() noexcept { return reader_; }
    [[nodiscard]] bool reused() const noexcept { return requests_ > 0; }

private:
    friend class Pool;
    std::shared_ptr<net::ByteStream> stream_;
    http::ResponseReader reader_;
    std::string key_;
    std::size_t requests_ = 0;
    net::Deadline idle_deadline_;
};

/// Lives on its loop's thread.
class Pool {
public:
    Pool(net::EventLoop& loop, Environment environment, PoolLimits limits, PoolCounters& counters);
    ~Pool();

    /// The most recently used idle connection that is still fit, or nothing.
    [[nodiscard]] std::unique_ptr<Connection> take_idle(const Peer& peer);
    /// A fresh connection: DNS, TCP, proxy tunnel and TLS within `timeout`.
    /// Failures: upstream_error, upstream_timeout; service_unavailable when the peer's limit is reached.
    [[nodiscard]] net::Awaitable<Result<std::unique_ptr<Connection>>> open(const Peer& peer, net::Duration timeout, net::Cancellation& cancellation);
    /// Back for reuse. Only after a complete, keep-alive answer with nothing left over.
    void give_back(std::unique_ptr<Connection> connection);
    /// Closes it. Every connection that was taken or opened ends in `give_back` or here.
    void discard(std::unique_ptr<Connection> connection) noexcept;

    [[nodiscard]] net::EventLoop& loop() noexcept { return loop_; }

private:
    struct PeerState {
        std::vector<std::unique_ptr<Connection>> idle;
        std::size_t open = 0;
        std::size_t most_idle = 0;       ///< as the peer says, else the pool's
        net::Duration longest_idle{0};  ///< likewise
    };
    [[nodiscard]] net::Awaitable<Result<net::tcp::socket>> open_tcp(const Peer& peer, net::Duration timeout, net::Cancellation& cancellation);
    void drop_idle(Connection* connection);
    void closed(const std::string& key);

    net::EventLoop& loop_;
    Environment environment_;
    PoolLimits limits_;
    PoolCounters& counters_;
    std::unordered_map<std::string, PeerState> peers_;
};

}  // namespace smg::upstream
