#include "telemetry/gauge_sink.hpp"

#include <algorithm>

#include "telemetry/labels.hpp"
#include "telemetry/metric_table.hpp"
#include "telemetry/request_ages.hpp"

namespace smg::telemetry {

void GaugeSink::add(std::string_view name, Labels labels, double value) {
    auto gauge = std::find_if(gauges_.begin(), gauges_.end(), [name](const Gauge& each) { return each.name == name; });
    if (gauge == gauges_.end()) gauge = gauges_.insert(gauges_.end(), Gauge{std::string(name), std::string(help_of(name)), {}, false, {}});
    std::string key;
    for (const auto& [label, text] : labels) key.append(label).append(1, '\0').append(text).append(1, '\0');
    const auto [place, is_new] = gauge->places.try_emplace(std::move(key), gauge->samples.size());
    if (is_new)
        gauge->samples.push_back(Sample{std::move(labels), value});
    else
        gauge->samples[place->second].value += value;
}

void GaugeSink::http_connections_active(std::int64_t count) { add("smg_http_connections_active", {}, static_cast<double>(count)); }

void GaugeSink::inflight_request_ages(const RequestAges& ages) {
    std::string above = "0";
    for (std::size_t i = 0; i < ages.counts().size(); ++i) {
        auto bound = i < RequestAges::bounds.size() ? std::to_string(RequestAges::bounds[i]) : "+Inf";
        add("smg_http_inflight_request_age_count", {{"gt", above}, {"le", bound}}, static_cast<double>(ages.counts()[i]));
        above = std::move(bound);
    }
}

void GaugeSink::worker(std::string_view worker, const WorkerSample& sample) {
    const Labels labels{{"worker", label_text(worker)}};
    add("smg_worker_health", labels, sample.healthy ? 1 : 0);
    add("smg_worker_requests_active", labels, static_cast<double>(sample.requests_active));
    add("smg_worker_cooling_seconds", labels, sample.cooling_seconds);
    if (sample.first_byte_seconds > 0) add("smg_worker_first_byte_seconds", labels, sample.first_byte_seconds);
    add_counter("smg_worker_requests_total", labels, static_cast<double>(sample.requests));
    for (const auto& each : sample.failures) {
        auto of_class = labels;
        of_class.emplace_back("error_type", each.error_type);
        add_counter("smg_worker_failures_total", std::move(of_class), static_cast<double>(each.count));
    }
}

void GaugeSink::worker_pool_size(std::string_view worker_type, std::string_view connection_mode, std::string_view model, std::int64_t count) {
    add("smg_worker_pool_size",
        {{"worker_type", std::string(worker_type)}, {"connection_mode", std::string(connection_mode)}, {"model", models_.admit(model)}},
        static_cast<double>(count));
}

void GaugeSink::upstream_pool_connections(std::string_view state, std::int64_t count) {
    add("smg_upstream_pool_connections", {{"state", std::string(state)}}, static_cast<double>(count));
}

void GaugeSink::worker_connections_active(std::string_view worker_type, std::string_view connection_mode, std::int64_t count) {
    add("smg_worker_connections_active", {{"worker_type", std::string(worker_type)}, {"connection_mode", std::string(connection_mode)}},
        static_cast<double>(count));
}

void GaugeSink::add_counter(std::string_view name, Labels labels, double value) {
    add(name, std::move(labels), value);
    for (auto& gauge : gauges_)
        if (gauge.name == name) gauge.counter = true;
}

void GaugeSink::worker_breaker(std::string_view worker, const BreakerSample& sample) {
    const Labels labels{{"worker", label_text(worker)}};
    const auto with = [&labels](std::string_view name, std::string_view value) {
        auto more = labels;
        more.emplace_back(name, value);
        return more;
    };
    add("smg_worker_cb_state", labels, sample.state);
    add("smg_worker_cb_consecutive_failures", labels, static_cast<double>(sample.consecutive_failures));
    add("smg_worker_cb_consecutive_successes", labels, static_cast<double>(sample.consecutive_successes));
    add_counter("smg_worker_cb_outcomes_total", with("outcome", "success"), static_cast<double>(sample.successes));
    add_counter("smg_worker_cb_outcomes_total", with("outcome", "failure"), static_cast<double>(sample.failures));
    for (const auto& each : sample.transitions) {
        auto of_change = with("from", each.from);
        of_change.emplace_back("to", each.to);
        add_counter("smg_worker_cb_transitions_total", std::move(of_change), static_cast<double>(each.count));
    }
}

void GaugeSink::event_loop_lag(double seconds) { add("smg_event_loop_lag_seconds", {}, seconds); }

}  // namespace smg::telemetry
