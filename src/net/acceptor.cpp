#include "net/acceptor.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/ip/v6_only.hpp>
#include <utility>

namespace smg::net {

struct Acceptor::Listening : std::enable_shared_from_this<Acceptor::Listening> {
    Listening(EventLoops& all, EventLoop& own) : loops(all), loop(own), acceptor(own.context()), retry(own.context()) {}

    void accept_next() {
        auto& target = loops[next++ % loops.size()];
        ++underway;
        acceptor.async_accept(target.context(), [self = shared_from_this(), &target](error_code code, tcp::socket socket) {
            if (!code) self->deliver(target, std::move(socket));  // also one that was accepted just before the end
            --self->underway;
            if (!self->acceptor.is_open()) return;
            if (code) return self->pause();  // out of file descriptors: some may be free in a while
            self->accept_next();
        });
    }

    void deliver(EventLoop& target, tcp::socket socket) {
        if (&target == &loop) return on_connection(target, std::move(socket));
        auto shared = std::make_shared<tcp::socket>(std::move(socket));
        ++underway;
        target.post([self = shared_from_this(), &target, shared] {
            self->on_connection(target, std::move(*shared));
            --self->underway;
        });
    }

    /// Connections that wait in the socket's queue would be reset with it.
    void take_waiting() {
        error_code code;
        acceptor.non_blocking(true, code);
        while (!code && on_connection) {
            auto& target = loops[next++ % loops.size()];
            tcp::socket socket(target.context());
            acceptor.accept(socket, code);
            if (!code) deliver(target, std::move(socket));
        }
    }

    void pause() {
        retry.expires_after(std::chrono::milliseconds(100));
        retry.async_wait([self = shared_from_this()](error_code code) {
            if (!code && self->acceptor.is_open()) self->accept_next();
        });
    }

    EventLoops& loops;
    EventLoop& loop;
    tcp::acceptor acceptor;
    asio::steady_timer retry;
    OnConnection on_connection;
    std::size_t next = 0;
    std::atomic<int> underway{1};  ///< what may still bring a connection: the socket while it is open, an accept, a delivery
    bool closed = false;
};

Acceptor::~Acceptor() = default;

Result<void> Acceptor::bind(const Wanted& wanted) {
    const auto& address = wanted.address;
    auto listening = std::make_shared<Listening>(loops_, loops_[0]);
    auto& acceptor = listening->acceptor;
    const tcp::endpoint endpoint(address, port_);
    error_code code;
    acceptor.open(endpoint.protocol(), code);
    if (!code) acceptor.set_option(tcp::acceptor::reuse_address(true), code);
    if (!code && address.is_v6()) acceptor.set_option(asio::ip::v6_only(true), code);
    if (!code) acceptor.bind(endpoint, code);
    if (!code) acceptor.listen(asio::socket_base::max_listen_connections, code);
    // Only a machine without IPv6 is excused: a port that someone else has on ::1 would send our clients to them.
    const bool missing_family = code == boost::system::errc::address_family_not_supported || code == boost::system::errc::address_not_available;
    if (wanted.optional && missing_family) return {};
    if (code) {
        const auto where = (address.is_v6() ? "[" + address.to_string() + "]" : address.to_string()) + ":" + std::to_string(port_);
        return fail(Failure::internal_error, "cannot listen on " + where + ": " + code.message(), "port");
    }
    const auto bound = acceptor.local_endpoint(code);
    port_ = bound.port();
    endpoints_.push_back(bound);
    listening_.push_back(std::move(listening));
    return {};
}

Result<void> Acceptor::adopt(int descriptor) {
    int listens = 0;
    socklen_t size = sizeof listens;
    sockaddr_storage address{};
    socklen_t address_size = sizeof address;
    const bool known = ::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0 &&
                       ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &address_size) == 0;
    if (!known || (address.ss_family != AF_INET && address.ss_family != AF_INET6))
        return fail(Failure::invalid_request, "the inherited descriptor " + std::to_string(descriptor) + " is no listening TCP socket", "port");
    auto listening = std::make_shared<Listening>(loops_, loops_[0]);
    error_code code;
    listening->acceptor.assign(address.ss_family == AF_INET ? tcp::v4() : tcp::v6(), descriptor, code);
    if (code) return fail(Failure::internal_error, "an inherited socket cannot be used: " + code.message(), "port");
    endpoints_.push_back(listening->acceptor.local_endpoint(code));
    port_ = endpoints_.front().port();
    listening_.push_back(std::move(listening));
    return {};
}

std::vector<int> Acceptor::descriptors() const {
    std::vector<int> all;
    for (const auto& listening : listening_) all.push_back(listening->acceptor.native_handle());
    return all;
}

Result<void> Acceptor::listen(const std::vector<std::string>& hosts, std::uint16_t port) {
    std::vector<Wanted> wanted;
    for (const auto& host : hosts)
        if (auto resolved = resolve(host, wanted); !resolved) return resolved;
    // A port that the system chose for the first address may be taken on the next one: then it chooses again.
    constexpr int attempts = 20;
    for (int attempt = 1;; ++attempt) {
        port_ = port;
        auto bound = bind_all(wanted);
        if (bound || port != 0 || attempt == attempts) return bound;
        listening_.clear();
        endpoints_.clear();
    }
}

Result<void> Acceptor::resolve(const std::string& host, std::vector<Wanted>& wanted) {
    if (host == "localhost") {
        wanted.push_back({asio::ip::address_v4::loopback(), false});
        wanted.push_back({asio::ip::address_v6::loopback(), true});
        return {};
    }
    error_code code;
    const auto literal = asio::ip::make_address(host, code);
    if (!code) {
        wanted.push_back({literal, false});
        return {};
    }
    asio::io_context context;
    tcp::resolver resolver(context);
    const auto results = resolver.resolve(host, "", code);
    if (code) return fail(Failure::invalid_request, "cannot resolve host '" + host + "': " + code.message(), "host");
    for (const auto& result : results) wanted.push_back({result.endpoint().address(), false});
    return {};
}

Result<void> Acceptor::bind_all(const std::vector<Wanted>& wanted) {
    for (const auto& each : wanted)
        if (auto bound = bind(each); !bound) return bound;
    return {};
}

void Acceptor::start(OnConnection on_connection) {
    for (auto& listening : listening_) {
        listening->on_connection = on_connection;
        listening->loop.post([listening] { listening->accept_next(); });
    }
}

void Acceptor::stop() {
    for (auto& listening : listening_)
        listening->loop.post([listening] {
            error_code ignored;
            listening->take_waiting();
            listening->acceptor.close(ignored);
            listening->retry.cancel();
            if (!std::exchange(listening->closed, true)) --listening->underway;
        });
}

bool Acceptor::stopped() const {
    return std::all_of(listening_.begin(), listening_.end(), [](const auto& each) { return each->underway == 0; });
}

}  // namespace smg::net
