#include "codec/gemini/parts.hpp"

#include <initializer_list>
#include <string>

#include "base/ascii.hpp"
#include "codec/gemini/fields.hpp"
#include "codec/reasoning_envelope.hpp"

namespace smg::codec::google {
namespace {

using Names = std::initializer_list<std::string_view>;

/// Keeps the members whose names are not among `known`.
void keep_rest(JsonNode object, Names known, Members& out, std::string_view prefix = {}) {
    for (JsonNode item : object) {
        bool found = false;
        for (const auto name : known) found = found || is_named(item.name(), name);
        if (!found) keep(out, item, prefix);
    }
}

/// Texts and calls are signed by Gemini alone; an envelope that strayed there is of no use to anybody.
std::string own_signature(std::string_view text) { return is_envelope(text) ? std::string() : std::string(text); }

Part text_part(JsonNode node) {
    const auto signature = unarmoured(member(node, "thoughtSignature").text());
    if (node["thought"].boolean().value_or(false)) {
        ReasoningPart part;
        part.text = node["text"].text();
        part.origin = Origin::gemini;
        open_reasoning(signature, Origin::gemini, part);
        keep_rest(node, {"text", "thought", "thoughtSignature"}, part.extras.unknown);
        return part;
    }
    TextPart part;
    part.text = node["text"].text();
    part.signature = own_signature(signature);
    keep_rest(node, {"text", "thought", "thoughtSignature"}, part.extras.unknown);
    return part;
}

/// `inlineData` and `fileData`. A signature on it (pictures of Gemini 3 have one) is kept with its other members.
MediaPart media_part(JsonNode node, std::string_view name, bool inline_data) {
    const auto source = member(node, name);
    MediaPart part;
    part.source = inline_data ? MediaPart::Source::base64 : MediaPart::Source::url;
    part.media_type = ascii_lower(member(source, "mimeType").text());
    part.kind = media_kind(part.media_type);
    part.data = inline_data ? source["data"].text() : member(source, "fileUri").text();
    part.filename = member(source, "displayName").text();
    if (!inline_data && is_readable_uri(part.data)) part.origin = Origin::gemini;
    keep_rest(source, {"mimeType", "data", "fileUri", "displayName"}, part.extras.unknown, std::string(name) + ".");
    keep_rest(node, {name}, part.extras.unknown);
    return part;
}

ToolCallPart call_part(JsonNode node) {
    const auto source = member(node, "functionCall");
    ToolCallPart part;
    part.id = source["id"].text();
    part.native_id = !part.id.empty();
    part.name = source["name"].text();
    if (!source["args"].is_absent_or_null()) part.arguments = source["args"].raw();
    part.signature = own_signature(unarmoured(member(node, "thoughtSignature").text()));
    keep_rest(source, {"id", "name", "args"}, part.extras.unknown, "functionCall.");
    keep_rest(node, {"functionCall", "thoughtSignature"}, part.extras.unknown);
    return part;
}

/// What other formats take for the result's text: Google's convention is `output` for a result and `error` for a failure.
void read_response(JsonNode response, ToolResultPart& part) {
    TextPart text;
    auto value = response;
    if (response.size() == 1 && response["output"].present()) value = response["output"];
    if (response.size() == 1 && response["error"].present()) {
        value = response["error"];
        part.is_error = true;
    }
    part.content_is_string = true;
    text.text = value.is_string() ? value.text() : value.raw();
    part.content.emplace_back(std::move(text));
}

ToolResultPart result_part(JsonNode node) {
    const auto source = member(node, "functionResponse");
    ToolResultPart part;
    part.call_id = source["id"].text();
    part.name = source["name"].text();
    if (source["response"].is_object()) {
        part.structured = source["response"].raw();
        read_response(source["response"], part);
    }
    for (JsonNode item : source["parts"]) {
        part.content_is_string = false;
        if (member(item, "inlineData").is_object())
            part.content.emplace_back(media_part(item, "inlineData", true));
        else if (member(item, "fileData").is_object())
            part.content.emplace_back(media_part(item, "fileData", false));
        else
            part.content.emplace_back(OpaquePart{"functionResponse.parts", std::string(item.raw()), Origin::gemini});
    }
    keep_rest(source, {"id", "name", "response", "parts"}, part.extras.unknown, "functionResponse.");
    keep_rest(node, {"functionResponse"}, part.extras.unknown);
    return part;
}

/// The member that holds the part's data, by which its kind is named.
std::string kind_of(JsonNode node) {
    for (JsonNode item : node)
        if (item.is_object() && !is_named(item.name(), "partMetadata") && !is_named(item.name(), "videoMetadata")) return camel_case(item.name());
    return "part";
}

}  // namespace

MediaPart::Kind media_kind(std::string_view media_type) {
    if (media_type.starts_with("image/")) return MediaPart::Kind::image;
    if (media_type.starts_with("audio/")) return MediaPart::Kind::audio;
    if (media_type.starts_with("video/")) return MediaPart::Kind::video;
    return MediaPart::Kind::document;
}

bool is_readable_uri(std::string_view uri) {
    for (const std::string_view start : {"gs://", "https://generativelanguage.googleapis.com/", "https://www.youtube.com/", "https://youtube.com/",
                                         "https://m.youtube.com/", "https://youtu.be/"})
        if (istarts_with(uri, start)) return true;
    return false;
}

Part read_part(JsonNode node) {
    const bool thought = node["thought"].boolean().value_or(false);
    if (member(node, "functionCall").is_object()) return call_part(node);
    if (member(node, "functionResponse").is_object()) return result_part(node);
    if (member(node, "inlineData").is_object() && !thought) return media_part(node, "inlineData", true);
    if (member(node, "fileData").is_object() && !thought) return media_part(node, "fileData", false);
    if (node["text"].is_string()) return text_part(node);
    if (kind_of(node) == "part" && member(node, "thoughtSignature").is_string()) return text_part(node);
    return OpaquePart{kind_of(node), std::string(node.raw()), Origin::gemini};
}

}  // namespace smg::codec::google
