#include "base/ascii.hpp"
#include "config/load.hpp"
#include "config/values.hpp"

namespace smg::config {
namespace {

struct Source {
    std::string_view provider;
    std::string_view variable;
};

// In order of precedence: of two for one provider the first that is set counts.
constexpr Source key_sources[] = {{"openai", "OPENAI_API_KEY"},
                                  {"anthropic", "ANTHROPIC_API_KEY"},
                                  {"xai", "XAI_API_KEY"},
                                  {"gemini", "GEMINI_API_KEY"},
                                  {"gemini", "GOOGLE_API_KEY"}};
constexpr Source admin_sources[] = {
    {"openai", "OPENAI_ADMIN_KEY"}, {"anthropic", "ANTHROPIC_ADMIN_KEY"}, {"xai", "XAI_ADMIN_KEY"}, {"gemini", "GEMINI_ADMIN_KEY"}};

std::string_view value_of(const Environment& environment, std::string_view variable) {
    const auto entry = environment.find(variable);
    return entry == environment.end() ? std::string_view() : trim(entry->second);
}

/// A key that goes into a header must hold no line end and no blank.
bool is_printable(std::string_view key) noexcept {
    for (const char c : key)
        if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) return false;
    return true;
}

/// `VARIABLE`, else the first line of the file that `VARIABLE_FILE` names; empty: neither is set.
Loaded<ProviderKey> read_key(const Environment& environment, const Source& source, std::vector<std::string>& warnings) {
    const auto file_variable = std::string(source.variable) + "_FILE";
    const auto direct = value_of(environment, source.variable);
    const std::string path(value_of(environment, file_variable));
    ProviderKey key{std::string(source.provider), Secret(std::string(direct)), std::string(source.variable)};
    if (!direct.empty() && !path.empty()) warnings.push_back(file_variable + ": ignored; " + key.source + " is set too");
    if (direct.empty() && !path.empty()) {
        const auto line = first_line_of(path);
        if (!line) return refuse(file_variable + ": " + shown(path) + " cannot be read", 1);
        if (line->empty()) return refuse(file_variable + ": " + shown(path) + " has no key in its first line", 1);
        key.key = Secret(*line);
        key.source = file_variable;
    }
    if (!is_printable(key.key.reveal())) return refuse(key.source + ": the value has a blank or an unprintable character inside", 2);
    return key;
}

}  // namespace

Loaded<std::vector<std::string>> read_provider_keys(const Environment& environment, Config& config) {
    std::vector<std::string> warnings;
    const auto add = [&](const Source& source, std::vector<ProviderKey>& keys) -> Loaded<void> {
        auto key = read_key(environment, source, warnings);
        if (!key) return tl::unexpected<Refusal>(key.error());
        if (key->key.empty()) return {};
        if (!keys.empty() && keys.back().provider == key->provider) {
            if (!keys.back().key.matches(key->key.reveal())) warnings.push_back(key->source + ": ignored; " + keys.back().source + " is set too");
            return {};
        }
        keys.push_back(std::move(*key));
        return {};
    };
    for (const auto& source : key_sources)
        if (auto added = add(source, config.provider_keys); !added) return tl::unexpected<Refusal>(added.error());
    for (const auto& source : admin_sources)
        if (auto added = add(source, config.admin_keys); !added) return tl::unexpected<Refusal>(added.error());
    return warnings;
}

}  // namespace smg::config
