#pragma once
/// Process messages and the one stream that they share with the access log. Everything passes the redaction of `redact.hpp`, messages that
/// other rooms give to spdlog too.
#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"

namespace smg::telemetry {

enum class Level { trace, debug, info, warn, error };
/// `trace` … `error`, and back, without case.
[[nodiscard]] std::string_view to_string(Level level) noexcept;
[[nodiscard]] std::optional<Level> level_named(std::string_view name) noexcept;

struct LogOptions {
    Level level = Level::info;
    bool json = false;
    std::string directory;  ///< empty: standard error. Else a file a day, `smg_2026-01-31.log`; made if it is not there
    std::size_t max_files = 0;  ///< the days of the directory that are kept; 0: all
};

/// Once, before other threads log. Lines are written by a thread of their own; what waits is written when the process ends normally,
/// or by `flush_log`. Error: the directory cannot be written.
[[nodiscard]] Result<void> set_up_log(const LogOptions& options);
/// Writes what waits, if the destination takes it within the limit. Before `_exit`, and in tests.
void flush_log(std::chrono::milliseconds limit = std::chrono::minutes(1));
/// Flushes, for some seconds if the destination takes nothing, and goes back to the state before `set_up_log`: nothing is written. No other
/// thread may be logging.
void shut_down_log();

/// Whether lines of this level are written.
[[nodiscard]] bool logs(Level level) noexcept;
[[nodiscard]] bool logs_json() noexcept;
[[nodiscard]] Level log_level() noexcept;
/// At any time, from any thread; what other rooms say to spdlog follows.
void set_log_level(Level level);
/// Lines that were dropped since the process began, because their destination was too slow.
[[nodiscard]] std::uint64_t dropped_lines() noexcept;

/// A field of an event: a text, or a number that stays one in JSON. Secrets have no place here, and no conversion that would let them in.
class LogField {
public:
    LogField(std::string_view key, std::string text) : key_(key), text_(std::move(text)) {}
    template <std::integral T>
    LogField(std::string_view key, T number) : key_(key), number_(static_cast<std::uint64_t>(std::max<T>(number, 0))) {}

    [[nodiscard]] std::string_view key() const noexcept { return key_; }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    [[nodiscard]] const std::optional<std::uint64_t>& number() const noexcept { return number_; }

private:
    std::string_view key_;
    std::string text_;
    std::optional<std::uint64_t> number_;
};

/// `log_event(Level::warn, "worker failed", {{"worker", name}, {"reason", why}})`. Thread-safe; never waits.
void log_event(Level level, std::string_view message, std::initializer_list<LogField> fields = {});

/// A finished line, already redacted, to the log's stream.
void write_line(std::string_view line);

}  // namespace smg::telemetry
