#pragma once
/// Listening sockets. One acceptor a bound address; accepted connections are dealt to the loops in turn.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/asio.hpp"
#include "net/event_loop.hpp"

namespace smg::net {

class Acceptor {
public:
    /// Runs on the loop that the connection was dealt to.
    using OnConnection = std::function<void(EventLoop&, tcp::socket)>;

    explicit Acceptor(EventLoops& loops) : loops_(loops) {}
    ~Acceptor();

    /// Binds and listens on each address of `hosts` (addresses or names). `localhost` is 127.0.0.1, and ::1 where the machine has it.
    /// Port 0: the system chooses one, the same for all addresses. Call before the loops start.
    [[nodiscard]] Result<void> listen(const std::vector<std::string>& hosts, std::uint16_t port);
    /// Accepts on a TCP socket that listens already, as systemd or a predecessor hands it over; it is ours from now on. Error: it is none.
    [[nodiscard]] Result<void> adopt(int descriptor);
    /// The listening sockets, still ours.
    [[nodiscard]] std::vector<int> descriptors() const;
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] const std::vector<tcp::endpoint>& endpoints() const noexcept { return endpoints_; }
    void start(OnConnection on_connection);
    /// From any thread: no further connection is accepted, but for those that the kernel has taken already.
    void stop();
    /// From any thread: after `stop`, the last connection has been dealt and none will come.
    [[nodiscard]] bool stopped() const;

private:
    struct Listening;
    struct Wanted {
        asio::ip::address address;
        bool optional = false;  ///< the machine may lack its family
    };
    [[nodiscard]] static Result<void> resolve(const std::string& host, std::vector<Wanted>& wanted);
    [[nodiscard]] Result<void> bind_all(const std::vector<Wanted>& wanted);
    [[nodiscard]] Result<void> bind(const Wanted& wanted);
    EventLoops& loops_;
    std::vector<std::shared_ptr<Listening>> listening_;
    std::vector<tcp::endpoint> endpoints_;
    std::uint16_t port_ = 0;
};

}  // namespace smg::net
