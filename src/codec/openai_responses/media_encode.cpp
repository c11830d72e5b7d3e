#include "codec/openai_responses/request_encode.hpp"
#include "codec/openai_responses/tool_encode.hpp"

namespace smg::codec::responses {
namespace {

using Source = MediaPart::Source;

std::string data_url(const MediaPart& part) { return "data:" + part.media_type + ";base64," + part.data; }

void end(Writing& to, const MediaPart& part, bool marked) {
    if (to.same_format)
        write_members(to.json, part.extras.unknown);
    else if (marked)
        to.write_mark();
    to.json.end_object();
}

/// Ids are known to their issuer alone.
bool is_stranger(const Writing& to, const MediaPart& part) {
    return part.source == Source::file_id && part.origin != Origin::openai && !to.same_format;
}

bool write_image(Writing& to, const MediaPart& part, bool marked) {
    to.json.begin_object().member("type", "input_image");
    if (part.source == Source::file_id)
        to.json.member("file_id", part.data);
    else
        to.json.member("image_url", part.source == Source::url ? part.data : data_url(part));
    to.text_if("detail", part.detail);
    end(to, part, marked);
    return true;
}

bool write_document(Writing& to, const MediaPart& part, bool marked) {
    to.json.begin_object().member("type", "input_file");
    if (part.source == Source::file_id)
        to.json.member("file_id", part.data);
    else if (part.source == Source::url)
        to.json.member("file_url", part.data);
    else
        to.json.member("file_data", data_url(part));
    if (!part.filename.empty())
        to.json.member("filename", part.filename);
    else if (part.source == Source::base64 && !to.same_format)
        to.json.member("filename", "document.pdf");  // which must be told
    end(to, part, marked);
    return true;
}

}  // namespace

bool write_media(Writing& to, const MediaPart& part, const std::string& field, bool marked) {
    if (is_stranger(to, part)) return to.refuse(field, "A file uploaded to another provider cannot be read by this model's provider.");
    if (part.source == Source::text) {
        to.json.begin_object().member("type", "input_text").member("text", part.data);
        if (marked) to.write_mark();
        to.json.end_object();
        return true;
    }
    switch (part.kind) {
        case MediaPart::Kind::image: return write_image(to, part, marked);
        case MediaPart::Kind::document: return write_document(to, part, marked);
        case MediaPart::Kind::video: return to.refuse(field, "This model's API takes no video.");
        case MediaPart::Kind::audio: break;
    }
    if (!to.same_format) return to.refuse(field, "This model's API takes no audio.");
    to.json.begin_object().member("type", "input_audio").key("input_audio").begin_object();
    to.json.member("data", part.data).member("format", part.format).end_object();
    end(to, part, marked);
    return true;
}

}  // namespace smg::codec::responses
