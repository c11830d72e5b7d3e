#include <utility>

#include "codec/client_field.hpp"
#include "codec/gemini/part_encode.hpp"
#include "codec/gemini/request_encode.hpp"
#include "codec/json_tree.hpp"

namespace smg::codec::google {
namespace {

/// What Google documents for calls whose signature is lost: models that check signatures then accept the call.
constexpr std::string_view skip_validation = "skip_thought_signature_validator";

class ContentWriter {
public:
    explicit ContentWriter(Writing& to) : to_(to), json_(to.json), needs_signatures_(to.target.capabilities.thought_signatures_required) {
        // A Gemini client's own history is left as it is, unless another provider had a part in it.
        if (to.same_format) needs_signatures_ = needs_signatures_ && has_foreign_reasoning(to.conversation);
    }

    bool write(const Content& content) {
        json_.begin_object().member("role", content.model ? "model" : "user").key("parts").begin_array();
        first_call_ = true;
        for (const auto& pieces : {&content.results, &content.others})
            for (const auto& piece : *pieces)
                if (!write(piece)) return false;
        json_.end_array().end_object();
        return true;
    }

    /// A turn of a Gemini client: as it was.
    bool write_back(const Turn& turn) {
        first_call_ = true;
        json_.begin_object();
        if (turn.role != Role::system) json_.member("role", turn.role == Role::assistant ? "model" : "user");
        json_.key("parts").begin_array();
        for (const auto& part : turn.parts)
            if (!std::visit([this](const auto& p) { return back(p); }, part)) return false;
        json_.end_array();
        write_unknown(json_, turn.unknown);
        json_.end_object();
        return true;
    }

private:
    const Part& part(const Piece& piece) const { return to_.conversation.turns[piece.turn].parts[piece.part]; }
    std::string field(const Piece& piece) const { return client_field(to_.conversation, piece.turn, piece.part); }

    bool write(const Piece& piece) {
        switch (piece.kind) {
            case Piece::Kind::filler: text("."); return true;
            case Piece::Kind::instruction: return instruction(piece);
            case Piece::Kind::attachment: return attachment(piece);
            case Piece::Kind::part: break;
        }
        return std::visit([&](const auto& p) { return one(p, piece); }, part(piece));
    }

    void text(std::string_view words) { json_.begin_object().member("text", words).end_object(); }

    bool instruction(const Piece& piece) {
        const auto* words = std::get_if<TextPart>(&part(piece));
        if (!words) return to_.refuse(field(piece), "A system message can hold only text in this model's API.");
        text("<system>" + words->text + "</system>");
        return true;
    }

    bool attachment(const Piece& piece) {
        const auto& result = std::get<ToolResultPart>(part(piece));
        text("[attachment of tool result " + (result.name.empty() ? result.call_id : result.name) + "]");
        const auto place = result_content_field(to_.conversation, piece.turn, piece.part, piece.media);
        return write_client_media(to_, std::get<MediaPart>(result.content[piece.media]), place);
    }

    bool one(const TextPart& part, const Piece&) {
        write_text(json_, part, {false, true});
        return true;
    }
    bool one(const ReasoningPart& part, const Piece&) {
        write_thought(json_, part, {false, true});
        return true;
    }
    bool one(const MediaPart& part, const Piece& piece) { return write_client_media(to_, part, field(piece)); }
    bool one(const ToolResultPart& part, const Piece& piece) { return write_result(to_, part, field(piece)); }
    /// What the user's side says in other formats (a search result and the like) is in its text.
    bool one(const OpaquePart& part, const Piece&) {
        if (part.origin == Origin::gemini) {
            json_.raw(part.json);
        } else if (is_compaction(part)) {
            JsonTree tree;
            const auto block = tree.parse(part.json);
            text(block ? (*block)["content"].text() : std::string_view());
        } else {
            text(part.json);
        }
        return true;
    }

    bool one(const ToolCallPart& part, const Piece& piece) {
        bool valid = true;
        const auto args = args_object(part, valid);
        if (!valid)
            return to_.refuse(arguments_field(to_.conversation, piece.turn, piece.part),
                              "The arguments of a tool call must be JSON.");
        write_call(json_, part, to_.tool_name(part.name), args, signature_of(part), to_.target.capabilities.native_tool_ids, {});
        return true;
    }

    /// The first call of a step must be signed; the others of it are not.
    std::string_view signature_of(const ToolCallPart& part) {
        const bool first = std::exchange(first_call_, false);
        return first && part.signature.empty() && needs_signatures_ ? skip_validation : std::string_view(part.signature);
    }

    // --- a Gemini client's own parts ---

    static constexpr PartRules own{true, true};
    bool back(const TextPart& part) {
        write_text(json_, part, own);
        return true;
    }
    bool back(const ReasoningPart& part) {
        if (part.origin == Origin::gemini) write_thought(json_, part, own);  // another's is of no use here
        return true;
    }
    bool back(const MediaPart& part) {
        write_media(json_, part, part.media_type, own);
        return true;
    }
    bool back(const ToolCallPart& part) {
        bool valid = true;
        write_call(json_, part, part.name, args_object(part, valid), signature_of(part), part.native_id, own);
        return true;
    }
    bool back(const ToolResultPart& part) { return write_result(to_, part, {}); }
    bool back(const OpaquePart& part) {
        json_.raw(part.json);
        return true;
    }

    static bool has_foreign_reasoning(const Conversation& conversation) {
        for (const auto& turn : conversation.turns)
            for (const auto& part : turn.parts)
                if (const auto* thought = std::get_if<ReasoningPart>(&part); thought && thought->origin != Origin::gemini) return true;
        return false;
    }

    Writing& to_;
    JsonWriter& json_;
    bool first_call_ = true;
    bool needs_signatures_;
};

}  // namespace

bool write_system(Writing& to) {
    const auto& conversation = to.conversation;
    const auto leading = leading_system_turns(conversation);
    if (to.same_format && leading > 0 && to.instruction.empty()) {
        to.json.key("systemInstruction");
        return ContentWriter(to).write_back(conversation.turns.front());
    }
    bool any = false;
    const auto say = [&](std::string_view words) {
        if (!any) to.json.key("systemInstruction").begin_object().key("parts").begin_array();
        any = true;
        to.json.begin_object().member("text", words).end_object();
    };
    for (std::size_t turn = 0; turn < leading; ++turn) {
        for (std::size_t i = 0; i < conversation.turns[turn].parts.size(); ++i) {
            const auto* text = std::get_if<TextPart>(&conversation.turns[turn].parts[i]);
            if (!text) return to.refuse(client_field(conversation, turn, i), "A system message can hold only text in this model's API.");
            if (!text->text.empty()) say(text->text);
        }
    }
    if (!to.instruction.empty()) say(to.instruction);
    if (any) to.json.end_array().end_object();
    return true;
}

bool write_contents(Writing& to) {
    ContentWriter writer(to);
    to.json.key("contents").begin_array();
    if (to.same_format) {
        const auto& turns = to.conversation.turns;
        for (auto index = leading_system_turns(to.conversation); index < turns.size(); ++index)
            if (!writer.write_back(turns[index])) return false;
    } else {
        std::vector<Content> contents;
        if (!plan_contents(to, contents)) return false;
        for (const auto& content : contents)
            if (!writer.write(content)) return false;
    }
    to.json.end_array();
    return true;
}

}  // namespace smg::codec::google
