#include "server/listener.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <mutex>

namespace smg::server {

Listener::Listener(net::EventLoops& loops, Service& service, std::shared_ptr<net::asio::ssl::context> tls)
    : loops_(loops), service_(service), tls_(std::move(tls)), acceptor_(loops), sessions_(loops.size()) {}

Result<void> Listener::listen(const std::vector<std::string>& hosts, std::uint16_t port) { return acceptor_.listen(hosts, port); }

Result<void> Listener::adopt(const std::vector<int>& descriptors) {
    for (const int each : descriptors)
        if (auto adopted = acceptor_.adopt(each); !adopted) return adopted;
    return {};
}

void Listener::start() {
    acceptor_.start([this](net::EventLoop& loop, net::tcp::socket socket) { on_connection(loop, std::move(socket)); });
}

void Listener::on_connection(net::EventLoop& loop, net::tcp::socket socket) {
    if (service_.connections >= service_.limits.get().max_connections) return;  // closed at once: there is nobody to serve it
    if (!tls_) return serve(loop, std::make_shared<net::ByteStream>(loop, std::move(socket)));
    auto secured = std::make_unique<net::TlsSocket>(std::move(socket), *tls_);
    ++handshakes_;
    net::asio::co_spawn(loop.executor(), handshake(*this, loop, std::move(secured)), net::asio::detached);
}

net::Awaitable<void> Listener::handshake(Listener& self, net::EventLoop& loop, std::unique_ptr<net::TlsSocket> socket) {
    auto* transport = &socket->next_layer();
    net::Deadline deadline(loop.deadlines(), [transport] {
        net::error_code ignored;
        transport->close(ignored);
    });
    deadline.set_after(self.service_.limits.get().head_timeout);
    const auto [code] = co_await socket->async_handshake(net::asio::ssl::stream_base::server, net::as_value);
    deadline.clear();
    if (!code) self.serve(loop, std::make_shared<net::ByteStream>(loop, std::move(socket)));
    --self.handshakes_;
}

void Listener::serve(net::EventLoop& loop, std::shared_ptr<net::ByteStream> stream) {
    auto session = std::make_shared<Session>(loop, std::move(stream), service_);
    auto& sessions = sessions_[loop.index()];
    // Ended sessions leave the list before it would have to grow: its length stays that of the open ones, on average.
    if (sessions.size() == sessions.capacity()) std::erase_if(sessions, [](const auto& each) { return each.expired(); });
    sessions.push_back(session);
    Session::spawn(std::move(session));
}

void Listener::close_sessions(bool idle_only) {
    for (std::size_t i = 0; i < loops_.size(); ++i) {
        loops_[i].post([this, i, idle_only] {
            for (const auto& each : sessions_[i]) {
                const auto session = each.lock();
                if (!session) continue;
                if (idle_only) {
                    session->close_if_idle();
                } else {
                    session->close();
                }
            }
        });
    }
}

void Listener::stop_accepting() {
    service_.draining = true;
    acceptor_.stop();
}

void Listener::close(std::chrono::milliseconds limit) {
    acceptor_.stop();
    // First they are told, then they are closed: a client that does not read cannot keep the process.
    for (const auto share : {limit / 2, limit / 2}) {
        close_sessions(false);
        std::unique_lock lock(service_.ended_mutex);
        if (service_.ended.wait_for(lock, share, [this] { return service_.connections.load() == 0; })) return;
    }
}

}  // namespace smg::server
