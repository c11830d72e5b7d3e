#include <simdjson.h>

#include "base/ascii.hpp"
#include "codec/anthropic_messages/base64.hpp"
#include "codec/anthropic_messages/request_encode.hpp"

namespace smg::codec::messages {
namespace {

/// Chat's name of the value inside a media part.
std::string value_field(const Writing& to, const MediaPart& part, const std::string& field) {
    if (to.conversation.format != "openai_chat") return field;
    switch (part.kind) {
        case MediaPart::Kind::image: return field + ".image_url.url";
        case MediaPart::Kind::audio: return field + ".input_audio";
        case MediaPart::Kind::video: return field + ".video_url";
        case MediaPart::Kind::document: break;
    }
    return field + (part.source == MediaPart::Source::file_id ? ".file.file_id" : ".file.file_data");
}

/// What the bytes say counts more than what the client says: the API refuses an image whose type is wrong.
std::string image_type(const MediaPart& part) {
    const auto sniffed = sniff_image(part.data);
    if (!sniffed.empty()) return std::string(sniffed);
    return part.media_type == "image/jpg" ? "image/jpeg" : part.media_type;
}

bool write_image_bytes(Writing& to, const MediaPart& part, const std::string& field) {
    const auto type = image_type(part);
    if (!is_one_of(type, {"image/jpeg", "image/png", "image/gif", "image/webp"}))
        return to.refuse(field, "This provider takes images of the types image/jpeg, image/png, image/gif and image/webp, not '" + type + "'.");
    to.json.member("type", "base64").member("media_type", type).member("data", part.data);
    return true;
}

bool write_plain_text(Writing& to, std::string_view text) {
    to.json.member("type", "text").member("media_type", "text/plain").member("data", text);
    return true;
}

bool write_document_bytes(Writing& to, const MediaPart& part, const std::string& field) {
    if (part.media_type == "application/pdf") {
        to.json.member("type", "base64").member("media_type", part.media_type).member("data", part.data);
        return true;
    }
    if (!part.media_type.starts_with("text/"))
        return to.refuse(field, "This provider takes files of the types application/pdf and text/*, not '" + part.media_type + "'.");
    const auto text = decode_base64(part.data);
    if (!text) return to.refuse(field, "The file's data is not valid base64.");
    if (!simdjson::validate_utf8(text->data(), text->size())) return to.refuse(field, "The file's text is not valid UTF-8.");
    return write_plain_text(to, *text);
}

bool write_url(Writing& to, const MediaPart& part, const std::string& field) {
    if (!istarts_with(part.data, "https://")) return to.refuse(field, "This provider takes URLs that begin with https:// only.");
    to.json.member("type", "url").member("url", part.data);
    return true;
}

bool write_source(Writing& to, const MediaPart& part, const std::string& field) {
    switch (part.source) {
        case MediaPart::Source::base64:
            return part.kind == MediaPart::Kind::image ? write_image_bytes(to, part, field) : write_document_bytes(to, part, field);
        case MediaPart::Source::url: return write_url(to, part, field);
        case MediaPart::Source::text: return write_plain_text(to, part.data);
        case MediaPart::Source::file_id: break;
    }
    if (part.origin != Origin::anthropic) return to.refuse(field, "A file id is known only to the provider that issued it.");
    to.json.member("type", "file").member("file_id", part.data);
    return true;
}

/// As it came from a Messages client: nothing is judged, nothing is changed.
void write_source_back(Writing& to, const MediaPart& part) {
    constexpr std::string_view types[] = {"base64", "url", "file", "text"};
    constexpr std::string_view values[] = {"data", "url", "file_id", "data"};
    const auto kind = static_cast<std::size_t>(part.source);
    to.json.member("type", types[kind]);
    if (!part.media_type.empty() && !to.has_unknown(part.extras.unknown, "source.media_type")) to.json.member("media_type", part.media_type);
    to.json.member(values[kind], part.data);
    to.unknown(part.extras.unknown, "source.");
}

bool has_raw_source(const MediaPart& part) {
    for (const auto& [name, json] : part.extras.unknown)
        if (name == "source") return true;
    return false;
}

}  // namespace

bool write_media(Writing& to, const MediaPart& part, const Block& block, const std::string& field) {
    if (part.kind == MediaPart::Kind::audio || part.kind == MediaPart::Kind::video)
        return to.refuse(value_field(to, part, field),
                         part.kind == MediaPart::Kind::audio ? "This provider takes no audio." : "This provider takes no video.");
    if (!part.detail.empty() && part.detail != "auto") to.note(to.setting("image_url.detail"));
    to.json.begin_object().member("type", part.kind == MediaPart::Kind::image ? "image" : "document");
    if (!to.same_format || !has_raw_source(part)) {
        to.json.key("source").begin_object();
        if (to.same_format)
            write_source_back(to, part);
        else if (!write_source(to, part, value_field(to, part, field)))
            return false;
        to.json.end_object();
    }
    if (part.kind == MediaPart::Kind::document && !part.filename.empty()) to.json.member("title", part.filename);
    write_extras(to, part.extras, block);
    to.json.end_object();
    return true;
}

}  // namespace smg::codec::messages
