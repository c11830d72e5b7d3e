#pragma once
/// What a trace tells of a request beyond its record: a span for it and a child for each attempt at a worker.
#include <string>
#include <string_view>
#include <vector>

#include "telemetry/request_record.hpp"
#include "telemetry/trace_context.hpp"

namespace smg::telemetry {

/// One sending of a request to a worker.
struct AttemptSpan {
    SpanId id{};
    RequestRecord::Moment begin{};
    RequestRecord::Moment end{};
    std::string worker;
    std::string provider;
    std::string model;   ///< as the provider was asked for it
    std::string server;  ///< the host it stands on
    std::uint16_t port = 0;
    int status = 0;     ///< of the answer; 0: none came
    std::string error;  ///< its class; empty: it succeeded
    bool outrun = false;  ///< it was given up because another attempt of a hedged request answered first
};

/// Of one request that is traced. Lives beside its record, on its loop's thread.
struct Trace {
    TraceContext context;  ///< of the request's own span
    SpanId parent{};       ///< the caller's span; zeros: none
    std::string state;     ///< the caller's `tracestate`, handed on
    std::vector<AttemptSpan> attempts;
    std::size_t current = 0;  ///< of `attempts`, the one that the following speak of: the last begun, until another is named

    /// Continues the caller's trace, or begins one. A caller that says that its trace is not sampled is believed.
    [[nodiscard]] static Trace begin(std::string_view traceparent, std::string_view tracestate);
    /// An attempt begins: its `traceparent`, for the worker.
    [[nodiscard]] std::string begin_attempt(AttemptSpan attempt);
    /// The current attempt's answer has come.
    void attempt_answered(int status);
    /// The current attempt has ended.
    void end_attempt(int status, std::string_view error, RequestRecord::Moment now = RequestRecord::Clock::now());
    /// That attempt was given up for another one.
    void attempt_outrun(std::size_t attempt, RequestRecord::Moment now = RequestRecord::Clock::now());
};

/// A finished request with its trace, as it waits to be exported.
struct TracedRequest {
    RequestRecord record;
    Trace trace;
};

/// An ExportTraceServiceRequest in OTLP's JSON (https://opentelemetry.io/docs/specs/otlp/), with the names of the semantic conventions for HTTP
/// (https://opentelemetry.io/docs/specs/semconv/http/http-spans/) and generative AI (https://opentelemetry.io/docs/specs/semconv/gen-ai/).
/// `wall_offset_ns`: what must be added to a moment's nanoseconds to make them Unix time.
[[nodiscard]] std::string otlp_json(const std::vector<TracedRequest>& requests, std::string_view version, std::int64_t wall_offset_ns);

}  // namespace smg::telemetry
