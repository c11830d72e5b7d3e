#include "codec/openai_chat/request_decode.hpp"

#include <limits>

#include "codec/openai_chat/openai_chat.hpp"

namespace smg::codec::chat {
namespace {

struct Request {
    Fields& fields;
    JsonNode root;
    Conversation& out;
};

using Reader = bool (*)(Request&, JsonNode, const Path&);

bool read_stop(Request& request, JsonNode node, const Path& path) {
    if (node.is_null()) return true;
    if (node.is_string()) {
        request.out.stop_is_string = true;
        request.out.stop.emplace_back(node.text());
        return true;
    }
    if (!node.is_array()) return request.fields.wrong_type(path, "a string or an array of strings", node);
    std::size_t index = 0;
    for (JsonNode item : node) {
        if (!item.is_string()) return request.fields.wrong_type(path.item(index), "a string", item);
        request.out.stop.emplace_back(item.text());
        ++index;
    }
    return true;
}

bool read_stream_options(Request& request, JsonNode node, const Path& path) {
    if (node.is_null()) return true;
    if (!request.fields.is_object(node, path)) return false;
    for (JsonNode member : node) {
        if (member.name() != "include_usage") {
            keep(request.out.unknown, member, "stream_options.");
            continue;
        }
        std::optional<bool> flag;
        if (!request.fields.boolean(member, path.member("include_usage"), flag)) return false;
        request.out.include_usage = flag.value_or(false);
    }
    return true;
}

/// `max_completion_tokens` is preferred; the deprecated spelling beside it is reported to foreign encoders as left out.
bool read_legacy_limit(Request& request, JsonNode node, const Path& path) {
    NumberText limit;
    if (!request.fields.integer(node, path, 1, limit)) return false;
    if (limit.empty()) return true;
    if (!request.root["max_completion_tokens"].is_absent_or_null()) {
        keep(request.out.unknown, node);
        return true;
    }
    request.out.max_tokens = limit;
    request.out.max_tokens_legacy = true;
    return true;
}

bool read_modern_tools(Request& request, JsonNode node, const Path& path) { return read_tools(request.fields, node, path, request.out.tools); }

bool read_legacy_functions(Request& request, JsonNode node, const Path& path) {
    if (node.is_null()) return true;
    if (!request.root["tools"].is_absent_or_null())
        return request.fields.invalid(path, "'functions' and 'tools' cannot both be given; 'functions' is deprecated in favor of 'tools'.");
    request.out.legacy_functions = true;
    return read_functions(request.fields, node, path, request.out.tools);
}

template <std::optional<bool> Conversation::*member>
bool flag(Request& request, JsonNode node, const Path& path) {
    return request.fields.boolean(node, path, request.out.*member);
}
template <NumberText Conversation::*member>
bool number(Request& request, JsonNode node, const Path& path) {
    return request.fields.number(node, path, request.out.*member);
}
template <NumberText Conversation::*member, std::int64_t minimum>
bool integer(Request& request, JsonNode node, const Path& path) {
    return request.fields.integer(node, path, minimum, request.out.*member);
}
template <std::string Conversation::*member>
bool text(Request& request, JsonNode node, const Path& path) {
    return request.fields.string(node, path, request.out.*member);
}
template <RawJson Conversation::*member>
bool object(Request& request, JsonNode node, const Path& path) {
    return request.fields.object(node, path, request.out.*member);
}
template <RawJson Conversation::*member>
bool array(Request& request, JsonNode node, const Path& path) {
    return request.fields.array(node, path, request.out.*member);
}

constexpr std::int64_t any_integer = std::numeric_limits<std::int64_t>::min();

const std::unordered_map<std::string_view, Reader>& readers() {
    using C = Conversation;
    static const std::unordered_map<std::string_view, Reader> table{
        {"model", [](Request& r, JsonNode n, const Path& p) { return r.fields.required_string(n, p, r.out.model); }},
        {"messages", [](Request& r, JsonNode n, const Path& p) { return MessageReader(r.fields).read(n, p, r.out.turns); }},
        {"tools", read_modern_tools},
        {"functions", read_legacy_functions},
        {"tool_choice", [](Request& r, JsonNode n, const Path& p) { return read_tool_choice(r.fields, n, p, r.out.tool_choice); }},
        {"function_call", [](Request& r, JsonNode n, const Path& p) { return read_function_call(r.fields, n, p, r.out.tool_choice); }},
        {"response_format", [](Request& r, JsonNode n, const Path& p) { return read_response_format(r.fields, n, p, r.out.response_format); }},
        {"parallel_tool_calls", flag<&C::parallel_tool_calls>},
        {"max_completion_tokens", integer<&C::max_tokens, 1>},
        {"max_tokens", read_legacy_limit},
        {"temperature", number<&C::temperature>},
        {"top_p", number<&C::top_p>},
        {"top_k", number<&C::top_k>},
        {"frequency_penalty", number<&C::frequency_penalty>},
        {"presence_penalty", number<&C::presence_penalty>},
        {"seed", integer<&C::seed, any_integer>},
        {"n", integer<&C::n, 1>},
        {"logprobs", flag<&C::logprobs>},
        {"top_logprobs", integer<&C::top_logprobs, 0>},
        {"stop", read_stop},
        {"reasoning_effort", text<&C::reasoning_effort>},
        {"stream",
         [](Request& r, JsonNode n, const Path& p) {
             std::optional<bool> value;
             if (!r.fields.boolean(n, p, value)) return false;
             r.out.stream = value.value_or(false);
             return true;
         }},
        {"stream_options", read_stream_options},
        {"user", text<&C::user>},
        {"safety_identifier", text<&C::safety_identifier>},
        {"service_tier", text<&C::service_tier>},
        {"store", flag<&C::store>},
        {"metadata", object<&C::metadata>},
        {"logit_bias", object<&C::logit_bias>},
        {"cache_control", object<&C::cache_control>},
        {"safety_settings", array<&C::safety_settings>},
        {"modalities", array<&C::modalities>},
        {"audio", object<&C::audio>},
        {"prediction", object<&C::prediction>},
        {"web_search_options", object<&C::web_search_options>},
        {"prompt_cache_key", text<&C::prompt_cache_key>},
        {"verbosity", text<&C::verbosity>},
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
    Fields fields;
    const Path path;
    if (!fields.is_object(*parsed, path)) return fields.error();
    Request request{fields, *parsed, out};
    for (const auto* required : {"model", "messages"})
        if (!(*parsed)[required]) return fields.missing(path.member(required)), fields.error();
    for (JsonNode member : *parsed) {
        const auto found = readers().find(member.name());
        if (found == readers().end()) {
            keep(out.unknown, member);
        } else if (!found->second(request, member, path.member(member.name()))) {
            return fields.error();
        }
    }
    return out;
}

}  // namespace smg::codec::chat
