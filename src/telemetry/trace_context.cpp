#include "telemetry/trace_context.hpp"

#include <algorithm>
#include <random>

namespace smg::telemetry {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

template <std::size_t Size>
std::string hex_of(const std::array<std::uint8_t, Size>& bytes) {
    std::string text;
    text.reserve(2 * Size);
    for (const auto byte : bytes) text.append(1, digits[byte >> 4U]).append(1, digits[byte & 15U]);
    return text;
}

/// Lower-case digits only, and not all zeros unless they may be.
template <std::size_t Size>
bool read_hex(std::string_view text, std::array<std::uint8_t, Size>& out, bool zeros_allowed = false) {
    bool zeros = true;
    for (std::size_t i = 0; i < Size; ++i) {
        const auto high = digits.find(text[2 * i]), low = digits.find(text[2 * i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) return false;
        out[i] = static_cast<std::uint8_t>(high << 4U | low);
        zeros = zeros && out[i] == 0;
    }
    return zeros_allowed || !zeros;
}

template <std::size_t Size>
std::array<std::uint8_t, Size> random_bytes() {
    thread_local std::mt19937_64 random{[] {
        std::random_device device;
        std::seed_seq seed{device(), device(), device(), device()};
        return std::mt19937_64(seed);
    }()};
    std::array<std::uint8_t, Size> bytes{};
    do {
        for (std::size_t i = 0; i < Size; i += 8) {
            auto word = random();
            for (std::size_t j = 0; j < 8; ++j, word >>= 8U) bytes[i + j] = static_cast<std::uint8_t>(word);
        }
    } while (std::all_of(bytes.begin(), bytes.end(), [](auto byte) { return byte == 0; }));
    return bytes;
}

}  // namespace

std::optional<TraceContext> read_traceparent(std::string_view text) noexcept {
    constexpr std::size_t length = 55;
    if (text.size() < length || text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
    TraceContext context;
    std::array<std::uint8_t, 1> version{}, flags{};
    if (!read_hex(text.substr(0, 2), version, true) || version[0] == 0xff) return std::nullopt;
    if (version[0] == 0 ? text.size() != length : text.size() > length && text[length] != '-') return std::nullopt;
    if (!read_hex(text.substr(3, 32), context.trace_id) || !read_hex(text.substr(36, 16), context.span_id)) return std::nullopt;
    if (!read_hex(text.substr(53, 2), flags, true)) return std::nullopt;
    context.sampled = (flags[0] & 1U) != 0;
    return context;
}

std::string traceparent(const TraceContext& context) {
    return "00-" + hex(context.trace_id) + "-" + hex(context.span_id) + (context.sampled ? "-01" : "-00");
}

TraceId new_trace_id() { return random_bytes<16>(); }
SpanId new_span_id() { return random_bytes<8>(); }

std::string hex(const TraceId& id) { return hex_of(id); }
std::string hex(const SpanId& id) { return hex_of(id); }

}  // namespace smg::telemetry
