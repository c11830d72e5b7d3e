#include "simulator/form.hpp"

#include "base/ascii.hpp"

namespace smg::simulator {
namespace {

/// The value of `name=` in a header field's value, quoted or not.
std::string parameter(std::string_view value, std::string_view name) {
    const auto wanted = std::string(name) + "=";
    for (auto at = value.find(';'); at != std::string_view::npos; at = value.find(';', at + 1)) {
        auto rest = trim(value.substr(at + 1));
        if (!istarts_with(rest, wanted)) continue;
        rest.remove_prefix(wanted.size());
        if (rest.starts_with('"')) return std::string(rest.substr(1, rest.find('"', 1) - 1));
        return std::string(trim(rest.substr(0, rest.find(';'))));
    }
    return {};
}

bool read_head(std::string_view head, FormPart& part) {
    while (!head.empty()) {
        const auto end = head.find("\r\n");
        const auto line = head.substr(0, end);
        head = end == std::string_view::npos ? std::string_view() : head.substr(end + 2);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) return false;
        const auto value = trim(line.substr(colon + 1));
        if (istarts_with(line, "content-type:")) part.content_type = std::string(value);
        if (!istarts_with(line, "content-disposition:")) continue;
        part.name = parameter(value, "name");
        part.filename = parameter(value, "filename");
    }
    return !part.name.empty();
}

}  // namespace

std::optional<std::vector<FormPart>> parse_form(std::string_view content_type, std::string_view body) {
    const auto boundary = parameter(content_type, "boundary");
    if (!istarts_with(content_type, "multipart/form-data") || boundary.empty()) return std::nullopt;
    const auto mark = "--" + boundary;
    std::vector<FormPart> form;
    if (!body.starts_with(mark)) return std::nullopt;
    body.remove_prefix(mark.size());
    while (body.starts_with("\r\n")) {
        body.remove_prefix(2);
        const auto head_end = body.find("\r\n\r\n");
        const auto end = body.find("\r\n" + mark, head_end == std::string_view::npos ? 0 : head_end + 2);
        if (head_end == std::string_view::npos || end == std::string_view::npos) return std::nullopt;
        FormPart part;
        if (!read_head(body.substr(0, head_end), part)) return std::nullopt;
        if (end > head_end + 4) part.body = std::string(body.substr(head_end + 4, end - head_end - 4));
        form.push_back(std::move(part));
        body.remove_prefix(end + 2 + mark.size());
    }
    if (!body.starts_with("--")) return std::nullopt;
    return form;
}

const FormPart* part_of(const std::vector<FormPart>& form, std::string_view name) {
    for (const auto& part : form)
        if (part.name == name) return &part;
    return nullptr;
}

}  // namespace smg::simulator
