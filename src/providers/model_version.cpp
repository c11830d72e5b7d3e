#include "providers/model_version.hpp"

namespace smg::providers {

namespace {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// A number of one or two digits at `at` that ends a word or stands before a letter; -1 for anything else (a date, `001`).
int short_number(std::string_view name, std::size_t at, std::size_t& end) noexcept {
    end = at;
    while (end < name.size() && is_digit(name[end])) ++end;
    const auto length = end - at;
    if (length == 0 || length > 2) return -1;
    return length == 1 ? name[at] - '0' : (name[at] - '0') * 10 + (name[at + 1] - '0');
}

}  // namespace

std::optional<ModelVersion> version_in(std::string_view name) noexcept {
    for (std::size_t at = 0; at < name.size();) {
        if (!is_digit(name[at])) {
            ++at;
            continue;
        }
        std::size_t end = at;
        const int major = short_number(name, at, end);
        if (major >= 0) {
            ModelVersion version{major, 0};
            if (end + 1 < name.size() && (name[end] == '-' || name[end] == '.')) {
                std::size_t minor_end = end + 1;
                const int minor = short_number(name, end + 1, minor_end);
                // `3-7b` is a size, not a minor version.
                const bool word_ends = minor_end == name.size() || name[minor_end] == '-' || name[minor_end] == '.' || name[minor_end] == '@';
                if (minor >= 0 && word_ends) version.minor = minor;
            }
            return version;
        }
        at = end;
    }
    return std::nullopt;
}

}  // namespace smg::providers
