#pragma once
/// One settings table: a row a flag. Flags, environment and file are three ways to fill the same rows.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smg/config.hpp"

namespace smg::config {

using Values = std::vector<std::string>;

/// A value that is not allowed: `text` completes a sentence that begins with the value, "is not a whole number from 0 to 65535".
struct Problem {
    std::string value;
    std::string text;
};
using Checked = std::optional<Problem>;

/// What the rows write into.
struct Draft {
    Config config;
    SimulatorOptions simulator;
    std::string api_key_file;
    std::vector<std::pair<std::string, Secret>> tenant_keys;  ///< of the flag: the tenant's name, a key
    std::optional<Proxy> upstream_proxy;
    std::vector<std::pair<std::string, std::string>> flag_aliases;
};

enum class Kind {
    toggle,  ///< stands alone, or `--name=false`
    single,  ///< one value; given twice is an error
    list,    ///< one or more values, and may repeat
};

enum class Support {
    built,
    no_effect,  ///< the reference's, not needed here: its default passes with a warning, another value stops the start
};

using Apply = std::function<Checked(Draft&, const Values&)>;

struct Setting {
    std::string name;  ///< without dashes in front, and the key in the file
    Kind kind;
    std::string value_name;  ///< for the help: `PORT`
    std::string fallback;    ///< the default as text; empty: none
    std::string help;
    Apply apply;               ///< empty for what is not built
    std::string heading = {};  ///< of the help; set by the table
    Support support = Support::built;
    bool secret = false;        ///< its value is never shown
    std::string alias = {};     ///< a second name of the flag
    std::string variable = {};  ///< a second environment variable, as the reference names it
    std::string reason = {};    ///< why it is refused, for what is not built
};

/// The gateway's rows, in the order of the help.
[[nodiscard]] const std::vector<Setting>& gateway_settings();
/// The rows of `smg simulate`.
[[nodiscard]] const std::vector<Setting>& simulator_settings();
/// The gateway's rows and those of the simulator that make sense for the providers inside `smg demo`.
[[nodiscard]] const std::vector<Setting>& demo_settings();

/// By name or alias; dashes and underscores are the same. Null: no such setting.
[[nodiscard]] const Setting* find_setting(const std::vector<Setting>& rows, std::string_view name) noexcept;

/// Why a flag of the reference that stands in no row is refused (gRPC, mesh, Kubernetes, …); empty: nobody knows the flag.
[[nodiscard]] std::string_view foreign_flag_reason(std::string_view name) noexcept;

/// `port` → `SMG_PORT`.
[[nodiscard]] std::string variable_of(std::string_view name);

/// A setting as one of the three ways gave it.
struct Given {
    std::string where;  ///< `--port`, `SMG_PORT` or `smg.toml:3: port`
    Values values;
};
using Layer = std::map<const Setting*, Given>;

}  // namespace smg::config
