#include <algorithm>
#include <set>
#include <utility>

#include "codec/openai_responses/annotations.hpp"
#include "codec/openai_responses/item_decode.hpp"
#include "codec/openai_common/model_family.hpp"
#include "codec/openai_responses/request_decode.hpp"
#include "codec/openai_responses/request_encode.hpp"
#include "codec/openai_responses/signature.hpp"
#include "codec/openai_responses/tool_encode.hpp"

namespace smg::codec::responses {
namespace {

/// The only text of a turn; null when it has other parts.
const TextPart* only_text(const Turn& turn) {
    const TextPart* only = nullptr;
    for (const auto& part : turn.parts) {
        if (std::holds_alternative<ToolResultPart>(part)) continue;
        const auto* text = std::get_if<TextPart>(&part);
        if (!text || only) return nullptr;
        only = text;
    }
    return only;
}

bool was(const Turn& turn, std::string_view marker) {
    const auto* text = only_text(turn);
    return text && !framed(text->extras, marker).empty();
}

const PartExtras* extras_of(const Part& part) {
    if (const auto* text = std::get_if<TextPart>(&part)) return &text->extras;
    const auto* media = std::get_if<MediaPart>(&part);
    return media ? &media->extras : nullptr;
}

/// OpenAI allows 64 characters; a longer id becomes a stable shorter one, at the call and at its result alike.
std::string call_id(const std::string& id) {
    if (id.size() <= 64) return id;
    std::string out = "call_smg";
    for (std::uint64_t seed : {0xcbf29ce484222325ULL, 0x9e3779b97f4a7c15ULL}) {
        for (const char c : id) seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;  // FNV-1a
        for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[(seed >> shift) & 15];
    }
    return out;
}

class InputWriter {
public:
    explicit InputWriter(Writing& to) : to_(to), json_(to.json), reader_(issuer_of(to.target.model)) {
        for (const auto& turn : to.conversation.turns)
            for (const auto& part : turn.parts)
                if (const auto* call = std::get_if<ToolCallPart>(&part); call && call->kind == ToolCallPart::Kind::custom) custom_.insert(call->id);
    }

    bool write() {
        const auto& turns = to_.conversation.turns;
        std::size_t first = 0;
        if (to_.same_format && !turns.empty() && was(turns.front(), from_instructions)) {
            json_.member("instructions", only_text(turns.front())->text);
            first = 1;
        }
        json_.key("input");
        if (to_.same_format && turns.size() == first + 1 && was(turns[first], from_input_text)) {
            json_.string(only_text(turns[first])->text);
            return true;
        }
        json_.begin_array();
        for (std::size_t index = first; index < turns.size(); ++index)
            if (!turn(turns[index], index)) return false;
        json_.end_array();
        return true;
    }

private:
    bool turn(const Turn& turn, std::size_t index) {
        bool results = false, others = false;
        for (std::size_t i = 0; i < turn.parts.size(); ++i) {
            const auto* found = std::get_if<ToolResultPart>(&turn.parts[i]);
            // Results come before whatever else the client put into the same turn: they must follow their calls.
            if (found && !result(*found, index, i)) return false;
            (found ? results : others) = true;
        }
        if (results && !others) return true;
        if (turn.role == Role::assistant) return assistant(turn, index);
        return message(turn, index);
    }

    // --- what the client said ---

    std::string_view role(const Turn& turn) const {
        if (turn.role == Role::user || turn.role == Role::tool) return "user";
        // OpenAI's name for the system's words; other vendors know the older one.
        if (turn.role == Role::developer || (!to_.same_format && is_openai_model(to_.target.model))) return "developer";
        return "system";
    }

    bool message(const Turn& turn, std::size_t index) {
        json_.begin_object();
        const auto* framing = turn.parts.empty() ? nullptr : extras_of(turn.parts.front());
        if (to_.same_format && framing) frame(*framing, {"role", from_instructions, from_input_text});
        json_.member("role", role(turn)).key("content");
        if (const auto* text = only_text(turn); text && (to_.same_format ? turn.content_is_string : !to_.is_marked(text->extras))) {
            json_.string(text->text);
        } else {
            json_.begin_array();
            for (std::size_t i = 0; i < turn.parts.size(); ++i)
                if (!content(turn.parts[i], client_field(to_.conversation, index, i))) return false;
            json_.end_array();
        }
        json_.end_object();
        return true;
    }

