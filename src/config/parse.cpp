#include "config/load.hpp"

namespace smg::config {
namespace {

constexpr std::string_view gateway_usage =
    "smg: one gateway in front of every LLM provider\n\n"
    "Usage:\n  smg [launch|start] [flags]    run the gateway\n  smg demo [flags]              the gateway with four simulated providers\n"
    "  smg simulate [flags]          simulated providers alone; see smg simulate --help\n";
constexpr std::string_view demo_usage = "smg demo: the gateway with four simulated providers in one process\n\nUsage:\n  smg demo [flags]\n";
constexpr std::string_view simulator_usage = "smg simulate: providers that need no key and cost nothing\n\nUsage:\n  smg simulate [flags]\n";

PrintAndExit refusal(const Refusal& refused) { return {"smg: " + refused.line + "\n", refused.exit_code}; }

/// Help and version go before anything that may be wrong beside them.
std::optional<PrintAndExit> answer_at_once(const CommandLine& line, std::string_view usage, const std::vector<Setting>& rows, bool with_environment) {
    if (line.help) return PrintAndExit{help_text(usage, rows, with_environment), 0};
    if (line.version) return PrintAndExit{"smg " SMG_VERSION "\n", 0};
    return std::nullopt;
}

Command simulate(const std::vector<std::string>& arguments) {
    const auto line = read_command_line(arguments, simulator_settings());
    if (!line) return refusal(line.error());
    if (auto answer = answer_at_once(*line, simulator_usage, simulator_settings(), false)) return *answer;
    if (line->check_config || !line->config_path.empty()) return refusal({"simulate takes no configuration file", 2});
    auto draft = apply_layer(line->given);
    if (!draft) return refusal(draft.error());
    return RunSimulator{std::move(draft->simulator)};
}

Command serve(const std::vector<std::string>& arguments, bool demo, const Environment& environment) {
    const auto& rows = demo ? demo_settings() : gateway_settings();
    const auto line = read_command_line(arguments, rows);
    if (!line) return refusal(line.error());
    if (auto answer = answer_at_once(*line, demo ? demo_usage : gateway_usage, rows, true)) return *answer;
    auto merged = load(*line, environment, rows);
    if (!merged) return refusal(merged.error());
    auto& draft = merged->draft;
    if (demo && !line->check_config) return RunDemo{std::move(draft.config), std::move(draft.simulator), std::move(merged->warnings)};
    return RunGateway{std::move(draft.config), std::move(merged->warnings), std::move(merged->config_path), line->check_config};
}

}  // namespace

Command parse_command_line(int argc, const char* const* argv, const Environment& environment) {
    std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
    const auto command = arguments.empty() || arguments.front().starts_with("-") ? std::string() : arguments.front();
    const bool known = command == "launch" || command == "start" || command == "demo" || command == "simulate";
    if (known) arguments.erase(arguments.begin());
    if (command == "simulate") return simulate(arguments);
    return serve(arguments, command == "demo", environment);
}

}  // namespace smg::config
