#pragma once
/// The three ways to fill the rows: command line, environment, file. Each gives text; only `load.cpp` gives it meaning.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/setting.hpp"

namespace smg::config {

/// A refusal: one line without a newline, and the exit code (2 usage, 1 found later).
struct Refusal {
    std::string line;
    int exit_code = 2;
};
template <typename T>
using Loaded = tl::expected<T, Refusal>;

[[nodiscard]] inline tl::unexpected<Refusal> refuse(std::string line, int exit_code = 2) {
    return tl::unexpected<Refusal>(Refusal{std::move(line), exit_code});
}

/// What stood on the command line.
struct CommandLine {
    Layer given;
    std::string config_path;  ///< `--config`; empty: none
    bool help = false;
    bool version = false;
    bool check_config = false;
};

/// `arguments` without the program's name and without the subcommand.
[[nodiscard]] Loaded<CommandLine> read_command_line(const std::vector<std::string>& arguments, const std::vector<Setting>& rows);

struct FromEnvironment {
    Layer given;
    std::string config_path;  ///< SMG_CONFIG
    std::vector<std::string> warnings;
};
/// SMG_<FLAG> of every row, and the reference's own names. Empty values count as absent, and of two names of one setting the first counts; both are
/// warned of.
[[nodiscard]] FromEnvironment read_environment(const Environment& environment, const std::vector<Setting>& rows);

struct FromFile {
    Layer given;
    std::vector<std::pair<std::string, std::string>> aliases;
    std::vector<std::pair<std::string, std::vector<std::string>>> fallbacks;
    std::vector<Vendor> vendors;
    std::vector<WorkerEntry> workers;
    std::vector<Tenant> tenants;
};
/// `name` is how messages call the file. `${NAME}` in its strings comes from the environment; `${NAME:-text}` has a default.
[[nodiscard]] Loaded<FromFile> read_toml(std::string_view text, const std::string& name, const Environment& environment,
                                         const std::vector<Setting>& rows);

/// What is said of a name that no row has, and that of the nearest row's if one is near: `--prot: unknown flag; did you mean --port?`.
[[nodiscard]] std::string unknown_name(std::string_view written, std::string_view name, std::string_view kind, std::string_view prefix,
                                       const std::vector<Setting>& rows);

}  // namespace smg::config
