#include "telemetry/gauge_sink.hpp"

#include <algorithm>

#include "telemetry/labels.hpp"

namespace smg::telemetry {

void GaugeSink::add(std::string_view name, std::string_view help, Labels labels, double value) {
    auto gauge = std::find_if(gauges_.begin(), gauges_.end(), [name](const Gauge& each) { return each.name == name; });
    if (gauge == gauges_.end()) gauge = gauges_.insert(gauges_.end(), Gauge{std::string(name), std::string(help), {}, {}});
    std::string key;
    for (const auto& [label, text] : labels) key.append(label).append(1, '\0').append(text).append(1, '\0');
    const auto [place, is_new] = gauge->places.try_emplace(std::move(key), gauge->samples.size());
    if (is_new)
        gauge->samples.push_back(Sample{std::move(labels), value});
    else
        gauge->samples[place->second].value += value;
}

void GaugeSink::http_connections_active(std::int64_t count) {
    add("smg_http_connections_active", "Client connections that are open", {}, static_cast<double>(count));
}

void GaugeSink::worker_health(std::string_view worker, bool healthy) {
    add("smg_worker_health", "1: the worker takes requests, 0: it does not", {{"worker", label_text(worker)}}, healthy ? 1 : 0);
}

void GaugeSink::worker_requests_active(std::string_view worker, std::int64_t count) {
    add("smg_worker_requests_active", "Requests in flight, to their last byte", {{"worker", label_text(worker)}}, static_cast<double>(count));
}

void GaugeSink::worker_pool_size(std::string_view worker_type, std::string_view connection_mode, std::string_view model, std::int64_t count) {
    add("smg_worker_pool_size", "Workers that can serve the model",
        {{"worker_type", std::string(worker_type)}, {"connection_mode", std::string(connection_mode)}, {"model", models_.admit(model)}},
        static_cast<double>(count));
}

void GaugeSink::upstream_pool_connections(std::string_view state, std::int64_t count) {
    add("smg_upstream_pool_connections", "Connections to providers", {{"state", std::string(state)}}, static_cast<double>(count));
}

void GaugeSink::worker_connections_active(std::string_view worker_type, std::string_view connection_mode, std::int64_t count) {
    add("smg_worker_connections_active", "Connections to workers that carry a request",
        {{"worker_type", std::string(worker_type)}, {"connection_mode", std::string(connection_mode)}}, static_cast<double>(count));
}

void GaugeSink::event_loop_lag(double seconds) { add("smg_event_loop_lag_seconds", "How late an event loop ran what was due", {}, seconds); }

}  // namespace smg::telemetry
