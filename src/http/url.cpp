#include "http/url.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/ascii.hpp"
#include "http/characters.hpp"

namespace smg::http {
namespace {

auto bad(const char* message) { return fail(Failure::invalid_request, message); }

bool is_host_name(std::string_view host) noexcept {
    for (const char c : host) {
        const char lower = ascii_lower(c);
        if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '.' && c != '_') return false;
    }
    return !host.empty() && host.size() <= 253 && host.front() != '.' && host.find("..") == std::string_view::npos;
}

bool is_ipv6(std::string_view host) noexcept {
    return std::count(host.begin(), host.end(), ':') >= 2 &&
           std::all_of(host.begin(), host.end(), [](char c) { return hex_digit(c) >= 0 || c == ':' || c == '.'; });
}

/// Visible ASCII only; and `%` always with two digits.
bool is_escaped(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] <= 0x20 || text[i] >= 0x7f) return false;
        if (text[i] == '%' && (text.size() - i < 3 || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0)) return false;
    }
    return true;
}

Result<void> parse_port(std::string_view text, Url& url) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535) return bad("the URL's port is not one of 1 to 65535");
    url.port = static_cast<std::uint16_t>(port);
    return {};
}

Result<void> parse_host(std::string_view text, Url& url) {
    std::string_view port;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos || !is_ipv6(text.substr(1, close - 1))) return bad("the URL's IPv6 address is malformed");
        url.host = ascii_lower(text.substr(1, close - 1));
        port = text.substr(close + 1);
    } else {
        const auto colon = std::min(text.find(':'), text.size());
        if (!is_host_name(text.substr(0, colon))) return bad("the URL names no valid host (an IPv6 address stands in brackets)");
        url.host = ascii_lower(text.substr(0, colon));
        port = text.substr(colon);
    }
    if (port.empty()) return {};
    if (port.front() != ':') return bad("the URL has text after its IPv6 address");
    return parse_port(port.substr(1), url);
}

}  // namespace

Result<Url> parse_url(std::string_view text, UrlParts allowed) {
    Url url;
    url.tls = istarts_with(text, "https://");
    if (!url.tls && !istarts_with(text, "http://")) return bad("the URL must begin with http:// or https://");
    url.port = url.tls ? 443 : 80;
    text.remove_prefix(url.tls ? 8 : 7);
    if (!is_escaped(text)) return bad("the URL holds a character that must be escaped, or a malformed escape");
    if (text.find('#') != std::string_view::npos) return bad("the URL must not have a fragment (#)");

    const auto mark = text.find('?');
    if (mark != std::string_view::npos) {
        if (!allowed.query) return bad("the URL must not have a query (?)");
        url.query = text.substr(mark + 1);
        text = text.substr(0, mark);
    }
    const auto slash = std::min(text.find('/'), text.size());
    url.path = slash == text.size() ? "/" : text.substr(slash);
    auto authority = text.substr(0, slash);
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        if (!allowed.user_info) return bad("the URL must not hold a user name or password");
        url.user_info = authority.substr(0, at);
        authority.remove_prefix(at + 1);
    }
    if (auto parsed = parse_host(authority, url); !parsed) return tl::unexpected(std::move(parsed.error()));
    return url;
}

std::string Url::authority() const {
    auto text = host.find(':') == std::string::npos ? host : "[" + host + "]";
    if (port != (tls ? 443 : 80)) text += ":" + std::to_string(port);
    return text;
}

std::string Url::target() const { return query.empty() ? path : path + "?" + query; }

}  // namespace smg::http
