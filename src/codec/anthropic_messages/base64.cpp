#include "codec/anthropic_messages/base64.hpp"

#include <array>
#include <cstdint>

namespace smg::codec::messages {
namespace {

constexpr std::array<std::int8_t, 256> make_values() {
    std::array<std::int8_t, 256> values{};
    for (auto& value : values) value = -1;
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < digits.size(); ++i) values[static_cast<unsigned char>(digits[i])] = static_cast<std::int8_t>(i);
    return values;
}
constexpr auto values = make_values();

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
    std::string out;
    out.reserve(text.size() / 4 * 3);
    std::uint32_t bits = 0;
    int held = 0;
    bool padded = false;
    for (const char c : text) {
        if (is_space(c)) continue;
        if (c == '=') {
            padded = true;
            continue;
        }
        const auto value = values[static_cast<unsigned char>(c)];
        if (value < 0 || padded) return std::nullopt;
        bits = (bits << 6U) | static_cast<std::uint32_t>(value);
        held += 6;
        if (held >= 8) {
            held -= 8;
            out += static_cast<char>((bits >> held) & 0xFFU);
        }
    }
    if (held == 6) return std::nullopt;  // a single digit is no byte
    return out;
}

std::string_view sniff_image(std::string_view base64) {
    const auto bytes = decode_base64(base64.substr(0, 16));
    if (!bytes) return {};
    const std::string_view head = *bytes;
    if (head.starts_with("\x89PNG")) return "image/png";
    if (head.starts_with("\xFF\xD8\xFF")) return "image/jpeg";
    if (head.starts_with("GIF8")) return "image/gif";
    if (head.starts_with("RIFF") && head.substr(8) == "WEBP") return "image/webp";
    return {};
}

}  // namespace smg::codec::messages
