#pragma once
/// Where finished log lines go: standard error, or a file a day.
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace spdlog::sinks {
class sink;
}

namespace smg::telemetry {

/// Used by one thread at a time.
class LogDestination {
public:
    /// `directory` empty: standard error. Else `smg_2026-01-31.log` in it, by the local date; it is made if it is not there. Of these files the
    /// newest `max_files` are kept, looked at whenever one is opened; 0: all. Error: it cannot be written.
    [[nodiscard]] static Result<LogDestination> open(const std::string& directory, std::size_t max_files);
    /// Whole lines, each with its newline, of that moment. Waits for the destination; what it refuses is lost.
    void write(std::string_view lines, std::chrono::system_clock::time_point now);

private:
    explicit LogDestination(std::shared_ptr<spdlog::sinks::sink> sink) : sink_(std::move(sink)) {}
    std::shared_ptr<spdlog::sinks::sink> sink_;
};

}  // namespace smg::telemetry
