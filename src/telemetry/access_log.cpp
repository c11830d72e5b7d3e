#include "telemetry/access_log.hpp"

#include <array>
#include <string>

#include "telemetry/labels.hpp"
#include "telemetry/log.hpp"
#include "telemetry/redact.hpp"
#include "telemetry/remembered_fields.hpp"

namespace smg::telemetry {
namespace {

using Moment = RequestRecord::Moment;

template <LogName name>
void add_text(LogLine& line, std::string_view value) {
    if (!value.empty()) line.add<name>(value);
}

/// Of a closed set of our own words.
template <LogName name>
void add_word(LogLine& line, std::string_view value) {
    if (!value.empty()) line.add_word<name>(value);
}

template <LogName name>
void add_span(LogLine& line, Moment from, Moment to) {
    if (RequestRecord::passed(from) && RequestRecord::passed(to) && to >= from) line.add_milliseconds<name>(to - from);
}

/// A phase that was not left lasts to the request's end; `later`: one behind it was reached.
template <LogName name>
void add_phase(LogLine& line, const RequestRecord& record, Moment from, Moment to, bool later) {
    add_span<name>(line, from, RequestRecord::passed(to) || later ? to : record.ended);
}

template <LogName name>
void add_count(LogLine& line, const std::optional<std::uint64_t>& count) {
    if (count) line.add_number<name>(*count);
}

void add_target(LogLine& line, const RequestRecord& record) {
    // Without a query there is nothing but a key itself to cut out, and `add` does that.
    if (record.target.find('?') == std::string::npos)
        add_text<"target">(line, record.target);
    else
        line.add<"target">(redact_target(record.target));
}

/// What was asked, how it ended, and where it went: the same for many requests.
void add_course(LogLine& line, const RequestRecord& record) {
    add_text<"method">(line, record.method);
    add_target(line, record);
    add_word<"endpoint">(line, record.endpoint);
    line.add_number<"status">(static_cast<std::uint64_t>(record.status));
    add_text<"error_code">(line, record.error_code);
    add_word<"failure">(line, error_type(record));
    line.add_word<"outcome">(to_string(record.outcome));
    line.add_word<"ended_by">(record.ended_by());
    if (record.outcome == Outcome::client_closed) line.add_word<"phase">(record.phase());
    add_text<"tenant">(line, record.tenant);
    add_text<"model">(line, record.model);
    if (record.model_sent != record.model) add_text<"model_sent">(line, record.model_sent);
    add_text<"provider">(line, record.provider);
    add_text<"worker">(line, record.worker);
    add_word<"router_type">(line, record.router_type);
    add_word<"backend_type">(line, record.backend_type);
    if (record.router_type.empty()) return;
    line.add_flag<"streaming">(record.streaming);
    if (record.attempts == 0) return;
    line.add_number<"attempts">(static_cast<std::uint64_t>(record.attempts));
    add_text<"attempt_reasons">(line, record.attempt_reasons);
    line.add_word<"key_source">(to_string(record.key_source));
    if (record.upstream_status != 0) line.add_number<"upstream_status">(static_cast<std::uint64_t>(record.upstream_status));
}

using Courses = RememberedFields<9>;
using Agents = RememberedFields<1>;

/// A success at the first attempt at a path of its route's: nothing of it but this is in its fields.
bool is_plain(const RequestRecord& record) noexcept {
    return record.outcome == Outcome::complete && record.error_code.empty() && record.attempts <= 1 && record.attempt_reasons.empty() &&
           record.target == record.path && record.status < 1000 && record.upstream_status < 1000;
}

Courses::Source course_of(const RequestRecord& record) noexcept {
    auto number = static_cast<std::uint64_t>(record.status) * 1000 + static_cast<std::uint64_t>(record.upstream_status);
    for (const int more : {record.attempts, static_cast<int>(record.key_source), record.streaming ? 1 : 0})
        number = number * 4 + static_cast<unsigned>(more);
    return {{record.model, record.worker, record.path, record.method, record.tenant, record.model_sent, record.provider, record.router_type,
             record.backend_type},
            number};
}

void add_times(LogLine& line, const RequestRecord& record) {
    add_span<"accept_ms">(line, record.accepted, record.started);
    add_span<"duration_ms">(line, record.started, record.ended);
    add_span<"ttft_ms">(line, record.started, record.first_output);
    const auto passed = RequestRecord::passed;
    add_span<"body_ms">(line, record.head_read, record.body_read);
    add_phase<"queue_ms">(line, record, record.body_read, record.admitted, record.admission != Admission::rejected);
    add_span<"route_ms">(line, passed(record.admitted) ? record.admitted : record.body_read, record.routed);
    add_phase<"connect_ms">(line, record, record.routed, record.connected, passed(record.sent) || passed(record.first_byte));
    add_phase<"send_ms">(line, record, record.connected, record.sent, passed(record.first_byte));
    add_phase<"wait_ms">(line, record, record.sent, record.first_byte, false);
    add_span<"relay_ms">(line, record.first_byte, record.ended);
}

}  // namespace

std::string_view access_line(LogLine& line, const RequestRecord& record, std::chrono::system_clock::time_point now) {
    line.begin<"request">(now);
    if (record.fresh_request_id)
        line.add_word<"request_id">(record.request_id);
    else
        add_text<"request_id">(line, record.request_id);
    add_word<"client">(line, record.client);  // an address
    if (is_plain(record)) {
        thread_local std::array<Courses, 2> courses;
        courses[line.json() ? 1 : 0].add(line, course_of(record), [&record](LogLine& fields) { add_course(fields, record); });
    } else {
        add_course(line, record);
    }
    add_text<"upstream_request_id">(line, record.upstream_request_id);
    add_times(line, record);
    line.add_number<"bytes_in">(record.bytes_in);
    line.add_number<"bytes_out">(record.bytes_out);
    add_count<"input_tokens">(line, record.usage.input);
    add_count<"output_tokens">(line, record.usage.output);
    add_count<"cached_tokens">(line, record.usage.cached);
    add_count<"cache_write_tokens">(line, record.usage.cache_write);
    add_count<"reasoning_tokens">(line, record.usage.reasoning);
    add_count<"audio_input_tokens">(line, record.usage.media.audio_input);
    add_count<"audio_output_tokens">(line, record.usage.media.audio_output);
    add_count<"image_input_tokens">(line, record.usage.media.image_input);
    add_count<"image_output_tokens">(line, record.usage.media.image_output);
    add_count<"web_searches">(line, record.usage.web_searches);
    add_text<"service_tier">(line, record.usage.service_tier);
    if (record.usage.basis != UsageBasis::none) line.add_word<"usage">(to_string(record.usage.basis));
    if (record.cost) line.add_dollars<"cost_usd">(*record.cost);
    if (record.cost_source != CostSource::none) line.add_word<"cost_source">(to_string(record.cost_source));
    if (!record.user_agent.empty()) {
        thread_local std::array<Agents, 2> agents;
        agents[line.json() ? 1 : 0].add(line, {{record.user_agent}, 0}, [&record](LogLine& fields) { fields.add<"user_agent">(record.user_agent); });
    }
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
