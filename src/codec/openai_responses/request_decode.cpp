#include "codec/openai_responses/request_decode.hpp"

#include "codec/openai_responses/openai_responses.hpp"

namespace smg::codec::responses {
namespace {

struct Request {
    Fields& fields;
    JsonNode root;
    Conversation& out;
};

using Reader = bool (*)(Request&, JsonNode, const Path&);

bool ignored(Request&, JsonNode, const Path&) { return true; }

/// What only the provider's store can answer; this gateway keeps nothing of a request.
bool needs_store(Request& request, JsonNode node, const Path& path) {
    if (node.is_null() || (node.is_boolean() && node.boolean() == false)) return true;
    return request.fields.invalid(path,
                                  "Unsupported parameter: '" + path.text() + "' needs the provider's store. Send the whole conversation in 'input'.");
}

/// `reasoning.encrypted_content` always comes, and log probabilities have a name of their own.
bool read_include(Request& request, JsonNode node, const Path& path) {
    if (node.is_null()) return true;
    if (!request.fields.is_array(node, path)) return false;
    std::size_t index = 0;
    bool others = false;
    for (JsonNode item : node) {
        const auto place = path.item(index++);
        if (!item.is_string()) return request.fields.wrong_type(place, "a string", item);
        if (item.text() == "message.output_text.logprobs")
            request.out.logprobs = true;
        else if (item.text() != "reasoning.encrypted_content")
            others = true;
    }
    if (others) keep(request.out.unknown, node);
    return true;
}

bool read_choice(Request& request, JsonNode node, const Path& path) {
    if (!read_tool_choice(request.fields, node, path, request.out.tool_choice)) return false;
    if (!request.out.tool_choice && !node.is_null()) keep(request.out.unknown, node);
    return true;
}

/// 0 is the default here, and an error elsewhere when log probabilities were not asked for.
bool read_top_logprobs(Request& request, JsonNode node, const Path& path) {
    NumberText count;
    if (!request.fields.integer(node, path, 0, count)) return false;
    if (count.empty() || count == "0") return true;
    request.out.top_logprobs = count;
    request.out.logprobs = true;
    return true;
}

bool read_truncation(Request& request, JsonNode node, const Path& path) {
    std::string word;
    if (!request.fields.string(node, path, word)) return false;
    if (!word.empty() && word != "disabled") keep(request.out.unknown, node);
    return true;
}

bool read_stream_options(Request& request, JsonNode node, const Path& path) {
    if (node.is_null()) return true;
    if (!request.fields.is_object(node, path)) return false;
    for (JsonNode member : node) keep(request.out.unknown, member, "stream_options.");
    return true;
}

template <std::optional<bool> Conversation::*member>
bool flag(Request& request, JsonNode node, const Path& path) {
    return request.fields.boolean(node, path, request.out.*member);
}
template <NumberText Conversation::*member>
bool number(Request& request, JsonNode node, const Path& path) {
    return request.fields.number(node, path, request.out.*member);
}
template <std::string Conversation::*member>
bool text(Request& request, JsonNode node, const Path& path) {
    return request.fields.string(node, path, request.out.*member);
}

const std::unordered_map<std::string_view, Reader>& readers() {
    using C = Conversation;
    static const std::unordered_map<std::string_view, Reader> table{
        {"model", [](Request& r, JsonNode n, const Path& p) { return r.fields.required_string(n, p, r.out.model); }},
        {"instructions", ignored},  // read before all others, as is
        {"input", ignored},
        {"previous_response_id", needs_store},
        {"conversation", needs_store},
        {"prompt", needs_store},
        {"background", needs_store},
        {"include", read_include},
        {"reasoning", [](Request& r, JsonNode n, const Path& p) { return read_reasoning_settings(r.fields, n, p, r.out); }},
        {"text", [](Request& r, JsonNode n, const Path& p) { return read_text_settings(r.fields, n, p, r.out); }},
        {"tools", [](Request& r, JsonNode n, const Path& p) { return read_tools(r.fields, n, p, r.out.tools); }},
        {"tool_choice", read_choice},
        {"parallel_tool_calls", flag<&C::parallel_tool_calls>},
        {"max_output_tokens", [](Request& r, JsonNode n, const Path& p) { return r.fields.integer(n, p, 1, r.out.max_tokens); }},
        {"temperature", number<&C::temperature>},
        {"top_p", number<&C::top_p>},
        {"top_logprobs", read_top_logprobs},
        {"truncation", read_truncation},
        {"stream",
         [](Request& r, JsonNode n, const Path& p) {
             std::optional<bool> value;
             if (!r.fields.boolean(n, p, value)) return false;
             r.out.stream = value.value_or(false);
             return true;
         }},
        {"stream_options", read_stream_options},
        {"store", flag<&C::store>},
        {"metadata", [](Request& r, JsonNode n, const Path& p) { return r.fields.object(n, p, r.out.metadata); }},
        {"user", text<&C::user>},
        {"safety_identifier", text<&C::safety_identifier>},
        {"service_tier", text<&C::service_tier>},
        {"prompt_cache_key", text<&C::prompt_cache_key>},
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
    out.include_usage = true;            // every answer tells it
    out.include_reasoning_text = false;  // a summary comes only when `reasoning.summary` asks for it
    Fields fields;
    const Path path;
    if (!fields.is_object(*parsed, path)) return fields.error();
    Request request{fields, *parsed, out};
    if (!(*parsed)["model"]) return fields.missing(path.member("model")), fields.error();
    for (const auto* stored : {"previous_response_id", "conversation", "prompt"})  // rather than that `input` is missing
        if (const auto node = (*parsed)[stored]; node && !needs_store(request, node, path.member(stored))) return fields.error();
    InputReader input(fields, out.turns);
    if (!input.instructions((*parsed)["instructions"], path.member("instructions")) || !input.input((*parsed)["input"], path.member("input")))
        return fields.error();
    for (JsonNode member : *parsed) {
        const auto found = readers().find(member.name());
        if (found == readers().end()) {
            if (!member.is_null()) keep(out.unknown, member);
        } else if (!found->second(request, member, path.member(member.name()))) {
            return fields.error();
        }
    }
    return out;
}

}  // namespace smg::codec::responses
