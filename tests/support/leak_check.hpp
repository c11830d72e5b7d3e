#pragma once
/// Finds secrets where they must not be. Pure: named texts in, findings out, so that it can be tried with leaks of its own making.
#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smg::test {

struct Canary {
    std::string name;
    std::string key;
    /// What is looked for: a part that nothing else in the world holds. It finds keys that were cut, or shown behind a prefix.
    std::string core;
    std::set<std::string> allowed;  ///< names of the places that may hold it
};

struct Place {
    std::string name;
    std::string text;
};

struct Leak {
    std::string canary;
    std::string place;
    friend bool operator==(const Leak&, const Leak&) = default;
};

namespace detail {

inline std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

inline std::string base64(std::string_view bytes) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    unsigned bits = 0;
    unsigned held = 0;
    for (const unsigned char byte : bytes) {
        held = (held << 8U) | byte;
        for (bits += 8; bits >= 6; bits -= 6) out += alphabet[(held >> (bits - 6)) & 63U];
    }
    return out;
}

}  // namespace detail

/// Case does not matter; base64 of the whole key counts too.
inline std::vector<Leak> leaks_in(const std::vector<Place>& places, const std::vector<Canary>& canaries) {
    std::vector<Leak> leaks;
    for (const auto& place : places) {
        const auto text = detail::lower(place.text);
        for (const auto& canary : canaries) {
            if (canary.allowed.contains(place.name)) continue;
            const auto encoded = detail::base64(canary.key);
            const bool found = text.find(detail::lower(canary.core)) != std::string::npos || place.text.find(encoded) != std::string::npos;
            if (found) leaks.push_back({canary.name, place.name});
        }
    }
    return leaks;
}

}  // namespace smg::test
