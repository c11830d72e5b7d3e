#include "app/reload.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "telemetry/log.hpp"

namespace smg::app {
namespace {

using telemetry::Level;
using telemetry::log_event;

/// Editors and deployments write a file in several steps; this long after the last of them it is read.
constexpr auto settle_time = std::chrono::milliseconds(200);

std::string text_of(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

/// `smg: smg.toml:3: …\n` as one line of a log.
std::string one_line(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text.substr(0, text.find('\n'));
}

void refuse(const std::string& reason) { log_event(Level::error, "the new configuration is refused: nothing has changed", {{"reason", reason}}); }

}  // namespace

Reloader::Reloader(net::asio::io_context& context, GatewayServer& gateway, Loader load, std::string config_path)
    : gateway_(gateway),
      load_(std::move(load)),
      config_path_(std::move(config_path)),
      signals_(context, SIGHUP),
      watched_(context),
      settle_(context) {}

void Reloader::start() {
    wait_for_signal();
    if (!config_path_.empty()) watch_directory();
}

void Reloader::stop() {
    net::error_code ignored;
    signals_.cancel(ignored);
    watched_.close(ignored);
    settle_.cancel();
}

void Reloader::wait_for_signal() {
    signals_.async_wait([this](net::error_code code, int) {
        if (code) return;
        reload();
        wait_for_signal();
    });
}

void Reloader::watch_directory() {
    file_text_ = text_of(config_path_);
    // The directory, not the file: editors put a new one in its place, and Kubernetes swaps a link beside it.
    auto directory = std::filesystem::path(config_path_).parent_path();
    if (directory.empty()) directory = ".";
    const int handle = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (handle < 0 || ::inotify_add_watch(handle, directory.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE) < 0) {
        log_event(Level::warn, "the configuration file cannot be watched; SIGHUP reloads it", {{"file", config_path_}});
        if (handle >= 0) ::close(handle);
        return;
    }
    watched_.assign(handle);
    wait_for_change();
}

void Reloader::wait_for_change() {
    watched_.async_read_some(net::asio::buffer(events_), [this](net::error_code code, std::size_t) {
        if (code) return;
        settle_.expires_after(settle_time);
        settle_.async_wait([this](net::error_code superseded) {
            if (!superseded && text_of(config_path_) != file_text_) reload();
        });
        wait_for_change();
    });
}

void Reloader::reload() {
    if (!config_path_.empty()) file_text_ = text_of(config_path_);
    if (listener_) listener_(true);
    apply();
    if (listener_) listener_(false);
}

void Reloader::apply() {
    const auto command = load_();
    const auto* run = std::get_if<config::RunGateway>(&command);
    if (run == nullptr) {
        const auto* said = std::get_if<config::PrintAndExit>(&command);
        return refuse(said == nullptr ? "another command" : one_line(said->text));
    }
    const auto outcome = gateway_.reload(run->config);
    if (!outcome) return refuse(outcome.error().message);
    for (const auto& warning : run->warnings) log_event(Level::warn, warning);
    log_event(Level::info, "configuration reloaded",
              {{"workers_added", outcome->workers.added},
               {"workers_changed", outcome->workers.changed},
               {"workers_removed", outcome->workers.removed}});
    if (!outcome->need_restart.empty())
        log_event(Level::warn, "these settings have changed in the configuration and need a restart", {{"settings", joined(outcome->need_restart)}});
}

}  // namespace smg::app
