#include "config/values.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>

#include "base/ascii.hpp"

namespace smg::config {
namespace {

constexpr std::size_t longest_shown = 80;

std::string base64(std::string_view bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        unsigned group = 0;
        for (std::size_t j = 0; j < 3; ++j) group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
        for (std::size_t j = 0; j < 4; ++j) text += i + j <= bytes.size() ? digits[group >> (18 - 6 * j) & 63U] : '=';
    }
    return text;
}

std::string percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned byte = 0;
        const auto* digits = text.data() + i + 1;
        if (text[i] == '%' && i + 2 < text.size() && std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
            decoded += static_cast<char>(byte);
            i += 2;
        } else {
            decoded += text[i];
        }
    }
    return decoded;
}

bool is_name_char(char c) noexcept {
    return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

/// The width of an address in bits; 0: no address.
int address_bits(std::string_view text) noexcept {
    in6_addr room{};
    const std::string terminated(text);
    if (inet_pton(AF_INET, terminated.c_str(), &room) == 1) return 32;
    return inet_pton(AF_INET6, terminated.c_str(), &room) == 1 ? 128 : 0;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const auto changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }

/// Of `host:port`; brackets stay.
std::string_view without_port(std::string_view authority) noexcept {
    const auto bracket = authority.rfind(']');
    const auto colon = authority.rfind(':');
    return colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket) ? authority : authority.substr(0, colon);
}

}  // namespace

std::string_view without_brackets(std::string_view host) noexcept {
    return host.size() > 2 && host.front() == '[' && host.back() == ']' ? host.substr(1, host.size() - 2) : host;
}

std::optional<std::int64_t> whole_number(std::string_view text) noexcept {
    std::int64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [stopped, code] = std::from_chars(text.data(), end, value);
    if (text.empty() || code != std::errc{} || stopped != end) return std::nullopt;
    return value;
}

std::optional<double> number(std::string_view text) noexcept {
    double value = 0;
    const auto* end = text.data() + text.size();
    const auto [stopped, code] = std::from_chars(text.data(), end, value);
    if (text.empty() || code != std::errc{} || stopped != end || !std::isfinite(value)) return std::nullopt;
    return value;
}

std::optional<bool> toggle_value(std::string_view text) noexcept {
    for (const std::string_view yes : {"true", "1", "on", "yes"})
        if (iequals(text, yes)) return true;
    for (const std::string_view no : {"false", "0", "off", "no"})
        if (iequals(text, no)) return false;
    return std::nullopt;
}

std::vector<std::string> split_list(std::string_view text, char separator) {
    std::vector<std::string> pieces;
    while (true) {
        const auto end = text.find(separator);
        const auto piece = trim(text.substr(0, end));
        if (!piece.empty()) pieces.emplace_back(piece);
        if (end == std::string_view::npos) return pieces;
        text.remove_prefix(end + 1);
    }
}

std::string shown(std::string_view value) {
    std::string text(value);
    const auto scheme = text.find("://");
    const auto begin = scheme == std::string::npos ? 0 : scheme + 3;
    const auto authority = text.substr(begin, text.find_first_of("/?#", begin) - begin);
    const auto at = authority.rfind('@');
    if (at != std::string::npos && (begin > 0 || authority.find(':') < at)) text.replace(begin, at, "***");
    const auto query = begin > 0 ? text.find_first_of("?#") : std::string::npos;
    if (query != std::string::npos && query + 1 < text.size()) text.replace(query + 1, std::string::npos, "***");
    std::string out;
    for (const char c : text.substr(0, longest_shown)) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    return "\"" + out + (text.size() > longest_shown ? "…" : "") + "\"";
}

