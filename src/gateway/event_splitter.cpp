#include "gateway/event_splitter.hpp"

#include <cstring>

namespace smg::gateway {
namespace {

/// A text with CR alone at its line ends, which the format allows and nobody sends: without any LF, the two may not be mixed.
bool ends_lines_with_cr(std::string_view text) noexcept {
    return text.find('\n') == std::string_view::npos && text.find('\r') != std::string_view::npos;
}

/// Behind the last blank line of `text`; 0 when there is none.
std::size_t end_of_last_event(std::string_view text) noexcept {
    if (ends_lines_with_cr(text)) {
        const auto at = text.rfind("\r\r");
        return at == std::string_view::npos ? 0 : at + 2;
    }
    for (auto at = text.rfind('\n'); at != std::string_view::npos && at > 0; at = text.rfind('\n', at - 1)) {
        if (text[at - 1] == '\n') return at + 1;
        if (at > 1 && text[at - 1] == '\r' && text[at - 2] == '\n') return at + 1;
    }
    return 0;
}

std::string_view field_of(std::string_view event, std::string_view name) noexcept {
    const char line_end = ends_lines_with_cr(event) ? '\r' : '\n';
    while (!event.empty()) {
        const auto end = event.find(line_end);
        auto line = event.substr(0, end);
        if (line.starts_with(name)) {
            line.remove_prefix(name.size());
            if (line.starts_with(' ')) line.remove_prefix(1);
            if (line.ends_with('\r')) line.remove_suffix(1);
            return line;
        }
        if (end == std::string_view::npos) break;
        event.remove_prefix(end + 1);
    }
    return {};
}

}  // namespace

std::size_t event_length(std::string_view text) noexcept {
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
        if (at + 1 < text.size() && text[at + 1] == '\n') return at + 2;
        if (at + 2 < text.size() && text[at + 1] == '\r' && text[at + 2] == '\n') return at + 3;
    }
    if (!ends_lines_with_cr(text)) return 0;
    const auto at = text.find("\r\r");
    return at == std::string_view::npos ? 0 : at + 2;
}

std::string_view EventSplitter::feed(std::string_view bytes) {
    std::string_view text = bytes;
    if (!held_.empty()) {
        passed_.swap(held_);
        held_.clear();
        passed_.append(bytes);
        text = passed_;
    }
    const auto end = end_of_last_event(text);
    auto rest = text.substr(end);
    if (end > 0) inside_event_ = false;
    if (inside_event_ || rest.size() > limit) {
        inside_event_ = !rest.empty();
        return text;
    }
    held_.assign(rest);
    return text.substr(0, end);
}

std::string_view data_of(std::string_view event) noexcept { return field_of(event, "data:"); }
std::string_view name_of(std::string_view event) noexcept { return field_of(event, "event:"); }

}  // namespace smg::gateway
