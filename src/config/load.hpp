#pragma once
/// Merges the three ways, flag before environment before file, and turns text into the one value.
#include <string>
#include <vector>

#include "config/layers.hpp"

namespace smg::config {

struct Merged {
    Draft draft;
    std::vector<std::string> warnings;
    std::string config_path;
};

/// Reads the file that `line` or the environment names.
[[nodiscard]] Loaded<Merged> load(const CommandLine& line, const Environment& environment, const std::vector<Setting>& rows);

/// Writes one layer alone into a fresh draft: for `smg simulate`, which knows no file and no environment.
[[nodiscard]] Loaded<Draft> apply_layer(const Layer& layer);

/// `smg [launch] --help` and its like.
[[nodiscard]] std::string help_text(std::string_view usage, const std::vector<Setting>& rows, bool with_environment);

/// Keys of the environment: OPENAI_API_KEY, ANTHROPIC_API_KEY_FILE, XAI_ADMIN_KEY, …
[[nodiscard]] Loaded<std::vector<std::string>> read_provider_keys(const Environment& environment, Config& config);

/// HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in lower case too, where no `--upstream-proxy` was given.
[[nodiscard]] Loaded<std::vector<std::string>> read_proxies(const Environment& environment, const std::optional<Proxy>& chosen, Config& config);

}  // namespace smg::config
