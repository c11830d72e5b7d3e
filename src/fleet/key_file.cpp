#include "fleet/key_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

namespace smg::fleet {

namespace {

constexpr std::size_t longest_key = 16 * 1024;

auto refuse(const std::string& path, const std::string& why) {
    return fail(Failure::invalid_request, "api_key_file `" + path.substr(0, 256) + "` " + why, "api_key_file");
}

bool is_white(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

void strip(std::string& text) {
    while (!text.empty() && is_white(text.back())) text.pop_back();
    text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), is_white));
}

}  // namespace

Result<void> load_key_file(workers::WorkerSpec& spec) {
    if (spec.api_key_file.empty()) return {};
    const auto& path = spec.api_key_file;
    std::error_code code;
    // A pipe or a device would keep the event loop waiting.
    const bool regular = std::filesystem::is_regular_file(path, code);
    if (code) return refuse(path, "cannot be read: " + code.message());
    if (!regular) return refuse(path, "is not a regular file");
    std::ifstream file(path, std::ios::binary);
    if (!file) return refuse(path, std::string("cannot be read: ") + std::strerror(errno));
    std::string key(longest_key + 1, '\0');
    file.read(key.data(), static_cast<std::streamsize>(key.size()));
    if (file.bad()) return refuse(path, "cannot be read");
    key.resize(static_cast<std::size_t>(file.gcount()));
    if (key.size() > longest_key) return refuse(path, "is too long for a key");
    strip(key);
    if (key.empty()) return refuse(path, "is empty");
    if (!std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7f; }))
        return refuse(path, "must hold one key of printable ASCII without blanks");
    spec.api_key = Secret(std::move(key));
    return {};
}

}  // namespace smg::fleet
