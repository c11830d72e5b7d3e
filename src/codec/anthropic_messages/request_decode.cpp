#include "codec/anthropic_messages/request_decode.hpp"

#include <unordered_map>

#include "codec/anthropic_messages/anthropic_messages.hpp"
#include "codec/anthropic_messages/block_decode.hpp"

namespace smg::codec::messages {
namespace {

struct Request {
    Fields& fields;
    Conversation& out;
};

using Reader = bool (*)(Request&, JsonNode, const Path&);

void keep(Request& request, JsonNode member, std::string_view prefix = {}) {
    request.out.unknown.emplace_back(std::string(prefix).append(member.name()), std::string(member.raw()));
}

bool read_role(Fields& fields, JsonNode node, const Path& path, Role& role) {
    std::string word;
    if (!fields.name(node, path, word)) return false;
    if (word == "user")
        role = Role::user;
    else if (word == "assistant")
        role = Role::assistant;
    else if (word == "system")
        role = Role::system;
    else
        return fields.invalid(path, "Input should be 'user', 'assistant' or 'system'");
    return true;
}

/// Results learn the names of their functions from the calls, as other formats need them.
void name_results(Conversation& conversation) {
    std::unordered_map<std::string_view, std::string_view> names;
    for (auto& turn : conversation.turns)
        for (auto& part : turn.parts) {
            if (const auto* call = std::get_if<ToolCallPart>(&part)) names[call->id] = call->name;
            if (auto* result = std::get_if<ToolResultPart>(&part))
                if (const auto found = names.find(result->call_id); found != names.end()) result->name = found->second;
        }
}

bool read_messages(Request& request, JsonNode node, const Path& path) {
    auto& fields = request.fields;
    if (!fields.is_array(node, path)) return false;
    if (node.size() == 0) return fields.invalid(path, "at least one message is required");
    std::size_t index = 0;
    for (JsonNode item : node) {
        const auto place = path.item(index++);
        auto& turn = request.out.turns.emplace_back();
        if (!fields.is_object(item, place) || !read_role(fields, item["role"], place.member("role"), turn.role) ||
            !read_content(fields, item["content"], place.member("content"), turn))
            return false;
        keep_rest(item, {"role", "content"}, turn.unknown);
    }
    name_results(request.out);
    return true;
}

/// The top-level system prompt is the first turn, wherever the member stands in the body.
bool read_system(Request& request, JsonNode node, const Path& path) {
    if (node.is_null()) return true;
    Turn turn;
    turn.role = Role::system;
    if (!read_content(request.fields, node, path, turn)) return false;
    request.out.turns.insert(request.out.turns.begin(), std::move(turn));
    return true;
}

bool read_stop(Request& request, JsonNode node, const Path& path) {
    if (node.is_null()) return true;
    if (!request.fields.is_array(node, path)) return false;
    std::size_t index = 0;
    for (JsonNode item : node)
        if (!request.fields.required_string(item, path.item(index++), request.out.stop.emplace_back())) return false;
    if (node.size() == 0) keep(request, node);
    return true;
}

bool read_metadata(Request& request, JsonNode node, const Path& path) {
    if (node.is_null()) return true;
    if (!request.fields.is_object(node, path) || !request.fields.string(node["user_id"], path.member("user_id"), request.out.user)) return false;
    for (JsonNode member : node)
        if (member.name() != "user_id" || member.is_null()) keep(request, member, "metadata.");
    if (node.size() == 0) keep(request, node);
    return true;
}

bool read_thinking(Request& request, JsonNode node, const Path& path) {
    if (node.is_null()) return true;
    std::string type;
    if (!request.fields.is_object(node, path) || !request.fields.name(node["type"], path.member("type"), type)) return false;
    request.out.thinking = node.raw();
    request.out.thinking_origin = Origin::anthropic;
    request.out.include_reasoning_text = type != "disabled" && node["display"].text() != "omitted";
    return true;
}

bool read_format(Request& request, JsonNode node, const Path& path) {
    if (node.is_null()) return true;
    std::string type;
    if (!request.fields.is_object(node, path) || !request.fields.name(node["type"], path.member("type"), type)) return false;
    if (type != "json_schema") return request.fields.invalid(path.member("type"), "Input should be 'json_schema'");
    ResponseFormat format;
    format.kind = ResponseFormat::Kind::json_schema;
    if (!node["schema"].is_object()) return request.fields.wrong_type(path.member("schema"), "an object", node["schema"]);
    format.schema = node["schema"].raw();
    keep_rest(node, {"type", "schema"}, request.out.unknown, "output_config.format.");
    request.out.response_format = std::move(format);
    return true;
}

bool read_output_config(Request& request, JsonNode node, const Path& path) {
    if (node.is_null()) return true;
    if (!request.fields.is_object(node, path) || !request.fields.string(node["effort"], path.member("effort"), request.out.reasoning_effort))
        return false;
    if (node["format"] && !read_format(request, node["format"], path.member("format"))) return false;
    for (JsonNode member : node)
        if (member.is_null() || !is_one_of(member.name(), {"effort", "format"})) keep(request, member, "output_config.");
    if (node.size() == 0) keep(request, node);
    return true;
}

/// `standard_only` is what Chat calls `default`.
bool read_tier(Request& request, JsonNode node, const Path& path) {
    auto& tier = request.out.service_tier;
    if (!request.fields.string(node, path, tier)) return false;
    if (tier == "standard_only") tier = "default";
    return true;
}

bool read_stream(Request& request, JsonNode node, const Path& path) {
    std::optional<bool> value;
    if (!request.fields.boolean(node, path, value)) return false;
    request.out.stream = value.value_or(false);
    return true;
}

template <NumberText Conversation::*member>
bool number(Request& request, JsonNode node, const Path& path) {
    return request.fields.number(node, path, request.out.*member);
}

const std::unordered_map<std::string_view, Reader>& readers() {
    using C = Conversation;
    static const std::unordered_map<std::string_view, Reader> table{
        {"model", [](Request& r, JsonNode n, const Path& p) { return r.fields.name(n, p, r.out.model); }},
        {"max_tokens", [](Request& r, JsonNode n, const Path& p) { return r.fields.integer(n, p, 0, r.out.max_tokens); }},
        {"messages", read_messages},
        {"system", read_system},
        {"tools", [](Request& r, JsonNode n, const Path& p) { return read_tools(r.fields, n, p, r.out.tools); }},
        {"tool_choice", [](Request& r, JsonNode n, const Path& p) { return read_tool_choice(r.fields, n, p, r.out); }},
        {"stop_sequences", read_stop},
        {"stream", read_stream},
        {"temperature", number<&C::temperature>},
        {"top_p", number<&C::top_p>},
        {"top_k", [](Request& r, JsonNode n, const Path& p) { return r.fields.integer(n, p, 0, r.out.top_k); }},
        {"metadata", read_metadata},
        {"thinking", read_thinking},
        {"output_config", read_output_config},
        {"service_tier", read_tier},
        {"cache_control", [](Request& r, JsonNode n, const Path& p) { return r.fields.object(n, p, r.out.cache_control); }},
    };
    return table;
}

}  // namespace

Result<Conversation> decode_request(std::string_view body) {
    JsonTree tree;
    const auto parsed = tree.parse(body);
    if (!parsed) return tl::unexpected<Error>(parsed.error());
    Conversation out;
    out.format = format_name;
    out.include_reasoning_text = false;  // a client that does not speak of thinking expects none
    Fields fields;
    const Path path;
    Request request{fields, out};
    if (!fields.is_object(*parsed, path)) return tl::unexpected<Error>(fields.take());
    for (const auto* required : {"model", "max_tokens", "messages"})
        if ((*parsed)[required].is_absent_or_null()) {
            fields.wrong_type(path.member(required), "given", (*parsed)[required]);
            return tl::unexpected<Error>(fields.take());
        }
    for (JsonNode member : *parsed) {
        const auto found = readers().find(member.name());
        if (found == readers().end())
            keep(request, member);
        else if (!found->second(request, member, path.member(member.name())))
            return tl::unexpected<Error>(fields.take());
    }
    return out;
}

}  // namespace smg::codec::messages
