#include <algorithm>

#include "codec/gemini/parts.hpp"
#include "codec/gemini/request_decode.hpp"

namespace smg::codec::google {

bool ContentReader::read(JsonNode contents, const Path& path, std::vector<Turn>& out) {
    std::vector<JsonNode> items;
    if (!fields_.items(contents, path, items)) return false;
    if (items.empty()) return fields_.invalid(path, "Field 'contents' must not be empty.");
    out.reserve(out.size() + items.size());
    std::size_t index = 0;
    for (JsonNode node : items)
        if (!content(node, path.item(index++), out.emplace_back())) return false;
    return true;
}

bool ContentReader::read_system(JsonNode content, const Path& path, Turn& turn) {
    turn.role = Role::system;
    if (!fields_.is_object(content, path)) return false;
    for (JsonNode item : content)
        if (!is_named(item.name(), "parts")) keep(turn.unknown, item);  // its `role` has no meaning
    return parts(content["parts"], path.member("parts"), turn);
}

bool ContentReader::content(JsonNode node, const Path& path, Turn& turn) {
    std::string role = "user";
    if (!fields_.is_object(node, path) || !fields_.string(node["role"], path.member("role"), role)) return false;
    if (role == "model")
        turn.role = Role::assistant;
    else if (role == "user" || role.empty())
        turn.role = Role::user;
    else if (role == "function" || role == "tool")
        turn.role = Role::tool;
    else
        return fields_.invalid(path.member("role"), "Please use a valid role: user, model.");
    for (JsonNode item : node)
        if (item.name() != "role" && item.name() != "parts") keep(turn.unknown, item);
    return parts(node["parts"], path.member("parts"), turn);
}

namespace {

/// Another provider's thought that came as a stream is sent back piece by piece, as Google's SDKs collect it, with the signature on the last
/// piece. Its provider knows it as one block.
void join_streamed_thought(std::vector<Part>& parts) {
    const auto* const last = std::get_if<ReasoningPart>(&parts.back());
    if (last == nullptr || last->origin == Origin::gemini || last->signature.empty()) return;
    while (parts.size() > 1) {
        auto* const before = std::get_if<ReasoningPart>(&parts[parts.size() - 2]);
        if (before == nullptr || before->origin != Origin::gemini || !before->signature.empty() || !before->redacted.empty()) return;
        auto& signed_one = std::get<ReasoningPart>(parts.back());
        signed_one.text.insert(0, before->text);
        parts.erase(parts.end() - 2);
    }
}

}  // namespace

bool ContentReader::parts(JsonNode node, const Path& path, Turn& turn) {
    if (node.is_absent_or_null()) return true;  // an answer that spent its tokens on thoughts comes back so
    std::vector<JsonNode> items;
    if (!fields_.items(node, path, items)) return false;
    turn.parts.reserve(items.size());
    std::size_t index = 0;
    bool only_results = !items.empty();
    for (JsonNode item : items) {
        if (!check(item, path.item(index++))) return false;
        auto& part = turn.parts.emplace_back(read_part(item));
        if (auto* call = std::get_if<ToolCallPart>(&part))
            link(*call);
        else if (auto* result = std::get_if<ToolResultPart>(&part))
            link(*result);
        only_results = only_results && std::holds_alternative<ToolResultPart>(part);
        join_streamed_thought(turn.parts);
    }
    if (only_results && turn.role == Role::user) turn.role = Role::tool;
    return true;
}

bool ContentReader::check(JsonNode part, const Path& path) {
    if (!fields_.is_object(part, path)) return false;
    for (JsonNode item : part) {
        const auto name = item.name();
        std::string ignored;
        std::optional<bool> flag;
        if (name == "text" || is_named(name, "thoughtSignature")) {
            if (!fields_.string(item, path.member(name), ignored)) return false;
        } else if (name == "thought") {
            if (!fields_.boolean(item, path.member(name), flag)) return false;
        } else if (is_named(name, "functionCall")) {
            if (!item.is_null() && !check_call(item, path.member(name))) return false;
        } else if (is_named(name, "functionResponse")) {
            if (!item.is_null() && !check_result(item, path.member(name))) return false;
        } else if (is_named(name, "inlineData")) {
            if (!item.is_null() && !check_media(item, path.member(name), "data")) return false;
        } else if (is_named(name, "fileData")) {
            if (!item.is_null() && !check_media(item, path.member(name), "fileUri")) return false;
        }
    }
    return true;
}

bool ContentReader::check_call(JsonNode call, const Path& path) {
    std::string text;
    RawJson args;
    return fields_.is_object(call, path) && fields_.required_string(call["name"], path.member("name"), text) &&
           fields_.string(call["id"], path.member("id"), text) && fields_.object(call["args"], path.member("args"), args);
}

bool ContentReader::check_result(JsonNode result, const Path& path) {
    std::string text;
    if (!fields_.is_object(result, path) || !fields_.required_string(result["name"], path.member("name"), text) ||
        !fields_.string(result["id"], path.member("id"), text))
        return false;
    const auto response = path.member("response");
    if (!result["response"].is_absent_or_null() && !result["response"].is_object())
        return fields_.wrong_type(response, "an object", result["response"]);
    const auto place = path.member("parts");
    const auto parts = result["parts"];
    if (parts.is_absent_or_null()) return true;
    if (!parts.is_array()) return fields_.wrong_type(place, "an array", parts);
    std::size_t index = 0;
    for (JsonNode item : parts)
        if (!fields_.is_object(item, place.item(index++))) return false;
    return true;
}

bool ContentReader::check_media(JsonNode media, const Path& path, std::string_view content) {
    std::string text;
    if (!fields_.is_object(media, path)) return false;
    const auto data = member(media, content), type = member(media, "mimeType"), name = member(media, "displayName");
    return fields_.required_string(data, path.member(data, content), text) && fields_.string(type, path.member(type, "mimeType"), text) &&
           fields_.string(name, path.member(name, "displayName"), text);
}

/// Calls without an id get one, by their place in the conversation.
void ContentReader::link(ToolCallPart& call) {
    if (!call.native_id) call.id = next_id();
    open_.push_back({call.id, call.name});
}

/// A response names its call by id, else it answers the first open call of its name.
void ContentReader::link(ToolResultPart& result) {
    const auto by_id = [&](const OpenCall& call) { return call.id == result.call_id; };
    const auto by_name = [&](const OpenCall& call) { return call.name == result.name; };
    const auto found = result.call_id.empty() ? std::find_if(open_.begin(), open_.end(), by_name) : std::find_if(open_.begin(), open_.end(), by_id);
    if (found == open_.end()) return;  // an answer to nothing, which another format's encoder will refuse
    result.call_id = found->id;
    open_.erase(found);
}

}  // namespace smg::codec::google
