#include <algorithm>

#include "codec/anthropic_messages/request_encode.hpp"
#include "codec/cache_marks.hpp"
#include "codec/client_field.hpp"
#include "codec/json_tree.hpp"

namespace smg::codec::messages {
namespace {

constexpr std::string_view blanks = " \t\n\r\f\v";

bool is_blank(std::string_view text) { return text.find_first_not_of(blanks) == std::string_view::npos; }

void write_text(Writing& to, const TextPart& part, const Block& block) {
    to.json.begin_object().member("type", "text").member("text", block.text.empty() ? part.text : block.text);
    if (part.citations_origin == Origin::anthropic) to.raw_if("citations", part.citations);
    write_extras(to, part.extras, block);
    to.json.end_object();
}

void write_reasoning(Writing& to, const ReasoningPart& part, const Block& block) {
    to.json.begin_object();
    if (!part.redacted.empty())
        to.json.member("type", "redacted_thinking").member("data", part.redacted);
    else
        to.json.member("type", "thinking").member("thinking", part.text).member("signature", part.signature);
    if (to.same_format) write_extras(to, part.extras, block);
    to.json.end_object();
}

/// `input` has to be an object. What Chat clients send as arguments may be nothing, or any JSON.
bool write_input(Writing& to, const ToolCallPart& part, const Block& block) {
    to.json.key("input");
    if (part.kind == ToolCallPart::Kind::custom) {
        to.json.begin_object().member("input", part.arguments).end_object();
        return true;
    }
    if (is_blank(part.arguments)) {
        to.json.raw("{}");
        return true;
    }
    JsonTree tree;
    const auto parsed = tree.parse(part.arguments);
    if (!parsed) {
        return to.refuse(arguments_field(to.conversation, block.turn, block.index),
                         "The arguments of the call '" + part.id + "' are " + parsed.error().message);
    }
    if (parsed->is_object())
        to.json.raw(parsed->raw());
    else
        to.json.begin_object().raw_member("value", parsed->raw()).end_object();
    return true;
}

bool write_tool_use(Writing& to, const ToolCallPart& part, const Block& block) {
    to.json.begin_object().member("type", "tool_use").member("id", block.id.empty() ? part.id : block.id).member("name", to.tool_name(part.name));
    if (!write_input(to, part, block)) return false;
    write_extras(to, part.extras, block);
    to.json.end_object();
    return true;
}

/// A result that is one text, which is spelled as a string unless a mark stands on it.
const TextPart* only_text(const Writing& to, const ToolResultPart& part) {
    if (part.content.size() != 1 || (to.same_format && !part.content_is_string)) return nullptr;
    const auto* text = std::get_if<TextPart>(&part.content.front());
    if (!text || !text->extras.cache_control.empty() || has_breakpoint(text->extras)) return nullptr;
    return part.content_is_string || !is_blank(text->text) ? text : nullptr;
}

bool write_result_part(Writing& to, const ResultContent& content, const Block& result, std::size_t index) {
    const Block none;
    if (const auto* text = std::get_if<TextPart>(&content)) {
        if (to.same_format || !is_blank(text->text)) write_text(to, *text, none);
        return true;
    }
    const auto field = result_content_field(to.conversation, result.turn, result.index, index);
    if (const auto* media = std::get_if<MediaPart>(&content)) return write_media(to, *media, none, field);
    const auto& opaque = std::get<OpaquePart>(content);
    if (opaque.origin != Origin::anthropic) return to.refuse(field, "Invalid value: '" + opaque.kind + "'.");
    to.json.raw(opaque.json);
    return true;
}

bool says_something(const ToolResultPart& part) {
    for (const auto& content : part.content) {
        const auto* text = std::get_if<TextPart>(&content);
        if (!text || !is_blank(text->text)) return true;
    }
    return false;
}

bool write_tool_result(Writing& to, const ToolResultPart& part, const Block& block) {
    to.json.begin_object().member("type", "tool_result").member("tool_use_id", block.id.empty() ? part.call_id : block.id);
    if (const auto* text = only_text(to, part); text && (to.same_format || !is_blank(text->text))) {
        to.json.member("content", text->text);
    } else if (part.content.empty() && !part.structured.empty()) {
        to.json.member("content", part.structured);
    } else if (to.same_format ? !part.content.empty() : says_something(part)) {
        to.json.key("content").begin_array();
        std::size_t index = 0;
        for (const auto& content : part.content)
            if (!write_result_part(to, content, block, index++)) return false;
        to.json.end_array();
    }
    if (part.is_error && (*part.is_error || to.same_format)) to.json.bool_member("is_error", *part.is_error);
    write_extras(to, part.extras, block);
    to.json.end_object();
    return true;
}

}  // namespace

void write_extras(Writing& to, const PartExtras& extras, const Block& block) {
    if (!extras.cache_control.empty())
        to.json.raw_member("cache_control", extras.cache_control);
    else if (!block.cache_control.empty())
        to.json.raw_member("cache_control", block.cache_control);
    else if (std::find(to.breakpoints.begin(), to.breakpoints.end(), &extras) != to.breakpoints.end())
        to.json.raw_member("cache_control", to.cache_mark);
    if (to.same_format) {
        to.unknown(extras.unknown);
        return;
    }
    for (const auto& [name, json] : extras.unknown)
        if (name != "prompt_cache_breakpoint" && json != "null") to.note(name);
}

bool write_block(Writing& to, const Block& block) {
    if (!block.part) {
        to.json.begin_object().member("type", "text").member("text", block.text).end_object();
        return true;
    }
    const auto& part = *block.part;
    if (const auto* text = std::get_if<TextPart>(&part))
        write_text(to, *text, block);
    else if (const auto* media = std::get_if<MediaPart>(&part))
        return write_media(to, *media, block, client_field(to.conversation, block.turn, block.index));
    else if (const auto* reasoning = std::get_if<ReasoningPart>(&part))
        write_reasoning(to, *reasoning, block);
    else if (const auto* call = std::get_if<ToolCallPart>(&part))
        return write_tool_use(to, *call, block);
    else if (const auto* result = std::get_if<ToolResultPart>(&part))
        return write_tool_result(to, *result, block);
    else
        to.json.raw(std::get<OpaquePart>(part).json);
    return true;
}

}  // namespace smg::codec::messages
