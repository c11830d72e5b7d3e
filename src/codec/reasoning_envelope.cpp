#include "codec/reasoning_envelope.hpp"

#include <bit>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "codec/json_tree.hpp"

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

/// Where each format keeps reasoning: in members of what is `within` (empty: of itself) each entry of a `list`.
struct ReasoningPlaces {
    std::string_view format, list, within;
    std::array<std::string_view, 2> members;
};
constexpr ReasoningPlaces reasoning_places[] = {
    {"openai_chat", "messages", "reasoning_details", {"signature", "data"}},
    {"openai_responses", "input", "", {"encrypted_content", ""}},
    {"anthropic_messages", "messages", "content", {"signature", "data"}},
    {"gemini", "contents", "parts", {"thoughtSignature", "thought_signature"}},
};

/// The items of a list; Gemini's readers take one object for a list of it.
template <typename Use>
void each_of(JsonNode list, const Use& use) {
    if (list.is_object()) return use(list);
    if (!list.is_array()) return;
    for (JsonNode item : list) use(item);
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

bool may_hold_envelope(std::string_view body) noexcept {
    // One pass for both prefixes, by two bytes of each that seldom follow each other in prose: every body that passes is searched.
    constexpr std::string_view plain = R"("smg1.)";
    static_assert(plain[3] == 'g' && plain[4] == '1');
    static_assert(armoured_prefix[2] == '1' && armoured_prefix[3] == 'n');
    const auto stands_at = [body](std::size_t pair, std::size_t before, std::string_view word) {
        return pair >= before && body.substr(pair - before, word.size()) == word;
    };
    const auto is_one = [&](std::size_t pair) { return stands_at(pair, 3, plain) || stands_at(pair, 2, armoured_prefix); };
    std::size_t at = 0;
#ifdef __SSE2__
    const auto g = _mm_set1_epi8('g'), one = _mm_set1_epi8('1'), n = _mm_set1_epi8('n');
    for (; at + 17 <= body.size(); at += 16) {
        const auto first = _mm_loadu_si128(reinterpret_cast<const __m128i*>(body.data() + at));
        const auto second = _mm_loadu_si128(reinterpret_cast<const __m128i*>(body.data() + at + 1));
        const auto hit = _mm_or_si128(_mm_and_si128(_mm_cmpeq_epi8(first, g), _mm_cmpeq_epi8(second, one)),
                                      _mm_and_si128(_mm_cmpeq_epi8(first, one), _mm_cmpeq_epi8(second, n)));
        for (auto mask = static_cast<unsigned>(_mm_movemask_epi8(hit)); mask != 0; mask &= mask - 1)
            if (is_one(at + static_cast<std::size_t>(std::countr_zero(mask)))) return true;
    }
#endif
    for (; at < body.size(); ++at)
        if ((body[at] == 'g' || body[at] == '1') && is_one(at)) return true;
    return false;
}

bool holds_envelope(std::string_view body, std::string_view format) {
    if (!may_hold_envelope(body)) return false;
    const auto known =
        std::find_if(std::begin(reasoning_places), std::end(reasoning_places), [&](const auto& each) { return each.format == format; });
    JsonTree tree;
    const auto root = tree.parse(body);
    if (known == std::end(reasoning_places) || !root) return false;
    bool found = false;
    each_of((*root)[known->list], [&](JsonNode entry) {
        each_of(known->within.empty() ? entry : entry[known->within], [&](JsonNode place) {
            for (const auto member : known->members) found = found || (!member.empty() && is_envelope(unarmoured(place[member].text())));
        });
    });
    return found;
}

}  // namespace smg::codec
