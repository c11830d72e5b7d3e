#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "codec/gemini/part_encode.hpp"
#include "codec/gemini/parts.hpp"
#include "codec/gemini/request_encode.hpp"
#include "codec/json_tree.hpp"

namespace smg::codec::google {
namespace {

constexpr std::array<std::string_view, 5> image_types{"image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 14> types_by_ending{{{"png", "image/png"},
                                                                                         {"jpg", "image/jpeg"},
                                                                                         {"jpeg", "image/jpeg"},
                                                                                         {"webp", "image/webp"},
                                                                                         {"heic", "image/heic"},
                                                                                         {"pdf", "application/pdf"},
                                                                                         {"txt", "text/plain"},
                                                                                         {"csv", "text/csv"},
                                                                                         {"html", "text/html"},
                                                                                         {"mp3", "audio/mp3"},
                                                                                         {"wav", "audio/wav"},
                                                                                         {"mp4", "video/mp4"},
                                                                                         {"mov", "video/mov"},
                                                                                         {"webm", "video/webm"}}};

/// What a URI's ending says; empty when it says nothing.
std::string_view guessed_type(std::string_view uri) {
    uri = uri.substr(0, uri.find_first_of("?#"));
    const auto dot = uri.rfind('.');
    if (dot == std::string_view::npos) return {};
    for (const auto& [ending, type] : types_by_ending)
        if (iequals(uri.substr(dot + 1), ending)) return type;
    return {};
}

/// Common names that Gemini does not know.
std::string media_type_of(const MediaPart& part) {
    if (part.media_type == "image/jpg") return "image/jpeg";
    if (part.media_type == "audio/mpeg") return "audio/mp3";
    if (part.media_type == "audio/x-wav" || part.media_type == "audio/wave") return "audio/wav";
    if (!part.media_type.empty()) return part.media_type;
    return std::string(part.source == MediaPart::Source::base64 ? std::string_view() : guessed_type(part.data));
}

/// The text of a result, as its parts spell it.
std::string result_text(const ToolResultPart& part) {
    std::string text;
    bool first = true;
    for (const auto& content : part.content) {
        const auto* words = std::get_if<TextPart>(&content);
        const auto* opaque = std::get_if<OpaquePart>(&content);
        if (!words && !opaque) continue;
        if (!first) text += '\n';
        first = false;
        text += words ? words->text : opaque->json;
    }
    return text;
}

bool looks_structured(std::string_view text) {
    const auto start = text.find_first_not_of(" \t\r\n");
    return start != std::string_view::npos && (text[start] == '{' || text[start] == '[');
}

/// `response` must be an object: a result that is one is it, anything else stands under the name that Google's libraries use.
void write_response(JsonWriter& json, const ToolResultPart& part) {
    const auto text = result_text(part);
    if (part.is_error.value_or(false)) {
        json.begin_object().member("error", text).end_object();
        return;
    }
    JsonTree tree;
    const auto parsed = looks_structured(text) ? tree.parse(text) : fail(Failure::invalid_request);
    if (parsed && parsed->is_object())
        json.raw(parsed->raw());
    else if (parsed)
        json.begin_object().raw_member("output", parsed->raw()).end_object();
    else
        json.begin_object().member("output", text).end_object();
}

bool has_media(const ToolResultPart& part) {
    return std::any_of(part.content.begin(), part.content.end(),
                       [](const ResultContent& content) { return std::holds_alternative<MediaPart>(content); });
}

}  // namespace

bool write_client_media(Writing& to, const MediaPart& part, const std::string& field) {
    const auto type = media_type_of(part);
    if (!part.detail.empty() && part.detail != "auto") to.note("image_url.detail");
    switch (part.source) {
        case MediaPart::Source::text: to.json.begin_object().member("text", part.data).end_object(); return true;
        case MediaPart::Source::file_id:
            if (part.origin != Origin::gemini)
                return to.refuse(field, "A file id of another provider cannot be used with this model; send the file's data.");
            break;
        case MediaPart::Source::url:
            if (!is_readable_uri(part.data))
                return to.refuse(field, "This model's API does not fetch URLs; send the data itself, as a base64 data URL.");
            break;
        case MediaPart::Source::base64:
            if (type.empty()) return to.refuse(field, "The media type of this part is not known; name it in the data URL.");
            if (type.starts_with("image/") && std::find(image_types.begin(), image_types.end(), type) == image_types.end())
                return to.refuse(field, "This model's API takes PNG, JPEG, WEBP, HEIC and HEIF images, not '" + type.substr(0, 40) + "'.");
            break;
    }
    write_media(to.json, part, type, {});
    return true;
}

bool write_result(Writing& to, const ToolResultPart& part, const std::string& field) {
    auto& json = to.json;
    json.begin_object().key("functionResponse").begin_object();
    const bool with_id = to.same_format ? !to.made_up_ids.contains(part.call_id) : to.target.capabilities.native_tool_ids;
    if (with_id && !part.call_id.empty()) json.member("id", part.call_id);
    const auto call = part.name.empty() ? to.call_names.find(part.call_id) : to.call_names.end();
    json.member("name", to.tool_name(call == to.call_names.end() ? part.name : call->second));
    if (!part.structured.empty())
        json.raw_member("response", part.structured);
    else if (!to.same_format)
        write_response(json.key("response"), part);
    if (has_media(part) && (to.same_format || to.media_in_results())) {
        json.key("parts").begin_array();
        for (const auto& content : part.content) {
            if (const auto* media = std::get_if<MediaPart>(&content)) {
                if (to.same_format)
                    write_media(json, *media, media->media_type, {true, true});
                else if (!write_client_media(to, *media, field))
                    return false;
            }
        }
        json.end_array();
    }
    if (to.same_format) write_unknown(json, part.extras.unknown, "functionResponse.");
    json.end_object();
    if (to.same_format) write_unknown(json, part.extras.unknown);
    json.end_object();
    return true;
}

}  // namespace smg::codec::google
