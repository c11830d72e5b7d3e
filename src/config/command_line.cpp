#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "config/layers.hpp"
#include "config/values.hpp"

namespace smg::config {
namespace {

std::string spelled(const Setting& row) { return "--" + row.name + (row.alias.empty() ? "" : ",--" + row.alias); }

CLI::Option* add_row(CLI::App& app, const Setting& row) {
    auto* option = row.kind == Kind::toggle ? app.add_flag(spelled(row)) : app.add_option(spelled(row));
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    if (row.kind == Kind::list) option->expected(1, CLI::detail::expected_max_vector_size)->allow_extra_args();
    if (row.kind == Kind::single) option->expected(1);
    return option;
}

/// CLI11's message begins with the option's name, `--port: 1 required`; the rest of it says nothing that fits our one line.
std::string without_value(const CLI::Error& error) {
    const std::string message = error.what();
    return message.substr(0, message.find_first_of(": ")) + ": needs a value";
}

/// `--name=` with nothing behind it. CLI11 takes the argument that follows for its value: a key would be the text `--log-json`.
std::optional<std::string> first_empty(const std::vector<std::string>& arguments, const std::vector<Setting>& rows) {
    for (const auto& argument : arguments) {
        if (!argument.starts_with("--") || argument.find('=') + 1 != argument.size()) continue;
        const auto name = argument.substr(2, argument.size() - 3);
        const bool known = std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return name == row.name || name == row.alias; });
        if (known || name == "config" || name == "help" || name == "version" || name == "check-config") return "--" + name;
    }
    return std::nullopt;
}

/// Shows a flag's name, never a value: what stands where no flag is expected may be a piece of a key.
std::string unexpected(const std::vector<std::string>& arguments, const std::string& extra, const std::vector<Setting>& rows) {
    if (extra.starts_with("-")) {
        const auto written = extra.substr(0, extra.find('='));
        const auto name = written.substr(std::min(written.find_first_not_of('-'), written.size()));
        const auto reason = foreign_flag_reason(name);
        if (!reason.empty()) return written + ": refused; " + std::string(reason);
        return unknown_name(written, name, "flag", "--", rows);
    }
    const auto place = std::find(arguments.begin(), arguments.end(), extra);
    if (place == arguments.begin()) return shown(extra) + " is no command; allowed are launch, start, demo, simulate";
    const auto before = std::find_if(std::make_reverse_iterator(place), arguments.rend(), [](const auto& each) { return each.starts_with("--"); });
    if (before == arguments.rend()) return "unexpected argument";
    return "unexpected argument after " + before->substr(0, before->find('='));
}

}  // namespace

std::string unknown_name(std::string_view written, std::string_view name, std::string_view kind, std::string_view prefix,
                         const std::vector<Setting>& rows) {
    std::vector<std::string> names;
    for (const auto& row : rows)
        if (row.support == Support::built) names.push_back(row.name);
    const auto near = nearest(name, names);
    std::string line = std::string(written) + ": unknown " + std::string(kind);
    return near.empty() ? line : line + "; did you mean " + std::string(prefix) + near + "?";
}

Loaded<CommandLine> read_command_line(const std::vector<std::string>& arguments, const std::vector<Setting>& rows) {
    if (const auto flag = first_empty(arguments, rows)) return refuse(*flag + ": needs a value");
    CommandLine line;
    CLI::App app;
    app.set_help_flag();
    app.allow_extras();
    std::vector<std::pair<const Setting*, CLI::Option*>> options;
    options.reserve(rows.size());
    for (const auto& row : rows) options.emplace_back(&row, add_row(app, row));
    auto* config = app.add_option("--config")->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->expected(1);
    auto* help = app.add_flag("--help,-h");
    auto* version = app.add_flag("--version,-V");
    auto* check = app.add_flag("--check-config");
    try {
        // CLI11 takes its arguments from the back.
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::ArgumentMismatch& error) { return refuse(without_value(error)); } catch (const CLI::ParseError& error) {
        return refuse(without_value(error));
    }
    line.help = help->count() > 0;
    line.version = version->count() > 0;
    line.check_config = check->count() > 0;
    const auto extras = app.remaining();
    if (!extras.empty() && !line.help && !line.version) return refuse(unexpected(arguments, extras.front(), rows));
    if (config->count() > 1) return refuse("--config: given twice");
    if (config->count() == 1) line.config_path = config->results().front();
    for (const auto& [row, option] : options) {
        if (option->count() == 0) continue;
        if (row->kind != Kind::list && option->results().size() > 1) return refuse("--" + row->name + ": given twice");
        line.given[row] = Given{"--" + row->name, option->results()};
    }
    return line;
}

}  // namespace smg::config
