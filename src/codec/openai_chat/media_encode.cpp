#include "codec/openai_chat/request_encode.hpp"

namespace smg::codec::chat {
namespace {

using Source = MediaPart::Source;

void begin(Writing& to, std::string_view type) { to.json.begin_object().member("type", type).key(type).begin_object(); }

void end(Writing& to, const MediaPart& part, std::string_view type) {
    if (to.same_format) to.unknown(part.extras.unknown, std::string(type) + ".");
    to.json.end_object();
    if (to.same_format) {
        to.raw_if("cache_control", part.extras.cache_control);
        to.unknown(part.extras.unknown);
    } else if (to.marks.stands_on(part.extras)) {
        to.json.raw_member("prompt_cache_breakpoint", CacheMarks::breakpoint);
    }
    to.json.end_object();
}

std::string data_url(const MediaPart& part) { return "data:" + part.media_type + ";base64," + part.data; }

/// An image, or an engine's `video_url`.
bool write_url(Writing& to, const MediaPart& part, std::string_view type, const std::string& field) {
    if (part.source != Source::url && part.source != Source::base64)
        return to.refuse(field, "An " + std::string(part.source == Source::file_id ? "uploaded file" : "inline text") +
                                    " cannot stand for an image in this model's API.");
    begin(to, type);
    to.json.member("url", part.source == Source::url ? part.data : data_url(part));
    to.text_if("detail", part.detail);
    end(to, part, type);
    return true;
}

/// OpenAI takes `wav` and `mp3`.
std::string_view audio_format(const MediaPart& part) {
    if (!part.format.empty()) return part.format;
    if (part.media_type == "audio/wav" || part.media_type == "audio/x-wav" || part.media_type == "audio/wave") return "wav";
    if (part.media_type == "audio/mp3" || part.media_type == "audio/mpeg") return "mp3";
    return {};
}

bool write_audio(Writing& to, const MediaPart& part, const std::string& field) {
    const auto format = audio_format(part);
    if (part.source != Source::base64 || format.empty())
        return to.refuse(field, "Audio must be given inline as WAV or MP3 for this model's API, not as '" +
                                    (part.media_type.empty() ? std::string("a URL") : part.media_type) + "'.");
    begin(to, "input_audio");
    to.json.member("data", part.data).member("format", format);
    end(to, part, "input_audio");
    return true;
}

bool write_document(Writing& to, const MediaPart& part, const std::string& field) {
    if (part.source == Source::text) {
        to.json.begin_object().member("type", "text").member("text", part.data);
        if (to.marks.stands_on(part.extras)) to.json.raw_member("prompt_cache_breakpoint", CacheMarks::breakpoint);
        to.json.end_object();
        return true;
    }
    if (part.source == Source::file_id && part.origin != Origin::openai && !to.same_format)
        return to.refuse(field, "A file uploaded to another provider cannot be read by this model's provider.");
    if (part.source == Source::url && !to.same_format) return to.refuse(field, "This model's API takes documents inline only, not by their URL.");
    begin(to, "file");
    if (part.source == Source::file_id)
        to.json.member("file_id", part.data);
    else
        to.json.member("file_data", part.source == Source::url ? part.data : data_url(part));
    if (!part.filename.empty())
        to.json.member("filename", part.filename);
    else if (part.source == Source::base64 && !to.same_format)
        to.json.member("filename", "document.pdf");
    end(to, part, "file");
    return true;
}

}  // namespace

bool write_media(Writing& to, const MediaPart& part, const std::string& field) {
    switch (part.kind) {
        case MediaPart::Kind::image: return write_url(to, part, "image_url", field);
        case MediaPart::Kind::audio: return write_audio(to, part, field);
        case MediaPart::Kind::document: return write_document(to, part, field);
        case MediaPart::Kind::video: break;
    }
    if (!to.same_format) return to.refuse(field, "This model's API takes no video.");
    return write_url(to, part, "video_url", field);
}

}  // namespace smg::codec::chat
