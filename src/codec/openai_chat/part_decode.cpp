#include <algorithm>

#include "base/ascii.hpp"
#include "codec/openai_chat/request_decode.hpp"

namespace smg::codec::chat {
namespace {

/// Members of a part beside its `type` and the one that holds its content.
bool read_extras(Fields& fields, JsonNode node, const Path& path, std::string_view content, PartExtras& out) {
    for (JsonNode member : node) {
        const auto name = member.name();
        if (name == "type" || name == content) continue;
        if (name == "cache_control") {
            if (!fields.object(member, path.member(name), out.cache_control)) return false;
        } else {
            keep(out.unknown, member);
        }
    }
    return true;
}

bool read_text(Fields& fields, JsonNode node, const Path& path, std::string_view member, Part& out) {
    TextPart part;
    part.refusal = member == "refusal";
    if (!node[member].is_string()) return fields.wrong_type(path.member(member), "a string", node[member]);
    part.text = node[member].text();
    if (!read_extras(fields, node, path, member, part.extras)) return false;
    out = std::move(part);
    return true;
}

void set_url(std::string_view url, MediaPart& part) {
    if (split_data_url(url, part.media_type, part.data)) {
        part.source = MediaPart::Source::base64;
    } else {
        part.source = MediaPart::Source::url;
        part.data = url;
    }
}

bool not_base64(Fields& fields, const Path& path) {
    return fields.invalid(path, "Invalid '" + path.text() + "': expected a base64-encoded data URL.");
}

bool is_data_url(std::string_view url) { return istarts_with(url, "data:"); }

/// `image_url` and the `video_url` that engines add to it.
bool read_url(Fields& fields, JsonNode node, const Path& path, std::string_view member, MediaPart::Kind kind, Part& out) {
    const auto place = path.member(member);
    const auto source = node[member];
    if (!fields.is_object(source, place)) return false;
    MediaPart part;
    part.kind = kind;
    std::string url;
    if (!fields.required_string(source["url"], place.member("url"), url)) return false;
    set_url(url, part);
    if (is_data_url(url) && part.source != MediaPart::Source::base64) return not_base64(fields, place.member("url"));
    // Sent as an image by clients that know no other part; it is read by what it says it is.
    if (part.media_type == "application/pdf") part.kind = MediaPart::Kind::document;
    if (!fields.string(source["detail"], place.member("detail"), part.detail)) return false;
    for (JsonNode extra : source)
        if (extra.name() != "url" && extra.name() != "detail") keep(part.extras.unknown, extra, std::string(member) + ".");
    if (!read_extras(fields, node, path, member, part.extras)) return false;
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
    std::string media_type, data;
    if (split_data_url(part.data, media_type, data)) part.data = std::move(data);
    part.media_type = "audio/" + ascii_lower(part.format);
    for (JsonNode extra : source)
        if (extra.name() != "data" && extra.name() != "format") keep(part.extras.unknown, extra, "input_audio.");
    if (!read_extras(fields, node, path, "input_audio", part.extras)) return false;
    out = std::move(part);
    return true;
}

/// Clients that send bare base64 name no type; what they send is nearly always a PDF (`%PDF` in base64) or has a telling name.
std::string guessed_type(const MediaPart& part) {
    if (part.data.starts_with("JVBERi")) return "application/pdf";
    const auto dot = part.filename.rfind('.');
    const auto ending = dot == std::string::npos ? std::string() : ascii_lower(std::string_view(part.filename).substr(dot + 1));
    if (ending == "txt") return "text/plain";
    if (ending == "md") return "text/markdown";
    if (ending == "csv") return "text/csv";
    if (ending == "html" || ending == "htm") return "text/html";
    return "application/pdf";
}

bool read_file(Fields& fields, JsonNode node, const Path& path, Part& out) {
    const auto place = path.member("file");
    const auto source = node["file"];
    MediaPart part;
    part.kind = MediaPart::Kind::document;
    std::string data, id;
    if (!fields.is_object(source, place) || !fields.string(source["file_data"], place.member("file_data"), data) ||
        !fields.string(source["file_id"], place.member("file_id"), id) || !fields.string(source["filename"], place.member("filename"), part.filename))
        return false;
    for (JsonNode extra : source)
        if (extra.name() != "file_data" && extra.name() != "file_id" && extra.name() != "filename") keep(part.extras.unknown, extra, "file.");
    if (data.empty() && id.empty()) return fields.missing(place.member("file_data"));
    if (data.empty()) {
        part.source = MediaPart::Source::file_id;
        part.data = std::move(id);
        part.origin = Origin::openai;
    } else {
        set_url(data, part);
        if (is_data_url(data) && part.source != MediaPart::Source::base64) return not_base64(fields, place.member("file_data"));
        const auto web = part.data.starts_with("https://") || part.data.starts_with("http://");
        if (part.source == MediaPart::Source::url && !web) {
            part.source = MediaPart::Source::base64;
            part.media_type = guessed_type(part);
        }
    }
    if (!read_extras(fields, node, path, "file", part.extras)) return false;
    out = std::move(part);
    return true;
}

}  // namespace

bool split_data_url(std::string_view url, std::string& media_type, std::string& data) {
    if (!is_data_url(url)) return false;
    const auto comma = url.find(',');
    if (comma == std::string_view::npos) return false;
    auto head = ascii_lower(url.substr(5, comma - 5));
    constexpr std::string_view marker = ";base64";
    if (!head.ends_with(marker)) return false;
    head.resize(head.size() - marker.size());
    head.resize(std::min(head.size(), head.find(';')));  // parameters such as `;charset=utf-8` or `;name=…`
    media_type = head == "image/jpg" ? "image/jpeg" : head;
    data = url.substr(comma + 1);
    return true;
}

bool read_part(Fields& fields, JsonNode node, const Path& path, Role role, Part& out) {
    if (!fields.is_object(node, path)) return false;
    std::string type;
    if (!fields.required_string(node["type"], path.member("type"), type)) return false;
    if (type == "text") return read_text(fields, node, path, "text", out);
    if (role == Role::assistant) {
        if (type == "refusal") return read_text(fields, node, path, "refusal", out);
        out = OpaquePart{type, std::string(node.raw()), Origin::unknown};
        return true;
    }
    if (role == Role::system || role == Role::developer) return fields.unsupported_value(path.member("type"), type, {"text"});
    if (type == "image_url") return read_url(fields, node, path, type, MediaPart::Kind::image, out);
    if (type == "video_url") return read_url(fields, node, path, type, MediaPart::Kind::video, out);
    if (type == "input_audio") return read_audio(fields, node, path, out);
    if (type == "file") return read_file(fields, node, path, out);
    return fields.unsupported_value(path.member("type"), type, {"text", "image_url", "input_audio", "file"});
}

}  // namespace smg::codec::chat
