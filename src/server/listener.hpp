#pragma once
/// Accepts clients and gives each a session on one of the loops.
#include <atomic>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "net/acceptor.hpp"
#include "server/service.hpp"
#include "server/session.hpp"

namespace smg::server {

class Listener {
public:
    /// `tls`: certificate and key for HTTPS; null: plain HTTP. All three outlive the listener.
    Listener(net::EventLoops& loops, Service& service, std::shared_ptr<net::asio::ssl::context> tls);

    /// Call before the loops start. Errors: the address cannot be bound.
    [[nodiscard]] Result<void> listen(const std::vector<std::string>& hosts, std::uint16_t port);
    /// In place of `listen`: sockets that listen already.
    [[nodiscard]] Result<void> adopt(const std::vector<int>& descriptors);
    [[nodiscard]] std::vector<int> descriptors() const { return acceptor_.descriptors(); }
    void start();
    /// From any thread: no new connection; answers say `connection: close`.
    void stop_accepting();
    /// From any thread: that has come to pass, and every connection that was accepted is counted.
    [[nodiscard]] bool stopped_accepting() const { return acceptor_.stopped() && handshakes_ == 0; }
    /// From any thread: connections that wait for a request are closed.
    void close_idle() { close_sessions(true); }

    /// From another thread than the loops', while they run: accepts no more, closes every connection, and waits until their sessions have ended;
    /// not longer than `limit`.
    void close(std::chrono::milliseconds limit);

    [[nodiscard]] std::uint16_t port() const noexcept { return acceptor_.port(); }
    [[nodiscard]] const std::vector<net::tcp::endpoint>& endpoints() const noexcept { return acceptor_.endpoints(); }

private:
    using Sessions = std::vector<std::weak_ptr<Session>>;
    void close_sessions(bool idle_only);
    void on_connection(net::EventLoop& loop, net::tcp::socket socket);
    void serve(net::EventLoop& loop, std::shared_ptr<net::ByteStream> stream);
    [[nodiscard]] static net::Awaitable<void> handshake(Listener& self, net::EventLoop& loop, std::unique_ptr<net::TlsSocket> socket);

    net::EventLoops& loops_;
    Service& service_;
    std::shared_ptr<net::asio::ssl::context> tls_;
    net::Acceptor acceptor_;
    std::vector<Sessions> sessions_;  ///< one list a loop, touched on that loop alone
    std::atomic<int> handshakes_{0};  ///< under way: sessions to be
};

}  // namespace smg::server
