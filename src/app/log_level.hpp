#pragma once
#include "smg/config.hpp"
#include "telemetry/log.hpp"

namespace smg::app {

/// `--log-level` as the log knows it.
[[nodiscard]] inline telemetry::Level log_level_of(config::LogLevel level) noexcept {
    switch (level) {
        case config::LogLevel::trace: return telemetry::Level::trace;
        case config::LogLevel::debug: return telemetry::Level::debug;
        case config::LogLevel::info: return telemetry::Level::info;
        case config::LogLevel::warn: return telemetry::Level::warn;
        case config::LogLevel::error: break;
    }
    return telemetry::Level::error;
}

}  // namespace smg::app
