#include <algorithm>
#include <set>

#include "codec/anthropic_messages/request_encode.hpp"
#include "codec/anthropic_messages/wire_names.hpp"

namespace smg::codec::messages {
namespace {

constexpr std::string_view blanks = " \t\n\r\f\v";

bool is_blank(std::string_view text) { return text.find_first_not_of(blanks) == std::string_view::npos; }

bool is_system(const Turn& turn) { return turn.role == Role::system || turn.role == Role::developer; }

/// A thinking block that Anthropic will know as its own. Any other is refused as forged.
bool is_ours(const ReasoningPart& part) { return part.origin == Origin::anthropic && (!part.signature.empty() || !part.redacted.empty()); }

class LayoutBuilder {
public:
    LayoutBuilder(Writing& to, Layout& layout) : to_(to), conversation_(to.conversation), layout_(layout) {}

    bool build() {
        layout_.messages.reserve(conversation_.turns.size());
        for (std::size_t i = 0; i < conversation_.turns.size(); ++i)
            if (!turn(conversation_.turns[i], i)) return false;
        if (!close_user()) return false;
        if (layout_.messages.empty() && !said_something()) return false;
        // An opening by the assistant, or a conversation of nothing but instructions, needs somebody who speaks first.
        if (layout_.messages.empty() || layout_.messages.front().role != Role::user) {
            Message opening;
            opening.blocks.emplace_back().text = ".";
            layout_.messages.insert(layout_.messages.begin(), std::move(opening));
        }
        trim_prefill();
        return true;
    }

private:
    struct Call {
        const ToolCallPart* part;
        std::string id;
        std::optional<Block> result;
    };

    bool turn(const Turn& turn, std::size_t index) {
        if (!turn.name.empty()) to_.note(to_.setting("messages.name"));
        for (const auto& [name, json] : turn.unknown)
            if (name != "cache_control" && name != "role" && json != "null") to_.note("messages." + name);
        if (is_system(turn)) return leading_ ? blocks(turn, index, layout_.system) : later_system(turn, index);
        leading_ = false;
        if (turn.role == Role::assistant) return assistant(turn, index);
        return blocks(turn, index, others_);
    }

    /// Appends the blocks of a turn; results go to their calls.
    bool blocks(const Turn& turn, std::size_t index, std::vector<Block>& out) {
        const auto first = out.size();
        for (std::size_t i = 0; i < turn.parts.size(); ++i) {
            Block block;
            block.part = &turn.parts[i];
            block.turn = index;
            block.index = i;
            if (std::holds_alternative<ToolResultPart>(turn.parts[i])) {
                if (!result(std::move(block))) return false;
                continue;
            }
            bool wanted = true;
            if (!admit(turn, block, wanted)) return false;
            if (wanted) out.push_back(std::move(block));
        }
        for (const auto& [name, json] : turn.unknown)
            if (name == "cache_control" && json.starts_with('{') && out.size() > first) out.back().cache_control = json;
        return true;
    }

    /// Whether a part becomes a block. False when it can be none and may not be left out.
    bool admit(const Turn& turn, const Block& block, bool& wanted) {
        const auto& part = *block.part;
        const auto field = [&] { return part_field(conversation_, block.turn, block.index); };
        if (const auto* text = std::get_if<TextPart>(&part)) {
            wanted = !is_blank(text->text);
        } else if (const auto* reasoning = std::get_if<ReasoningPart>(&part)) {
            wanted = turn.role == Role::assistant && is_ours(*reasoning);
        } else if (std::holds_alternative<MediaPart>(part)) {
            if (turn.role == Role::assistant) return to_.refuse(field(), "This provider takes no images or files in assistant messages.");
        } else if (const auto* opaque = std::get_if<OpaquePart>(&part); opaque && opaque->origin != Origin::anthropic) {
            if (opaque->kind == "audio") return to_.refuse("messages[" + std::to_string(block.turn) + "].audio", "This provider knows no audio.");
            wanted = false;
            if (turn.role != Role::assistant || opaque->origin == Origin::unknown) {
                if (opaque->kind != "reasoning_details") return to_.refuse(field(), "Invalid value: '" + opaque->kind + "'.");
            } else {
                to_.note(opaque->kind);
            }
        }
        return true;
    }

    /// After a user turn and before the assistant speaks, newer models take it where it stands; else it is told to the user's side.
    bool later_system(const Turn& turn, std::size_t index) {
        const bool user_spoke = !others_.empty() || std::any_of(calls_.begin(), calls_.end(), [](const Call& call) { return call.result; });
        if (to_.can.mid_conversation_system && user_spoke && assistant_is_next(index)) return blocks(turn, index, system_);
        std::vector<Block> wrapped;
        if (!blocks(turn, index, wrapped)) return false;
        for (auto& block : wrapped) {
            if (const auto* text = std::get_if<TextPart>(block.part)) block.text = "<system>" + text->text + "</system>";
            others_.push_back(std::move(block));
        }
        return true;
    }

