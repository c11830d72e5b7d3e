#include "telemetry/access_log.hpp"

#include "telemetry/labels.hpp"
#include "telemetry/log.hpp"
#include "telemetry/redact.hpp"

namespace smg::telemetry {
namespace {

using Moment = RequestRecord::Moment;

template <typename Key>
void add_text(LogLine& line, const Key& key, std::string_view value) {
    if (!value.empty()) line.add(key, value);
}

/// Of a closed set of our own words.
template <typename Key>
void add_word(LogLine& line, const Key& key, std::string_view value) {
    if (!value.empty()) line.add_word(key, value);
}

template <typename Key>
void add_span(LogLine& line, const Key& key, Moment from, Moment to) {
    if (RequestRecord::passed(from) && RequestRecord::passed(to) && to >= from) line.add_milliseconds(key, to - from);
}

template <typename Key>
void add_count(LogLine& line, const Key& key, const std::optional<std::uint64_t>& count) {
    if (count) line.add_number(key, *count);
}

void add_route(LogLine& line, const RequestRecord& record) {
    add_text(line, "tenant", record.tenant);
    add_text(line, "model", record.model);
    if (record.model_sent != record.model) add_text(line, "model_sent", record.model_sent);
    add_text(line, "provider", record.provider);
    add_text(line, "worker", record.worker);
    add_word(line, "router_type", record.router_type);
    add_word(line, "backend_type", record.backend_type);
    if (record.router_type.empty()) return;
    line.add_flag("streaming", record.streaming);
    if (record.attempts == 0) return;
    line.add_number("attempts", static_cast<std::uint64_t>(record.attempts));
    add_text(line, "attempt_reasons", record.attempt_reasons);
    line.add_word("key_source", to_string(record.key_source));
    if (record.upstream_status != 0) line.add_number("upstream_status", static_cast<std::uint64_t>(record.upstream_status));
    add_text(line, "upstream_request_id", record.upstream_request_id);
}

void add_times(LogLine& line, const RequestRecord& record) {
    add_span(line, "accept_ms", record.accepted, record.started);
    add_span(line, "duration_ms", record.started, record.ended);
    add_span(line, "ttft_ms", record.started, record.first_output);
    add_span(line, "body_ms", record.head_read, record.body_read);
    add_span(line, "queue_ms", record.body_read, record.admitted);
    add_span(line, "route_ms", RequestRecord::passed(record.admitted) ? record.admitted : record.body_read, record.routed);
    add_span(line, "connect_ms", record.routed, record.connected);
    add_span(line, "send_ms", record.connected, record.sent);
    add_span(line, "wait_ms", record.sent, record.first_byte);
    add_span(line, "relay_ms", record.first_byte, record.ended);
}

}  // namespace

std::string_view access_line(LogLine& line, const RequestRecord& record, std::chrono::system_clock::time_point now) {
    line.begin(now, "INFO", "request");
    add_text(line, "request_id", record.request_id);
    add_word(line, "client", record.client);  // an address
    add_text(line, "method", record.method);
    // Without a query there is nothing but a key itself to cut out, and `add` does that.
    if (record.target.find('?') == std::string::npos)
        add_text(line, "target", record.target);
    else
        line.add("target", redact_target(record.target));
    add_word(line, "endpoint", record.endpoint);
    line.add_number("status", static_cast<std::uint64_t>(record.status));
    add_text(line, "error_code", record.error_code);
    add_word(line, "failure", error_type(record));
    line.add_word("outcome", to_string(record.outcome));
    line.add_word("ended_by", record.ended_by());
    if (record.outcome == Outcome::client_closed) line.add_word("phase", record.phase());
    add_route(line, record);
    add_times(line, record);
    line.add_number("bytes_in", record.bytes_in);
    line.add_number("bytes_out", record.bytes_out);
    add_count(line, "input_tokens", record.usage.input);
    add_count(line, "output_tokens", record.usage.output);
    add_count(line, "cached_tokens", record.usage.cached);
    add_count(line, "cache_write_tokens", record.usage.cache_write);
    add_count(line, "reasoning_tokens", record.usage.reasoning);
    add_count(line, "web_searches", record.usage.web_searches);
    add_text(line, "service_tier", record.usage.service_tier);
    if (record.usage.basis != UsageBasis::none) line.add_word("usage", to_string(record.usage.basis));
    if (record.cost) line.add_dollars("cost_usd", *record.cost);
    if (record.cost_source != CostSource::none) line.add_word("cost_source", to_string(record.cost_source));
    add_text(line, "user_agent", record.user_agent);
    return line.finish();
}

void log_request(const RequestRecord& record) {
    if (!logs(Level::info)) return;
    thread_local LogLine text(false);
    thread_local LogLine json(true);
    auto& line = logs_json() ? json : text;
    write_line(access_line(line, record, std::chrono::system_clock::now()));
}

}  // namespace smg::telemetry
