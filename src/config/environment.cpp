#include <algorithm>

#include "base/ascii.hpp"
#include "config/layers.hpp"
#include "config/values.hpp"

extern char** environ;

namespace smg::config {
namespace {

constexpr std::string_view prefix = "SMG_";
constexpr std::string_view kubernetes_value = "tcp://";

/// What Kubernetes sets in every pod for a service named smg: SMG_SERVICE_HOST, SMG_SERVICE_PORT_HTTP, SMG_PORT_80_TCP_ADDR, …
bool is_service_link(std::string_view variable) noexcept {
    return variable.starts_with("SMG_SERVICE_HOST") || variable.starts_with("SMG_SERVICE_PORT") ||
           (variable.starts_with("SMG_PORT_") &&
            (variable.find("_TCP") != std::string_view::npos || variable.find("_UDP") != std::string_view::npos));
}

/// No settings: the tests' recordings, and the key that seals the store, which has no flag since everybody sees a process's arguments.
bool is_others(std::string_view variable) noexcept {
    return variable == "SMG_RECORDINGS" || variable == "SMG_STATE_KEY" || variable == "SMG_STATE_KEY_FILE";
}

bool is_kubernetes_value(std::string_view value) noexcept { return istarts_with(value, kubernetes_value); }

/// A setting's names in order of rank.
std::vector<std::string> variables_of(const Setting& row) {
    std::vector<std::string> names{variable_of(row.name)};
    if (!row.alias.empty()) names.push_back(variable_of(row.alias));
    if (!row.variable.empty()) names.push_back(row.variable);
    return names;
}

bool is_setting(const std::vector<Setting>& rows, std::string_view variable) {
    return std::any_of(rows.begin(), rows.end(), [variable](const Setting& row) {
        return variable == variable_of(row.name) || (!row.alias.empty() && variable == variable_of(row.alias));
    });
}

Given given(const Setting& row, const std::string& variable, const std::string& value) {
    return Given{variable, row.kind == Kind::list ? split_list(value, ',') : Values{std::string(trim(value))}};
}

/// The first of its names that is set counts; another one that says something else is not passed over in silence, and neither is an empty one.
void take(FromEnvironment& found, const Setting& row, const Environment& environment) {
    for (const auto& variable : variables_of(row)) {
        const auto entry = environment.find(variable);
        if (entry == environment.end() || is_kubernetes_value(entry->second)) continue;
        const auto value = given(row, variable, entry->second);
        if (trim(entry->second).empty() || value.values.empty()) {
            found.warnings.push_back(variable + ": empty, which counts as not set");
            continue;
        }
        const auto [earlier, first] = found.given.try_emplace(&row, value);
        if (!first && value.values != earlier->second.values)
            found.warnings.push_back(variable + ": ignored; " + earlier->second.where + " sets the same");
    }
}

}  // namespace

std::string variable_of(std::string_view name) {
    std::string variable(prefix);
    for (const char c : name) variable += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return variable;
}

Environment process_environment() {
    Environment all;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const auto equals = text.find('=');
        if (equals != std::string_view::npos) all.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return all;
}

FromEnvironment read_environment(const Environment& environment, const std::vector<Setting>& rows) {
    FromEnvironment found;
    for (const auto& row : rows) take(found, row, environment);
    for (auto entry = environment.lower_bound(prefix); entry != environment.end() && entry->first.starts_with(prefix); ++entry) {
        const auto& [variable, value] = *entry;
        if (is_service_link(variable) || is_others(variable)) continue;
        if (is_kubernetes_value(value))
            found.warnings.push_back(variable + ": ignored; tcp:// is what Kubernetes sets for a service named smg");
        else if (variable == "SMG_CONFIG")
            found.config_path = trim(value).empty() ? "" : value;
        else if (!is_setting(rows, variable))
            found.warnings.push_back(variable + ": ignored; there is no such setting");
    }
    return found;
}

}  // namespace smg::config
