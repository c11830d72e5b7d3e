#pragma once
/// Process messages and the one stream that they share with the access log. Everything passes the redaction of `redact.hpp`, messages that
/// other rooms give to spdlog too.
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"

namespace smg::telemetry {

enum class Level { trace, debug, info, warn, error };

struct LogOptions {
    Level level = Level::info;
    bool json = false;
    std::string directory;  ///< empty: standard error. Else a file a day, `smg_2026-01-31.log`; made if it is not there
};

/// Once, before other threads log. Lines are written by a thread of their own; what waits is written when the process ends normally,
/// or by `flush_log`. Error: the directory cannot be written.
[[nodiscard]] Result<void> set_up_log(const LogOptions& options);
/// Writes what waits. Before `_exit`, and in tests.
void flush_log();
/// Flushes and goes back to the state before `set_up_log`: nothing is written. No other thread may be logging.
void shut_down_log();

/// Whether lines of this level are written.
[[nodiscard]] bool logs(Level level) noexcept;
[[nodiscard]] bool logs_json() noexcept;

/// A field of an event. Secrets have no place here, and no conversion that would let them in.
using LogField = std::pair<std::string_view, std::string>;

/// `log_event(Level::warn, "worker failed", {{"worker", name}, {"reason", why}})`. Thread-safe; never waits.
void log_event(Level level, std::string_view message, std::initializer_list<LogField> fields = {});

/// A finished line, already redacted, to the log's stream.
void write_line(std::string_view line);

}  // namespace smg::telemetry
