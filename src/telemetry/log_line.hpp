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
    /// Where the line goes on, with room for `bytes` more; they count once `end_at` was told where they end.
    [[nodiscard]] char* room(std::size_t bytes) {
        if (room_.size() - size_ < bytes) room_.resize(2 * room_.size() + bytes);
        return room_.data() + size_;
    }
    void end_at(const char* end) noexcept { size_ = static_cast<std::size_t>(end - room_.data()); }
    /// Writes the field's name, with room for `bytes` of its value behind it.
    [[nodiscard]] char* key(std::string_view name, std::size_t bytes);
    void put(std::string_view text);
    void escaped(std::string_view text);

    const bool json_;
    std::string room_;       ///< the line, and room for more of it
    std::size_t size_ = 0;  ///< of the line
};

}  // namespace smg::telemetry
