#include "simulator/text.hpp"

#include <cmath>

#include <algorithm>
#include <array>

#include "base/ascii.hpp"

namespace smg::simulator {
namespace {

constexpr std::string_view standard_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Where the character that `at` falls into begins.
std::size_t character_start(std::string_view text, std::size_t at) noexcept {
    while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) --at;
    return at;
}

std::uint64_t stir(std::uint64_t x) noexcept {
    x ^= x >> 30U;
    x *= 0xbf58476d1ce4e5b9ULL;
    x ^= x >> 27U;
    x *= 0x94d049bb133111ebULL;
    return x ^ (x >> 31U);
}

std::string from_alphabet(std::uint64_t seed, std::size_t length, std::string_view alphabet) {
    std::string text;
    text.reserve(length);
    for (std::size_t i = 0; i < length; ++i) text += alphabet[stir(seed + 0x9e3779b97f4a7c15ULL * (i + 1)) % alphabet.size()];
    return text;
}

int sextet(char c, bool url_safe) noexcept {
    if (url_safe && c == '-') return 62;
    if (url_safe && c == '_') return 63;
    const auto at = standard_alphabet.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

std::uint64_t tokens_of(std::string_view text) noexcept { return (text.size() + 3) / 4; }

std::vector<std::string> cut_text(std::string_view text, std::size_t pieces) {
    std::vector<std::string> cut;
    const auto size = text.size();
    pieces = std::clamp<std::size_t>(pieces, 1, std::max<std::size_t>(size, 1));
    std::size_t begin = 0;
    for (std::size_t i = 1; i <= pieces; ++i) {
        const auto end = i == pieces ? size : character_start(text, size * i / pieces);
        if (end > begin) cut.emplace_back(text.substr(begin, end - begin));
        begin = std::max(begin, end);
    }
    return cut;
}

std::string first_tokens(std::string_view text, std::uint64_t tokens) {
    const auto bytes = static_cast<std::size_t>(std::min<std::uint64_t>(tokens, text.size())) * 4;
    if (bytes >= text.size()) return std::string(text);
    return std::string(text.substr(0, character_start(text, bytes)));
}

bool contains_word(std::string_view text, std::string_view lower_case_word) {
    return ascii_lower(text).find(lower_case_word) != std::string::npos;
}

std::string base64_encode(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::array<unsigned, 3> in{};
        const auto n = std::min<std::size_t>(3, bytes.size() - i);
        for (std::size_t k = 0; k < n; ++k) in[k] = static_cast<unsigned char>(bytes[i + k]);
        const unsigned word = in[0] << 16U | in[1] << 8U | in[2];
        for (std::size_t k = 0; k < 4; ++k) text += k <= n ? standard_alphabet[word >> (18U - 6U * static_cast<unsigned>(k)) & 63U] : '=';
    }
    return text;
}

std::optional<std::string> base64_decode(std::string_view text, bool url_safe) {
    const bool padded = !text.empty() && text.back() == '=';
    if ((padded || !url_safe) && text.size() % 4 != 0) return std::nullopt;
    for (int i = 0; i < 2 && !text.empty() && text.back() == '='; ++i) text.remove_suffix(1);
    if (text.size() % 4 == 1) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    unsigned word = 0;
    unsigned bits = 0;
    for (const char c : text) {
        const int value = sextet(c, url_safe);
        if (value < 0) return std::nullopt;
        word = word << 6U | static_cast<unsigned>(value);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes += static_cast<char>(word >> bits & 0xFFU);
    }
    return bytes;
}

std::optional<std::string> base64_decode_any(std::string_view text) {
    if (auto bytes = base64_decode(text)) return bytes;
    if (auto bytes = base64_decode(text, true)) return bytes;
    const auto missing = (4 - text.size() % 4) % 4;
    return missing == 0 ? std::nullopt : base64_decode(std::string(text) + std::string(missing, '='));
}

std::vector<double> unit_vector_of(std::string_view text, std::size_t dimensions) {
    std::vector<double> vector(dimensions);
    const auto seed = hash_of(text);
    double sum = 0;
    for (std::size_t i = 0; i < dimensions; ++i) {
        vector[i] = static_cast<double>(hash_of("d", seed + i) % 2001) / 1000.0 - 1.0;
        sum += vector[i] * vector[i];
    }
    const auto length = sum > 0 ? std::sqrt(sum) : 1;
    for (auto& value : vector) value /= length;
    return vector;
}

std::uint64_t hash_of(std::string_view text, std::uint64_t seed) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325ULL ^ stir(seed);
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return stir(hash);
}

std::string made_up(std::uint64_t seed, std::size_t length) {
    return from_alphabet(seed, length, standard_alphabet.substr(0, 62));
}

std::string made_up_hex(std::uint64_t seed, std::size_t length) { return from_alphabet(seed, length, "0123456789abcdef"); }

std::string made_up_uuid(std::uint64_t seed) {
    auto hex = made_up_hex(seed, 32);
    for (const std::size_t at : {20U, 16U, 12U, 8U}) hex.insert(at, "-");
    return hex;
}

}  // namespace smg::simulator
