#pragma once
/// What a simulator's sessions share: the provider, the log and the counts.
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>

#include "net/acceptor.hpp"
#include "net/byte_stream.hpp"
#include "simulator/simulated_provider.hpp"
#include "simulator/simulator.hpp"

namespace smg::simulator {

/// A connection, as far as others than its session touch it. Lives on its loop's thread.
struct Connection {
    Connection(net::EventLoop& own_loop, net::tcp::socket socket)
        : loop(own_loop), stream(std::make_shared<net::ByteStream>(own_loop, std::move(socket))), pause(own_loop.context()) {}
    /// Ends its session, also one that waits for nothing but the client's leaving.
    void close() {
        stream->close();
        pause.cancel();
    }
    net::EventLoop& loop;
    std::shared_ptr<net::ByteStream> stream;
    net::asio::steady_timer pause;  ///< the session's wait between two writes
    std::uint64_t number = 0;       ///< from 1, in the order of acceptance
};

/// Kept alive by the server and by every session. Thread-safe.
struct SimulatorServer::State {
    State(net::EventLoops& event_loops, SimulatorOptions simulator_options)
        : options(std::move(simulator_options)), provider(options), acceptor(std::make_unique<net::Acceptor>(event_loops)) {}

    const SimulatorOptions options;
    SimulatedProvider provider;
    /// The server's alone: it ends with the server, because a session may be dropped when the acceptor's loop is gone.
    std::unique_ptr<net::Acceptor> acceptor;
    std::atomic<int> forced_status{0};

    mutable std::mutex mutex;
    mutable std::condition_variable changed;
    std::deque<ReceivedRequest> log;  ///< the rest is guarded by `mutex` too
    std::uint64_t events = 0;         ///< of whatever kind: who waits sees by it that something happened
    std::uint64_t received = 0;
    std::uint64_t departed = 0;
    std::uint64_t accepted = 0;
    std::size_t answering = 0;
    bool stopping = false;
    std::map<std::uint64_t, std::weak_ptr<Connection>> open;  ///< by number

    /// Changes something under the lock, and wakes who waits.
    template <typename Change>
    void update(Change change) {
        const std::lock_guard lock(mutex);
        change();
        ++events;
        changed.notify_all();
    }
    template <typename Read>
    [[nodiscard]] auto read(Read what) const {
        const std::lock_guard lock(mutex);
        return what();
    }
};

/// Serves one connection until either side has had enough.
[[nodiscard]] net::Awaitable<void> serve_connection(std::shared_ptr<SimulatorServer::State> state, std::shared_ptr<Connection> connection);

}  // namespace smg::simulator