    bool content(const Part& part, const std::string& field) {
        if (const auto* text = std::get_if<TextPart>(&part)) {
            if (to_.same_format || !text->text.empty()) input_text(*text, {}, to_.is_marked(text->extras));
        } else if (const auto* media = std::get_if<MediaPart>(&part)) {
            return write_media(to_, *media, field, to_.is_marked(media->extras));
        } else if (const auto* opaque = std::get_if<OpaquePart>(&part)) {
            // A search result or the like: what it says is in its text.
            json_.begin_object().member("type", "input_text").member("text", opaque->json).end_object();
        }
        return true;
    }

    void input_text(const TextPart& text, std::string_view prefix, bool marked) {
        json_.begin_object().member("type", "input_text").member("text", std::string(prefix).append(text.text));
        if (to_.same_format)
            write_members(json_, text.extras.unknown);
        else if (marked)
            to_.write_mark();
        json_.end_object();
    }

    // --- results ---

    bool result(const ToolResultPart& part, std::size_t turn, std::size_t index) {
        json_.begin_object();
        const bool typed = to_.same_format && !framed(part.extras, "type").empty();
        if (!typed) json_.member("type", custom_.contains(part.call_id) ? "custom_tool_call_output" : "function_call_output");
        if (to_.same_format) frame(part.extras, {});
        json_.member("call_id", to_.same_format ? part.call_id : call_id(part.call_id)).key("output");
        const std::string_view prefix = part.is_error.value_or(false) ? "Error: " : "";
        if (to_.same_format ? part.content_is_string : is_text_only(part) && (part.content.empty() || !is_marked(part))) {
            json_.string(std::string(prefix).append(text_of(part)));
        } else if (!result_parts(part, prefix, turn, index)) {
            return false;
        }
        json_.end_object();
        return true;
    }

    static bool is_text_only(const ToolResultPart& part) {
        return std::none_of(part.content.begin(), part.content.end(), [](const auto& content) { return std::holds_alternative<MediaPart>(content); });
    }

    bool is_marked(const ToolResultPart& part) const {
        const auto content_is_marked = [this](const ResultContent& content) {
            const auto* text = std::get_if<TextPart>(&content);
            return text && to_.is_marked(text->extras);
        };
        return to_.is_marked(part.extras) || std::any_of(part.content.begin(), part.content.end(), content_is_marked);
    }

    static std::string text_of(const ToolResultPart& part) {
        if (part.content.empty()) return part.structured;
        std::string text;
        bool first = true;
        for (const auto& content : part.content) {
            if (!first) text += '\n';
            first = false;
            if (const auto* words = std::get_if<TextPart>(&content))
                text += words->text;
            else if (const auto* opaque = std::get_if<OpaquePart>(&content))
                text += opaque->json;
        }
        return text;
    }

    bool result_parts(const ToolResultPart& part, std::string_view prefix, std::size_t turn, std::size_t index) {
        json_.begin_array();
        bool prefixed = prefix.empty();
        for (const auto& content : part.content) {
            const bool ends = &content == &part.content.back() && to_.is_marked(part.extras);
            if (const auto* media = std::get_if<MediaPart>(&content)) {
                const auto number = static_cast<std::size_t>(&content - part.content.data());
                const auto field = result_content_field(to_.conversation, turn, index, number);
                if (!write_media(to_, *media, field, ends || to_.is_marked(media->extras))) return false;
                continue;
            }
            TextPart words;
            if (const auto* opaque = std::get_if<OpaquePart>(&content))
                words.text = opaque->json;
            else
                words = std::get<TextPart>(content);
            const auto* text = std::get_if<TextPart>(&content);
            input_text(words, prefixed ? std::string_view() : prefix, ends || (text && to_.is_marked(text->extras)));
            prefixed = true;
        }
        if (!prefixed) json_.begin_object().member("type", "input_text").member("text", "Error").end_object();
        json_.end_array();
        return true;
    }

    // --- what the model said ---

    bool assistant(const Turn& turn, std::size_t index) {
        for (std::size_t i = 0; i < turn.parts.size(); ++i) {
            const auto& part = turn.parts[i];
            if (std::holds_alternative<MediaPart>(part))
                return to_.refuse(client_field(to_.conversation, index, i), "An assistant message cannot hold media in this model's API.");
            if (const auto* text = std::get_if<TextPart>(&part))
                output_text(*text);
            else if (const auto* thought = std::get_if<ReasoningPart>(&part))
                reasoning(*thought, turn, i);
            else if (const auto* call = std::get_if<ToolCallPart>(&part))
                tool_call(*call);
            else if (const auto* opaque = std::get_if<OpaquePart>(&part))
                opaque_part(*opaque);
        }
        end_message();
        return true;
    }

