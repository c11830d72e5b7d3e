#include "codec/openai_chat/answer_encode.hpp"

#include <algorithm>

#include "codec/json_tree.hpp"
#include "codec/openai_chat/origin.hpp"
#include "codec/reasoning_envelope.hpp"

namespace smg::codec::chat {

std::string completion_id(std::string_view native, Origin origin, const ClientView& view) {
    constexpr std::string_view prefix = "chatcmpl-";
    if (native.empty()) native = view.request_id;
    if (native.starts_with(prefix)) return std::string(native);
    if (origin == Origin::anthropic && native.starts_with("msg_")) native.remove_prefix(4);
    if (origin == Origin::anthropic || origin == Origin::gemini || native.data() == view.request_id.data()) return std::string(prefix).append(native);
    return std::string(native);  // vendors behind a Chat endpoint have their own prefixes, which their support asks for
}

void write_reasoning_detail(JsonWriter& json, const ReasoningPart& part, Origin origin, std::size_t index) {
    ReasoningPart sealed = part;
    if (part.origin != Origin::unknown) origin = part.origin;
    sealed.origin = origin;
    const auto word = seal_reasoning(sealed);
    json.begin_object();
    if (part.redacted.empty()) {
        json.member("type", "thinking").member("text", part.text);
        if (!word.empty()) json.member("signature", word);
    } else {
        json.member("type", "redacted").member("data", word);
    }
    json.member("origin", origin_name(origin)).number_member("index", index).end_object();
}

void write_thought_signature(JsonWriter& json, std::string_view signature) {
    json.key("extra_content").begin_object().key("google").begin_object().member("thought_signature", signature).end_object().end_object();
}

bool write_annotations(JsonWriter& json, std::string_view citations, Origin origin, std::size_t start, std::size_t end) {
    JsonTree tree;
    const auto parsed = tree.parse(citations);
    if (!parsed) return false;
    bool written = false;
    const auto one = [&](JsonNode citation) {
        if (!citation.is_object()) return;
        if (origin == Origin::openai || citation["type"].text() == "url_citation") {
            json.raw(citation.raw());
        } else if (citation["type"].text() == "web_search_result_location") {
            json.begin_object().member("type", "url_citation").key("url_citation").begin_object();
            json.number_member("end_index", end).number_member("start_index", start);
            json.member("title", citation["title"].text()).member("url", citation["url"].text()).end_object().end_object();
        } else {
            return;
        }
        written = true;
    };
    if (parsed->is_array())
        for (JsonNode citation : *parsed) one(citation);
    else
        one(*parsed);
    return written;
}

std::string one_line(std::string_view json) {
    std::string out;
    out.reserve(json.size());
    for (std::size_t i = 0; i < json.size(); ++i) {
        const auto rest = json.substr(i);
        if (json[i] == '\n' || json[i] == '\r') {
            out += ' ';  // between values: in a string they are escaped already
        } else if (rest.starts_with("\xC2\x85")) {
            out += "\\u0085";
            i += 1;
        } else if (rest.starts_with("\xE2\x80\xA8") || rest.starts_with("\xE2\x80\xA9")) {
            out += rest[2] == '\xA8' ? "\\u2028" : "\\u2029";
            i += 2;
        } else {
            out += json[i];
        }
    }
    return out;
}

std::size_t code_points(std::string_view utf8) {
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void write_answer_image(JsonWriter& json, const MediaPart& part, std::size_t index) {
    json.begin_object().member("type", "image_url").number_member("index", index).key("image_url").begin_object();
    json.member("url", part.source == MediaPart::Source::base64 ? "data:" + part.media_type + ";base64," + part.data : part.data);
    json.end_object().end_object();
}

}  // namespace smg::codec::chat
