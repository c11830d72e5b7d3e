#include "simulator/steering.hpp"

#include <charconv>

namespace smg::simulator {
namespace {

constexpr std::string_view marker = "simulate:";
constexpr std::uint64_t most = 100'000'000;

std::optional<std::uint64_t> number(std::string_view digits) {
    std::uint64_t value = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (code != std::errc() || end != digits.data() + digits.size() || value > most) return std::nullopt;
    return value;
}

void take_number(Steering& steering, std::string_view word, std::uint64_t value) {
    if (word == "status" && value >= 400 && value <= 599) steering.status = static_cast<int>(value);
    if (word == "tokens") steering.tokens = value;
    if (word == "cached") steering.cached = value;
    if (word == "chunks" && value > 0) steering.chunks = value;
    if (word == "interval") steering.interval = std::chrono::milliseconds(value);
}

void take(Steering& steering, std::string_view word) {
    if (const auto equals = word.find('='); equals != std::string_view::npos) {
        if (const auto value = number(word.substr(equals + 1))) take_number(steering, word.substr(0, equals), *value);
        return;
    }
    const std::pair<std::string_view, bool Steering::*> flags[] = {
        {"quota", &Steering::quota},         {"reset", &Steering::reset},           {"hang", &Steering::hang},
        {"cut", &Steering::cut},             {"stall", &Steering::stall},           {"error-event", &Steering::error_event},
        {"html", &Steering::html},           {"error-first", &Steering::error_first}, {"malformed", &Steering::malformed},
        {"refuse", &Steering::refuse},       {"slow", &Steering::slow},
    };
    for (const auto& [name, flag] : flags)
        if (word == name) steering.*flag = true;
}

constexpr bool is_word_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '=';
}

}  // namespace

Steering parse_steering(std::string_view text) {
    Steering steering;
    for (auto at = text.find(marker); at != std::string_view::npos; at = text.find(marker, at)) {
        at += marker.size();
        for (bool more = true; more;) {
            auto end = at;
            while (end < text.size() && is_word_character(text[end])) ++end;
            take(steering, text.substr(at, end - at));
            more = end < text.size() && text[end] == ',';
            at = more ? end + 1 : end;
        }
    }
    return steering;
}

}  // namespace smg::simulator
