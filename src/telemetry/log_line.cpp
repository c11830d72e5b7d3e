#include "telemetry/log_line.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "telemetry/char_class.hpp"
#include "telemetry/redact.hpp"
#include "telemetry/utf8.hpp"

namespace smg::telemetry {
namespace {

/// What a reader of `key=value` text would stumble over.
bool needs_quotes(std::string_view text) noexcept {
    return text.empty() || !std::all_of(text.begin(), text.end(), [](char c) { return is(bare_char, c); });
}

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

void LogLine::escaped(std::string_view text) {
    while (true) {
        const auto* stop = std::find_if_not(text.begin(), text.end(), [](char c) { return is(plain_char, c); });
        const auto run = static_cast<std::size_t>(stop - text.begin());
        line_.append(text.substr(0, run));
        text.remove_prefix(run);
        if (text.empty()) return;
        const auto length = utf8_length(text);
        const auto byte = static_cast<unsigned char>(text.front());
        if (length == 0) {
            line_ += "\\ufffd";
        } else if (byte == '"' || byte == '\\') {
            line_.append("\\").push_back(text.front());
        } else if (byte < 0x20 || byte == 0x7f) {
            constexpr std::string_view digits = "0123456789abcdef";
            line_.append("\\u00").append({digits[byte >> 4U], digits[byte & 15U]});
        } else {
            line_.append(text.substr(0, length));
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
}

void LogLine::begin(std::chrono::system_clock::time_point now, std::string_view level, std::string_view message) {
    line_.clear();
    if (holds_key(message)) return begin(now, level, redact(message));
    if (json_) {
        line_.append("{\"timestamp\":\"").append(timestamp(now)).append("\",\"level\":\"").append(level).append("\",\"message\":\"");
        escaped(message);
        line_ += '"';
        return;
    }
    line_.append(timestamp(now)).append(" ").append(level).append(" ");
    // A line break inside a message would let its author forge the next line.
    for (const char c : message) line_ += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
}

void LogLine::key(std::string_view name) {
    line_ += json_ ? ',' : ' ';
    if (json_) line_ += '"';
    line_ += name;
    if (json_) line_ += '"';
    line_ += json_ ? ':' : '=';
}

void LogLine::add(std::string_view name, std::string_view value) {
    if (holds_key(value)) return add(name, redact(value));
    key(name);
    if (!json_ && !needs_quotes(value)) {
        line_ += value;
        return;
    }
    line_ += '"';
    escaped(value);
    line_ += '"';
}

void LogLine::add_word(std::string_view name, std::string_view value) {
    key(name);
    if (json_) line_ += '"';
    line_ += value;
    if (json_) line_ += '"';
}

void LogLine::add_number(std::string_view name, std::uint64_t value) {
    key(name);
    std::array<char, 24> digits{};
    line_.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

void LogLine::add_milliseconds(std::string_view name, std::chrono::nanoseconds time) {
    const auto microseconds = static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0)) / 1000;
    add_number(name, microseconds / 1000);
    line_ += '.';
    for (const unsigned place : {100U, 10U, 1U}) line_ += static_cast<char>('0' + microseconds % 1000 / place % 10);
}

void LogLine::add_dollars(std::string_view name, Picodollars amount) {
    key(name);
    append_dollars(line_, amount);
}

void LogLine::add_flag(std::string_view name, bool value) {
    key(name);
    line_ += value ? "true" : "false";
}

std::string_view LogLine::finish() {
    if (json_) line_ += '}';
    return line_;
}

}  // namespace smg::telemetry
