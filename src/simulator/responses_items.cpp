#include <algorithm>
#include <map>

#include "simulator/openai_shared.hpp"
#include "simulator/responses.hpp"
#include "simulator/signature.hpp"

namespace smg::simulator {
namespace {

using Found = std::optional<Refusal>;

Refusal about_input(std::string message, int status = 400) { return {status, std::move(message), "input", {}}; }

Refusal not_found(const std::string& id) {
    return about_input("Item with id '" + id +
                           "' not found. Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this "
                           "item from your input.",
                       404);
}

/// An id tells by its beginning what it is the id of.
Found id_refusal(const Json& item, const std::string& where) {
    const std::pair<const char*, const char*> prefixes[] = {
        {"message", "msg"}, {"reasoning", "rs"}, {"function_call", "fc"}, {"custom_tool_call", "ctc"}, {"compaction", "cmp"}};
    const auto id = text_member(item, "id");
    for (const auto& [type, prefix] : prefixes)
        if (text_member(item, "type") == type && has(item, "id") && !id.starts_with(prefix))
            return Refusal{400, "Invalid '" + where + ".id': '" + id + "'. Expected an ID that begins with '" + prefix + "'.", where + ".id",
                           "invalid_value"};
    const auto call_id = text_member(item, "call_id");
    if (call_id.size() <= 64) return std::nullopt;
    return Refusal{400,
                   "Invalid '" + where + ".call_id': string too long. Expected a string with maximum length 64, but got a string with length " +
                       std::to_string(call_id.size()) + " instead.",
                   where + ".call_id", "string_above_max_length"};
}

Found parts_refusal(const Json& parts, const std::string& where) {
    for (std::size_t i = 0; i < parts.size() && parts.is_array(); ++i) {
        const auto at = where + "[" + std::to_string(i) + "]";
        const auto type = text_member(parts[i], "type");
        const auto data = text_member(parts[i], "file_data");
        if (type == "input_image" && has(parts[i], "image_url"))
            if (auto found = image_url_refusal(text_member(parts[i], "image_url"), at, at + ".image_url")) return found;
        if (type == "input_image" && !has(parts[i], "image_url") && !has(parts[i], "file_id"))
            return Refusal{400, "Missing required parameter: '" + at + ".image_url'.", at + ".image_url", "missing_required_parameter"};
        if (type == "input_file" && has(parts[i], "file_data") && (!data.starts_with("data:") || data.find(";base64,") == std::string::npos))
            return Refusal{400, "Invalid '" + at + ".file_data'. Expected a base64-encoded data URL with a MIME type, but got a value without it.",
                           at + ".file_data", "invalid_value"};
    }
    return std::nullopt;
}

/// Encrypted content must be this provider's own; without any, the item must have been kept.
Found origin_refusal(const Call& call, const Json& item, const std::string& where, Flavour flavour) {
    const auto issuer = flavour == Flavour::xai ? "xai" : "openai";
    const auto content = text_member(item, "encrypted_content");
    const auto id = text_member(item, "id");
    if (!content.empty() && !is_issued(issuer, content))
        return Refusal{400,
                       "The encrypted content " + content.substr(0, 4) +
                           "... could not be verified. Reason: Encrypted content could not be decrypted "
                           "or parsed.",
                       {},
                       "invalid_encrypted_content"};
    if (text_member(item, "type") != "reasoning" || !content.empty() || flavour == Flavour::xai) return std::nullopt;
    if (id.empty()) return Refusal{400, "Missing required parameter: '" + where + ".id'.", where + ".id", "missing_required_parameter"};
    if (!call.memory.find(item_key(flavour, id))) return not_found(id);
    return std::nullopt;
}

bool is_output(const std::string& type) {
    return type == "message" || type == "function_call" || type == "custom_tool_call" || type == "reasoning" ||
           (type.ends_with("_call") && type != "item_reference");
}

/// Reasoning stands before what it led to, and what was kept with its reasoning is not taken without it.
Found neighbour_refusal(const Call& call, const Json& items, std::size_t index, Flavour flavour) {
    const auto& item = items[index];
    const auto id = text_member(item, "id");
    const auto type = text_member(item, "type");
    if (type == "reasoning") {
        const auto& next = index + 1 < items.size() ? items[index + 1] : Json();
        const bool follows = is_output(text_member(next, "type")) && (!has(next, "role") || text_member(next, "role") == "assistant");
        if (!follows) return about_input("Item '" + id + "' of type 'reasoning' was provided without its required following item.");
        return std::nullopt;
    }
    if (id.empty()) return std::nullopt;
    const auto kept = call.memory.find(item_key(flavour, id));
    const auto needed = kept ? text_member(*kept, "needs") : std::string();
    const bool there = std::any_of(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(index),
                                   [&](const Json& each) { return text_member(each, "id") == needed; });
    if (needed.empty() || there) return std::nullopt;
    return about_input("Item '" + id + "' of type '" + type + "' was provided without its required 'reasoning' item: '" + needed + "'.");
}

class Calls {
public:
    Found see(const Json& item) {
        const auto type = text_member(item, "type");
        const auto id = text_member(item, "call_id");
        if (type == "function_call" || type == "custom_tool_call") open_[id] = type;
        if (type != "function_call_output" && type != "custom_tool_call_output") return std::nullopt;
        const auto asked = open_.find(id);
        const std::string kind = type == "function_call_output" ? "function call" : "custom tool call";
        if (asked == open_.end() || asked->second + "_output" != type)
            return about_input("No tool call found for " + kind + " output with call_id " + id + ".");
        open_.erase(asked);
        return std::nullopt;
    }
    [[nodiscard]] Found unanswered() const {
        if (open_.empty()) return std::nullopt;
        const std::string kind = open_.begin()->second == "function_call" ? "function call" : "custom tool call";
        return about_input("No tool output found for " + kind + " " + open_.begin()->first + ".");
    }

private:
    std::map<std::string, std::string> open_;
};

}  // namespace

std::optional<Refusal> items_refusal(const Call& call, const ResponsesRequest& request) {
    Calls calls;
    const auto& items = request.items;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const bool own = i >= request.kept;
        const auto where = "input[" + std::to_string(own ? i - request.kept : i) + "]";
        if (own && request.flavour == Flavour::openai) {
            if (auto found = id_refusal(items[i], where)) return found;
            if (auto found = parts_refusal(member(items[i], "content"), where + ".content")) return found;
            if (auto found = parts_refusal(member(items[i], "output"), where + ".output")) return found;
        }
        if (own)
            if (auto found = origin_refusal(call, items[i], where, request.flavour)) return found;
        if (auto found = calls.see(items[i])) return found;
        if (request.flavour == Flavour::openai)
            if (auto found = neighbour_refusal(call, items, i, request.flavour)) return found;
    }
    return request.flavour == Flavour::openai ? calls.unanswered() : std::nullopt;
}

}  // namespace smg::simulator
