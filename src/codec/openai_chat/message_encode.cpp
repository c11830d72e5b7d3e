#include <algorithm>

#include "codec/json_tree.hpp"
#include "codec/openai_common/model_family.hpp"
#include "codec/openai_chat/request_encode.hpp"

namespace smg::codec::chat {
namespace {

/// A tool's media, which a Chat tool message cannot hold: it follows in a user message.
struct Attachment {
    std::string call_id;
    const MediaPart* media;
    std::string field;
};

class MessageWriter {
public:
    explicit MessageWriter(Writing& to) : to_(to), json_(to.json) {}

    bool write() {
        json_.key("messages").begin_array();
        const auto& turns = to_.conversation.turns;
        for (std::size_t index = 0; index < turns.size();) {
            auto end = index + 1;
            // Other formats' clients may spread the results of one step; a Chat client's messages stay where they are.
            while (!to_.same_format && turns[index].role != Role::assistant && end < turns.size() && turns[end].role != Role::assistant) ++end;
            if (!side(index, end)) return false;
            index = end;
        }
        json_.end_array();
        return true;
    }

private:
    /// One message of the assistant, or all that is said until it speaks again. Results come before whatever else was said: they must
    /// follow their calls at once.
    bool side(std::size_t begin, std::size_t end) {
        const auto& turns = to_.conversation.turns;
        for (auto index = begin; index < end; ++index)
            for (std::size_t i = 0; i < turns[index].parts.size(); ++i)
                if (const auto* found = std::get_if<ToolResultPart>(&turns[index].parts[i]))
                    if (!result(*found, index, i)) return false;
        if (!attachments()) return false;
        for (auto index = begin; index < end; ++index) {
            const auto& turn = turns[index];
            if (is_only_results(turn)) continue;
            if (!(turn.role == Role::assistant ? assistant(turn, index) : plain(turn, index))) return false;
        }
        return true;
    }

    static bool is_only_results(const Turn& turn) {
        return !turn.parts.empty() &&
               std::all_of(turn.parts.begin(), turn.parts.end(), [](const Part& part) { return std::holds_alternative<ToolResultPart>(part); });
    }

    bool result(const ToolResultPart& part, std::size_t index, std::size_t place) {
        const auto& turn = to_.conversation.turns[index];
        const auto field = [&](std::size_t content) { return result_content_field(to_.conversation, index, place, content); };
        json_.begin_object();
        if (turn.legacy_function && to_.same_format)
            json_.member("role", "function").member("name", part.name);
        else
            json_.member("role", "tool").member("tool_call_id", part.call_id);
        json_.key("content");
        if (to_.same_format && !part.content_is_string && !(turn.legacy_function && part.content.empty())) {
            if (!result_parts(part, field)) return false;
        } else if (turn.legacy_function && part.content.empty()) {
            json_.null();
        } else if (is_marked(part)) {
            json_.begin_array().begin_object().member("type", "text").member("text", result_text(part, field));
            json_.raw_member("prompt_cache_breakpoint", CacheMarks::breakpoint).end_object().end_array();
        } else {
            json_.string(result_text(part, field));
        }
        if (to_.same_format) extras(part.extras);
        json_.end_object();
        return true;
    }

    static std::size_t place_in(const ToolResultPart& part, const ResultContent& content) {
        return static_cast<std::size_t>(&content - part.content.data());
    }

    /// A mark inside a result stands at its end here: its media, which may carry one, follow in another message.
    bool is_marked(const ToolResultPart& part) const {
        const auto text_is_marked = [this](const ResultContent& content) {
            const auto* text = std::get_if<TextPart>(&content);
            return text && to_.marks.stands_on(text->extras);
        };
        return to_.marks.stands_on(part.extras) || std::any_of(part.content.begin(), part.content.end(), text_is_marked);
    }

    template <typename Field>
    bool result_parts(const ToolResultPart& part, const Field& field) {
        json_.begin_array();
        for (const auto& content : part.content) {
            if (const auto* text = std::get_if<TextPart>(&content))
                text_part(*text);
            else if (const auto* media = std::get_if<MediaPart>(&content); media && !write_media(to_, *media, field(place_in(part, content))))
                return false;
        }
        json_.end_array();
        return true;
    }

    template <typename Field>
    std::string result_text(const ToolResultPart& part, const Field& field) {
        std::string text = part.is_error.value_or(false) ? "Error: " : "";
        bool first = true;
        const auto add = [&](std::string_view piece) {
            if (!first) text += '\n';
            first = false;
            text += piece;
        };
        for (const auto& content : part.content) {
            if (const auto* words = std::get_if<TextPart>(&content))
                add(words->text);
            else if (const auto* opaque = std::get_if<OpaquePart>(&content))
                add(opaque->json);
            else
                attachments_.push_back({part.call_id, &std::get<MediaPart>(content), field(place_in(part, content))});
        }
        if (part.content.empty() && !part.structured.empty()) add(part.structured);
        return text;
    }

