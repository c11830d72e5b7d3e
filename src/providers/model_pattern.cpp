#include "providers/model_pattern.hpp"

#include "base/ascii.hpp"

namespace smg::providers {

std::optional<std::size_t> match_length(std::string_view pattern, std::string_view name) noexcept {
    const bool open = !pattern.empty() && pattern.back() == '*';
    if (open) pattern.remove_suffix(1);
    if (open ? name.size() < pattern.size() : name.size() != pattern.size()) return std::nullopt;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const bool same = pattern[i] == '#' ? name[i] >= '0' && name[i] <= '9' : ascii_lower(pattern[i]) == ascii_lower(name[i]);
        if (!same) return std::nullopt;
    }
    return pattern.size() * 2 + (open ? 0 : 1);
}

bool matches_name(std::string_view pattern, std::string_view name) noexcept {
    if (!pattern.empty() && pattern.back() == '*') return istarts_with(name, pattern.substr(0, pattern.size() - 1));
    return iequals(pattern, name);
}

}  // namespace smg::providers
