#pragma once
/// Appends JSON to a string, with commas placed by itself. It does not check that what is written is well formed beyond that:
/// its callers are codecs, whose tests parse every output.
#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace smg::codec {

/// Appends `text` as a JSON string with its quotes. Escapes what JSON demands, and U+0085, U+2028 and U+2029, which some
/// line-splitting SSE clients take for line ends. Bytes that are not UTF-8 are kept as they are.
void append_json_string(std::string& out, std::string_view text);

class JsonWriter {
public:
    explicit JsonWriter(std::string& out) : out_(out) {}

    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }

    JsonWriter& key(std::string_view name);
    JsonWriter& string(std::string_view text) {
        separate();
        append_json_string(out_, text);
        return *this;
    }
    /// A value that is JSON text already: a number in its source spelling, a schema.
    JsonWriter& raw(std::string_view json) {
        separate();
        out_ += json;
        return *this;
    }
    JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
    JsonWriter& null() { return raw("null"); }
    template <std::integral T>
    JsonWriter& number(T value) {
        char digits[24];
        auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
        return raw(std::string_view(digits, static_cast<std::size_t>(end - digits)));
    }

    /// Whole members: `member("model", name)`.
    JsonWriter& member(std::string_view name, std::string_view text);
    JsonWriter& raw_member(std::string_view name, std::string_view json) { return key(name).raw(json); }
    JsonWriter& bool_member(std::string_view name, bool value) { return key(name).boolean(value); }
    template <std::integral T>
    JsonWriter& number_member(std::string_view name, T value) {
        return key(name).number(value);
    }

private:
    void separate() {
        if (comma_) out_ += ',';
        comma_ = true;
    }
    JsonWriter& open(char bracket) {
        separate();
        out_ += bracket;
        comma_ = false;
        return *this;
    }
    JsonWriter& close(char bracket) {
        out_ += bracket;
        comma_ = true;
        return *this;
    }

    std::string& out_;
    bool comma_ = false;
};

}  // namespace smg::codec
