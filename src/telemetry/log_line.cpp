#include "telemetry/log_line.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include "telemetry/char_class.hpp"
#include "telemetry/redact.hpp"
#include "telemetry/utf8.hpp"

namespace smg::telemetry {
namespace {

char* copy(std::string_view text, char* to) { return to + text.copy(to, text.size()); }

/// RFC 3339 in UTC with milliseconds. The date is worked out once a second a thread.
std::string_view timestamp(std::chrono::system_clock::time_point now) {
    thread_local std::time_t last_second = -1;
    thread_local std::array<char, 32> text{};
    const auto since_epoch = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    const auto second = static_cast<std::time_t>(since_epoch / 1000);
    if (second != last_second) {
        std::tm parts{};
        gmtime_r(&second, &parts);
        std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.000Z", &parts);
        last_second = second;
    }
    const auto fraction = static_cast<int>(since_epoch % 1000);
    text[20] = static_cast<char>('0' + fraction / 100);
    text[21] = static_cast<char>('0' + fraction / 10 % 10);
    text[22] = static_cast<char>('0' + fraction % 10);
    return {text.data(), 24};
}

}  // namespace

void LogLine::put(std::string_view text) { end_at(copy(text, room(text.size()))); }

void LogLine::escaped(std::string_view text) {
    while (true) {
        const auto* stop = std::find_if_not(text.begin(), text.end(), [](char c) { return is(plain_char, c); });
        const auto run = static_cast<std::size_t>(stop - text.begin());
        put(text.substr(0, run));
        text.remove_prefix(run);
        if (text.empty()) return;
        const auto length = utf8_length(text);
        const auto byte = static_cast<unsigned char>(text.front());
        if (length == 0) {
            put("\\ufffd");
        } else if (byte == '"' || byte == '\\') {
            put("\\");
            put(text.substr(0, 1));
        } else if (byte < 0x20 || byte == 0x7f) {
            constexpr std::string_view digits = "0123456789abcdef";
            put("\\u00");
            put(digits.substr(byte >> 4U, 1));
            put(digits.substr(byte & 15U, 1));
        } else {
            put(text.substr(0, length));
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
}

void LogLine::begin(std::chrono::system_clock::time_point now, std::string_view level, std::string_view message) {
    size_ = 0;
    if (holds_key(message)) return begin(now, level, redact(message));
    if (json_) {
        put("{\"timestamp\":\"");
        put(timestamp(now));
        put("\",\"level\":\"");
        put(level);
        put("\",\"message\":\"");
        escaped(message);
        put("\"");
        return;
    }
    put(timestamp(now));
    put(" ");
    put(level);
    put(" ");
    // A line break inside a message would let its author forge the next line.
    auto* const to = room(message.size());
    end_at(std::transform(message.begin(), message.end(), to, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c; }));
}

void LogLine::add_text(char* to, std::string_view value) {
    const auto classes = classes_of(value);
    if (classes.may_hold_key && holds_key(value)) {
        const auto cut = redact(value);
        end_at(to);
        return add_text(room(cut.size() + 2), cut);
    }
    if (!json_ && (classes.all & bare_char) != 0 && !value.empty()) return end_at(copy(value, to));
    *to++ = '"';
    if ((classes.all & plain_char) != 0) {
        to = copy(value, to);
    } else {
        end_at(to);
        escaped(value);
        to = room(1);
    }
    *to++ = '"';
    end_at(to);
}

char* LogLine::put_number(char* to, std::uint64_t value) noexcept {
    // Most are small; a division by a constant is a multiplication.
    if (value < 10) {
        *to = static_cast<char>('0' + value);
        return to + 1;
    }
    std::array<char, longest_number> digits;
    auto* first = digits.end();
    for (; value != 0; value /= 10) *--first = static_cast<char>('0' + value % 10);
    return std::copy(first, digits.end(), to);
}

char* LogLine::put_milliseconds(char* to, std::chrono::nanoseconds time) noexcept {
    const auto microseconds = static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0)) / 1000;
    to = put_number(to, microseconds / 1000);
    const auto rest = static_cast<unsigned>(microseconds % 1000);
    *to++ = '.';
    *to++ = static_cast<char>('0' + rest / 100);
    *to++ = static_cast<char>('0' + rest / 10 % 10);
    *to++ = static_cast<char>('0' + rest % 10);
    return to;
}

void LogLine::put_dollars(Picodollars amount) {
    std::string text;
    append_dollars(text, amount);
    put(text);
}

std::string_view LogLine::finish() {
    if (json_) put("}");
    return std::string_view(room_).substr(0, size_);
}

}  // namespace smg::telemetry
