#include "http/head_parser.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "http/characters.hpp"

namespace smg::http {
namespace {

auto bad(const char* message) { return fail(Failure::invalid_request, message); }

/// Takes the next line, without its CRLF, off the front. The finder has seen that each line ends so.
std::string_view take_line(std::string_view& text) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end - 1);
    text.remove_prefix(end + 1);
    return line;
}

Result<int> parse_version(std::string_view text) {
    if (text == "HTTP/1.1") return 11;
    if (text == "HTTP/1.0") return 10;
    return bad("only HTTP/1.1 and HTTP/1.0 are spoken here");
}

/// RFC 3986 section 3.2.2, without user information; the port is part of it.
bool is_authority(std::string_view text) noexcept {
    for (const char c : text) {
        const char lower = ascii_lower(c);
        const bool plain = (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
        if (!plain && std::string_view("-._~%:[]!$&'()*+;=").find(c) == std::string_view::npos) return false;
    }
    return true;
}

bool is_target(std::string_view text) noexcept {
    for (const char c : text)
        if (c <= 0x20 || c >= 0x7f || c == '#') return false;  // bytes above 127 are negative or above 0x7f
    return true;
}

/// RFC 9112 section 3.2: origin form, or absolute form of which `authority` is set, or `*` for OPTIONS.
Result<void> parse_target(std::string_view text, RequestHead& head, std::string_view& authority) {
    if (!is_target(text)) return bad("the request target holds a character that must be escaped");
    if (text.starts_with('/') || (text == "*" && head.method == "OPTIONS")) {
        head.target = text;
        return {};
    }
    const std::size_t scheme = istarts_with(text, "http://") ? 7 : istarts_with(text, "https://") ? 8 : 0;
    if (scheme == 0) return bad("the request target must be a path");
    text.remove_prefix(scheme);
    const auto path = std::min(text.find_first_of("/?"), text.size());
    authority = text.substr(0, path);
    if (authority.empty() || !is_authority(authority)) return bad("the request target names no valid host");
    text.remove_prefix(path);
    head.target = text.starts_with('/') ? std::string() : std::string("/");
    head.target += text;
    return {};
}

Result<void> parse_start_line(std::string_view line, RequestHead& head, std::string_view& authority) {
    const auto method_end = line.find(' ');
    const auto target_end = line.rfind(' ');
    if (method_end == std::string_view::npos || method_end == target_end) return bad("the request line is malformed");
    const auto version = parse_version(line.substr(target_end + 1));
    if (!version) return tl::unexpected(version.error());
    head.version = *version;
    head.method = line.substr(0, method_end);
    if (!is_token(head.method)) return bad("the method is malformed");
    const auto target = line.substr(method_end + 1, target_end - method_end - 1);
    if (target.empty()) return bad("the request line is malformed");
    return parse_target(target, head, authority);
}

Result<void> parse_start_line(std::string_view line, ResponseHead& head) {
    constexpr std::size_t version_size = 8;
    if (line.size() < version_size + 4 || line[version_size] != ' ') return bad("the status line is malformed");
    const auto version = parse_version(line.substr(0, version_size));
    if (!version) return tl::unexpected(version.error());
    head.version = *version;
    for (const char c : line.substr(version_size + 1, 3)) {
        if (c < '0' || c > '9') return bad("the status is malformed");
        head.status = head.status * 10 + (c - '0');
    }
    if (head.status < 100 || head.status > 599) return bad("the status is out of range");
    const auto rest = line.substr(version_size + 4);
    // Many servers leave out the space before an empty reason.
    if (!rest.empty() && rest.front() != ' ') return bad("the status line is malformed");
    if (!is_field_value(rest)) return bad("the reason phrase holds a control character");
    head.reason = rest.empty() ? rest : rest.substr(1);
    return {};
}

Result<void> note_length(std::string_view value, FramingFields& framing) {
    constexpr std::size_t max_digits = 18;  // cannot overflow
    // Equal duplicates are refused too: what passes them on may be read otherwise by who comes next.
    if (framing.length) return bad("Content-Length stands there twice");
    if (value.empty() || value.size() > max_digits) return bad("Content-Length is malformed");
    std::uint64_t length = 0;
    for (const char c : value) {
        if (c < '0' || c > '9') return bad("Content-Length is malformed");
        length = length * 10 + static_cast<std::uint64_t>(c - '0');
    }
    framing.length = length;
    return {};
}

void note_connection(std::string_view value, FramingFields& framing) {
    while (!value.empty()) {
        const auto comma = value.find(',');
        const auto option = trim(value.substr(0, comma));
        framing.close = framing.close || iequals(option, "close");
        framing.keep_alive = framing.keep_alive || iequals(option, "keep-alive");
        value = comma == std::string_view::npos ? std::string_view() : value.substr(comma + 1);
    }
}

/// Fields that decide where the message ends. Told apart by length first: nearly every field is none of them.
Result<void> note_field(std::string_view name, std::string_view value, FramingFields& framing) {
    switch (name.size()) {
        case 4:
            if (iequals(name, "host")) ++framing.hosts;
            break;
        case 10:
            if (iequals(name, "connection")) note_connection(value, framing);
            break;
        case 14:
            if (iequals(name, "content-length")) return note_length(value, framing);
            break;
        case 17:
            if (!iequals(name, "transfer-encoding")) break;
            if (framing.chunked || !iequals(value, "chunked")) return bad("the only Transfer-Encoding understood is one 'chunked'");
            framing.chunked = true;
            break;
        default: break;
    }
    return {};
}

Result<void> parse_field(std::string_view line, Fields& fields, FramingFields& framing) {
    if (line.front() == ' ' || line.front() == '\t') return bad("a header field is folded over two lines");
    std::size_t colon = 0;
    while (colon < line.size() && is_token_char(line[colon])) ++colon;
    if (colon == line.size()) return bad("a header field has no colon");
    if (colon == 0 || line[colon] != ':') return bad("the name of a header field is malformed");
    const auto name = line.substr(0, colon);
    const auto value = trim(line.substr(colon + 1));
    if (!is_field_value(value)) return bad("a header field holds a control character");
    if (auto noted = note_field(name, value, framing); !noted) return noted;
    fields.add({name, value, true});
    return {};
}

Result<FramingFields> parse_fields(std::string_view text, std::size_t lines, std::size_t max_fields, int version, Fields& fields) {
    // The start line and the empty line are no fields.
    const auto count = lines - 2;
    if (count > max_fields) return fail(Failure::headers_too_large, "the message has too many header fields");
    fields.reserve(count, text.size());
    FramingFields framing;
    for (std::size_t i = 0; i < count; ++i)
        if (auto parsed = parse_field(take_line(text), fields, framing); !parsed) return tl::unexpected(parsed.error());
    if (framing.chunked && framing.length) return bad("both Content-Length and Transfer-Encoding are given");
    if (framing.chunked && version == 10) return bad("HTTP/1.0 knows no Transfer-Encoding");
    return framing;
}

}  // namespace

