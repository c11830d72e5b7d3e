#pragma once
/// One log line: a moment, a level, a message and fields, as `key=value` text or as one JSON object.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/money.hpp"

namespace smg::telemetry {

/// A literal in both forms, so that writing it is a few stores of fixed size, whatever its length.
template <std::size_t most>
struct LogLiteral {
    static constexpr std::size_t capacity = most;
    std::array<char, most> text{};
    std::array<char, most> json{};
    std::size_t text_size = 0;
    std::size_t json_size = 0;

    consteval void append(std::string_view as_text, std::string_view as_json) {
        for (const char c : as_text) text[text_size++] = c;
        for (const char c : as_json) json[json_size++] = c;
    }
};

/// The name of a field: `line.add<"model">(…)`.
struct LogName : LogLiteral<32> {
    template <std::size_t length>
    consteval LogName(const char (&name)[length]) {  // NOLINT(google-explicit-constructor): spelled as a literal
        append(" ", ",\"");
        append({name, length - 1}, {name, length - 1});
        append("=", "\":");
    }
};

/// The message of a line of ours: `line.begin<"request">(now)`. Level info.
struct LogMessage : LogLiteral<64> {
    template <std::size_t length>
    consteval LogMessage(const char (&message)[length]) {  // NOLINT(google-explicit-constructor): spelled as a literal
        append(" INFO ", "\",\"level\":\"INFO\",\"message\":\"");
        append({message, length - 1}, {message, length - 1});
        append("", "\"");
    }
};

/// Builds a line; known forms of keys are cut out of messages and values. Reuse one: it keeps its memory.
class LogLine {
public:
    explicit LogLine(bool json) : json_(json) {}
    LogLine(const LogLine&) = delete;
    LogLine& operator=(const LogLine&) = delete;

    /// `message` is a text of any origin.
    void begin(std::chrono::system_clock::time_point now, std::string_view level, std::string_view message);
    template <LogMessage message>
    void begin(std::chrono::system_clock::time_point now) {
        begin(now);
        end_at(put_literal<message>(room(LogMessage::capacity)));
    }

    template <LogName name>
    void add(std::string_view value) {
        add_text(begin_field<name>(value.size() + 2), value);
    }
    /// A word of our own: no key can stand in it, and nothing needs quotes as text.
    template <LogName name>
    void add_word(std::string_view value) {
        auto* to = begin_field<name>(value.size() + 2);
        if (json_) *to++ = '"';
        to += value.copy(to, value.size());
        if (json_) *to++ = '"';
        end_at(to);
    }
    template <LogName name>
    void add_number(std::uint64_t value) {
        end_at(put_number(begin_field<name>(longest_number), value));
    }
    /// Milliseconds with three decimals.
    template <LogName name>
    void add_milliseconds(std::chrono::nanoseconds time) {
        end_at(put_milliseconds(begin_field<name>(longest_number + 4), time));
    }
    /// US dollars as a plain decimal number.
    template <LogName name>
    void add_dollars(Picodollars amount) {
        end_at(write_dollars(begin_field<name>(longest_dollars), amount));
    }
    template <LogName name>
    void add_flag(bool value) {
        const std::string_view word = value ? "true" : "false";
        auto* const to = begin_field<name>(word.size());
        end_at(to + word.copy(to, word.size()));
    }

    // Of a name that only its caller knows; one of ours, which needs no escape.
    void add(std::string_view name, std::string_view value) { add_text(begin_field(name, value.size() + 2), value); }
    void add_number(std::string_view name, std::uint64_t value) { end_at(put_number(begin_field(name, longest_number), value)); }

    [[nodiscard]] bool json() const noexcept { return json_; }

    /// Fields of another line of this form, as its `fields` gave them.
    void add_fields(std::string_view fields) { put(fields); }
    /// What has been added to a line that was not begun. Valid until the next call.
    [[nodiscard]] std::string_view fields() const noexcept { return {start(), static_cast<std::size_t>(at_ - start())}; }

    /// The line without a newline. Valid until the next `begin`.
    [[nodiscard]] std::string_view finish();

private:
    /// Where the line goes on, with room for `bytes` more; they count once `end_at` was told where they end.
    [[nodiscard]] char* room(std::size_t bytes) {
        if (static_cast<std::size_t>(end_ - at_) < bytes) grow(bytes);
        return at_;
    }
    void end_at(char* end) noexcept { at_ = end; }
    [[nodiscard]] const char* start() const noexcept { return room_.data(); }
    void grow(std::size_t bytes);

    void begin(std::chrono::system_clock::time_point now);
    template <auto literal>
    [[nodiscard]] char* put_literal(char* to) const noexcept {
        if (json_) {
            std::memcpy(to, literal.json.data(), literal.capacity);
            return to + literal.json_size;
        }
        std::memcpy(to, literal.text.data(), literal.capacity);
        return to + literal.text_size;
    }
    /// Writes a field's name, with room for `bytes` of its value behind it.
    template <LogName name>
    [[nodiscard]] char* begin_field(std::size_t bytes) {
        return put_literal<name>(room(LogName::capacity + bytes));
    }
    [[nodiscard]] char* begin_field(std::string_view name, std::size_t bytes);
    /// The value begins at `to`, where there is room for it with quotes.
    void add_text(char* to, std::string_view value);
    [[nodiscard]] static char* put_number(char* to, std::uint64_t value) noexcept;
    [[nodiscard]] static char* put_milliseconds(char* to, std::chrono::nanoseconds time) noexcept;
    void put(std::string_view text);
    void escaped(std::string_view text);

    static constexpr std::size_t longest_number = 20;

    const bool json_;
    std::vector<char> room_;
    char* at_ = nullptr;   ///< where the line ends
    char* end_ = nullptr;  ///< of the room
};

}  // namespace smg::telemetry
