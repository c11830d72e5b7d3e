#include "codec/anthropic_messages/block_decode.hpp"

#include <optional>
#include <unordered_map>
#include <utility>

#include "base/ascii.hpp"
#include "codec/reasoning_envelope.hpp"

namespace smg::codec::messages {
namespace {

using Reader = bool (*)(Fields&, JsonNode, const Path&, Part&);

bool read_cache_control(Fields& fields, JsonNode node, const Path& path, PartExtras& out) {
    return fields.object(node["cache_control"], path.member("cache_control"), out.cache_control);
}

/// A null has no name in the conversation, so it is kept like an unknown member.
void keep_null(JsonNode node, std::string_view name, PartExtras& out) {
    if (node[name].is_null()) out.unknown.emplace_back(name, "null");
}

bool read_text(Fields& fields, JsonNode node, const Path& path, Part& out) {
    TextPart part;
    if (!fields.required_string(node["text"], path.member("text"), part.text) || !read_cache_control(fields, node, path, part.extras)) return false;
    const auto citations = node["citations"];
    if (!citations.is_absent_or_null()) {
        if (!fields.is_array(citations, path.member("citations"))) return false;
        part.citations = citations.raw();
        part.citations_origin = Origin::anthropic;
    }
    keep_null(node, "citations", part.extras);
    keep_null(node, "cache_control", part.extras);
    keep_rest(node, {"type", "text", "citations", "cache_control"}, part.extras.unknown);
    out = std::move(part);
    return true;
}

/// A document made of blocks: their texts, when it has nothing else.
bool flatten(JsonNode content, std::string& out) {
    if (content.is_string()) {
        out = content.text();
        return true;
    }
    for (JsonNode block : content) {
        if (block["type"].text() != "text") return false;
        if (!out.empty()) out += '\n';
        out += block["text"].text();
    }
    return content.is_array();
}

bool read_source(Fields& fields, JsonNode node, const Path& path, MediaPart& part, bool& opaque) {
    std::string type;
    if (!fields.is_object(node, path) || !fields.name(node["type"], path.member("type"), type)) return false;
    const auto media_type = [&] {
        std::string text;
        if (!fields.name(node["media_type"], path.member("media_type"), text)) return false;
        part.media_type = ascii_lower(text);
        // Written back as it was spelled.
        if (part.media_type != text) part.extras.unknown.emplace_back("source.media_type", std::string(node["media_type"].raw()));
        return true;
    };
    if (type == "base64" || type == "text") {
        part.source = type == "text" ? MediaPart::Source::text : MediaPart::Source::base64;
        keep_rest(node, {"type", "media_type", "data"}, part.extras.unknown, "source.");
        return media_type() && fields.required_string(node["data"], path.member("data"), part.data);
    }
    if (type == "url") {
        part.source = MediaPart::Source::url;
        keep_rest(node, {"type", "url"}, part.extras.unknown, "source.");
        return fields.name(node["url"], path.member("url"), part.data);
    }
    if (type == "file") {
        part.source = MediaPart::Source::file_id;
        part.origin = Origin::anthropic;
        keep_rest(node, {"type", "file_id"}, part.extras.unknown, "source.");
        return fields.name(node["file_id"], path.member("file_id"), part.data);
    }
    if (type == "content" && flatten(node["content"], part.data)) {
        part.source = MediaPart::Source::text;
        part.media_type = "text/plain";
        part.extras.unknown.emplace_back("source", std::string(node.raw()));
        return true;
    }
    opaque = true;
    return true;
}

bool read_media(Fields& fields, JsonNode node, const Path& path, Part& out) {
    MediaPart part;
    bool opaque = false;
    part.kind = node["type"].text() == "image" ? MediaPart::Kind::image : MediaPart::Kind::document;
    if (!read_source(fields, node["source"], path.member("source"), part, opaque) || !read_cache_control(fields, node, path, part.extras) ||
        !fields.string(node["title"], path.member("title"), part.filename))
        return false;
    if (opaque) {
        out = OpaquePart{std::string(node["type"].text()), std::string(node.raw()), Origin::anthropic};
        return true;
    }
    keep_null(node, "cache_control", part.extras);
    keep_null(node, "title", part.extras);
    keep_rest(node, {"type", "source", "title", "cache_control"}, part.extras.unknown);
    out = std::move(part);
    return true;
}

bool read_tool_use(Fields& fields, JsonNode node, const Path& path, Part& out) {
    ToolCallPart part;
    const auto input = node["input"];
    if (!fields.name(node["id"], path.member("id"), part.id) || !fields.name(node["name"], path.member("name"), part.name) ||
        !read_cache_control(fields, node, path, part.extras))
        return false;
    if (!input.is_object()) return fields.wrong_type(path.member("input"), "an object", input);
    part.arguments = input.raw();
    keep_null(node, "cache_control", part.extras);
    keep_rest(node, {"type", "id", "name", "input", "cache_control"}, part.extras.unknown);
    out = std::move(part);
    return true;
}

bool read_result_content(Fields& fields, JsonNode node, const Path& path, ToolResultPart& part) {
    if (node.is_absent_or_null()) return true;
    if (node.is_string()) {
        part.content_is_string = true;
        TextPart text;
        text.text = node.text();
        part.content.emplace_back(std::move(text));
        return true;
    }
    if (!node.is_array()) return fields.wrong_type(path, "a string or an array", node);
    std::size_t index = 0;
    for (JsonNode item : node) {
        Part block;
        if (!read_block(fields, item, path.item(index++), block)) return false;
        if (auto* text = std::get_if<TextPart>(&block))
            part.content.emplace_back(std::move(*text));
        else if (auto* media = std::get_if<MediaPart>(&block))
            part.content.emplace_back(std::move(*media));
        else
            part.content.emplace_back(OpaquePart{std::string(item["type"].text()), std::string(item.raw()), Origin::anthropic});
    }
    return true;
}

bool read_tool_result(Fields& fields, JsonNode node, const Path& path, Part& out) {
    ToolResultPart part;
    if (!fields.name(node["tool_use_id"], path.member("tool_use_id"), part.call_id) ||
        !read_result_content(fields, node["content"], path.member("content"), part) ||
        !fields.boolean(node["is_error"], path.member("is_error"), part.is_error) || !read_cache_control(fields, node, path, part.extras))
        return false;
    // An empty array and an absent content are told apart, for the way back.
    if (node["content"].is_null() || (node["content"].is_array() && part.content.empty()))
        part.extras.unknown.emplace_back("content", std::string(node["content"].raw()));
    keep_null(node, "is_error", part.extras);
    keep_null(node, "cache_control", part.extras);
    keep_rest(node, {"type", "tool_use_id", "content", "is_error", "cache_control"}, part.extras.unknown);
    out = std::move(part);
    return true;
}

bool read_thinking(Fields& fields, JsonNode node, const Path& path, Part& out) {
    ReasoningPart part;
    part.origin = Origin::anthropic;
    std::string signature;
    if (!fields.required_string(node["thinking"], path.member("thinking"), part.text) ||
        !fields.string(node["signature"], path.member("signature"), signature))
        return false;
    open_reasoning(signature, Origin::anthropic, part);
    keep_rest(node, {"type", "thinking", "signature"}, part.extras.unknown);
    out = std::move(part);
    return true;
}

bool read_redacted(Fields& fields, JsonNode node, const Path& path, Part& out) {
    ReasoningPart part;
    part.origin = Origin::anthropic;
    if (!fields.required_string(node["data"], path.member("data"), part.redacted)) return false;
    if (is_envelope(part.redacted)) {
        const auto sealed = std::exchange(part.redacted, {});
        part.origin = Origin::unknown;
        open_reasoning(sealed, Origin::unknown, part);
    }
    keep_rest(node, {"type", "data"}, part.extras.unknown);
    out = std::move(part);
    return true;
}

const std::unordered_map<std::string_view, Reader>& readers() {
    static const std::unordered_map<std::string_view, Reader> table{
        {"text", read_text},
        {"image", read_media},
        {"document", read_media},
        {"tool_use", read_tool_use},
        {"thinking", read_thinking},
        {"tool_result", read_tool_result},
        {"redacted_thinking", read_redacted},
    };
    return table;
}

}  // namespace

bool read_block(Fields& fields, JsonNode node, const Path& path, Part& out) {
    std::string type;
    if (!fields.is_object(node, path) || !fields.name(node["type"], path.member("type"), type)) return false;
    const auto found = readers().find(type);
    if (found != readers().end()) return found->second(fields, node, path, out);
    out = OpaquePart{std::move(type), std::string(node.raw()), Origin::anthropic};
    return true;
}

bool read_content(Fields& fields, JsonNode node, const Path& path, Turn& turn) {
    if (node.is_string()) {
        turn.content_is_string = true;
        TextPart text;
        text.text = node.text();
        turn.parts.emplace_back(std::move(text));
        return true;
    }
    if (!node.is_array()) return fields.wrong_type(path, "a string or an array", node);
    turn.parts.reserve(node.size());
    std::size_t index = 0;
    std::optional<std::string> call_signature;  // its block stays, without content: an error names parts by their place
    for (JsonNode item : node) {
        auto& part = turn.parts.emplace_back();
        if (!read_block(fields, item, path.item(index++), part)) return false;
        if (auto* call = std::get_if<ToolCallPart>(&part); call && call_signature) call->signature = *std::exchange(call_signature, std::nullopt);
        if (std::holds_alternative<ReasoningPart>(part))
            if (auto opened = open_call(item["data"].text())) call_signature = std::move(opened);
    }
    return true;
}

}  // namespace smg::codec::messages
