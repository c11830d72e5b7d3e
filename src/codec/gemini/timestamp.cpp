#include "codec/gemini/timestamp.hpp"

#include <chrono>
#include <cstdio>

namespace smg::codec::google {
namespace {

/// The decimal number of exactly `length` digits at `at`; -1 when there is none.
int digits(std::string_view text, std::size_t at, std::size_t length) noexcept {
    if (at + length > text.size()) return -1;
    int value = 0;
    for (const char c : text.substr(at, length)) {
        if (c < '0' || c > '9') return -1;
        value = value * 10 + (c - '0');
    }
    return value;
}

}  // namespace

std::int64_t unix_seconds(std::string_view text) noexcept {
    using namespace std::chrono;
    const int y = digits(text, 0, 4), mon = digits(text, 5, 2), d = digits(text, 8, 2);
    const int h = digits(text, 11, 2), min = digits(text, 14, 2), s = digits(text, 17, 2);
    if (y < 0 || mon < 0 || d < 0 || h < 0 || min < 0 || s < 0) return 0;
    const year_month_day date{year(y), month(static_cast<unsigned>(mon)), day(static_cast<unsigned>(d))};
    if (!date.ok() || text.back() != 'Z') return 0;
    const auto time = sys_days(date) + hours(h) + minutes(min) + seconds(s);
    return duration_cast<seconds>(time.time_since_epoch()).count();
}

std::string rfc3339(std::int64_t unix_seconds) {
    using namespace std::chrono;
    const sys_seconds time{seconds(unix_seconds)};
    const auto midnight = floor<days>(time);
    const year_month_day date(midnight);
    const hh_mm_ss clock(time - midnight);
    char text[48];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return text;
}

}  // namespace smg::codec::google
