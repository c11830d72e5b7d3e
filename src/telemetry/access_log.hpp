#pragma once
/// One line a request.
#include <chrono>
#include <string>
#include <string_view>

#include "telemetry/log_line.hpp"
#include "telemetry/request_record.hpp"

namespace smg::telemetry {

/// Writes `record`, finished at `now`, into `line`: level INFO, message `request`, then its fields. What is unknown is left out. Times are in
/// milliseconds: `duration_ms` to the last byte, `ttft_ms` to the first model output, and the phases: `accept_ms`, `body_ms`, `queue_ms`,
/// `route_ms`, `connect_ms`, `send_ms`, `wait_ms`, `relay_ms`. The cost is in US dollars, on the basis that `usage` names. docs/logging.md lists all.
/// Credentials in the target are cut out; so is every known form of a key, wherever it stands.
[[nodiscard]] std::string_view access_line(LogLine& line, const RequestRecord& record, std::chrono::system_clock::time_point now);

/// The access log: give it to whoever ends requests. Thread-safe; never waits. Nothing is written below level INFO (`set_up_log`).
void log_request(const RequestRecord& record);

}  // namespace smg::telemetry
