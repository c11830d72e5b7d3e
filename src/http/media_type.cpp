#include "http/media_type.hpp"

#include "base/ascii.hpp"
#include "http/characters.hpp"

namespace smg::http {
namespace {

std::string_view essence(std::string_view content_type) noexcept { return trim(content_type.substr(0, content_type.find(';'))); }

/// The next `;name=value` of the parameters. A `;` inside a quoted string ends nothing.
std::string_view take_parameter(std::string_view& rest) noexcept {
    rest.remove_prefix(1);
    bool quoted = false;
    std::size_t end = 0;
    for (; end < rest.size() && (quoted || rest[end] != ';'); ++end) {
        if (quoted && rest[end] == '\\' && end + 1 < rest.size()) ++end;
        else if (rest[end] == '"') quoted = !quoted;
    }
    const auto parameter = trim(rest.substr(0, end));
    rest.remove_prefix(end);
    return parameter;
}

}  // namespace

std::optional<MediaType> parse_media_type(std::string_view content_type) {
    const auto name = essence(content_type);
    const auto slash = name.find('/');
    if (slash == std::string_view::npos || !is_token(name.substr(0, slash)) || !is_token(name.substr(slash + 1))) return std::nullopt;
    MediaType media{ascii_lower(name.substr(0, slash)), ascii_lower(name.substr(slash + 1)), {}};
    const auto semicolon = content_type.find(';');
    auto rest = semicolon == std::string_view::npos ? std::string_view() : content_type.substr(semicolon);
    while (!rest.empty()) {
        const auto parameter = take_parameter(rest);
        if (!istarts_with(parameter, "charset=") || !media.charset.empty()) continue;
        auto value = parameter.substr(8);
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
        media.charset = ascii_lower(value);
    }
    return media;
}

bool is_json(std::string_view content_type) noexcept {
    const auto name = essence(content_type);
    if (iequals(name, "application/json") || iequals(name, "text/json")) return true;
    constexpr std::string_view suffix = "+json";
    return name.size() > suffix.size() && name.find('/') != std::string_view::npos && iequals(name.substr(name.size() - suffix.size()), suffix);
}

bool is_event_stream(std::string_view content_type) noexcept { return iequals(essence(content_type), "text/event-stream"); }

}  // namespace smg::http