    void output_text(const TextPart& text) {
        if (text.text.empty() && !to_.same_format) return;
        const bool begins = to_.same_format && begins_message(text.extras);
        const auto spelled = framed(text.extras, "part.content");
        if (begins && spelled == "\"\"") {
            end_message();
            json_.begin_object();
            frame(text.extras, {});
            json_.member("content", text.text).end_object();
            return;
        }
        if (begins || !in_message_) begin_message(text.extras, begins);
        if (to_.same_format && spelled == "[]") return;
        const std::string_view type = text.refusal ? "refusal" : "text";
        json_.begin_object().member("type", text.refusal ? "refusal" : "output_text").member(type, text.text);
        if (to_.same_format) {
            if (!text.citations.empty()) {
                json_.key("annotations").begin_array();
                for (const auto& one : wire_annotations(text.citations, text.citations_origin, code_points(text.text))) json_.raw(one);
                json_.end_array();
            }
            write_members(json_, text.extras.framing, part_prefix);
            write_members(json_, text.extras.unknown);
        }
        json_.end_object();
    }

    void begin_message(const PartExtras& extras, bool native) {
        end_message();
        json_.begin_object();
        if (native)
            frame(extras, {});
        else
            json_.member("type", "message").member("role", "assistant");
        json_.key("content").begin_array();
        in_message_ = true;
    }

    void end_message() {
        if (std::exchange(in_message_, false)) json_.end_array().end_object();
    }

    /// Its state goes back to its issuer alone, and only before the item that it led to: the provider refuses a thought that led to nothing.
    void reasoning(const ReasoningPart& part, const Turn& turn, std::size_t index) {
        if (to_.same_format ? is_foreign(part) : part.signature.empty() || part.origin != reader_ || !leads_on(turn, index)) return;
        end_message();
        json_.begin_object().member("type", "reasoning");
        if (to_.same_format && !part.id.empty()) json_.member("id", part.id);
        if (framed(part.extras, "summary").empty()) {
            json_.key("summary").begin_array();
            if (!part.text.empty()) json_.begin_object().member("type", "summary_text").member("text", part.text).end_object();
            json_.end_array();
        }
        if (to_.same_format) frame(part.extras, {});
        to_.text_if("encrypted_content", part.signature);
        json_.end_object();
    }

    static bool is_foreign(const ReasoningPart& part) { return part.origin == Origin::anthropic || part.origin == Origin::gemini; }

    static bool leads_on(const Turn& turn, std::size_t index) {
        for (auto i = index + 1; i < turn.parts.size(); ++i) {
            if (const auto* text = std::get_if<TextPart>(&turn.parts[i]); text && !text->text.empty()) return true;
            if (std::holds_alternative<ToolCallPart>(turn.parts[i])) return true;
        }
        return false;
    }

    void tool_call(const ToolCallPart& call) {
        end_message();
        const bool custom = call.kind == ToolCallPart::Kind::custom;
        json_.begin_object().member("type", custom ? "custom_tool_call" : "function_call");
        if (to_.same_format) frame(call.extras, {});
        if (!to_.same_format || call.native_id) json_.member("call_id", to_.same_format ? call.id : call_id(call.id));
        json_.member("name", to_.tool_name(call.name));
        const bool empty = call.arguments.find_first_not_of(" \t\r\n") == std::string::npos;
        json_.member(custom ? "input" : "arguments", empty && !custom && !to_.same_format ? "{}" : std::string_view(call.arguments));
        json_.end_object();
    }

    void opaque_part(const OpaquePart& opaque) {
        if (!to_.same_format) return to_.note("messages." + opaque.kind);
        if (!std::string_view(opaque.kind).starts_with(content_prefix)) end_message();
        json_.raw(opaque.json);
    }

    /// Members of the item that the source had, less those that are written from the conversation, and less the part's own.
    void frame(const PartExtras& extras, std::initializer_list<std::string_view> without) {
        for (const auto& [name, value] : extras.framing)
            if (name.find('.') == std::string::npos && std::find(without.begin(), without.end(), name) == without.end())
                json_.raw_member(name, value);
    }

    Writing& to_;
    JsonWriter& json_;
    Origin reader_;                 ///< whose reasoning state the provider can read
    std::set<std::string> custom_;  ///< ids of calls of custom tools
    bool in_message_ = false;
};

}  // namespace

bool write_input(Writing& to) { return InputWriter(to).write(); }

}  // namespace smg::codec::responses
