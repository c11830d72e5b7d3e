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

const Setting* row_of(const std::vector<Setting>& rows, std::string_view variable) {
    for (const auto& row : rows)
        if (variable == variable_of(row.name) || (!row.alias.empty() && variable == variable_of(row.alias))) return &row;
    return nullptr;
}

Given given(const Setting& row, const std::string& variable, const std::string& value) {
    return Given{variable, row.kind == Kind::list ? split_list(value, ',') : Values{std::string(trim(value))}};
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
    // The reference's names first: ours, where both are set, replace them.
    for (const auto& row : rows) {
        const auto entry = row.variable.empty() ? environment.end() : environment.find(row.variable);
        if (entry != environment.end() && !trim(entry->second).empty()) found.given[&row] = given(row, entry->first, entry->second);
    }
    for (auto entry = environment.lower_bound(prefix); entry != environment.end() && entry->first.starts_with(prefix); ++entry) {
        const auto& [variable, value] = *entry;
        if (trim(value).empty() || is_service_link(variable) || is_others(variable)) continue;
        if (istarts_with(value, kubernetes_value)) {
            found.warnings.push_back(variable + ": ignored; tcp:// is what Kubernetes sets for a service named smg");
        } else if (variable == "SMG_CONFIG") {
            found.config_path = value;
        } else if (const auto* row = row_of(rows, variable)) {
            auto from_variable = given(*row, variable, value);
            if (!from_variable.values.empty()) found.given[row] = std::move(from_variable);
        } else {
            found.warnings.push_back(variable + ": ignored; there is no such setting");
        }
    }
    return found;
}

}  // namespace smg::config
