#include "codec/reasoning_envelope.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace smg::codec {
namespace {

constexpr std::string_view prefix = "smg1.";
/// What the base64 of `smg1.` and a lower-case letter begins with.
constexpr std::string_view armoured_prefix = "c21nMS5";
constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> make_values() {
    std::array<std::int8_t, 256> values{};
    for (auto& value : values) value = -1;
    for (std::size_t i = 0; i < digits.size(); ++i) values[static_cast<unsigned char>(digits[i])] = static_cast<std::int8_t>(i);
    return values;
}
constexpr auto values = make_values();

struct Named {
    Origin origin;
    std::string_view name;
};
constexpr std::array<Named, 5> origins{
    {{Origin::unknown, "unknown"}, {Origin::openai, "openai"}, {Origin::anthropic, "anthropic"}, {Origin::gemini, "gemini"}, {Origin::xai, "xai"}}};

std::string_view name_of(Origin origin) {
    for (const auto& known : origins)
        if (known.origin == origin) return known.name;
    return "unknown";
}

std::optional<Origin> origin_of(std::string_view name) {
    for (const auto& known : origins)
        if (known.name == name) return known.origin;
    return std::nullopt;
}

void append_base64url(std::string& out, std::string_view bytes) {
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : bytes) {
        bits = (bits << 8U) | static_cast<unsigned char>(c);
        held += 8;
        while (held >= 6) {
            held -= 6;
            out += digits[(bits >> held) & 0x3FU];
        }
    }
    if (held > 0) out += digits[(bits << (6 - held)) & 0x3FU];
}

std::optional<std::string> from_base64url(std::string_view text) {
    std::string out;
    out.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : text) {
        const auto value = values[static_cast<unsigned char>(c)];
        if (value < 0) return std::nullopt;
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

/// Takes `i:<id>\n` off the front of a payload.
std::string_view take_id(std::string_view& payload) {
    if (!payload.starts_with("i:")) return {};
    const auto end = payload.find('\n');
    if (end == std::string_view::npos) return {};
    const auto id = payload.substr(2, end - 2);
    payload.remove_prefix(end + 1);
    return id;
}

}  // namespace

std::string wrap_reasoning(Origin origin, std::string_view payload) {
    const auto name = name_of(origin);
    std::string out;
    out.reserve(prefix.size() + name.size() + 1 + (payload.size() * 4 + 2) / 3);
    out += prefix;
    out += name;
    out += '.';
    append_base64url(out, payload);
    return out;
}

bool is_envelope(std::string_view text) noexcept { return text.starts_with(prefix); }

std::optional<Enveloped> unwrap_reasoning(std::string_view text) {
    if (!is_envelope(text)) return std::nullopt;
    text.remove_prefix(prefix.size());
    const auto dot = text.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const auto origin = origin_of(text.substr(0, dot));
    auto payload = from_base64url(text.substr(dot + 1));
    if (!origin || !payload) return std::nullopt;
    return Enveloped{*origin, std::move(*payload)};
}

std::string seal_reasoning(const ReasoningPart& part) {
    if (part.signature.empty() && part.redacted.empty()) return {};
    std::string payload;
    if (!part.id.empty() && part.id.find('\n') == std::string::npos) payload += "i:" + part.id + "\n";
    if (part.redacted.empty()) {
        payload += "s:";
        payload += part.signature;
    } else {
        payload += "r:";
        payload += part.redacted;
    }
    return wrap_reasoning(part.origin, payload);
}

void open_reasoning(std::string_view text, Origin native, ReasoningPart& part) {
    if (text.empty()) return;
    if (!is_envelope(text)) {
        part.signature = text;
        part.origin = native;
        return;
    }
    const auto opened = unwrap_reasoning(text);
    if (!opened) return;
    std::string_view payload = opened->payload;
    part.origin = opened->origin;
    if (const auto id = take_id(payload); !id.empty()) part.id = id;
    if (payload.starts_with("s:")) part.signature = payload.substr(2);
    if (payload.starts_with("r:")) part.redacted = payload.substr(2);
}

std::string seal_call(std::string_view signature) { return wrap_reasoning(Origin::gemini, std::string("c:").append(signature)); }

std::optional<std::string> open_call(std::string_view text) {
    const auto opened = unwrap_reasoning(text);
    if (!opened || opened->origin != Origin::gemini || !opened->payload.starts_with("c:")) return std::nullopt;
    return opened->payload.substr(2);
}

std::string armoured(std::string_view word) {
    std::string out;
    append_base64url(out, word);
    for (auto& c : out) c = c == '-' ? '+' : c == '_' ? '/' : c;
    out.append((4 - out.size() % 4) % 4, '=');
    return out;
}

std::string unarmoured(std::string_view text) {
    if (!text.starts_with(armoured_prefix)) return std::string(text);
    std::string digits_only(text.substr(0, text.find_last_not_of('=') + 1));
    for (auto& c : digits_only) c = c == '+' ? '-' : c == '/' ? '_' : c;
    auto word = from_base64url(digits_only);
    return word && is_envelope(*word) ? std::move(*word) : std::string(text);
}

bool holds_envelope(std::string_view body) noexcept {
    // Both hold a `1`, which text rarely does, and memchr passes over what holds none many bytes at a time: bodies are long.
    constexpr std::string_view quoted_prefix = R"("smg1.)";
    const auto stands_around = [body](std::size_t at, std::string_view word) {
        const auto before = word.find('1');
        return at >= before && body.substr(at - before).starts_with(word);
    };
    for (auto at = body.find('1'); at != std::string_view::npos; at = body.find('1', at + 1))
        if (stands_around(at, quoted_prefix) || stands_around(at, armoured_prefix)) return true;
    return false;
}

}  // namespace smg::codec
