#include <algorithm>
#include <optional>

#include "codec/client_field.hpp"
#include "codec/gemini/request_encode.hpp"

namespace smg::codec::google {
namespace {

bool is_system(const Turn& turn) { return turn.role == Role::system || turn.role == Role::developer; }

class Planner {
public:
    Planner(Writing& to, std::vector<Content>& out) : to_(to), turns_(to.conversation.turns), out_(out) {}

    bool plan() {
        for (std::size_t index = leading_system_turns(to_.conversation); index < turns_.size(); ++index) add(index);
        if (to_.error) return false;
        for (std::size_t index = 0; index < out_.size(); ++index)
            if (!pair(index)) return false;
        // Gemini wants something from the user first; an instruction alone is a conversation for Chat.
        if (out_.empty() || out_.front().model) {
            Content user;
            user.others.push_back({Piece::Kind::filler, 0, 0, 0});
            out_.insert(out_.begin(), std::move(user));
        }
        return true;
    }

private:
    const Part& part(const Piece& piece) const { return turns_[piece.turn].parts[piece.part]; }

    Content& open(bool model) {
        if (out_.empty() || out_.back().model != model) out_.emplace_back().model = model;
        return out_.back();
    }

    void add(std::size_t turn) {
        const bool model = turns_[turn].role == Role::assistant;
        if (!turns_[turn].name.empty()) to_.note("messages.name");
        for (std::size_t i = 0; i < turns_[turn].parts.size(); ++i) {
            const auto& part = turns_[turn].parts[i];
            const Piece piece{is_system(turns_[turn]) ? Piece::Kind::instruction : Piece::Kind::part, turn, i, 0};
            if (std::holds_alternative<ToolResultPart>(part))
                open(false).results.push_back(piece);
            else if (!is_written(part, model))
                drop(turn, i);
            else
                open(model).others.push_back(piece);
        }
    }

    /// Reasoning of other families stays behind in silence; anything else that has no place here is named.
    void drop(std::size_t turn, std::size_t part) {
        const auto* opaque = std::get_if<OpaquePart>(&turns_[turn].parts[part]);
        if (!opaque || opaque->kind == "reasoning_details") return;
        if (opaque->kind != "audio") return to_.note(client_field(to_.conversation, turn, part));
        to_.refuse("messages[" + std::to_string(turn) + "].audio", "Audio of an earlier answer cannot be sent to this model; send its transcript.");
    }

    /// Every call of a model's content is answered in the next one, once, and nothing else is.
    bool pair(std::size_t index) {
        auto& content = out_[index];
        if (!content.model) {
            if (index == 0 && !content.results.empty()) return orphan(content.results.front());  // later ones were paired before
            attach(content);
            return true;
        }
        std::vector<Piece> ordered;
        auto* next = index + 1 < out_.size() ? &out_[index + 1] : nullptr;
        for (const auto& piece : content.others) {
            const auto* call = std::get_if<ToolCallPart>(&part(piece));
            if (!call) continue;
            to_.call_names[call->id] = call->name;
            const auto found = next ? find(*next, call->id) : std::nullopt;
            if (!found) return unanswered(piece);
            ordered.push_back(next->results[*found]);
            next->results.erase(next->results.begin() + static_cast<std::ptrdiff_t>(*found));
        }
        if (!next) return true;
        if (!next->results.empty()) return orphan(next->results.front());
        next->results = std::move(ordered);
        return true;
    }

    std::optional<std::size_t> find(const Content& content, const std::string& id) const {
        for (std::size_t i = 0; i < content.results.size(); ++i)
            if (std::get<ToolResultPart>(part(content.results[i])).call_id == id) return i;
        return std::nullopt;
    }

    bool unanswered(const Piece& call) {
        const auto& id = std::get<ToolCallPart>(part(call)).id;
        return to_.refuse(client_field(to_.conversation, call.turn, call.part),
                          "An assistant message with tool calls must be followed by a result for each of them; '" + id + "' has none.");
    }

    bool orphan(const Piece& result) {
        return to_.refuse(call_id_field(to_.conversation, result.turn, result.part),
                          "A tool result must follow the assistant message that holds its call; '" + std::get<ToolResultPart>(part(result)).call_id +
                              "' answers none.");
    }

    /// Media of results stand behind them where the model does not take them inside.
    void attach(Content& content) {
        if (to_.media_in_results()) return;
        std::vector<Piece> attached;
        for (const auto& piece : content.results) {
            const auto& result = std::get<ToolResultPart>(part(piece));
            for (std::size_t i = 0; i < result.content.size(); ++i)
                if (std::holds_alternative<MediaPart>(result.content[i])) attached.push_back({Piece::Kind::attachment, piece.turn, piece.part, i});
        }
        content.others.insert(content.others.begin(), attached.begin(), attached.end());
    }

    Writing& to_;
    const std::vector<Turn>& turns_;
    std::vector<Content>& out_;
};

}  // namespace

std::size_t leading_system_turns(const Conversation& conversation) {
    const auto& turns = conversation.turns;
    return static_cast<std::size_t>(std::find_if_not(turns.begin(), turns.end(), is_system) - turns.begin());
}

bool is_compaction(const OpaquePart& part) { return part.origin == Origin::anthropic && part.kind == "compaction"; }

bool is_written(const Part& part, bool model) {
    if (const auto* text = std::get_if<TextPart>(&part)) return !text->text.empty() || !text->signature.empty();
    if (const auto* thought = std::get_if<ReasoningPart>(&part)) return thought->origin == Origin::gemini && !thought->signature.empty();
    if (const auto* opaque = std::get_if<OpaquePart>(&part)) return opaque->origin == Origin::gemini || !model || is_compaction(*opaque);
    return true;
}

bool plan_contents(Writing& to, std::vector<Content>& out) { return Planner(to, out).plan(); }

}  // namespace smg::codec::google
