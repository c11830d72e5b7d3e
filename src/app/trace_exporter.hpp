#pragma once
/// Sends finished traces to an OpenTelemetry collector: OTLP over HTTP in JSON, `--otlp-traces-endpoint`.
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/event_loop.hpp"
#include "telemetry/trace.hpp"
#include "upstream/pools.hpp"

namespace smg::app {

/// Where the collector takes traces.
struct TraceTarget {
    upstream::Peer peer;
    std::string path;
    /// `HOST:PORT`, or a URL with http or https; without a path, `/v1/traces`. Failure: invalid_request, with the reason; port 4317 is gRPC's.
    [[nodiscard]] static Result<TraceTarget> parse(const std::string& text);
};

/// A bounded queue and one coroutine on a loop of its own choice, which empties it every second or by the batch. What does not fit, or cannot be
/// delivered, is counted and dropped: a collector that is away costs nobody anything else. The loop and the pool outlive it.
class TraceExporter {
public:
    TraceExporter(net::EventLoop& loop, upstream::Pool& pool, TraceTarget target, std::string version);
    TraceExporter(const TraceExporter&) = delete;
    TraceExporter& operator=(const TraceExporter&) = delete;

    void start();
    /// Any thread; never waits.
    void add(telemetry::TracedRequest traced);
    /// Ends the coroutine once it has tried to deliver what is queued. Any thread; `stopped` says when.
    void stop();
    [[nodiscard]] bool stopped() const noexcept { return state_->stopped; }
    /// Spans' requests, since the start.
    [[nodiscard]] std::uint64_t dropped() const noexcept { return state_->dropped; }
    [[nodiscard]] std::uint64_t exported() const noexcept { return state_->exported; }

    static constexpr std::size_t most_queued = 2048;
    static constexpr std::size_t batch = 512;
    static constexpr auto interval = std::chrono::seconds(1);

private:
    /// Shared with the coroutine, which may outlive the exporter by a moment.
    struct State {
        State(net::EventLoop& its_loop, upstream::Pool& its_pool, TraceTarget its_target, std::string its_version);
        net::EventLoop& loop;
        upstream::Pool& pool;
        const TraceTarget target;
        const std::string version;
        net::Cancellation cancellation;
        net::asio::steady_timer timer;
        std::mutex mutex;
        std::vector<telemetry::TracedRequest> queue;
        std::atomic<bool> stopping{false};
        std::atomic<bool> stopped{false};
        std::atomic<std::uint64_t> dropped{0};
        std::atomic<std::uint64_t> exported{0};
    };

    [[nodiscard]] static net::Awaitable<void> run(std::shared_ptr<State> state);
    [[nodiscard]] static net::Awaitable<bool> send(State& state, std::vector<telemetry::TracedRequest> batch);
    [[nodiscard]] static std::vector<telemetry::TracedRequest> take(State& state);

    const std::shared_ptr<State> state_;
};

}  // namespace smg::app
