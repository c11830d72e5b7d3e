#pragma once
/// The process_* metrics that every Prometheus client library has, read from /proc at a scrape.
#include <prometheus/metric_family.h>

#include <cstdint>
#include <vector>

namespace smg::telemetry {

/// CPU seconds, resident and virtual memory, open and allowed file descriptors, start time, threads. What cannot be read is left out.
[[nodiscard]] std::vector<prometheus::MetricFamily> process_metrics();

/// Bytes of memory that the process holds just now; 0 where that cannot be read.
[[nodiscard]] std::uint64_t resident_bytes();

}  // namespace smg::telemetry
