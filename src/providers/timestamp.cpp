#include "providers/timestamp.hpp"

#include <charconv>
#include <chrono>

namespace smg::providers {

namespace {

/// Exactly `width` digits at the front of `text`, which are taken off; nothing when they are not there.
std::optional<int> take_number(std::string_view& text, std::size_t width) noexcept {
    if (text.size() < width) return std::nullopt;
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + width, value);
    if (error != std::errc() || end != text.data() + width || value < 0) return std::nullopt;
    text.remove_prefix(width);
    return value;
}

bool take(std::string_view& text, std::string_view any_of) noexcept {
    if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

/// `Z`, `+02:00`: seconds east of Greenwich.
std::optional<int> take_offset(std::string_view& text) noexcept {
    if (take(text, "Zz")) return 0;
    if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
    const int sign = text.front() == '-' ? -1 : 1;
    text.remove_prefix(1);
    const auto hours = take_number(text, 2);
    const bool colon = take(text, ":");
    const auto minutes = take_number(text, 2);
    if (!hours || !colon || !minutes) return std::nullopt;
    return sign * (*hours * 3600 + *minutes * 60);
}

}  // namespace

std::optional<std::int64_t> parse_rfc3339(std::string_view text) noexcept {
    const auto year = take_number(text, 4);
    if (!year || !take(text, "-")) return std::nullopt;
    const auto month = take_number(text, 2);
    if (!month || !take(text, "-")) return std::nullopt;
    const auto day = take_number(text, 2);
    if (!day || !take(text, "Tt ")) return std::nullopt;
    const auto hour = take_number(text, 2);
    if (!hour || !take(text, ":")) return std::nullopt;
    const auto minute = take_number(text, 2);
    if (!minute || !take(text, ":")) return std::nullopt;
    const auto second = take_number(text, 2);
    if (!second) return std::nullopt;
    if (take(text, "."))
        while (take(text, "0123456789")) {}
    const auto offset = take_offset(text);
    if (!offset || !text.empty()) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    return days * 86400 + *hour * 3600 + *minute * 60 + *second - *offset;
}

std::string format_duration(std::int64_t seconds) {
    if (seconds <= 0) return "0s";
    std::string text;
    if (seconds >= 3600) text += std::to_string(seconds / 3600) + "h";
    if (seconds >= 60) text += std::to_string(seconds % 3600 / 60) + "m";
    return text + std::to_string(seconds % 60) + "s";
}

}  // namespace smg::providers
