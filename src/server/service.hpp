#pragma once
/// What all sessions share: the endpoints, the limits, and the count of what is open.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/published.hpp"
#include "http/message.hpp"
#include "net/timer_wheel.hpp"
#include "server/cors.hpp"
#include "server/endpoint_table.hpp"
#include "telemetry/open_requests.hpp"
#include "telemetry/request_record.hpp"
#include "telemetry/trace.hpp"

namespace smg::server {

struct Limits {
    http::HeadLimits head;
    std::uint64_t max_body_bytes = 64ULL * 1024 * 1024;
    std::uint64_t max_upload_bytes = 512ULL * 1024 * 1024;     ///< of a multipart form
    std::uint64_t max_buffered_bytes = 1024ULL * 1024 * 1024;  ///< of all bodies in memory together
    std::int64_t max_connections = 100000;
    net::Duration head_timeout = std::chrono::seconds(10);    ///< from a head's first byte to its last
    net::Duration body_timeout = std::chrono::seconds(60);    ///< longest silence inside a body
    net::Duration idle_timeout = std::chrono::seconds(75);    ///< between two requests of a connection
    net::Duration stall_timeout = std::chrono::seconds(300);  ///< how long a client may take nothing of its answer
};

/// Outlives the sessions. Thread-safe once serving has begun.
struct Service {
    EndpointTable endpoints;
    Published<Limits> limits{Limits()};  ///< a reload replaces them; what is under way looks at them anew
    Published<CorsRules> cors{CorsRules()};  ///< for every path but those of the control plane; likewise
    std::vector<std::string> request_id_headers{"x-request-id", "x-correlation-id", "x-trace-id", "request-id"};
    /// Called once for each request, on its loop's thread, after the answer's last byte: cost, log and metrics.
    std::function<void(telemetry::RequestRecord&)> on_finished;
    /// Takes what is known of a request whose endpoint is the data plane's, likewise. Empty: nothing is traced.
    std::function<void(telemetry::TracedRequest)> on_traced;
    /// One a loop, each touched on its loop alone; empty: nobody will ask.
    std::vector<telemetry::OpenRequests> open_requests;
    bool log_bodies = false;  ///< of the data plane: those of the control plane hold keys
    std::atomic<std::int64_t> connections{0};
    std::atomic<std::int64_t> requests{0};         ///< in flight
    std::atomic<std::uint64_t> buffered_bytes{0};  ///< of bodies in memory
    std::atomic<bool> overloaded{false};           ///< the process holds more memory than it may: no new request for a worker
    std::atomic<bool> draining{false};             ///< answers say `connection: close`
    std::mutex ended_mutex;
    std::condition_variable ended;  ///< told when the last connection has ended
};

}  // namespace smg::server
