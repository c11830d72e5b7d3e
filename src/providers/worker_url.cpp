#include "providers/worker_url.hpp"

#include <charconv>

#include "base/ascii.hpp"

namespace smg::providers {

namespace {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_hex(char c) noexcept { return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f'); }
constexpr bool is_alnum(char c) noexcept { return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'); }
constexpr bool is_unreserved(char c) noexcept { return is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~'; }
constexpr bool is_sub_delimiter(char c) noexcept { return std::string_view("!$&'()*+,;=").find(c) != std::string_view::npos; }

constexpr std::string_view last_segment(std::string_view path) noexcept {
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool is_host_name(std::string_view host) noexcept {
    if (host.empty() || host.size() > 253) return false;
    for (char c : host)
        if (!is_alnum(c) && c != '-' && c != '.' && c != '_') return false;
    return host.front() != '.' && host.find("..") == std::string_view::npos;
}

bool is_ipv6_text(std::string_view host) noexcept {
    if (host.size() < 2 || host.find(':') == std::string_view::npos) return false;
    for (char c : host)
        if (!is_hex(c) && c != ':' && c != '.') return false;
    return true;
}

bool is_path(std::string_view path) noexcept {
    for (char c : path)
        if (!is_unreserved(c) && !is_sub_delimiter(c) && c != '/' && c != ':' && c != '@' && c != '%') return false;
    return path.find("//") == std::string_view::npos && path.find("/./") == std::string_view::npos && path.find("/../") == std::string_view::npos &&
           last_segment(path) != "." && last_segment(path) != "..";
}

auto bad(std::string text) { return fail(Failure::invalid_request, std::move(text), "url"); }

/// Splits `host`, `host:port`, `[v6]:port`; the port text is empty when there is none.
Result<std::pair<std::string_view, std::string_view>> split_authority(std::string_view authority) {
    if (!authority.empty() && authority.front() == '[') {
        const auto close = authority.find(']');
        if (close == std::string_view::npos || !is_ipv6_text(authority.substr(1, close - 1))) return bad("url has a malformed IPv6 address");
        const auto rest = authority.substr(close + 1);
        if (!rest.empty() && rest.front() != ':') return bad("url has text after its IPv6 address");
        return std::pair(authority.substr(1, close - 1), rest.empty() ? rest : rest.substr(1));
    }
    const auto colon = authority.find(':');
    const auto host = authority.substr(0, colon);
    if (!is_host_name(host)) return bad("url needs a host name or address, such as https://api.openai.com/v1");
    return std::pair(host, colon == std::string_view::npos ? std::string_view() : authority.substr(colon + 1));
}

Result<std::uint16_t> parse_port(std::string_view text, bool tls) {
    if (text.empty()) return static_cast<std::uint16_t>(tls ? 443 : 80);
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535)
        return bad("url has a bad port; 1 to 65535 is allowed");
    return static_cast<std::uint16_t>(port);
}

void append_encoded(std::string& out, char c) {
    static constexpr char digits[] = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
}

}  // namespace

Result<WorkerUrl> parse_worker_url(std::string_view text) {
    WorkerUrl url;
    url.given = std::string(text);
    text = trim(text);
    if (text.empty()) return bad("url is required");
    if (istarts_with(text, "https://")) {
        url.tls = true;
        text.remove_prefix(8);
    } else if (istarts_with(text, "http://")) {
        text.remove_prefix(7);
    } else {
        return bad("url must begin with http:// or https://");
    }
    // None of the messages below repeats the URL: what is wrong with it may be a password in it.
    if (text.find('#') != std::string_view::npos) return bad("url must not have a fragment (#…)");
    if (text.find('?') != std::string_view::npos) return bad("url must not have a query (?…); use the field `query`");
    const auto slash = text.find('/');
    const auto authority = text.substr(0, slash);
    if (authority.find('@') != std::string_view::npos) return bad("url must not hold a user or password; use `api_key` or `headers`");
    const auto parts = split_authority(authority);
    if (!parts) return tl::unexpected(parts.error());
    const auto port = parse_port(parts->second, url.tls);
    if (!port) return tl::unexpected(port.error());
    url.host = ascii_lower(parts->first);
    if (url.host.size() > 1 && url.host.back() == '.') url.host.pop_back();  // the root's dot: the same name
    url.port = *port;
    auto path = slash == std::string_view::npos ? std::string_view() : text.substr(slash);
    while (!path.empty() && path.back() == '/') path.remove_suffix(1);
    if (!is_path(path)) return bad("url has a path with characters or segments that are not allowed");
    url.path = std::string(path);
    return url;
}

std::string WorkerUrl::authority() const {
    std::string text = host.find(':') == std::string::npos ? host : "[" + host + "]";
    if (port != (tls ? 443 : 80)) text += ":" + std::to_string(port);
    return text;
}

std::string WorkerUrl::origin() const { return (tls ? "https://" : "http://") + authority(); }

bool WorkerUrl::ends_in_version() const noexcept { return is_version_segment(last_segment(path)); }

std::string WorkerUrl::base_path() const { return ends_in_version() ? path.substr(0, path.rfind('/')) : path; }

std::string WorkerUrl::api_root(std::string_view default_root) const { return ends_in_version() ? path : path + std::string(default_root); }

bool WorkerUrl::is_loopback() const noexcept {
    return host == "localhost" || host.ends_with(".localhost") || host == "::1" ||
           (host.starts_with("127.") && !host.empty() && is_digit(host.back()));
}

bool is_version_segment(std::string_view segment) noexcept {
    if (segment.size() < 2 || ascii_lower(segment.front()) != 'v') return false;
    segment.remove_prefix(1);
    const auto skip_digits = [&] {
        std::size_t n = 0;
        while (n < segment.size() && is_digit(segment[n])) ++n;
        segment.remove_prefix(n);
        return n;
    };
    if (skip_digits() == 0) return false;
    if (istarts_with(segment, "beta"))
        segment.remove_prefix(4);
    else if (istarts_with(segment, "alpha"))
        segment.remove_prefix(5);
    else
        return segment.empty();
    skip_digits();
    return segment.empty();
}

std::string encode_path(std::string_view text, bool keep_slashes) {
    std::string out;
    for (char c : text) {
        if (is_unreserved(c) || is_sub_delimiter(c) || c == ':' || c == '@' || (keep_slashes && c == '/'))
            out += c;
        else
            append_encoded(out, c);
    }
    return out;
}

std::string encode_query(std::string_view text) {
    std::string out;
    for (char c : text) {
        if (is_unreserved(c))
            out += c;
        else
            append_encoded(out, c);
    }
    return out;
}

}  // namespace smg::providers
