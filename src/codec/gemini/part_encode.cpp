#include "codec/gemini/part_encode.hpp"

#include "codec/json_tree.hpp"
#include "codec/reasoning_envelope.hpp"

namespace smg::codec::google {

void write_unknown(JsonWriter& json, const Members& members, std::string_view prefix) {
    for (const auto& [name, value] : members) {
        const std::string_view full = name;
        if (!full.starts_with(prefix)) continue;
        if (const auto rest = full.substr(prefix.size()); rest.find('.') == std::string_view::npos) json.raw_member(rest, value);
    }
}

void write_text(JsonWriter& json, const TextPart& part, const PartRules& rules) {
    json.begin_object().member("text", part.text);
    if (rules.signatures && !part.signature.empty()) json.member("thoughtSignature", part.signature);
    if (rules.same_format) write_unknown(json, part.extras.unknown);
    json.end_object();
}

void write_thought(JsonWriter& json, const ReasoningPart& part, const PartRules& rules) {
    json.begin_object().member("text", part.text).bool_member("thought", true);
    if (rules.signatures && !part.signature.empty()) json.member("thoughtSignature", part.signature);
    if (rules.same_format) write_unknown(json, part.extras.unknown);
    json.end_object();
}

void write_media(JsonWriter& json, const MediaPart& part, std::string_view media_type, const PartRules& rules) {
    const bool inline_data = part.source == MediaPart::Source::base64;
    const std::string_view name = inline_data ? "inlineData" : "fileData";
    json.begin_object().key(name).begin_object();
    if (!media_type.empty()) json.member("mimeType", media_type);
    json.member(inline_data ? "data" : "fileUri", part.data);
    if (rules.same_format) {
        if (!part.filename.empty()) json.member("displayName", part.filename);
        write_unknown(json, part.extras.unknown, std::string(name) + ".");
    }
    json.end_object();
    if (rules.same_format) write_unknown(json, part.extras.unknown);
    json.end_object();
}

void write_call(JsonWriter& json, const ToolCallPart& part, std::string_view name, std::string_view args, std::string_view signature, bool with_id,
                const PartRules& rules) {
    json.begin_object().key("functionCall").begin_object();
    if (with_id && !part.id.empty()) json.member("id", part.id);
    json.member("name", name).raw_member("args", args);
    if (rules.same_format) write_unknown(json, part.extras.unknown, "functionCall.");
    json.end_object();
    if (!signature.empty()) json.member("thoughtSignature", signature);
    if (rules.same_format) write_unknown(json, part.extras.unknown);
    json.end_object();
}

std::string args_object(const ToolCallPart& part, bool& valid) {
    valid = true;
    std::string out;
    JsonWriter json(out);
    if (part.kind == ToolCallPart::Kind::custom) {
        json.begin_object().member("input", part.arguments).end_object();
        return out;
    }
    if (part.arguments.find_first_not_of(" \t\r\n") == std::string::npos) return "{}";
    JsonTree tree;
    const auto parsed = tree.parse(part.arguments);
    if (parsed && parsed->is_object()) return std::string(parsed->raw());
    valid = parsed.has_value();
    if (parsed)
        json.begin_object().raw_member("value", parsed->raw()).end_object();
    else
        json.begin_object().member("_raw", part.arguments).end_object();
    return out;
}

namespace {

struct AnswerPartWriter {
    JsonWriter& json;
    const PartRules& rules;

    // Only Gemini signs texts and calls, also behind a Chat endpoint.
    void operator()(const TextPart& part) const { write_text(json, part, {rules.same_format, true}); }
    void operator()(const ReasoningPart& part) const {
        if (part.origin == Origin::gemini || (part.signature.empty() && part.redacted.empty()))
            write_thought(json, part, {rules.same_format, part.origin == Origin::gemini});
        else
            write_sealed(part);
    }
    /// Another provider's: what may go back only there is sealed. Clients take an empty text for a broken part, so there is none.
    void write_sealed(const ReasoningPart& part) const {
        json.begin_object();
        if (!part.text.empty()) json.member("text", part.text);
        json.bool_member("thought", true).member("thoughtSignature", armoured(seal_reasoning(part))).end_object();
    }
    void operator()(const MediaPart& part) const { write_media(json, part, part.media_type, rules); }
    void operator()(const ToolCallPart& part) const {
        bool valid = true;
        const bool own_id = !rules.same_format || part.native_id;
        write_call(json, part, part.name, args_object(part, valid), part.signature, own_id, rules);
    }
    void operator()(const ToolResultPart&) const {}
    void operator()(const OpaquePart& part) const {
        if (part.origin == Origin::gemini) json.raw(part.json);
    }
};

}  // namespace

void write_answer_part(JsonWriter& json, const Part& part, const PartRules& rules) { std::visit(AnswerPartWriter{json, rules}, part); }

}  // namespace smg::codec::google
