#pragma once
/// What the operator decided about the data plane; the same for every request.
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "gateway/access.hpp"
#include "net/timer_wheel.hpp"
#include "routing/models_fanout.hpp"
#include "routing/route.hpp"
#include "smg/config.hpp"
#include "workers/worker.hpp"

namespace smg::gateway {

/// Immutable; read by all threads. A reload puts another one in its place (`Gateway::set_options`).
struct GatewayOptions {
    routing::RouteOptions route;
    AccessRules access;
    config::AdmissionSettings admission;
    config::Proxies proxies;
    net::Duration connect_timeout = std::chrono::seconds(10);
    net::Duration request_timeout = std::chrono::seconds(1800);    ///< to the answer's head; unary: to its end
    net::Duration first_byte_timeout = std::chrono::seconds(600);  ///< of a stream
    net::Duration idle_timeout = std::chrono::seconds(300);        ///< longest silence in a body
    net::Duration keep_alive = std::chrono::seconds(15);           ///< silence of a stream after which the client hears something; zero: never
    net::Duration pending_wait = std::chrono::seconds(10);         ///< how long a request waits for a worker that is being registered
    routing::ModelsFanout models_fanout = routing::ModelsFanout::all;
    net::Duration models_timeout = std::chrono::milliseconds(2500);
    /// What else may answer for a model, in this order, when none of its workers does.
    std::map<std::string, std::vector<std::string>, std::less<>> fallbacks;
    config::RetrySettings retry;
    config::BreakerSettings breaker;
    config::HedgeSettings hedge;
    /// For the metrics, on any thread: a request is sent again, the `attempt`th time, after a pause; its chances are spent; an attempt failed,
    /// by the name of its class. Must not wait.
    std::function<void(std::string_view endpoint, int attempt, double pause_seconds)> on_retry;
    std::function<void(std::string_view endpoint)> on_retries_exhausted;
    std::function<void(std::string_view failure_class)> on_worker_error;
    /// A second worker was asked beside a slow one; `won`: it was the first to answer.
    std::function<void(std::string_view endpoint, bool won)> on_hedged;
    /// Nobody was found at the worker, so many times in a row. Any thread; must not wait.
    std::function<void(const workers::Worker&, std::uint32_t in_row)> on_unreachable;
    /// A provider refused the key that is stored for this worker. Any thread; must not wait.
    std::function<void(const workers::Worker&, int status)> on_key_refused;
    /// A request named a model that this worker's list lacks: the list may be old. Any thread; must not wait.
    std::function<void(const workers::Worker&)> on_missed_list;
};

}  // namespace smg::gateway
