#pragma once
/// One log line: a moment, a level, a message and fields, as `key=value` text or as one JSON object.
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/money.hpp"

namespace smg::telemetry {

/// Builds a line; known forms of keys are cut out of messages and values. Reuse one: it keeps its memory.
class LogLine {
public:
    explicit LogLine(bool json) : json_(json) {}

    void begin(std::chrono::system_clock::time_point now, std::string_view level, std::string_view message);
    void add(std::string_view key, std::string_view value);
    /// A word of our own: no key can stand in it, and nothing needs quotes as text.
    void add_word(std::string_view key, std::string_view value);
    void add_number(std::string_view key, std::uint64_t value);
    /// Milliseconds with three decimals.
    void add_milliseconds(std::string_view key, std::chrono::nanoseconds time);
    /// US dollars as a plain decimal number.
    void add_dollars(std::string_view key, Picodollars amount);
    void add_flag(std::string_view key, bool value);
    /// The line without a newline. Valid until the next `begin`.
    [[nodiscard]] std::string_view finish();

private:
    void key(std::string_view name);
    void escaped(std::string_view text);

    const bool json_;
    std::string line_;
};

}  // namespace smg::telemetry
