#include <algorithm>

#include "config/load.hpp"

namespace smg::config {
namespace {

constexpr std::size_t help_column = 34;
constexpr std::size_t width = 110;

/// Words of `text` from the help column on, wrapped.
std::string wrapped(const std::string& text, std::size_t column) {
    std::string out;
    std::size_t begin = 0;
    while (begin < text.size()) {
        const auto end = std::min(text.find(' ', begin), text.size());
        if (column > help_column && column + end - begin + 1 > width) {
            out += '\n' + std::string(help_column, ' ');
            column = help_column;
        } else if (column > help_column) {
            out += ' ';
            ++column;
        }
        out += text.substr(begin, end - begin);
        column += end - begin;
        begin = end + 1;
    }
    return out;
}

std::string entry(const std::string& left, const std::string& text) {
    auto line = "  " + left;
    if (text.empty()) return line + '\n';
    if (line.size() + 1 > help_column)
        line += '\n' + std::string(help_column, ' ');
    else
        line.resize(help_column, ' ');
    return line + wrapped(text, help_column) + '\n';
}

std::string names_of(const std::vector<Setting>& rows, Support support) {
    std::string names;
    for (const auto& row : rows)
        if (row.support == support) names += (names.empty() ? "--" : ", --") + row.name;
    return std::string(help_column, ' ') + wrapped(names, help_column) + '\n';
}

std::string line_of(const Setting& row) {
    const auto* ellipsis = row.kind == Kind::list ? "..." : "";
    const auto left = "--" + row.name + (row.value_name.empty() ? "" : " " + row.value_name + ellipsis);
    const bool has_default = !row.fallback.empty() && row.kind != Kind::toggle;
    return entry(left, row.help + (has_default ? " [" + row.fallback + "]" : ""));
}

}  // namespace

std::string help_text(std::string_view usage, const std::vector<Setting>& rows, bool with_environment) {
    std::string text(usage);
    std::string heading;
    for (const auto& row : rows) {
        if (row.support != Support::built) continue;
        if (row.heading != heading) text += "\n" + row.heading + ":\n";
        heading = row.heading;
        text += line_of(row);
    }
    text += "\nMore:\n";
    if (with_environment) {
        text += entry("--config FILE", "a TOML file with any of these, and [[workers]], [providers.NAME], [aliases], [fallbacks], [[tenants]]");
        text += entry("--check-config", "say whether all this is right, and leave");
    }
    text += entry("--help, --version", "");
    if (!with_environment) return text;
    text +=
        "\nEvery flag may also stand in the environment as SMG_<FLAG> (--worker-urls: SMG_WORKER_URLS, lists by commas) and in the\n"
        "file. A flag goes before the environment, that before the file. Keys of providers are read from OPENAI_API_KEY,\n"
        "ANTHROPIC_API_KEY, XAI_API_KEY and GEMINI_API_KEY (GOOGLE_API_KEY), or the files that these with _FILE name.\n";
    text += "\nAccepted, no effect:\n" + names_of(rows, Support::no_effect);
    return text;
}

}  // namespace smg::config
