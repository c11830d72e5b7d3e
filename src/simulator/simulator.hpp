#pragma once
/// A simulated provider behind a listening socket.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "http/fields.hpp"
#include "net/event_loop.hpp"
#include "simulator/options.hpp"

namespace smg::simulator {

/// A request as it came over the wire, remembered for tests.
struct ReceivedRequest {
    ReceivedRequest(std::string request_method, std::string request_target, http::Fields request_fields, std::string request_body,
                    std::uint64_t connection_number)
        : method(std::move(request_method)),
          target(std::move(request_target)),
          fields(std::move(request_fields)),
          body(std::move(request_body)),
          connection(connection_number) {}
    std::string method;
    std::string target;
    http::Fields fields;
    std::string body;
    std::uint64_t connection;  ///< numbered from 1 in the order of their acceptance
    int status = 0;            ///< what was answered
};

/// Serves HTTP/1.1 with keep-alive on the loops that it is given. Its functions are safe from any thread.
/// The loops must outlive it; its sessions outlive it by at most the loops' life.
class SimulatorServer {
public:
    SimulatorServer(net::EventLoops& loops, SimulatorOptions options);
    ~SimulatorServer();
    SimulatorServer(const SimulatorServer&) = delete;
    SimulatorServer& operator=(const SimulatorServer&) = delete;

    /// Binds and begins to accept; the loops may run already or be started later. Failures: a bad host, a port in use, an unknown provider.
    [[nodiscard]] Result<void> start();
    /// Accepts no more and closes every connection.
    void stop();
    [[nodiscard]] std::uint16_t port() const noexcept;
    /// `http://127.0.0.1:1234`, without a path.
    [[nodiscard]] std::string url() const;

    /// The requests received so far, oldest first, as many as `log_limit` lets it remember.
    [[nodiscard]] std::vector<ReceivedRequest> requests() const;
    void forget_requests();
    /// All requests ever received.
    [[nodiscard]] std::uint64_t received() const noexcept;
    /// Clients that closed before their answer was complete.
    [[nodiscard]] std::uint64_t departed() const noexcept;
    /// Connections accepted so far; those open now; answers under way.
    [[nodiscard]] std::uint64_t accepted() const noexcept;
    [[nodiscard]] std::size_t open_connections() const noexcept;
    [[nodiscard]] std::size_t answering() const noexcept;
    /// Waits, without polling, until `done()` holds after some event of the server; false when `limit` passed first.
    [[nodiscard]] bool wait_until(const std::function<bool()>& done, std::chrono::milliseconds limit) const;

    /// From now on every POST request, whatever it holds, gets this status in the provider's shape; 0: answer normally.
    void fail_all(int status) noexcept;

    struct State;

private:
    std::shared_ptr<State> state_;
};

}  // namespace smg::simulator
