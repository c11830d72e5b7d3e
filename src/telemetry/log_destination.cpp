#include "telemetry/log_destination.hpp"

#include <poll.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/daily_file_sink.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <mutex>
#include <vector>

namespace smg::telemetry {
namespace {

/// Lines are finished when they come; spdlog's own patterns copy them byte by byte.
class WholeLines final : public spdlog::formatter {
public:
    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
        out.append(message.payload.begin(), message.payload.end());
    }
    [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<WholeLines>(); }
};

/// Standard error without the C library's stream: its lock is taken again when the process ends, and must not be held by a write that nobody reads.
class StandardError final : public spdlog::sinks::base_sink<std::mutex> {
protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        std::string_view rest(message.payload.data(), message.payload.size());
        while (!rest.empty()) {
            const auto written = ::write(STDERR_FILENO, rest.data(), rest.size());
            if (written > 0) {
                rest.remove_prefix(static_cast<std::size_t>(written));
            } else if (errno == EAGAIN) {  // somebody shares it who does not wait
                pollfd full{STDERR_FILENO, POLLOUT, 0};
                ::poll(&full, 1, -1);
            } else if (errno != EINTR) {
                return;  // closed: it costs log lines
            }
        }
    }
    void flush_() override {}
};

bool is_log_of_a_day(std::string_view name) noexcept {
    constexpr std::string_view form = "smg_dddd-dd-dd.log";
    return std::equal(name.begin(), name.end(), form.begin(), form.end(),
                      [](char c, char wanted) { return wanted == 'd' ? c >= '0' && c <= '9' : c == wanted; });
}

/// spdlog's own limit knows only the files of consecutive days up to the start.
void remove_oldest(const std::filesystem::path& directory, std::size_t max_files) {
    std::error_code ignored;
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory, ignored))
        if (auto name = entry.path().filename().string(); is_log_of_a_day(name)) names.push_back(std::move(name));
    if (names.size() <= max_files) return;
    std::sort(names.begin(), names.end());
    names.resize(names.size() - max_files);
    for (const auto& name : names) std::filesystem::remove(directory / name, ignored);
}

std::shared_ptr<spdlog::sinks::sink> file_a_day(const std::string& directory, std::size_t max_files) {
    spdlog::file_event_handlers handlers;
    if (max_files > 0)
        handlers.after_open = [directory, max_files](const spdlog::filename_t&, std::FILE*) { remove_oldest(directory, max_files); };
    return std::make_shared<spdlog::sinks::daily_file_sink_mt>(directory + "/smg.log", 0, 0, false, std::uint16_t{0}, handlers);
}

}  // namespace

Result<LogDestination> LogDestination::open(const std::string& directory, std::size_t max_files) {
    try {
        std::shared_ptr<spdlog::sinks::sink> sink;
        if (directory.empty())
            sink = std::make_shared<StandardError>();
        else
            sink = file_a_day(directory, max_files);
        sink->set_formatter(std::make_unique<WholeLines>());
        return LogDestination(std::move(sink));
    } catch (const spdlog::spdlog_ex& error) {
        return fail(Failure::internal_error, "--log-dir: " + directory + ": cannot be written: " + error.what());
    }
}

void LogDestination::write(std::string_view lines, std::chrono::system_clock::time_point now) {
    const spdlog::details::log_msg message(now, {}, "", spdlog::level::info, spdlog::string_view_t(lines.data(), lines.size()));
    try {
        sink_->log(message);
        sink_->flush();
    } catch (const spdlog::spdlog_ex&) {
        // A full disk costs log lines; it must not cost the gateway.
    }
}

}  // namespace smg::telemetry
