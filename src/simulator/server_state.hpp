#pragma once
/// What a simulator's sessions share: the provider, the log and the counts.
#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "net/acceptor.hpp"
#include "net/byte_stream.hpp"
#include "simulator/simulated_provider.hpp"
#include "simulator/simulator.hpp"

namespace smg::simulator {

/// Kept alive by the server and by every session. Thread-safe.
struct SimulatorServer::State {
    State(net::EventLoops& event_loops, SimulatorOptions simulator_options)
        : loops(event_loops), options(std::move(simulator_options)), provider(options), acceptor(event_loops) {}

    net::EventLoops& loops;
    const SimulatorOptions options;
    SimulatedProvider provider;
    net::Acceptor acceptor;
    std::atomic<int> forced_status{0};

    mutable std::mutex mutex;
    mutable std::condition_variable changed;
    std::deque<ReceivedRequest> log;  ///< the rest is guarded by `mutex` too
    std::uint64_t received = 0;
    std::uint64_t departed = 0;
    std::uint64_t accepted = 0;
    std::size_t open = 0;
    std::size_t answering = 0;
    bool stopping = false;
    std::vector<std::pair<net::EventLoop*, std::weak_ptr<net::ByteStream>>> streams;

    /// Changes something under the lock, and wakes who waits.
    template <typename Change>
    void update(Change change) {
        const std::lock_guard lock(mutex);
        change();
        changed.notify_all();
    }
};

/// Serves one connection until either side has had enough.
[[nodiscard]] net::Awaitable<void> serve_connection(std::shared_ptr<SimulatorServer::State> state, std::shared_ptr<net::ByteStream> stream,
                                                    std::uint64_t number);

}  // namespace smg::simulator