std::optional<Proxy> parse_proxy(std::string_view url) {
    Proxy proxy;
    // HTTP_PROXY=proxy:3128 is common, and curl takes it as http.
    if (const auto scheme = url.find("://"); scheme != std::string_view::npos) {
        if (!iequals(url.substr(0, scheme), "http")) return std::nullopt;
        url.remove_prefix(scheme + 3);
    }
    if (!url.empty() && url.back() == '/') url.remove_suffix(1);
    if (const auto at = url.rfind('@'); at != std::string_view::npos) {
        proxy.authorization = Secret("Basic " + base64(percent_decoded(url.substr(0, at))));
        url.remove_prefix(at + 1);
    }
    std::string_view port = "80";
    const auto bracket = url.rfind(']');
    const auto colon = url.rfind(':');
    if (colon != std::string_view::npos && (bracket == std::string_view::npos ? url.find(':') == colon : colon > bracket)) {
        port = url.substr(colon + 1);
        url = url.substr(0, colon);
    }
    const auto parsed = whole_number(port);
    if (!parsed || *parsed < 1 || *parsed > 65535 || !is_host(url)) return std::nullopt;
    proxy.host = ascii_lower(without_brackets(url));
    proxy.port = static_cast<std::uint16_t>(*parsed);
    return proxy;
}

bool is_host(std::string_view text) noexcept {
    const auto bare = without_brackets(text);
    if (address_bits(bare) != 0) return true;
    return !text.empty() && text.size() <= 253 && text.front() != '.' && text.front() != '-' && std::all_of(text.begin(), text.end(), is_name_char);
}

bool is_cidr_or_host(std::string_view text) noexcept {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return is_host(text);
    const auto bits = address_bits(text.substr(0, slash));
    const auto length = whole_number(text.substr(slash + 1));
    return bits != 0 && length && *length >= 0 && *length <= bits;
}

bool is_http_url(std::string_view text) noexcept {
    for (const std::string_view scheme : {"http://", "https://"})
        if (istarts_with(text, scheme))
            return text.size() > scheme.size() && text[scheme.size()] != '/' && text.find_first_of(" \t\r\n") == std::string_view::npos;
    return false;
}

bool is_safe_url(std::string_view text) noexcept {
    if (!is_http_url(text)) return false;
    const bool tls = istarts_with(text, "https://");
    text.remove_prefix(tls ? 8 : 7);
    const auto authority = text.substr(0, text.find_first_of("/?#"));
    if (authority.find('@') != std::string_view::npos) return false;
    return tls || is_loopback_host(without_port(authority));
}

bool is_origin(std::string_view text) noexcept {
    const auto colon = text.find("://");
    if (colon == std::string_view::npos || colon == 0) return false;
    const auto scheme = text.substr(0, colon);
    const auto is_scheme_char = [](char c) { return is_lower(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'; };
    if (!is_lower(scheme.front()) || !std::all_of(scheme.begin(), scheme.end(), is_scheme_char)) return false;
    const auto authority = text.substr(colon + 3);
    const auto host = without_port(authority);
    if (!is_host(host) || std::any_of(host.begin(), host.end(), [](char c) { return c != ascii_lower(c); })) return false;
    if (host.front() != '[' && host.find(':') != std::string_view::npos) return false;
    if (host.size() == authority.size()) return true;
    const auto port = whole_number(authority.substr(host.size() + 1));
    if (!port || *port < 1 || *port > 65535 || authority[host.size() + 1] == '0') return false;
    return !(scheme == "http" && *port == 80) && !(scheme == "https" && *port == 443);
}

bool is_token(std::string_view text) noexcept {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || (c >= '0' && c <= '9') || others.find(c) != std::string_view::npos;
    });
}

bool same_value(Kind kind, std::string_view a, std::string_view b) noexcept {
    if (kind == Kind::toggle) {
        const auto left = toggle_value(a), right = toggle_value(b);
        return left && right && *left == *right;
    }
    const auto left = number(a), right = number(b);
    if (left && right) return !(*left < *right) && !(*right < *left);
    return iequals(a, b);
}

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
    std::string best;
    auto least = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (const auto& candidate : candidates) {
        const auto distance = edit_distance(word, candidate);
        if (distance < least) least = distance, best = candidate;
    }
    return best;
}

std::optional<std::string> whole_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text;
    std::getline(file, text, '\0');  // to the end, for a file without NUL; a directory opens and then cannot be read
    if (!file.is_open() || file.bad() || !file.eof()) return std::nullopt;
    return text;
}

std::optional<std::string> first_line_of(const std::string& path) {
    const auto text = whole_file(path);
    if (!text) return std::nullopt;
    std::string_view line = std::string_view(*text).substr(0, text->find_first_of("\r\n"));
    return std::string(trim(line));
}

}  // namespace smg::config
