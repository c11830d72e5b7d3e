#include "telemetry/trace.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "telemetry/redact.hpp"

namespace smg::telemetry {
namespace {

using Json = nlohmann::ordered_json;
using Moment = RequestRecord::Moment;

constexpr int kind_server = 2, kind_client = 3;
constexpr int status_error = 2;

/// OTLP's list of typed values. What is empty is left out; a client may put a key wherever it may put a text.
class Attributes {
public:
    void text(const char* key, std::string_view value) {
        if (!value.empty()) list_.push_back({{"key", key}, {"value", {{"stringValue", redact(value)}}}});
    }
    /// 64-bit numbers are texts in protobuf's JSON.
    void number(const char* key, std::int64_t value) { list_.push_back({{"key", key}, {"value", {{"intValue", std::to_string(value)}}}}); }
    void count(const char* key, const std::optional<std::uint64_t>& value) {
        if (value) number(key, static_cast<std::int64_t>(*value));
    }
    void flag(const char* key, bool value) { list_.push_back({{"key", key}, {"value", {{"boolValue", value}}}}); }
    void real(const char* key, double value) { list_.push_back({{"key", key}, {"value", {{"doubleValue", value}}}}); }
    [[nodiscard]] Json take() { return std::move(list_); }

private:
    Json list_ = Json::array();
};

std::string_view operation_of(std::string_view endpoint) {
    if (endpoint == "chat" || endpoint == "messages" || endpoint == "responses") return "chat";
    if (endpoint == "generate_content") return "generate_content";
    if (endpoint == "embeddings") return "embeddings";
    if (endpoint == "completions") return "text_completion";
    return endpoint;
}

/// The convention's name of a provider.
std::string_view provider_of(std::string_view provider) {
    if (provider == "xai") return "x_ai";
    if (provider == "gemini") return "gcp.gemini";
    if (provider == "mistral") return "mistral_ai";
    if (provider == "azure-openai") return "azure.ai.openai";
    return provider;
}

std::string time_of(Moment moment, std::int64_t offset) {
    return std::to_string(std::chrono::duration_cast<std::chrono::nanoseconds>(moment.time_since_epoch()).count() + offset);
}

bool is_set(const SpanId& id) {
    return std::any_of(id.begin(), id.end(), [](auto byte) { return byte != 0; });
}

Json span(const TraceContext& context, const SpanId& id, const SpanId& parent, const std::string& name, int kind, const std::string& state) {
    Json out{{"traceId", hex(context.trace_id)}, {"spanId", hex(id)}, {"name", redact(name)}, {"kind", kind}};
    if (is_set(parent)) out["parentSpanId"] = hex(parent);
    if (!state.empty()) out["traceState"] = redact(state);
    return out;
}

void add_usage(Attributes& attributes, const TokenCounts& usage) {
    attributes.count("gen_ai.usage.input_tokens", usage.input);
    attributes.count("gen_ai.usage.output_tokens", usage.output);
    attributes.count("gen_ai.usage.cache_read.input_tokens", usage.cached);
    attributes.count("gen_ai.usage.cache_creation.input_tokens", usage.cache_write);
    attributes.count("gen_ai.usage.reasoning.output_tokens", usage.reasoning);
    attributes.text("smg.usage_basis", to_string(usage.basis));
}

std::string path_of(std::string_view target) { return std::string(target.substr(0, target.find('?'))); }

Json request_span(const TracedRequest& traced, std::int64_t offset) {
    const auto& record = traced.record;
    auto out = span(traced.trace.context, traced.trace.context.span_id, traced.trace.parent, record.method + " " + record.path, kind_server,
                    traced.trace.state);
    out["startTimeUnixNano"] = time_of(record.started, offset);
    out["endTimeUnixNano"] = time_of(record.ended, offset);
    Attributes attributes;
    attributes.text("http.request.method", record.method);
    attributes.text("http.route", record.path);
    attributes.text("url.path", path_of(record.target));
    attributes.number("http.response.status_code", record.status);
    attributes.text("client.address", record.client);
    attributes.text("user_agent.original", record.user_agent);
    attributes.text("gen_ai.operation.name", operation_of(record.endpoint));
    attributes.text("gen_ai.provider.name", provider_of(record.provider));
    attributes.text("gen_ai.request.model", record.model);
    add_usage(attributes, record.usage);
    if (record.streaming) attributes.flag("gen_ai.request.stream", true);
    if (RequestRecord::passed(record.first_output)) attributes.real("gen_ai.response.time_to_first_chunk", record.seconds_until(record.first_output));
    attributes.text("smg.request_id", record.request_id);
    attributes.text("smg.worker", record.worker);
    attributes.text("smg.tenant", record.tenant);
    attributes.text("smg.outcome", to_string(record.outcome));
    attributes.number("smg.attempts", record.attempts);
    const auto error = !record.error_code.empty() ? std::string_view(record.error_code)
                                                  : (record.outcome == Outcome::complete ? std::string_view() : to_string(record.outcome));
    attributes.text("error.type", error);
    out["attributes"] = attributes.take();
    // A caller's mistake is no error of this server (HTTP conventions, "Status").
    if (record.status >= 500 || record.outcome == Outcome::upstream_cut || record.outcome == Outcome::timeout)
        out["status"] = {{"code", status_error}};
    return out;
}

Json attempt_span(const TracedRequest& traced, const AttemptSpan& attempt, bool decisive, std::int64_t offset) {
    const auto& record = traced.record;
    const std::string operation(operation_of(record.endpoint));
    auto out = span(traced.trace.context, attempt.id, traced.trace.context.span_id, operation + " " + attempt.model, kind_client, {});
    out["startTimeUnixNano"] = time_of(attempt.begin, offset);
    out["endTimeUnixNano"] = time_of(RequestRecord::passed(attempt.end) ? attempt.end : record.ended, offset);
    Attributes attributes;
    attributes.text("gen_ai.operation.name", operation);
    attributes.text("gen_ai.provider.name", provider_of(attempt.provider));
    attributes.text("gen_ai.request.model", attempt.model);
    attributes.text("server.address", attempt.server);
    if (attempt.port != 0) attributes.number("server.port", attempt.port);
    if (attempt.status != 0) attributes.number("http.response.status_code", attempt.status);
    attributes.text("smg.worker", attempt.worker);
    if (decisive) add_usage(attributes, record.usage);
    attributes.text("error.type", attempt.error);
    if (attempt.outrun) attributes.text("smg.given_up", "hedge");
    out["attributes"] = attributes.take();
    if (!attempt.error.empty()) out["status"] = {{"code", status_error}};
    return out;
}

}  // namespace

Trace Trace::begin(std::string_view traceparent, std::string_view tracestate) {
    Trace trace;
    if (const auto caller = read_traceparent(traceparent)) {
        trace.context = *caller;
        trace.parent = caller->span_id;
        trace.state = tracestate;
    } else {
        trace.context.trace_id = new_trace_id();
    }
    trace.context.span_id = new_span_id();
    return trace;
}

std::string Trace::begin_attempt(AttemptSpan attempt) {
    attempt.id = new_span_id();
    if (!RequestRecord::passed(attempt.begin)) attempt.begin = RequestRecord::Clock::now();
    current = attempts.size();
    attempts.push_back(std::move(attempt));
    return traceparent({context.trace_id, attempts.back().id, context.sampled});
}

void Trace::end_attempt(int status, std::string_view error, Moment now) {
    if (current >= attempts.size() || RequestRecord::passed(attempts[current].end)) return;
    auto& attempt = attempts[current];
    attempt.end = now;
    attempt.status = status;
    attempt.error = error;
}

void Trace::attempt_answered(int status) {
    if (current < attempts.size()) attempts[current].status = status;
}

void Trace::attempt_outrun(std::size_t attempt, Moment now) {
    if (attempt >= attempts.size()) return;
    attempts[attempt].end = now;
    attempts[attempt].outrun = true;
}

std::string otlp_json(const std::vector<TracedRequest>& requests, std::string_view version, std::int64_t wall_offset_ns) {
    auto spans = Json::array();
    for (const auto& traced : requests) {
        spans.push_back(request_span(traced, wall_offset_ns));
        const auto& attempts = traced.trace.attempts;
        for (std::size_t i = 0; i < attempts.size(); ++i)
            spans.push_back(attempt_span(traced, attempts[i], i == traced.trace.current, wall_offset_ns));
    }
    Attributes resource;
    resource.text("service.name", "smg");
    resource.text("service.version", version);
    const Json scope{{"scope", {{"name", "smg"}, {"version", std::string(version)}}}, {"spans", std::move(spans)}};
    const Json body{{"resourceSpans", {{{"resource", {{"attributes", resource.take()}}}, {"scopeSpans", {scope}}}}}};
    // What clients sent need not be UTF-8.
    return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace smg::telemetry
