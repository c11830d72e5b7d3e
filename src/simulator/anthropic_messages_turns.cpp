#include <algorithm>
#include <set>

#include "simulator/anthropic_messages.hpp"
#include "simulator/signature.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

using MaybeRefusal = std::optional<std::string>;

/// Where a block stands, for messages: consecutive turns of one role are one turn to the provider.
struct Block {
    std::string where;
    const Json* json;
    [[nodiscard]] std::string type() const { return text_member(*json, "type"); }
};
struct Turn {
    std::string role;
    std::string where;  ///< of its first message
    std::vector<Block> blocks;
};

bool blank_end(const std::string& text) { return !text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0; }

bool is_id(const std::string& id) {
    return !id.empty() &&
           std::all_of(id.begin(), id.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; });
}

MaybeRefusal message_refusal(const Json& message, const Model& model, std::size_t index, bool last) {
    const auto role = text_member(message, "role");
    const auto where = "messages." + std::to_string(index);
    if (role == "system" && !model.mid_system)
        return "messages: Unexpected role \"system\". The Messages API accepts a top-level `system` parameter, not \"system\" as an input message "
               "role.";
    if (role != "user" && role != "assistant" && role != "system") return where + ".role: Input should be 'user' or 'assistant'";
    if (index == 0 && role != "user") return std::string("messages: first message must use the \"user\" role");
    const auto& content = message["content"];
    if (content.empty() || content == "") {
        if (last && role == "assistant") return std::nullopt;
        return where + ": all messages must have non-empty content except for the optional final assistant message";
    }
    if (content.is_array())
        for (const auto& block : content)
            if (text_member(block, "type") == "text" && text_member(block, "text").empty())
                return std::string("messages: text content blocks must be non-empty");
    return std::nullopt;
}

MaybeRefusal end_refusal(const Json& message, const Model& model) {
    if (text_member(message, "role") != "assistant") return std::nullopt;
    if (!model.prefill) return std::string("This model does not support assistant message prefill. The conversation must end with a user message.");
    const auto& content = message["content"];
    const auto text = content.is_string() ? content.get<std::string>() : content.empty() ? std::string() : text_member(content.back(), "text");
    if (blank_end(text)) return std::string("messages: final assistant content cannot end with trailing whitespace");
    return std::nullopt;
}

std::vector<Turn> turns_of(const Json& messages) {
    std::vector<Turn> turns;
    std::size_t index = 0;
    for (const auto& message : messages) {
        const auto where = "messages." + std::to_string(index++);
        const auto role = text_member(message, "role");
        if (role == "system") continue;
        if (turns.empty() || turns.back().role != role) turns.push_back({role, where, {}});
        std::size_t place = 0;
        if (message["content"].is_array())
            for (const auto& block : message["content"]) turns.back().blocks.push_back({where + ".content." + std::to_string(place++), &block});
        else
            turns.back().blocks.push_back({where + ".content", &message["content"]});
    }
    return turns;
}

std::string listed(const std::set<std::string>& ids) {
    std::string text;
    for (const auto& id : ids) text += (text.empty() ? "" : ", ") + id;
    return text;
}

/// Which result answers which call: all of them, in the very next turn, before anything else.
MaybeRefusal results_refusal(const Turn& turn, const Turn* before, std::size_t& seen_calls) {
    std::set<std::string> open;
    if (before != nullptr)
        for (const auto& block : before->blocks)
            if (block.type() == "tool_use") open.insert(text_member(*block.json, "id"));
    const auto called = open;
    bool other_seen = false;
    for (const auto& block : turn.blocks) {
        if (block.type() != "tool_result") {
            other_seen = true;
            continue;
        }
        const auto id = text_member(*block.json, "tool_use_id");
        if (called.count(id) == 0)
            return block.where + ": unexpected `tool_use_id` found in `tool_result` blocks: " + id +
                   ". Each `tool_result` block must have a corresponding `tool_use` block in the previous message.";
        if (open.erase(id) == 0) return block.where + ": each tool_use must have a single result. Found multiple `tool_result` blocks with id: " + id;
        if (other_seen) open.insert(id);  // behind other content it does not follow the call
    }
    seen_calls += called.size();
    if (open.empty()) return std::nullopt;
    return before->where + ": `tool_use` ids were found without `tool_result` blocks immediately after: " + listed(open) +
           ". Each `tool_use` block must have a corresponding `tool_result` block in the next message.";
}

MaybeRefusal block_refusal(const Block& block, const std::string& role, std::set<std::string>& ids) {
    const auto type = block.type();
    const auto& json = *block.json;
    if (type == "tool_use") {
        if (role != "assistant") return block.where + ": `tool_use` blocks can only be in `assistant` messages";
        const auto id = text_member(json, "id");
        if (!is_id(id)) return block.where + ".tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'";
        if (!ids.insert(id).second) return "messages: `tool_use` ids must be unique";
    }
    if (type == "tool_result" && role != "user") return block.where + ": `tool_result` blocks can only be in `user` messages";
    if (type == "thinking" && !signs(anthropic_issuer, text_member(json, "signature"), text_member(json, "thinking")))
        return block.where + ": Invalid `signature` in `thinking` block";
    if (type == "redacted_thinking" && !is_issued(anthropic_issuer, text_member(json, "data")))
        return block.where + ": Invalid `data` in `redacted_thinking` block";
    if ((type == "image" || type == "document") && text_member(json["source"], "type") == "base64" &&
        !base64_decode(text_member(json["source"], "data")))
        return block.where + "." + type + ".source.base64.data: The provided data is not valid base64";
    return std::nullopt;
}

/// With thinking on, the turn whose calls are being answered has to begin as the model wrote it.
MaybeRefusal thinking_order_refusal(const std::vector<Turn>& turns, const Json& body) {
    const auto type = text_member(member(body, "thinking"), "type");
    if (type != "enabled" || turns.size() < 2 || turns.back().role != "user") return std::nullopt;
    const auto& answered = turns[turns.size() - 2];
    const bool calls = std::any_of(answered.blocks.begin(), answered.blocks.end(), [](const Block& block) { return block.type() == "tool_use"; });
    if (!calls || answered.blocks.empty()) return std::nullopt;
    const auto first = answered.blocks.front().type();
    if (first == "thinking" || first == "redacted_thinking") return std::nullopt;
    return answered.blocks.front().where + ".type: Expected `thinking` or `redacted_thinking`, but found `" + first +
           "`. When `thinking` is enabled, a final `assistant` message must start with a thinking block (preceeding the lastmost set of `tool_use` "
           "and "
           "`tool_result` blocks). To avoid this requirement, disable `thinking`.";
}

}  // namespace

std::optional<std::string> turns_refusal(const Json& body, const Model& model) {
    const auto& messages = body["messages"];
    for (std::size_t i = 0; i < messages.size(); ++i)
        if (auto refusal = message_refusal(messages[i], model, i, i + 1 == messages.size())) return refusal;
    if (auto refusal = end_refusal(messages.back(), model)) return refusal;
    const auto turns = turns_of(messages);
    std::set<std::string> ids;
    std::size_t calls = 0;
    for (std::size_t i = 0; i < turns.size(); ++i) {
        for (const auto& block : turns[i].blocks)
            if (auto refusal = block_refusal(block, turns[i].role, ids)) return refusal;
        if (turns[i].role == "user")
            if (auto refusal = results_refusal(turns[i], i > 0 ? &turns[i - 1] : nullptr, calls)) return refusal;
    }
    return thinking_order_refusal(turns, body);
}

}  // namespace smg::simulator
