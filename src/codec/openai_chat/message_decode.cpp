#include "codec/openai_chat/openai_chat.hpp"
#include "codec/openai_chat/request_decode.hpp"

namespace smg::codec::chat {
namespace {

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    for (const auto candidate : names)
        if (candidate == name) return true;
    return false;
}

bool read_role(Fields& fields, JsonNode node, const Path& path, Turn& turn) {
    std::string role;
    if (!fields.required_string(node, path, role)) return false;
    if (role == "system")
        turn.role = Role::system;
    else if (role == "developer")
        turn.role = Role::developer;
    else if (role == "user")
        turn.role = Role::user;
    else if (role == "assistant")
        turn.role = Role::assistant;
    else if (role == "tool" || role == "function")
        turn.role = Role::tool;
    else
        return fields.unsupported_value(path, role, {"system", "developer", "user", "assistant", "tool", "function"});
    turn.legacy_function = role == "function";
    return true;
}

/// Members of a call that the part has no name for; those of its inner object under the inner object's name.
void keep_call_members(JsonNode call, std::string_view inner, std::string_view text_member, PartExtras& extras) {
    for (JsonNode member : call) {
        if (is_one_of(member.name(), {"id", "type", "index"})) continue;
        if (member.name() == inner) {
            for (JsonNode part : member)
                if (part.name() != "name" && part.name() != text_member) keep(extras.unknown, part, std::string(inner) + ".");
        } else if (member.name() != "extra_content" || thought_signature(call).empty()) {
            keep(extras.unknown, member);
        }
    }
}

/// The last text of an answer may be signed too (Gemini); so may an answer's annotations stand beside its text.
void attach_to_text(JsonNode node, Turn& turn) {
    TextPart* text = nullptr;
    for (auto& part : turn.parts)
        if (auto* candidate = std::get_if<TextPart>(&part); candidate && !candidate->refusal) text = candidate;
    for (JsonNode member : node) {
        if (member.name() == "annotations" && text && member.is_array()) {
            text->citations = member.raw();
            text->citations_origin = Origin::openai;
        } else if (member.name() == "extra_content" && text && !thought_signature(node).empty()) {
            text->signature = thought_signature(node);
        } else if (member.name() == "annotations" || member.name() == "extra_content") {
            keep(turn.unknown, member);
        }
    }
}

}  // namespace

std::string_view thought_signature(JsonNode node) { return node["extra_content"]["google"]["thought_signature"].text(); }

bool MessageReader::read(JsonNode messages, const Path& path, std::vector<Turn>& out) {
    if (!fields_.is_array(messages, path)) return false;
    if (messages.size() == 0)
        return fields_.invalid(path, "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.");
    out.reserve(messages.size());
    std::size_t index = 0;
    for (JsonNode node : messages)
        if (!message(node, path.item(index++), out.emplace_back())) return false;
    return true;
}

bool MessageReader::message(JsonNode node, const Path& path, Turn& turn) {
    if (!fields_.is_object(node, path) || !read_role(fields_, node["role"], path.member("role"), turn) ||
        !fields_.string(node["name"], path.member("name"), turn.name))
        return false;
    if (turn.role == Role::assistant) return assistant(node, path, turn);
    if (turn.role == Role::tool) return tool(node, path, turn);
    for (JsonNode member : node)
        if (!is_one_of(member.name(), {"role", "name", "content"})) keep(turn.unknown, member);
    const auto place = path.member("content");
    if (node["content"].is_absent_or_null()) return fields_.wrong_type(place, "a string or an array of parts", node["content"]);
    return content(node["content"], place, turn);
}

bool MessageReader::content(JsonNode node, const Path& path, Turn& turn) {
    turn.content_is_string = !node.is_array();
    if (node.is_absent_or_null()) return true;
    if (node.is_string()) {
        TextPart text;
        text.text = node.text();
        turn.parts.emplace_back(std::move(text));
        return true;
    }
    if (!node.is_array()) return fields_.wrong_type(path, "a string or an array of parts", node);
    std::size_t index = 0;
    for (JsonNode part : node)
        if (!read_part(fields_, part, path.item(index++), turn.role, turn.parts.emplace_back())) return false;
    return true;
}

