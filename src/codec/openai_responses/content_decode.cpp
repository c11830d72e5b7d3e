#include <algorithm>

#include "base/ascii.hpp"
#include "codec/openai_responses/request_decode.hpp"

namespace smg::codec::responses {
namespace {

using Source = MediaPart::Source;

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

void keep_others(JsonNode node, std::initializer_list<std::string_view> known, PartExtras& extras) {
    for (JsonNode member : node)
        if (member.name() != "type" && !is_one_of(member.name(), known)) keep(extras.unknown, member);
}

/// Splits `data:image/png;base64,…`. False when it is not a base64 data URL.
bool split_data_url(std::string_view url, MediaPart& part) {
    if (!istarts_with(url, "data:")) return false;
    const auto comma = url.find(',');
    if (comma == std::string_view::npos) return false;
    auto head = ascii_lower(url.substr(5, comma - 5));
    constexpr std::string_view marker = ";base64";
    if (!head.ends_with(marker)) return false;
    head.resize(head.size() - marker.size());
    head.resize(std::min(head.size(), head.find(';')));  // parameters such as `;charset=utf-8`
    part.media_type = head == "image/jpg" ? "image/jpeg" : head;
    part.data = url.substr(comma + 1);
    part.source = Source::base64;
    return true;
}

bool set_url(Fields& fields, std::string url, const Path& path, MediaPart& part) {
    if (split_data_url(url, part)) return true;
    if (istarts_with(url, "data:")) return fields.invalid(path, "Invalid '" + path.text() + "': expected a base64-encoded data URL.");
    part.source = Source::url;
    part.data = std::move(url);
    return true;
}

void set_id(std::string id, MediaPart& part) {
    part.source = Source::file_id;
    part.data = std::move(id);
    part.origin = Origin::openai;
}

bool read_text_part(Fields& fields, JsonNode node, const Path& path, Part& out) {
    TextPart part;
    if (!node["text"].is_string()) return fields.wrong_type(path.member("text"), "a string", node["text"]);
    part.text = node["text"].text();
    keep_others(node, {"text"}, part.extras);
    out = std::move(part);
    return true;
}

bool read_image(Fields& fields, JsonNode node, const Path& path, Part& out) {
    MediaPart part;
    std::string url, id;
    if (!fields.string(node["image_url"], path.member("image_url"), url) || !fields.string(node["file_id"], path.member("file_id"), id) ||
        !fields.string(node["detail"], path.member("detail"), part.detail))
        return false;
    if (url.empty() && id.empty()) return fields.missing(path.member("image_url"));
    if (url.empty())
        set_id(std::move(id), part);
    else if (!set_url(fields, std::move(url), path.member("image_url"), part))
        return false;
    // Sent as an image by clients that know no other part; it is read by what it says it is.
    if (part.media_type == "application/pdf") part.kind = MediaPart::Kind::document;
    keep_others(node, {"image_url", "file_id", "detail"}, part.extras);
    out = std::move(part);
    return true;
}

bool read_file(Fields& fields, JsonNode node, const Path& path, Part& out) {
    MediaPart part;
    part.kind = MediaPart::Kind::document;
    std::string data, url, id;
    if (!fields.string(node["file_data"], path.member("file_data"), data) || !fields.string(node["file_url"], path.member("file_url"), url) ||
        !fields.string(node["file_id"], path.member("file_id"), id) || !fields.string(node["filename"], path.member("filename"), part.filename))
        return false;
    if (!data.empty()) {
        if (!set_url(fields, std::move(data), path.member("file_data"), part)) return false;
        if (part.source == Source::url) {  // bare base64, whose type only the name can tell
            part.source = Source::base64;
            part.media_type = "application/pdf";
        }
    } else if (!url.empty()) {
        if (!set_url(fields, std::move(url), path.member("file_url"), part)) return false;
    } else if (!id.empty()) {
        set_id(std::move(id), part);
    } else {
        return fields.missing(path.member("file_data"));
    }
    if (part.media_type.starts_with("image/")) part.kind = MediaPart::Kind::image;
    keep_others(node, {"file_data", "file_url", "file_id", "filename"}, part.extras);
    out = std::move(part);
    return true;
}

bool read_audio(Fields& fields, JsonNode node, const Path& path, Part& out) {
    const auto place = path.member("input_audio");
    const auto source = node["input_audio"];
    MediaPart part;
    part.kind = MediaPart::Kind::audio;
    if (!fields.is_object(source, place) || !fields.required_string(source["data"], place.member("data"), part.data) ||
        !fields.required_string(source["format"], place.member("format"), part.format))
        return false;
    part.media_type = "audio/" + ascii_lower(part.format);
    keep_others(node, {"input_audio"}, part.extras);
    out = std::move(part);
    return true;
}

}  // namespace

bool read_content(Fields& fields, JsonNode node, const Path& path, Role role, Part& out) {
    std::string type;
    if (!fields.is_object(node, path) || !fields.required_string(node["type"], path.member("type"), type)) return false;
    if (type == "input_text") return read_text_part(fields, node, path, out);
    if (role == Role::system || role == Role::developer) return fields.unsupported_value(path.member("type"), type, {"input_text"});
    if (type == "input_image") return read_image(fields, node, path, out);
    if (type == "input_file") return read_file(fields, node, path, out);
    if (type == "input_audio" && role == Role::user) return read_audio(fields, node, path, out);
    return fields.unsupported_value(path.member("type"), type, {"input_text", "input_image", "input_file"});
}

}  // namespace smg::codec::responses
