#include "telemetry/log.hpp"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>

#include "base/ascii.hpp"
#include "telemetry/line_writer.hpp"
#include "telemetry/log_destination.hpp"
#include "telemetry/log_line.hpp"

namespace smg::telemetry {
namespace {

constexpr std::array<std::string_view, 5> level_names{"trace", "debug", "info", "warn", "error"};

std::string_view name_of(Level level) noexcept {
    switch (level) {
        case Level::trace: return "TRACE";
        case Level::debug: return "DEBUG";
        case Level::info: return "INFO";
        case Level::warn: return "WARN";
        case Level::error: return "ERROR";
    }
    return "INFO";
}

Level level_of(spdlog::level::level_enum level) noexcept {
    if (level <= spdlog::level::trace) return Level::trace;
    if (level == spdlog::level::debug) return Level::debug;
    if (level == spdlog::level::info) return Level::info;
    return level == spdlog::level::warn ? Level::warn : Level::error;
}

spdlog::level::level_enum spdlog_level(Level level) noexcept { return static_cast<spdlog::level::level_enum>(static_cast<int>(level)); }

/// Shared by all threads between `set_up_log` and `shut_down_log`.
struct State {
    std::atomic<Level> level{Level::info};
    std::atomic<bool> json{false};
    std::atomic<std::uint64_t> dropped{0};
    std::unique_ptr<LineWriter> owner;
    std::atomic<LineWriter*> writer{nullptr};  ///< the owner's, while there is one
};

State& state() {
    static State shared;
    return shared;
}

LineWriter* writer() noexcept { return state().writer.load(std::memory_order_acquire); }

/// Brings what other rooms say to spdlog into our form, and through the redaction.
class LineSink final : public spdlog::sinks::base_sink<std::mutex> {
protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        log_event(level_of(message.level), std::string_view(message.payload.data(), message.payload.size()));
    }
    void flush_() override {}
};

std::string dropped_line(bool json, std::uint64_t count) {
    LogLine line(json);
    line.begin(std::chrono::system_clock::now(), name_of(Level::warn), "log lines were dropped: the log's destination is too slow");
    line.add_number<"lines">(count);
    return std::string(line.finish()) + '\n';
}

}  // namespace

std::string_view to_string(Level level) noexcept { return level_names[static_cast<std::size_t>(level)]; }

std::optional<Level> level_named(std::string_view name) noexcept {
    for (std::size_t i = 0; i < level_names.size(); ++i)
        if (iequals(name, level_names[i])) return static_cast<Level>(i);
    return std::nullopt;
}

Result<void> set_up_log(const LogOptions& options) {
    auto opened = LogDestination::open(options.directory, options.max_files);
    if (!opened) return tl::unexpected(opened.error());
    auto& shared = state();
    shared.level = options.level;
    shared.json = options.json;
    const auto write = [destination = std::make_shared<LogDestination>(std::move(*opened)), json = options.json](std::string_view lines,
                                                                                                              std::uint64_t dropped) {
        const auto now = std::chrono::system_clock::now();
        destination->write(lines, now);
        if (dropped > 0) destination->write(dropped_line(json, dropped), now);
    };
    shut_down_log();
    shared.owner = std::make_unique<LineWriter>(write);
    shared.writer = shared.owner.get();
    auto logger = std::make_shared<spdlog::logger>("smg", std::make_shared<LineSink>());
    logger->set_level(spdlog_level(options.level));
    spdlog::set_default_logger(std::move(logger));
    return {};
}

void flush_log(std::chrono::milliseconds limit) {
    if (auto* current = writer()) current->flush(limit);
}

void shut_down_log() {
    state().writer = nullptr;
    state().owner.reset();
}

bool logs(Level level) noexcept {
    const auto& shared = state();
    return level >= shared.level.load(std::memory_order_relaxed) && writer() != nullptr;
}

Level log_level() noexcept { return state().level.load(std::memory_order_relaxed); }

void set_log_level(Level level) {
    state().level = level;
    spdlog::set_level(spdlog_level(level));
}

std::uint64_t dropped_lines() noexcept { return state().dropped.load(std::memory_order_relaxed); }

bool logs_json() noexcept { return state().json.load(std::memory_order_relaxed); }

void write_line(std::string_view line) {
    auto* current = writer();
    if (current != nullptr && !current->add(line)) state().dropped.fetch_add(1, std::memory_order_relaxed);
}

void log_event(Level level, std::string_view message, std::initializer_list<LogField> fields) {
    if (!logs(level)) return;
    LogLine line(logs_json());
    line.begin(std::chrono::system_clock::now(), name_of(level), message);
    for (const auto& field : fields) {
        if (field.number())
            line.add_number(field.key(), *field.number());
        else
            line.add(field.key(), field.text());
    }
    write_line(line.finish());
}

}  // namespace smg::telemetry
