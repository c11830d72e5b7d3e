#include "codec/openai_responses/request_decode.hpp"

namespace smg::codec::responses {
namespace {

bool read_role(Fields& fields, JsonNode node, const Path& path, Role& role) {
    std::string word;
    if (!fields.required_string(node, path, word)) return false;
    if (word == "user")
        role = Role::user;
    else if (word == "assistant")
        role = Role::assistant;
    else if (word == "system")
        role = Role::system;
    else if (word == "developer")
        role = Role::developer;
    else
        return fields.unsupported_value(path, word, {"assistant", "system", "developer", "user"});
    return true;
}

/// Whether a part may stand in an assistant's message, and what its text is called.
bool check_output_part(Fields& fields, JsonNode part, const Path& path) {
    std::string type;
    if (!fields.is_object(part, path) || !fields.required_string(part["type"], path.member("type"), type)) return false;
    if (type == "refusal" && !part["refusal"].is_string()) return fields.wrong_type(path.member("refusal"), "a string", part["refusal"]);
    if (type == "output_text" && !part["text"].is_string()) return fields.wrong_type(path.member("text"), "a string", part["text"]);
    if (type == "input_text" || type == "input_image" || type == "input_file")
        return fields.unsupported_value(path.member("type"), type, {"output_text", "refusal"});
    return true;
}

PartExtras* extras_of(Part& part) {
    if (auto* text = std::get_if<TextPart>(&part)) return &text->extras;
    auto* media = std::get_if<MediaPart>(&part);
    return media ? &media->extras : nullptr;
}

/// Items become parts of turns: errors that are found later must still be able to name them.
void note_places(Turn& turn, std::size_t first, std::int32_t item, bool has_parts) {
    for (auto i = first; i < turn.parts.size(); ++i)
        std::visit(
            [&](auto& part) {
                if constexpr (requires { part.extras; }) part.extras.place = {item, has_parts ? static_cast<std::int32_t>(i - first) : -1};
            },
            turn.parts[i]);
}

Turn text_turn(Role role, std::string_view words, std::string_view marker) {
    Turn turn;
    turn.role = role;
    turn.content_is_string = true;
    TextPart text;
    text.text = words;
    text.extras.framing.emplace_back(std::string(marker), "null");
    turn.parts.emplace_back(std::move(text));
    return turn;
}

}  // namespace

bool InputReader::instructions(JsonNode node, const Path& path) {
    if (node.is_absent_or_null()) return true;
    if (!node.is_string()) return fields_.wrong_type(path, "a string", node);
    out_.push_back(text_turn(Role::system, node.text(), from_instructions));
    return true;
}

bool InputReader::input(JsonNode node, const Path& path) {
    if (node.is_string()) {
        out_.push_back(text_turn(Role::user, node.text(), from_input_text));
        return true;
    }
    if (!node.is_array()) return fields_.wrong_type(path, "a string or an array of items", node);
    if (node.size() == 0)
        return fields_.invalid(path, "Invalid 'input': empty array. Expected an array with minimum length 1, but got an empty array instead.");
    std::size_t index = 0;
    for (JsonNode one : node) {
        const auto turns = out_.size(), parts = out_.empty() ? 0 : out_.back().parts.size();
        if (!item(one, path.item(index))) return false;
        if (!out_.empty()) note_places(out_.back(), out_.size() == turns ? parts : 0, static_cast<std::int32_t>(index), one["content"].is_array());
        ++index;
    }
    return true;
}

Turn& InputReader::turn_of(Role role) {
    if (out_.empty() || out_.back().role != role) out_.emplace_back().role = role;
    return out_.back();
}

bool InputReader::item(JsonNode node, const Path& path) {
    std::string type = "message";
    if (!fields_.is_object(node, path) || !fields_.string(node["type"], path.member("type"), type)) return false;
    if (type == "message") return message(node, path);
    if (type == "reasoning") return reasoning(node, path);
    if (type == "function_call" || type == "custom_tool_call") return call(node, path, type);
    if (type == "function_call_output" || type == "custom_tool_call_output") return result(node, path, type);
    if (type == "item_reference")
        return fields_.invalid(path.member("type"), "Unsupported item: an 'item_reference' needs the provider's store. Send the item itself.");
    // An item of the provider's own tools, or of a kind not known here.
    auto& parts = turn_of(Role::assistant).parts;
    items_.read(node, parts);
    if (auto* opaque = parts.empty() ? nullptr : std::get_if<OpaquePart>(&parts.back())) opaque->field = path.text();
    return true;
}

bool InputReader::message(JsonNode node, const Path& path) {
    Role role = Role::user;
    if (!read_role(fields_, node["role"], path.member("role"), role)) return false;
    if (role == Role::assistant) return assistant_message(node, path);
    const auto content = node["content"];
    const auto place = path.member("content");
    Turn turn;
    turn.role = role;
    turn.content_is_string = content.is_string();
    if (content.is_string()) {
        TextPart text;
        text.text = content.text();
        turn.parts.emplace_back(std::move(text));
    } else if (!content.is_array()) {
        return fields_.wrong_type(place, "a string or an array of parts", content);
    }
    std::size_t index = 0;
    for (JsonNode part : content)
        if (!read_content(fields_, part, place.item(index++), role, turn.parts.emplace_back())) return false;
    if (auto* first = turn.parts.empty() ? nullptr : extras_of(turn.parts.front())) keep_message(node, *first);
    out_.push_back(std::move(turn));
    return true;
}

bool InputReader::assistant_message(JsonNode node, const Path& path) {
    const auto content = node["content"];
    const auto place = path.member("content");
    if (!content.is_string() && !content.is_array()) return fields_.wrong_type(place, "a string or an array of parts", content);
    std::size_t index = 0;
    for (JsonNode part : content)
        if (!check_output_part(fields_, part, place.item(index++))) return false;
    items_.read(node, turn_of(Role::assistant).parts);
    return true;
}

bool InputReader::call(JsonNode node, const Path& path, std::string_view type) {
    std::string id, name, content;
    const std::string_view member = type == "function_call" ? "arguments" : "input";
    if (!fields_.required_string(node["call_id"], path.member("call_id"), id) || !fields_.required_string(node["name"], path.member("name"), name) ||
        !fields_.string(node[member], path.member(member), content))
        return false;
    items_.read(node, turn_of(Role::assistant).parts);
    names_[id] = name;
    return true;
}

bool InputReader::reasoning(JsonNode node, const Path& path) {
    std::string state;
    if (!fields_.string(node["encrypted_content"], path.member("encrypted_content"), state)) return false;
    const auto summary = node["summary"];
    if (!summary.is_absent_or_null() && !fields_.is_array(summary, path.member("summary"))) return false;
    items_.read(node, turn_of(Role::assistant).parts);
    return true;
}

bool InputReader::result(JsonNode node, const Path& path, std::string_view type) {
    ToolResultPart part;
    if (!fields_.required_string(node["call_id"], path.member("call_id"), part.call_id)) return false;
    if (const auto found = names_.find(part.call_id); found != names_.end()) part.name = found->second;
    const auto output = node["output"];
    const auto place = path.member("output");
    part.content_is_string = output.is_string();
    if (output.is_string()) {
        TextPart text;
        text.text = output.text();
        part.content.emplace_back(std::move(text));
    } else if (!output.is_array()) {
        return fields_.wrong_type(place, "a string or an array of parts", output);
    }
    std::size_t index = 0;
    for (JsonNode one : output) {
        Part read;
        if (!read_content(fields_, one, place.item(index++), Role::tool, read)) return false;
        if (auto* text = std::get_if<TextPart>(&read))
            part.content.emplace_back(std::move(*text));
        else if (auto* media = std::get_if<MediaPart>(&read))
            part.content.emplace_back(std::move(*media));
    }
    for (JsonNode member : node) {
        const auto name = member.name();
        if (name == "call_id" || name == "output" || (name == "type" && type == "function_call_output")) continue;
        keep(part.extras.framing, member);
    }
    turn_of(Role::tool).parts.emplace_back(std::move(part));
    return true;
}

}  // namespace smg::codec::responses
