/// The commands: which of them the arguments ask for, and how each runs.
#include <malloc.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <string>
#include <variant>

#include "app/demo.hpp"
#include "app/gateway_server.hpp"
#include "app/log_level.hpp"
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

/// How this process was started.
struct Invocation {
    std::vector<std::string> arguments;
    app::Loader load;
};

int complain(const std::string& what, int exit_code = 1) {
    std::cerr << "smg: " << what << '\n';
    return exit_code;
}

/// 2 for a bad value, 1 for what was found when a good one was used: a port that is taken, a file that cannot be read.
int complain(const Error& error) {
    const bool tried = error.param.empty() || error.param == "host" || error.param == "port" || error.param == "api_key_file";
    return complain(error.message, error.failure == Failure::invalid_request && !tried ? 2 : 1);
}

Result<void> set_up_log(const config::Config& config, const std::vector<std::string>& warnings) {
    telemetry::LogOptions options;
    options.level = app::log_level_of(config.log_level);
    options.json = config.log_json;
    options.directory = config.log_dir;
    options.max_files = config.log_max_files;
    if (auto ready = telemetry::set_up_log(options); !ready) return ready;
    for (const auto& warning : warnings) telemetry::log_event(telemetry::Level::warn, warning);
    return {};
}

int serve(app::GatewayServer& gateway, app::ServeOptions options) {
    options.on_listening = [&gateway] {
        for (const auto& url : gateway.urls()) std::cout << "smg: listening on " << url << '\n';
        for (const auto& url : gateway.metrics_urls()) std::cout << "smg: metrics on " << url << "/metrics\n";
        for (const auto& url : gateway.probe_urls()) std::cout << "smg: probes on " << url << '\n';
        std::cout << std::flush;
    };
    return app::serve_until_signal(gateway, std::move(options));
}

int run_gateway(const RunGateway& command, const Invocation& invocation) {
    if (command.check_only) {  // beside a running process: the log's files are that one's
        auto to_standard_error = command.config;
        to_standard_error.log_dir.clear();
        if (auto ready = set_up_log(to_standard_error, command.warnings); !ready) return complain(ready.error().message);
        if (auto checked = app::GatewayServer::check(command.config); !checked) return complain(checked.error());
        std::cout << "smg: the configuration is good\n";
        return 0;
    }
    if (auto ready = set_up_log(command.config, command.warnings); !ready) return complain(ready.error().message);
    const auto inherited = app::read_inheritance(config::process_environment(), ::getpid(), ::getppid());
    if (!inherited) return complain(inherited.error().message);
    telemetry::log_event(telemetry::Level::info, "starting", {{"version", version}, {"pid", ::getpid()}});
    auto gateway = app::GatewayServer::create(command.config, *inherited);
    if (!gateway) return complain(gateway.error());
    app::ServeOptions options;
    options.grace = command.config.shutdown_grace;
    options.load = invocation.load;
    options.config_path = command.config_path;
    options.arguments = invocation.arguments;
    options.ready = inherited->ready;
    return serve(**gateway, std::move(options));
}

int run_demo(const RunDemo& command) {
    if (auto ready = set_up_log(command.config, command.warnings); !ready) return complain(ready.error().message);
    auto demo = app::Demo::start(command);
    if (!demo) return complain(demo.error().message);
    app::ServeOptions options;
    options.grace = command.config.shutdown_grace;
    return serve((*demo)->gateway(), std::move(options));
}

int dispatch(const Invocation& invocation) {
    const auto command = invocation.load();
    if (const auto* said = std::get_if<PrintAndExit>(&command)) {
        (said->exit_code == 0 ? std::cout : std::cerr) << said->text;
        return said->exit_code;
    }
    if (const auto* gateway = std::get_if<RunGateway>(&command)) return run_gateway(*gateway, invocation);
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
        Invocation invocation;
        invocation.arguments.assign(argv, argv + argc);
        invocation.load = [argc, argv] { return config::parse_command_line(argc, argv, config::process_environment()); };
        status = dispatch(invocation);
    } catch (const std::exception& error) { status = complain(std::string("stopped by a bug: ") + error.what()); }
    telemetry::shut_down_log();
    return status;
}

}  // namespace smg
