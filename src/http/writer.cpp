#include "http/writer.hpp"

#include <charconv>

namespace smg::http {
namespace {

bool is_target(std::string_view text) noexcept {
    for (const char c : text)
        if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) return false;
    return !text.empty();
}

void append_version(std::string& out, int version) { out += version == 10 ? "HTTP/1.0" : "HTTP/1.1"; }

/// `name: value\r\n`, to where there is room.
char* put_field(char* to, std::string_view name, std::string_view value) {
    to += name.copy(to, name.size());
    *to++ = ':';
    *to++ = ' ';
    to += value.copy(to, value.size());
    *to++ = '\r';
    *to++ = '\n';
    return to;
}

constexpr std::size_t around_field = 4;

}  // namespace

void append_fields(std::string& out, const Fields& fields) {
    std::size_t most = 0;
    for (const auto& field : fields) most += field.name.size() + field.value.size() + around_field;
    const auto begin = out.size();
    out.resize(begin + most);  // once, not for each piece
    auto* to = out.data() + begin;
    for (const auto& field : fields)
        if (field.checked || (is_token(field.name) && is_field_value(field.value))) to = put_field(to, field.name, field.value);
    out.resize(static_cast<std::size_t>(to - out.data()));
}

bool append_field(std::string& out, std::string_view name, std::string_view value) {
    if (!is_token(name) || !is_field_value(value)) return false;
    const auto begin = out.size();
    out.resize(begin + name.size() + value.size() + around_field);
    put_field(out.data() + begin, name, value);
    return true;
}

bool append_request_line(std::string& out, std::string_view method, std::string_view target, int version) {
    if (!is_token(method) || !is_target(target)) return false;
    out.append(method).append(" ").append(target).append(" ");
    append_version(out, version);
    out += "\r\n";
    return true;
}

bool append_request_head(std::string& out, const RequestHead& head) {
    if (!append_request_line(out, head.method, head.target, head.version)) return false;
    append_fields(out, head.fields);
    return true;
}

void append_response_head(std::string& out, const ResponseHead& head) {
    const int status = head.status >= 100 && head.status <= 999 ? head.status : 500;
    append_version(out, head.version);
    out += ' ';
    out += std::to_string(status);
    out += ' ';
    out += head.reason.empty() || !is_field_value(head.reason) ? reason_phrase(status) : std::string_view(head.reason);
    out += "\r\n";
    append_fields(out, head.fields);
}

void append_chunk_size(std::string& out, std::uint64_t size) {
    char digits[16];
    const auto end = std::to_chars(digits, digits + sizeof digits, size, 16).ptr;
    out.append(digits, end);
    out += "\r\n";
}

void append_chunk(std::string& out, std::string_view data) {
    if (data.empty()) return;
    append_chunk_size(out, data.size());
    out += data;
    out += "\r\n";
}

std::string_view reason_phrase(int status) noexcept {
    switch (status) {
        case 100: return "Continue";
        case 101: return "Switching Protocols";
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 203: return "Non-Authoritative Information";
        case 204: return "No Content";
        case 205: return "Reset Content";
        case 206: return "Partial Content";
        case 300: return "Multiple Choices";
        case 301: return "Moved Permanently";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 307: return "Temporary Redirect";
        case 308: return "Permanent Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 402: return "Payment Required";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 407: return "Proxy Authentication Required";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 411: return "Length Required";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 416: return "Range Not Satisfiable";
        case 417: return "Expectation Failed";
        case 421: return "Misdirected Request";
        case 422: return "Unprocessable Content";
        case 424: return "Failed Dependency";
        case 425: return "Too Early";
        case 426: return "Upgrade Required";
        case 428: return "Precondition Required";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 451: return "Unavailable For Legal Reasons";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        case 505: return "HTTP Version Not Supported";
        case 529: return "Overloaded";
        default: return "Unknown";
    }
}

}  // namespace smg::http
