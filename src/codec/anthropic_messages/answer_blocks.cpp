#include "codec/anthropic_messages/answer_blocks.hpp"

#include "codec/anthropic_messages/words.hpp"
#include "codec/reasoning_envelope.hpp"

namespace smg::codec::messages {
namespace {

void write_rest(JsonWriter& json, const PartExtras& extras, const AnswerView& view) {
    if (!view.same_format) return;
    if (!extras.cache_control.empty()) json.raw_member("cache_control", extras.cache_control);
    for (const auto& [name, value] : extras.unknown) json.raw_member(name, value);
}

void write_text(JsonWriter& json, const TextPart& part, const AnswerView& view) {
    json.begin_object().member("type", "text").member("text", part.text);
    if (part.citations_origin == Origin::anthropic && !part.citations.empty()) json.raw_member("citations", part.citations);
    write_rest(json, part.extras, view);
    json.end_object();
}

void write_redacted(JsonWriter& json, std::string_view data) {
    json.begin_object().member("type", "redacted_thinking").member("data", data).end_object();
}

/// Another provider's reasoning travels sealed. Agents throw away thinking without a signature, so unsigned words get an empty seal;
/// a block without words is one of `redacted_thinking`, which is shown to nobody.
void write_foreign_reasoning(JsonWriter& json, const ReasoningPart& part) {
    if (part.text.empty()) return write_redacted(json, seal_reasoning(part));
    json.begin_object().member("type", "thinking").member("thinking", part.text).member("signature", foreign_signature(part)).end_object();
}

void write_reasoning(JsonWriter& json, const ReasoningPart& part, const AnswerView& view) {
    if (part.origin != Origin::anthropic) return write_foreign_reasoning(json, part);
    json.begin_object();
    if (!part.redacted.empty())
        json.member("type", "redacted_thinking").member("data", part.redacted);
    else
        json.member("type", "thinking").member("thinking", part.text).member("signature", part.signature);
    write_rest(json, part.extras, view);
    json.end_object();
}

void write_call(JsonWriter& json, const ToolCallPart& part, const AnswerView& view) {
    json.begin_object().member("type", "tool_use").member("id", part.id).member("name", part.name);
    json.raw_member("input", input_of(part, view.complete));
    write_rest(json, part.extras, view);
    json.end_object();
}

}  // namespace

std::string words_for(const MediaPart& part) {
    const std::string kind = part.media_type.empty() ? "media" : part.media_type;
    return "[" + kind + " left out: an answer of the Messages API cannot hold it. Ask this model by Chat Completions or generateContent.]";
}

std::string foreign_signature(const ReasoningPart& part) {
    auto sealed = seal_reasoning(part);
    return sealed.empty() ? wrap_reasoning(part.origin, "s:") : sealed;
}

bool write_call_signature(JsonWriter& json, const ToolCallPart& call) {
    if (call.signature.empty()) return false;
    write_redacted(json, seal_call(call.signature));
    return true;
}

bool write_answer_block(JsonWriter& json, const Part& part, const AnswerView& view) {
    if (const auto* text = std::get_if<TextPart>(&part)) {
        if (text->text.empty() && !view.same_format) return false;
        write_text(json, *text, view);
    } else if (const auto* reasoning = std::get_if<ReasoningPart>(&part)) {
        const bool says_nothing = reasoning->text.empty() && reasoning->signature.empty() && reasoning->redacted.empty();
        if (reasoning->origin != Origin::anthropic && says_nothing) return false;
        write_reasoning(json, *reasoning, view);
    } else if (const auto* call = std::get_if<ToolCallPart>(&part)) {
        write_call(json, *call, view);
    } else if (const auto* media = std::get_if<MediaPart>(&part)) {
        TextPart words;
        words.text = words_for(*media);
        write_text(json, words, view);
    } else if (const auto* opaque = std::get_if<OpaquePart>(&part); opaque && opaque->origin == Origin::anthropic) {
        json.raw(opaque->json);
    } else {
        return false;
    }
    return true;
}

}  // namespace smg::codec::messages