    bool assistant_is_next(std::size_t index) const {
        for (auto i = index + 1; i < conversation_.turns.size(); ++i)
            if (!is_system(conversation_.turns[i])) return conversation_.turns[i].role == Role::assistant;
        return true;
    }

    bool assistant(const Turn& turn, std::size_t index) {
        std::vector<Block> said;
        if (!blocks(turn, index, said)) return false;
        if (said.empty()) return true;  // its neighbours become one
        if (!close_user()) return false;
        if (layout_.messages.empty() || layout_.messages.back().role != Role::assistant) layout_.messages.emplace_back().role = Role::assistant;
        auto& message = layout_.messages.back();
        for (auto& block : said) {
            const auto* call = std::get_if<ToolCallPart>(block.part);
            if (!call) continue;
            block.id = unique_id(call->id);
            calls_.push_back(Call{call, block.id, std::nullopt});
        }
        take(said, message.blocks);
        return true;
    }

    /// Moves the blocks behind those that are there, which mostly are none.
    static void take(std::vector<Block>& from, std::vector<Block>& to) {
        if (to.empty()) {
            to.swap(from);
            return;
        }
        std::move(from.begin(), from.end(), std::back_inserter(to));
        from.clear();
    }

    /// Some clients number their calls anew in each turn; the API wants an id only once.
    std::string unique_id(const std::string& id) {
        auto legal = legal_call_id(id);
        for (int copy = 2; !ids_.insert(legal).second; ++copy) legal = legal_call_id(id) + "_" + std::to_string(copy);
        return legal;
    }

    bool result(Block block) {
        const auto& part = std::get<ToolResultPart>(*block.part);
        const auto found =
            std::find_if(calls_.begin(), calls_.end(), [&](const Call& call) { return call.part->id == part.call_id && !call.result; });
        if (found == calls_.end()) {
            return to_.refuse(
                part_field(conversation_, block.turn, block.index),
                "A tool message must be the one response to a tool call of the preceding assistant message; none awaits '" + part.call_id + "'.");
        }
        block.id = found->id;
        found->result = std::move(block);
        return true;
    }

    /// Ends what the user's side says between two assistant messages: one message, results first and in the order of their calls.
    bool close_user() {
        Message message;
        std::string missing;
        for (auto& call : calls_) {
            if (call.result)
                message.blocks.push_back(std::move(*call.result));
            else
                missing.append(missing.empty() ? "" : ", ").append(call.part->id);
        }
        if (!missing.empty()) return missing_results(missing);
        calls_.clear();
        take(others_, message.blocks);
        if (!message.blocks.empty()) layout_.messages.push_back(std::move(message));
        if (!system_.empty()) {
            auto& system = layout_.messages.emplace_back();
            system.role = Role::system;
            system.blocks = std::move(system_);
            system_.clear();
        }
        return true;
    }

    bool missing_results(const std::string& ids) {
        std::string field;
        for (std::size_t i = 0; i < conversation_.turns.size(); ++i)
            for (const auto& part : conversation_.turns[i].parts)
                if (std::get_if<ToolCallPart>(&part) == calls_.front().part) field = "messages[" + std::to_string(i) + "]";
        if (conversation_.format == "gemini") field = "contents";
        return to_.refuse(field,
                          "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
                          "The following tool_call_ids did not have response messages: " +
                              ids);
    }

    /// False when the client did speak, but said only white space. An empty text is said by frameworks that have only instructions.
    bool said_something() {
        const auto is_empty = [](const Part& part) {
            const auto* text = std::get_if<TextPart>(&part);
            return text && text->text.empty();
        };
        for (std::size_t i = 0; i < conversation_.turns.size(); ++i)
            if (const auto& turn = conversation_.turns[i]; !is_system(turn) && turn.role != Role::assistant &&
                                                           (layout_.system.empty() || !std::all_of(turn.parts.begin(), turn.parts.end(), is_empty)))
                return to_.refuse(part_field(conversation_, i, 0), "This provider needs text that is not only white space.");
        return true;
    }

    /// The API refuses a last assistant message that ends in white space.
    void trim_prefill() {
        auto& last = layout_.messages.back();
        if (last.role != Role::assistant || last.blocks.empty()) return;
        auto& block = last.blocks.back();
        const auto* text = block.part ? std::get_if<TextPart>(block.part) : nullptr;
        if (text) block.text = text->text.substr(0, text->text.find_last_not_of(blanks) + 1);
    }

    Writing& to_;
    const Conversation& conversation_;
    Layout& layout_;
    bool leading_ = true;
    std::vector<Block> others_;  ///< what the user's side said since the assistant's last word, but results
    std::vector<Block> system_;  ///< instructions that follow it
    std::vector<Call> calls_;    ///< of the assistant's last word
    std::set<std::string, std::less<>> ids_;
};

}  // namespace

bool lay_out(Writing& to, Layout& layout) { return LayoutBuilder(to, layout).build(); }

}  // namespace smg::codec::messages
