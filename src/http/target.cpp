#include "http/target.hpp"

#include <algorithm>

#include "http/characters.hpp"

namespace smg::http {
namespace {

/// How many bytes follow the first one of a character (RFC 3629); nothing for a byte that begins none.
std::optional<std::size_t> following_bytes(unsigned first) noexcept {
    if (first < 0x80) return 0;
    if (first >= 0xC2 && first < 0xE0) return 1;
    if (first >= 0xE0 && first < 0xF0) return 2;
    if (first >= 0xF0 && first < 0xF5) return 3;
    return std::nullopt;
}

/// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text) noexcept {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    for (std::size_t i = 0; i < text.size();) {
        const auto first = byte(i);
        const auto second = byte(i + 1);
        const auto more = following_bytes(first);
        if (!more) return false;
        for (std::size_t k = 1; k <= *more; ++k)
            if ((byte(i + k) & 0xC0U) != 0x80) return false;
        if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return false;
        if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return false;
        i += *more + 1;
    }
    return true;
}

/// What nearly every path is.
bool is_printable_ascii(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

bool has_control(std::string_view text) noexcept {
    return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// Takes the next `name=value` off the front of a query string.
std::string_view take_parameter(std::string_view& query) {
    const auto end = query.find('&');
    const auto parameter = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    return parameter;
}

std::optional<std::string> form_decode(std::string_view text) {
    std::string spaced(text);
    std::replace(spaced.begin(), spaced.end(), '+', ' ');
    return percent_decode(spaced);
}

bool is_named(std::string_view parameter, std::string_view name) {
    const auto raw = parameter.substr(0, parameter.find('='));
    return raw == name || form_decode(raw) == name;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text) {
    if (text.find('%') == std::string_view::npos) return std::string(text);
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        const int high = text.size() - i > 2 ? hex_digit(text[i + 1]) : -1;
        const int low = text.size() - i > 2 ? hex_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0) return std::nullopt;
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return decoded;
}

Result<Target> split_target(std::string_view target) {
    const auto mark = target.find('?');
    auto path = percent_decode(target.substr(0, mark));
    if (!path) return fail(Failure::invalid_request, "the path holds a malformed percent escape");
    const bool plain = is_printable_ascii(*path) || (is_utf8(*path) && !has_control(*path));
    if (!plain) return fail(Failure::invalid_request, "the path is not plain UTF-8 text");
    return Target{std::move(*path), std::string(mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1))};
}

std::optional<std::string> query_parameter(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const auto parameter = take_parameter(query);
        if (!is_named(parameter, name)) continue;
        const auto equals = parameter.find('=');
        return form_decode(equals == std::string_view::npos ? std::string_view() : parameter.substr(equals + 1));
    }
    return std::nullopt;
}

std::string without_query_parameter(std::string_view query, std::string_view name) {
    std::string rest;
    while (!query.empty()) {
        const auto parameter = take_parameter(query);
        if (parameter.empty() || is_named(parameter, name)) continue;
        if (!rest.empty()) rest += '&';
        rest += parameter;
    }
    return rest;
}

std::string target_without_parameter(std::string_view target, std::string_view name) {
    const auto mark = target.find('?');
    std::string text(target.substr(0, mark));
    if (mark == std::string_view::npos) return text;
    const auto query = without_query_parameter(target.substr(mark + 1), name);
    return query.empty() ? text : text + "?" + query;
}

}  // namespace smg::http