Result<std::optional<std::size_t>> HeadEndFinder::find(std::string_view text) {
    for (;;) {
        const auto end = text.find('\n', scanned_);
        if (end == std::string_view::npos) {
            scanned_ = text.size();
            return std::nullopt;
        }
        if (end == line_start_ || text[end - 1] != '\r') return bad("a line does not end in CR LF");
        const bool empty = end == line_start_ + 1;
        ++lines_;
        line_start_ = scanned_ = end + 1;
        if (empty) return end + 1;
    }
}

Result<FramingFields> parse_head(std::string_view text, std::size_t lines, std::size_t max_fields, RequestHead& head) {
    if (lines < 2) return bad("the request line is missing");
    std::string_view authority;
    if (auto parsed = parse_start_line(take_line(text), head, authority); !parsed) return tl::unexpected(parsed.error());
    auto framing = parse_fields(text, lines, max_fields, head.version, head.fields);
    if (!framing) return framing;
    if (framing->hosts > 1) return bad("Host stands there twice");
    if (framing->hosts == 0 && head.version == 11) return bad("Host is missing");
    const auto host = head.fields.get("host");
    if (!is_authority(host)) return bad("Host is malformed");
    if (!authority.empty() && framing->hosts == 1 && !iequals(authority, host)) return bad("Host and the request target name different hosts");
    return framing;
}

Result<FramingFields> parse_head(std::string_view text, std::size_t lines, std::size_t max_fields, ResponseHead& head) {
    if (lines < 2) return bad("the status line is missing");
    if (auto parsed = parse_start_line(take_line(text), head); !parsed) return tl::unexpected(parsed.error());
    return parse_fields(text, lines, max_fields, head.version, head.fields);
}

}  // namespace smg::http
