#include "gateway/form_scan.hpp"

#include <boost/algorithm/string/find.hpp>
#include <string>

#include "base/ascii.hpp"

namespace smg::gateway {
namespace {

std::string boundary_of(std::string_view content_type) {
    if (!istarts_with(trim(content_type), "multipart/form-data")) return {};
    const auto found = boost::algorithm::ifind_first(content_type, std::string_view("boundary="));
    if (found.empty()) return {};
    auto value = content_type.substr(static_cast<std::size_t>(found.end() - content_type.begin()));
    if (value.starts_with('"')) return std::string(value.substr(1, value.find('"', 1) - 1));
    return std::string(trim(value.substr(0, value.find(';'))));
}

/// `content-disposition: form-data; name="model"`: the name, as it stands between its quotes.
std::string_view part_name(std::string_view head) {
    while (!head.empty()) {
        const auto end = head.find("\r\n");
        const auto line = head.substr(0, end);
        head = end == std::string_view::npos ? std::string_view() : head.substr(end + 2);
        if (!istarts_with(line, "content-disposition:")) continue;
        for (auto at = line.find(';'); at != std::string_view::npos; at = line.find(';', at + 1)) {
            auto parameter = trim(line.substr(at + 1, line.find(';', at + 1) - at - 1));
            if (!istarts_with(parameter, "name=")) continue;
            parameter.remove_prefix(5);
            return parameter.starts_with('"') ? parameter.substr(1, parameter.find('"', 1) - 1) : parameter;
        }
    }
    return {};
}

}  // namespace

std::optional<ByteRange> find_form_field(std::string_view content_type, std::string_view body, std::string_view name) {
    const auto boundary = boundary_of(content_type);
    if (boundary.empty()) return std::nullopt;
    const auto delimiter = "--" + boundary;
    auto at = body.starts_with(delimiter) ? 0 : body.find("\r\n" + delimiter);
    while (at != std::string_view::npos) {
        const auto head_begin = body.find("\r\n", at == 0 ? 0 : at + 2);
        if (head_begin == std::string_view::npos) break;
        const auto head_end = body.find("\r\n\r\n", head_begin);
        if (head_end == std::string_view::npos) break;
        const auto value_begin = head_end + 4;
        const auto next = body.find("\r\n" + delimiter, value_begin - 2);
        if (next == std::string_view::npos) break;
        if (part_name(body.substr(head_begin + 2, head_end - head_begin - 2)) == name) return ByteRange{value_begin, std::max(next, value_begin)};
        at = next;
    }
    return std::nullopt;
}

}  // namespace smg::gateway