    bool attachments() {
        if (attachments_.empty()) return true;
        json_.begin_object().member("role", "user").key("content").begin_array();
        for (const auto& [call_id, media, field] : attachments_) {
            json_.begin_object().member("type", "text").member("text", "[attachment of tool result " + call_id + "]").end_object();
            if (!write_media(to_, *media, field)) return false;
        }
        json_.end_array().end_object();
        attachments_.clear();
        return true;
    }

    /// System, developer and user messages.
    bool plain(const Turn& turn, std::size_t index) {
        json_.begin_object().member("role", role_word(turn.role));
        to_.text_if("name", turn.name);
        json_.key("content");
        if (const auto* text = only_text(turn)) {
            json_.string(text->text);
        } else {
            json_.begin_array();
            for (std::size_t i = 0; i < turn.parts.size(); ++i)
                if (!plain_part(turn.parts[i], client_field(to_.conversation, index, i))) return false;
            json_.end_array();
        }
        if (to_.same_format) to_.unknown(turn.unknown);
        json_.end_object();
        return true;
    }

    /// OpenAI's reasoning models are instructed by a developer.
    std::string_view role_word(Role role) const {
        if (role == Role::developer || (role == Role::system && !to_.same_format && is_reasoning_model(to_.target.model))) return "developer";
        return role == Role::system ? "system" : "user";
    }

    bool plain_part(const Part& part, const std::string& field) {
        if (const auto* text = std::get_if<TextPart>(&part)) {
            if (to_.same_format || !text->text.empty()) text_part(*text);
        } else if (const auto* media = std::get_if<MediaPart>(&part)) {
            return write_media(to_, *media, field);
        } else if (const auto* opaque = std::get_if<OpaquePart>(&part)) {
            // A search result or the like: what it says is in its text.
            if (to_.same_format)
                json_.raw(opaque->json);
            else
                json_.begin_object().member("type", "text").member("text", opaque->json).end_object();
        }
        return true;
    }

    /// A turn of one plain text is spelled as a string, which every vendor's engine understands; a Chat client's spelling is kept.
    const TextPart* only_text(const Turn& turn) const {
        const TextPart* only = nullptr;
        for (const auto& part : turn.parts) {
            if (std::holds_alternative<ToolResultPart>(part)) continue;
            const auto* text = std::get_if<TextPart>(&part);
            if (!text || only) return nullptr;
            only = text;
        }
        if (only && to_.marks.stands_on(only->extras)) return nullptr;
        return only && (turn.content_is_string || !to_.same_format) ? only : nullptr;
    }

    void text_part(const TextPart& text) {
        const std::string_view type = text.refusal ? "refusal" : "text";
        json_.begin_object().member("type", type).member(type, text.text);
        if (to_.same_format)
            extras(text.extras);
        else if (to_.marks.stands_on(text.extras))
            json_.raw_member("prompt_cache_breakpoint", CacheMarks::breakpoint);
        json_.end_object();
    }

    void extras(const PartExtras& extras) {
        to_.raw_if("cache_control", extras.cache_control);
        to_.unknown(extras.unknown);
    }

    bool assistant(const Turn& turn, std::size_t index);
    void assistant_content(const Turn& turn);
    void reasoning(const Turn& turn);
    void tool_calls(const Turn& turn);
    void tool_call(const ToolCallPart& call);
    void annotations(const Turn& turn);

