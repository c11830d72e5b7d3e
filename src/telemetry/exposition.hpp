#pragma once
/// Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/, version 0.0.4), written straight into one text: a scrape
/// of a thousand workers is megabytes, for which prometheus-cpp's serializer, a stream of the standard library, takes eight times as long.
#include <prometheus/metric_family.h>

#include <string>
#include <string_view>

#include "telemetry/gauge_sink.hpp"

namespace smg::telemetry {

/// A metric with all its series. Labels stand in the order that they have.
void append_family(std::string& text, const prometheus::MetricFamily& family);
void append_gauge(std::string& text, const GaugeSink::Gauge& gauge);

}  // namespace smg::telemetry
