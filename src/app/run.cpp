/// The commands: which of them the arguments ask for, and how each runs.
#include <malloc.h>

#include <cstdio>
#include <iostream>
#include <string>
#include <variant>

#include "app/demo.hpp"
#include "app/gateway_server.hpp"
#include "app/signals.hpp"
#include "app/simulate.hpp"
#include "smg/app.hpp"
#include "smg/config.hpp"
#include "smg/version.hpp"
#include "telemetry/log.hpp"

namespace smg {
namespace {

using config::PrintAndExit;
using config::RunDemo;
using config::RunGateway;
using config::RunSimulator;

int complain(const std::string& what) {
    std::cerr << "smg: " << what << '\n';
    return 1;
}

telemetry::Level level_of(config::LogLevel level) {
    switch (level) {
        case config::LogLevel::trace: return telemetry::Level::trace;
        case config::LogLevel::debug: return telemetry::Level::debug;
        case config::LogLevel::info: return telemetry::Level::info;
        case config::LogLevel::warn: return telemetry::Level::warn;
        case config::LogLevel::error: break;
    }
    return telemetry::Level::error;
}

Result<void> set_up_log(const config::Config& config, const std::vector<std::string>& warnings) {
    telemetry::LogOptions options;
    options.level = level_of(config.log_level);
    options.json = config.log_json;
    options.directory = config.log_dir;
    if (auto ready = telemetry::set_up_log(options); !ready) return ready;
    for (const auto& warning : warnings) telemetry::log_event(telemetry::Level::warn, warning);
    return {};
}

int serve(app::GatewayServer& gateway, const config::Config& config) {
    for (const auto& url : gateway.urls()) std::cout << "smg: listening on " << url << '\n';
    for (const auto& url : gateway.metrics_urls()) std::cout << "smg: metrics on " << url << "/metrics\n";
    std::cout << std::flush;
    return app::serve_until_signal(gateway, config.shutdown_grace);
}

int run_gateway(const RunGateway& command) {
    if (auto ready = set_up_log(command.config, command.warnings); !ready) return complain(ready.error().message);
    auto gateway = app::GatewayServer::create(command.config);
    if (!gateway) return complain(gateway.error().message);
    if (command.check_only) {
        std::cout << "smg: the configuration is good\n";
        return 0;
    }
    telemetry::log_event(telemetry::Level::info, "starting", {{"version", version}});
    (*gateway)->start();
    return serve(**gateway, command.config);
}

int run_demo(const RunDemo& command) {
    if (auto ready = set_up_log(command.config, command.warnings); !ready) return complain(ready.error().message);
    auto demo = app::Demo::start(command);
    if (!demo) return complain(demo.error().message);
    return serve((*demo)->gateway(), command.config);
}

int dispatch(const config::Command& command) {
    if (const auto* said = std::get_if<PrintAndExit>(&command)) {
        (said->exit_code == 0 ? std::cout : std::cerr) << said->text;
        return said->exit_code;
    }
    if (const auto* gateway = std::get_if<RunGateway>(&command)) return run_gateway(*gateway);
    if (const auto* demo = std::get_if<RunDemo>(&command)) return run_demo(*demo);
    auto ended = app::simulate(std::get<RunSimulator>(command).options);
    return ended ? 0 : complain(ended.error().message);
}

/// Bodies of some hundred kilobytes come and go with every request. By default glibc maps them, or gives the heap's end back, each time: the
/// fresh pages then cost more than all the copying.
void keep_memory_for_bodies() {
    ::mallopt(M_MMAP_THRESHOLD, 4 * 1024 * 1024);
    ::mallopt(M_TRIM_THRESHOLD, 16 * 1024 * 1024);
}

}  // namespace

int run(int argc, const char* const* argv) {
    app::ignore_broken_pipes();
    keep_memory_for_bodies();
    int status = 1;
    try {
        status = dispatch(config::parse_command_line(argc, argv, config::process_environment()));
    } catch (const std::exception& error) { status = complain(std::string("stopped by a bug: ") + error.what()); }
    telemetry::shut_down_log();
    return status;
}

}  // namespace smg
