#include "base/ascii.hpp"
#include "codec/gemini/request_decode.hpp"
#include "codec/gemini/schema.hpp"

namespace smg::codec::google {
namespace {

using Reader = bool (*)(Fields&, JsonNode, const Path&, Conversation&);

template <NumberText Conversation::*member>
bool number(Fields& fields, JsonNode node, const Path& path, Conversation& out) {
    return fields.number(node, path, out.*member);
}
template <NumberText Conversation::*member>
bool integer(Fields& fields, JsonNode node, const Path& path, Conversation& out) {
    return fields.integer(node, path, out.*member);
}

bool stop(Fields& fields, JsonNode node, const Path& path, Conversation& out) { return fields.strings(node, path, out.stop); }
bool logprobs(Fields& fields, JsonNode node, const Path& path, Conversation& out) { return fields.boolean(node, path, out.logprobs); }
bool modalities(Fields& fields, JsonNode node, const Path& path, Conversation& out) {
    std::vector<std::string> words;
    return fields.strings(node, path, words) && fields.array(node, path, out.modalities);
}

/// Effort words and budgets are Google's own correspondence; -1 leaves the budget to the model.
std::string effort_of_budget(std::int64_t budget) {
    if (budget < 0) return {};
    if (budget == 0) return "none";
    if (budget <= 1024) return "low";
    if (budget <= 8192) return "medium";
    return budget <= 24576 ? "high" : "xhigh";
}

bool thinking(Fields& fields, JsonNode node, const Path& path, Conversation& out) {
    if (node.is_null()) return true;
    std::optional<bool> thoughts;
    std::string level;
    NumberText budget;
    if (!fields.is_object(node, path)) return false;
    const auto shown = member(node, "includeThoughts"), depth = member(node, "thinkingLevel"), tokens = member(node, "thinkingBudget");
    if (!fields.boolean(shown, path.member(shown, "includeThoughts"), thoughts) ||
        !fields.string(depth, path.member(depth, "thinkingLevel"), level) ||
        !fields.integer(tokens, path.member(tokens, "thinkingBudget"), budget))
        return false;
    out.thinking = node.raw();
    out.thinking_origin = Origin::gemini;
    out.include_reasoning_text = thoughts.value_or(false);
    out.reasoning_effort = ascii_lower(level);
    if (out.reasoning_effort == "thinking_level_unspecified") out.reasoning_effort.clear();
    if (const auto value = tokens.integer(); value && level.empty()) out.reasoning_effort = effort_of_budget(*value);
    return true;
}

ResponseFormat& format_of(Conversation& out) {
    if (!out.response_format) out.response_format.emplace();
    return *out.response_format;
}

bool mime_type(Fields& fields, JsonNode node, const Path& path, Conversation& out) {
    std::string type;
    if (!fields.string(node, path, type)) return false;
    if (type == "application/json") {
        if (auto& format = format_of(out); format.kind == ResponseFormat::Kind::text) format.kind = ResponseFormat::Kind::json_object;
    } else if (type == "text/plain") {
        format_of(out);
    } else if (!type.empty()) {
        keep(out.unknown, node, "generationConfig.");  // `text/x.enum`
    }
    return true;
}

/// `responseJsonSchema` wins over `responseSchema`, which is Gemini's dialect.
bool json_schema(Fields& fields, JsonNode node, const Path& path, Conversation& out) {
    if (node.is_null()) return true;
    if (!node.is_object()) return fields.wrong_type(path, "an object", node);
    auto& format = format_of(out);
    format.kind = ResponseFormat::Kind::json_schema;
    format.schema = node.raw();
    return true;
}

bool proto_schema(Fields& fields, JsonNode node, const Path& path, Conversation& out) {
    if (node.is_null()) return true;
    if (!node.is_object()) return fields.wrong_type(path, "an object", node);
    auto& format = format_of(out);
    if (format.kind == ResponseFormat::Kind::json_schema) return true;
    format.kind = ResponseFormat::Kind::json_schema;
    format.schema = to_json_schema(node);
    return true;
}

constexpr std::pair<std::string_view, Reader> readers[] = {
    {"maxOutputTokens", integer<&Conversation::max_tokens>},
    {"temperature", number<&Conversation::temperature>},
    {"topP", number<&Conversation::top_p>},
    {"topK", number<&Conversation::top_k>},
    {"candidateCount", integer<&Conversation::n>},
    {"stopSequences", stop},
    {"presencePenalty", number<&Conversation::presence_penalty>},
    {"frequencyPenalty", number<&Conversation::frequency_penalty>},
    {"seed", integer<&Conversation::seed>},
    {"responseLogprobs", logprobs},
    {"logprobs", integer<&Conversation::top_logprobs>},
    {"responseMimeType", mime_type},
    {"responseJsonSchema", json_schema},
    {"responseSchema", proto_schema},
    {"thinkingConfig", thinking},
    {"responseModalities", modalities},
};

Reader reader_of(std::string_view name) {
    for (const auto& [camel, reader] : readers)
        if (is_named(name, camel)) return reader;
    return nullptr;
}

}  // namespace

bool read_generation_config(Fields& fields, JsonNode node, const Path& path, Conversation& out) {
    if (node.is_null()) return true;
    if (!fields.is_object(node, path)) return false;
    for (JsonNode item : node) {
        const auto reader = reader_of(item.name());
        if (!reader)
            keep(out.unknown, item, "generationConfig.");
        else if (!reader(fields, item, path.member(item.name()), out))
            return false;
    }
    return true;
}

}  // namespace smg::codec::google
