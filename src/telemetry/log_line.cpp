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

char* copy(std::string_view text, char* to) { return to + text.copy(to, text.size()); }

/// How every line begins. The date is worked out once a second a thread.
struct LineStart {
    static constexpr std::string_view json = "{\"timestamp\":\"";
    static constexpr std::size_t timestamp = 24;  ///< RFC 3339 in UTC with milliseconds
    static constexpr std::size_t fraction = json.size() + 20;

    std::time_t second = -1;
    std::array<char, json.size() + timestamp + 1> text{};

    void update(std::chrono::system_clock::time_point now) {
        const auto since_epoch = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
        const auto this_second = static_cast<std::time_t>(since_epoch / 1000);
        if (this_second != second) {
            std::tm parts{};
            gmtime_r(&this_second, &parts);
            auto* const to = copy(json, text.data());
            std::strftime(to, timestamp + 1, "%Y-%m-%dT%H:%M:%S.000Z", &parts);
            second = this_second;
        }
        const auto milliseconds = static_cast<unsigned>(since_epoch % 1000);
        text[fraction] = static_cast<char>('0' + milliseconds / 100);
        text[fraction + 1] = static_cast<char>('0' + milliseconds / 10 % 10);
        text[fraction + 2] = static_cast<char>('0' + milliseconds % 10);
    }
};

}  // namespace

void LogLine::grow(std::size_t bytes) {
    const auto used = static_cast<std::size_t>(at_ - room_.data());
    room_.resize(2 * room_.size() + bytes);
    at_ = room_.data() + used;
    end_ = room_.data() + room_.size();
}

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

void LogLine::begin(std::chrono::system_clock::time_point now) {
    thread_local LineStart line_start;
    line_start.update(now);
    at_ = room_.data();
    auto* const to = room(line_start.text.size());
    if (json_) {
        std::memcpy(to, line_start.text.data(), LineStart::json.size() + LineStart::timestamp);
        return end_at(to + LineStart::json.size() + LineStart::timestamp);
    }
    std::memcpy(to, line_start.text.data() + LineStart::json.size(), LineStart::timestamp);
    end_at(to + LineStart::timestamp);
}

void LogLine::begin(std::chrono::system_clock::time_point now, std::string_view level, std::string_view message) {
    if (classes_of(message).may_hold_key && holds_key(message)) return begin(now, level, redact(message));
    begin(now);
    if (json_) {
        put("\",\"level\":\"");
        put(level);
        put("\",\"message\":\"");
        escaped(message);
        put("\"");
        return;
    }
    put(" ");
    put(level);
    put(" ");
    // A line break inside a message would let its author forge the next line.
    auto* const to = room(message.size());
    end_at(std::transform(message.begin(), message.end(), to, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c; }));
}

char* LogLine::begin_field(std::string_view name, std::size_t bytes) {
    auto* to = room(name.size() + bytes + 4);
    *to++ = json_ ? ',' : ' ';
    if (json_) *to++ = '"';
    to = copy(name, to);
    if (json_) *to++ = '"';
    *to++ = json_ ? ':' : '=';
    return to;
}

void LogLine::add_text(char* to, std::string_view value) {
    const auto classes = classes_of(value);
    if (classes.may_hold_key && holds_key(value)) {
        const auto cut = redact(value);
        end_at(to);
        return add_text(room(cut.size() + 2), cut);
    }
    if (!json_ && classes.bare && !value.empty()) return end_at(copy(value, to));
    *to++ = '"';
    if (classes.plain) {
        to = copy(value, to);
    } else {
        end_at(to);
        escaped(value);
        to = room(1);
    }
    *to++ = '"';
    end_at(to);
}

namespace {

/// `00` to `99`.
constexpr auto digit_pairs = [] {
    std::array<char, 200> pairs{};
    for (std::size_t i = 0; i < 100; ++i) {
        pairs[2 * i] = static_cast<char>('0' + i / 10);
        pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
    return pairs;
}();

/// Three digits.
char* put_thousandth(char* to, std::uint32_t number) noexcept {
    const auto hundreds = number / 100;
    *to = static_cast<char>('0' + hundreds);
    std::memcpy(to + 1, digit_pairs.data() + 2 * (number - hundreds * 100), 2);
    return to + 3;
}

}  // namespace

char* LogLine::put_number(char* to, std::uint64_t value) noexcept { return std::to_chars(to, to + longest_number, value).ptr; }

char* LogLine::put_milliseconds(char* to, std::chrono::nanoseconds time) noexcept {
    const auto nanoseconds = static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0));
    if (nanoseconds < 1'000'000) {  // most phases
        std::memcpy(to, "0.", 2);
        return put_thousandth(to + 2, static_cast<std::uint32_t>(nanoseconds) / 1000);
    }
    const auto microseconds = nanoseconds / 1000;
    to = put_number(to, microseconds / 1000);
    *to++ = '.';
    return put_thousandth(to, static_cast<std::uint32_t>(microseconds % 1000));
}

std::string_view LogLine::finish() {
    if (json_) put("}");
    return fields();
}

}  // namespace smg::telemetry
