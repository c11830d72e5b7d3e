#pragma once
/// Which trace a request belongs to (https://www.w3.org/TR/trace-context/).
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smg::telemetry {

using TraceId = std::array<std::uint8_t, 16>;
using SpanId = std::array<std::uint8_t, 8>;

struct TraceContext {
    TraceId trace_id{};
    SpanId span_id{};
    bool sampled = true;
};

/// `00-<32 hex>-<16 hex>-<2 hex>`, and what later versions put behind it. Nothing for anything else, as the standard demands: then a new
/// trace begins.
[[nodiscard]] std::optional<TraceContext> read_traceparent(std::string_view text) noexcept;
[[nodiscard]] std::string traceparent(const TraceContext& context);

/// Random and never all zeros. Any thread.
[[nodiscard]] TraceId new_trace_id();
[[nodiscard]] SpanId new_span_id();

/// Lower-case hexadecimal, as OTLP's JSON wants ids (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding).
[[nodiscard]] std::string hex(const TraceId& id);
[[nodiscard]] std::string hex(const SpanId& id);

}  // namespace smg::telemetry