    Writing& to_;
    JsonWriter& json_;
    std::vector<Attachment> attachments_;
};

bool has_call(const Turn& turn) {
    return std::any_of(turn.parts.begin(), turn.parts.end(), [](const Part& part) { return std::holds_alternative<ToolCallPart>(part); });
}

/// Anthropic's summary of what was said before: without it the rest has no beginning.
std::string compaction_text(const OpaquePart& part) {
    JsonTree tree;
    const auto block = tree.parse(part.json);
    return block ? std::string((*block)["content"].text()) : std::string();
}

bool told_as_text(const OpaquePart& part) { return part.origin == Origin::anthropic && part.kind == "compaction"; }

bool MessageWriter::assistant(const Turn& turn, std::size_t index) {
    for (std::size_t i = 0; i < turn.parts.size(); ++i) {
        if (std::holds_alternative<MediaPart>(turn.parts[i]))
            return to_.refuse(client_field(to_.conversation, index, i), "An assistant message cannot hold media in this model's API.");
        const auto* opaque = std::get_if<OpaquePart>(&turn.parts[i]);
        if (opaque && !to_.same_format && !told_as_text(*opaque)) to_.note("messages." + opaque->kind);
    }
    json_.begin_object().member("role", "assistant");
    to_.text_if("name", turn.name);
    assistant_content(turn);
    reasoning(turn);
    annotations(turn);
    tool_calls(turn);
    if (to_.same_format) to_.unknown(turn.unknown);
    json_.end_object();
    return true;
}

void MessageWriter::assistant_content(const Turn& turn) {
    json_.key("content");
    const OpaquePart* audio = nullptr;
    std::string text, refusal;
    bool has_text = false, has_refusal = false;
    for (const auto& part : turn.parts) {
        if (const auto* words = std::get_if<TextPart>(&part)) {
            (words->refusal ? refusal : text) += words->text;
            (words->refusal ? has_refusal : has_text) = true;
        } else if (const auto* opaque = std::get_if<OpaquePart>(&part); opaque && opaque->kind == "audio" && opaque->origin == Origin::openai) {
            audio = opaque;
        } else if (opaque && told_as_text(*opaque)) {
            text += compaction_text(*opaque);
            has_text = true;
        }
    }
    if (to_.same_format && !turn.content_is_string) {
        json_.begin_array();
        for (const auto& part : turn.parts) {
            const auto* opaque = std::get_if<OpaquePart>(&part);
            if (const auto* words = std::get_if<TextPart>(&part))
                text_part(*words);
            else if (opaque && opaque != audio && opaque->kind != "reasoning_details")
                json_.raw(opaque->json);
        }
        json_.end_array();
    } else {
        // Only a message with calls (or audio, or a refusal) may go without content.
        if (has_text || (!has_refusal && !audio && !has_call(turn)))
            json_.string(text);
        else
            json_.null();
        if (has_refusal) json_.member("refusal", refusal);
    }
    if (audio && to_.same_format) json_.raw_member("audio", audio->json);
}

/// Plain reasoning goes back in Chat's own spelling. What was signed came from another API, which alone could read it.
void MessageWriter::reasoning(const Turn& turn) {
    if (!to_.same_format) return;
    std::string text;
    std::vector<const OpaquePart*> details;
    for (const auto& part : turn.parts) {
        if (const auto* thought = std::get_if<ReasoningPart>(&part)) {
            if (thought->origin == Origin::anthropic || thought->origin == Origin::gemini || thought->text.empty() || !thought->signature.empty())
                continue;
            if (!text.empty()) text += "\n\n";
            text += thought->text;
        } else if (const auto* opaque = std::get_if<OpaquePart>(&part); opaque && opaque->kind == "reasoning_details") {
            details.push_back(opaque);
        }
    }
    to_.text_if("reasoning_content", text);
    if (details.empty()) return;
    json_.key("reasoning_details").begin_array();
    for (const auto* detail : details) json_.raw(detail->json);
    json_.end_array();
}

void MessageWriter::annotations(const Turn& turn) {
    if (!to_.same_format) return;
    for (const auto& part : turn.parts)
        if (const auto* text = std::get_if<TextPart>(&part); text && text->citations_origin == Origin::openai && !text->citations.empty())
            return static_cast<void>(json_.raw_member("annotations", text->citations));
}

void MessageWriter::tool_calls(const Turn& turn) {
    if (!has_call(turn)) return;
    if (turn.legacy_function && to_.same_format) {
        for (const auto& part : turn.parts)
            if (const auto* call = std::get_if<ToolCallPart>(&part); call && !call->native_id)
                json_.key("function_call").begin_object().member("name", call->name).member("arguments", call->arguments).end_object();
    }
    bool open = false;
    for (const auto& part : turn.parts) {
        const auto* call = std::get_if<ToolCallPart>(&part);
        if (!call || (turn.legacy_function && to_.same_format && !call->native_id)) continue;
        if (!open) json_.key("tool_calls").begin_array();
        open = true;
        tool_call(*call);
    }
    if (open) json_.end_array();
}

void MessageWriter::tool_call(const ToolCallPart& call) {
    const bool custom = call.kind == ToolCallPart::Kind::custom;
    const std::string_view type = custom ? "custom" : "function";
    json_.begin_object().member("id", call.id).member("type", type).key(type).begin_object().member("name", to_.tool_name(call.name));
    const bool empty = call.arguments.find_first_not_of(" \t\r\n") == std::string::npos;
    json_.member(custom ? "input" : "arguments", empty && !custom && !to_.same_format ? "{}" : std::string_view(call.arguments));
    if (to_.same_format) to_.unknown(call.extras.unknown, custom ? "custom." : "function.");
    json_.end_object();
    // A thought signature is of use only to the family that issued it, here behind a Chat endpoint.
    if (!call.signature.empty() && to_.target.capabilities.thought_signatures_required)
        json_.key("extra_content").begin_object().key("google").begin_object().member("thought_signature", call.signature).end_object().end_object();
    if (to_.same_format) to_.unknown(call.extras.unknown);
    json_.end_object();
}

}  // namespace

bool write_messages(Writing& to) { return MessageWriter(to).write(); }

}  // namespace smg::codec::chat