bool MessageReader::assistant(JsonNode node, const Path& path, Turn& turn) {
    // Most messages hold nothing but who speaks and what is said.
    if (node.size() == 2 && node["content"].is_string()) return content(node["content"], path.member("content"), turn);
    const auto said = [&](std::string_view name) { return !node[name].is_absent_or_null(); };
    if (!said("content") && !said("tool_calls") && !said("function_call") && !said("refusal") && !said("audio") && !said("reasoning_content") &&
        !said("reasoning") && !said("reasoning_details"))
        return fields_.wrong_type(path.member("content"), "a string or an array of parts", node["content"]);
    for (const auto* name : {"reasoning_content", "reasoning"})
        if (std::string ignored; !fields_.string(node[name], path.member(name), ignored)) return false;
    read_reasoning(node, turn.parts);
    if (!content(node["content"], path.member("content"), turn)) return false;
    attach_to_text(node, turn);
    TextPart refusal;
    refusal.refusal = true;
    if (!fields_.string(node["refusal"], path.member("refusal"), refusal.text)) return false;
    if (node["refusal"].is_string()) turn.parts.emplace_back(std::move(refusal));
    RawJson audio;
    if (!fields_.object(node["audio"], path.member("audio"), audio)) return false;
    if (!audio.empty()) turn.parts.emplace_back(OpaquePart{"audio", std::move(audio), Origin::openai});
    if (!tool_calls(node["tool_calls"], path.member("tool_calls"), turn)) return false;
    if (!legacy_call(node["function_call"], path.member("function_call"), turn)) return false;
    for (JsonNode member : node)
        if (!is_one_of(member.name(), {"role", "name", "content", "refusal", "audio", "tool_calls", "function_call", "annotations", "extra_content",
                                       "reasoning_content", "reasoning", "reasoning_details"}))
            keep(turn.unknown, member);
    return true;
}

bool MessageReader::tool_calls(JsonNode node, const Path& path, Turn& turn) {
    if (node.is_absent_or_null()) return true;
    if (!fields_.is_array(node, path)) return false;
    std::size_t index = 0;
    for (JsonNode item : node) {
        const auto place = path.item(index++);
        ToolCallPart call;
        std::string type = "function";
        if (!fields_.is_object(item, place) || !fields_.string(item["type"], place.member("type"), type)) return false;
        if (type != "function" && type != "custom") return fields_.unsupported_value(place.member("type"), type, {"function", "custom"});
        call.kind = type == "custom" ? ToolCallPart::Kind::custom : ToolCallPart::Kind::function;
        const std::string_view text_member = type == "custom" ? "input" : "arguments";
        const auto body = item[type];
        const auto inner = place.member(type);
        if (!item["id"].is_string()) return fields_.wrong_type(place.member("id"), "a string", item["id"]);
        call.id = item["id"].text();
        if (!fields_.is_object(body, inner) || !fields_.required_string(body["name"], inner.member("name"), call.name) ||
            !fields_.string(body[text_member], inner.member(text_member), call.arguments))
            return false;
        call.signature = thought_signature(item);
        keep_call_members(item, type, text_member, call.extras);
        names_[call.id] = call.name;
        turn.parts.emplace_back(std::move(call));
    }
    return true;
}

bool MessageReader::legacy_call(JsonNode node, const Path& path, Turn& turn) {
    if (node.is_absent_or_null()) return true;
    ToolCallPart call;
    if (!fields_.is_object(node, path) || !fields_.required_string(node["name"], path.member("name"), call.name) ||
        !fields_.string(node["arguments"], path.member("arguments"), call.arguments))
        return false;
    call.id = "call_fn_" + std::to_string(++legacy_calls_);
    call.native_id = false;
    turn.legacy_function = true;
    turn.parts.emplace_back(std::move(call));
    return true;
}

/// Both `tool` and the deprecated `function`, whose result belongs to the latest `function_call`.
bool MessageReader::tool(JsonNode node, const Path& path, Turn& turn) {
    ToolResultPart result;
    if (turn.legacy_function) {
        if (!fields_.required_string(node["name"], path.member("name"), result.name)) return false;
        result.call_id = "call_fn_" + std::to_string(legacy_calls_);
        turn.name.clear();
    } else {
        const auto id = node["tool_call_id"];
        if (!id.is_string()) return fields_.wrong_type(path.member("tool_call_id"), "a string", id);
        result.call_id = id.text();
        if (const auto found = names_.find(result.call_id); found != names_.end()) result.name = found->second;
    }
    const auto place = path.member("content");
    if (node["content"].is_absent_or_null() && !turn.legacy_function)
        return fields_.wrong_type(place, "a string or an array of parts", node["content"]);
    Turn inner;
    inner.role = Role::tool;
    if (!content(node["content"], place, inner)) return false;
    result.content_is_string = inner.content_is_string;
    for (auto& part : inner.parts) {
        if (auto* text = std::get_if<TextPart>(&part))
            result.content.emplace_back(std::move(*text));
        else if (auto* media = std::get_if<MediaPart>(&part))
            result.content.emplace_back(std::move(*media));
    }
    for (JsonNode member : node) {
        if (member.name() == "cache_control") {
            if (!fields_.object(member, path.member("cache_control"), result.extras.cache_control)) return false;
        } else if (!is_one_of(member.name(), {"role", "name", "content", "tool_call_id"})) {
            keep(result.extras.unknown, member);
        }
    }
    turn.parts.emplace_back(std::move(result));
    return true;
}

}  // namespace smg::codec::chat
