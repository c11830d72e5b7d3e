#pragma once
/// One log line: a moment, a level, a message and fields, as `key=value` text or as one JSON object.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/money.hpp"

namespace smg::telemetry {

/// The name of a field that is no literal.
struct LogKey {
    std::string_view name;
};

/// Builds a line; known forms of keys are cut out of messages and values. Reuse one: it keeps its memory.
class LogLine {
public:
    explicit LogLine(bool json) : json_(json) {}

    void begin(std::chrono::system_clock::time_point now, std::string_view level, std::string_view message);
    /// `key` is a literal, or a `LogKey` of another text.
    template <typename Key>
    void add(const Key& key, std::string_view value) {
        add_text(begin_field(key, value.size() + 2), value);
    }
    /// A word of our own: no key can stand in it, and nothing needs quotes as text.
    template <typename Key>
    void add_word(const Key& key, std::string_view value) {
        auto* to = begin_field(key, value.size() + 2);
        if (json_) *to++ = '"';
        to += value.copy(to, value.size());
        if (json_) *to++ = '"';
        end_at(to);
    }
    template <typename Key>
    void add_number(const Key& key, std::uint64_t value) {
        end_at(put_number(begin_field(key, longest_number), value));
    }
    /// Milliseconds with three decimals.
    template <typename Key>
    void add_milliseconds(const Key& key, std::chrono::nanoseconds time) {
        end_at(put_milliseconds(begin_field(key, longest_number + 4), time));
    }
    /// US dollars as a plain decimal number.
    template <typename Key>
    void add_dollars(const Key& key, Picodollars amount) {
        end_at(begin_field(key, 0));
        put_dollars(amount);
    }
    template <typename Key>
    void add_flag(const Key& key, bool value) {
        const std::string_view word = value ? "true" : "false";
        auto* const to = begin_field(key, word.size());
        end_at(to + word.copy(to, word.size()));
    }
    /// The line without a newline. Valid until the next `begin`.
    [[nodiscard]] std::string_view finish();

private:
    /// Where the line goes on, with room for `bytes` more; they count once `end_at` was told where they end.
    [[nodiscard]] char* room(std::size_t bytes) {
        if (room_.size() - size_ < bytes) room_.resize(2 * room_.size() + bytes);
        return room_.data() + size_;
    }
    void end_at(const char* end) noexcept { size_ = static_cast<std::size_t>(end - room_.data()); }
    /// Writes a field's name, with room for `bytes` of its value behind it. A literal's size is known to the compiler: it is a store or two.
    template <std::size_t size>
    [[nodiscard]] char* begin_field(const char (&name)[size], std::size_t bytes) {
        return put_name(name, size - 1, room(size + bytes + 4));
    }
    [[nodiscard]] char* begin_field(const LogKey& key, std::size_t bytes) {
        return put_name(key.name.data(), key.name.size(), room(key.name.size() + bytes + 4));
    }
    [[nodiscard]] char* put_name(const char* name, std::size_t size, char* to) const {
        *to++ = json_ ? ',' : ' ';
        if (json_) *to++ = '"';
        std::memcpy(to, name, size);
        to += size;
        if (json_) *to++ = '"';
        *to++ = json_ ? ':' : '=';
        return to;
    }
    /// The value begins at `to`, where there is room for it with quotes.
    void add_text(char* to, std::string_view value);
    [[nodiscard]] static char* put_number(char* to, std::uint64_t value) noexcept;
    [[nodiscard]] static char* put_milliseconds(char* to, std::chrono::nanoseconds time) noexcept;
    void put_dollars(Picodollars amount);
    void put(std::string_view text);
    void escaped(std::string_view text);

    static constexpr std::size_t longest_number = 24;

    const bool json_;
    std::string room_;       ///< the line, and room for more of it
    std::size_t size_ = 0;  ///< of the line
};

}  // namespace smg::telemetry
