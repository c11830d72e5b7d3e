#include "codec/openai_responses/response_object.hpp"

#include <algorithm>

#include "codec/json_tree.hpp"
#include "codec/json_writer.hpp"
#include "codec/openai_responses/item_decode.hpp"
#include "codec/openai_responses/request_decode.hpp"
#include "codec/openai_responses/tool_encode.hpp"

namespace smg::codec::responses {
namespace {

using Members = std::vector<std::pair<std::string, RawJson>>;
using Setting = void (*)(JsonWriter&, const Conversation&);

template <std::string Conversation::*member>
void text_or_null(JsonWriter& json, const Conversation& request) {
    if ((request.*member).empty())
        json.null();
    else
        json.string(request.*member);
}

void write_null(JsonWriter& json, const Conversation&) { json.null(); }
void write_false(JsonWriter& json, const Conversation&) { json.boolean(false); }

void write_instructions(JsonWriter& json, const Conversation& request) {
    if (!request.turns.empty() && request.turns.front().parts.size() == 1)
        if (const auto* text = std::get_if<TextPart>(&request.turns.front().parts.front()); text && !framed(text->extras, from_instructions).empty())
            return static_cast<void>(json.string(text->text));
    json.null();
}

void write_reasoning_echo(JsonWriter& json, const Conversation& request) {
    JsonTree tree;
    const auto given = tree.parse(request.thinking);
    const bool native = given && request.thinking_origin == Origin::openai;
    json.begin_object();
    for (const auto* name : {"effort", "summary"})
        json.raw_member(name, native && (*given)[name].is_string() ? (*given)[name].raw() : std::string_view("null"));
    json.end_object();
}

void write_text_echo(JsonWriter& json, const Conversation& request) {
    json.begin_object().key("format");
    write_text_format(json, request.response_format.value_or(ResponseFormat()), true);
    if (!request.verbosity.empty()) json.member("verbosity", request.verbosity);
    json.end_object();
}

void write_choice_echo(JsonWriter& json, const Conversation& request) {
    if (request.tool_choice)
        return write_tool_choice(json, request, *request.tool_choice, [](const std::string& name) -> const std::string& { return name; });
    for (const auto& [name, value] : request.unknown)
        if (name == "tool_choice") return static_cast<void>(json.raw(value));
    json.string("auto");
}

void write_tools_echo(JsonWriter& json, const Conversation& request) {
    json.begin_array();
    for (const auto& tool : request.tools) write_tool(json, tool, tool.name, request.format == "openai_responses");
    json.end_array();
}

template <NumberText Conversation::*member, char default_digit>
void number_or_default(JsonWriter& json, const Conversation& request) {
    constexpr char text[] = {default_digit, '\0'};
    json.raw((request.*member).empty() ? std::string_view(text) : std::string_view(request.*member));
}

constexpr std::pair<std::string_view, Setting> settings[] = {
    {"background", write_false},
    {"instructions", write_instructions},
    {"max_output_tokens", [](JsonWriter& json, const Conversation& r) { json.raw(r.max_tokens.empty() ? std::string_view("null") : r.max_tokens); }},
    {"max_tool_calls", write_null},
    {"metadata", [](JsonWriter& json, const Conversation& r) { json.raw(r.metadata.empty() ? std::string_view("{}") : r.metadata); }},
    {"parallel_tool_calls", [](JsonWriter& json, const Conversation& r) { json.boolean(r.parallel_tool_calls.value_or(true)); }},
    {"previous_response_id", write_null},
    {"prompt_cache_key", text_or_null<&Conversation::prompt_cache_key>},
    {"reasoning", write_reasoning_echo},
    {"safety_identifier", text_or_null<&Conversation::safety_identifier>},
    {"store", write_false},  // whatever was asked for: nothing can be fetched here later
    {"temperature", number_or_default<&Conversation::temperature, '1'>},
    {"text", write_text_echo},
    {"tool_choice", write_choice_echo},
    {"tools", write_tools_echo},
    {"top_logprobs", number_or_default<&Conversation::top_logprobs, '0'>},
    {"top_p", number_or_default<&Conversation::top_p, '1'>},
    {"truncation", [](JsonWriter& json, const Conversation&) { json.string("disabled"); }},
    {"user", text_or_null<&Conversation::user>},
};

bool has(const Members* members, std::string_view name) {
    return members && std::any_of(members->begin(), members->end(), [&](const auto& member) { return member.first == name; });
}

bool is_id_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; }

void write_error(JsonWriter& json, const ProviderError* error) {
    if (!error) {
        json.null();
        return;
    }
    const std::string_view code = !error->code.empty()   ? std::string_view(error->code)
                                  : !error->type.empty() ? std::string_view(error->type)
                                                         : "server_error";
    json.begin_object().member("code", code).member("message", error->message).end_object();
}

}  // namespace

Ids::Ids(std::string_view answer_id, const ClientView& view, bool native) {
    if (answer_id.empty()) answer_id = view.request_id;
    auto core = answer_id;
    for (const std::string_view prefix : {"resp_", "chatcmpl-", "msg_"})
        if (core.starts_with(prefix)) core.remove_prefix(prefix.size());
    for (const char c : core.substr(0, 40))  // ids of items have at most 64 letters
        if (is_id_letter(c)) base_ += c;
    response_ = answer_id.starts_with("resp_") || (native && !answer_id.empty()) ? std::string(answer_id) : "resp_" + base_;
}

std::string Ids::item(std::string_view prefix, std::size_t index) const {
    return std::string(prefix).append(base_).append("_").append(std::to_string(index));
}

std::string settings_of(const Conversation* request, const Members* native) {
    static const Conversation nothing;
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    if (native)
        for (const auto& [name, value] : *native) json.raw_member(name, value);
    for (const auto& [name, write] : settings) {
        if (has(native, name)) continue;
        json.key(name);
        write(json, request ? *request : nothing);
    }
    json.end_object();
    return out.substr(1, out.size() - 2);
}

End end_of(StopReason reason, bool refused) {
    if (reason == StopReason::length) return {"incomplete", "max_output_tokens"};
    if (reason == StopReason::content_filter || (reason == StopReason::refusal && !refused)) return {"incomplete", "content_filter"};
    return {};
}

std::string response_object(const ResponseHead& head, std::string_view settings_text) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("id", head.id).member("object", "response").number_member("created_at", head.created).member("status", head.status);
    json.key("error");
    write_error(json, head.error);
    json.key("incomplete_details");
    if (head.incomplete_reason.empty())
        json.null();
    else
        json.begin_object().member("reason", head.incomplete_reason).end_object();
    json.member("model", head.model).raw_member("output", std::string("[").append(head.output).append("]"));
    if (!head.service_tier.empty()) json.member("service_tier", head.service_tier);
    json.raw_member("usage", head.usage);
    return out.append(",").append(settings_text).append("}");
}

std::string one_line(std::string_view json) {
    std::string out;
    out.reserve(json.size());
    for (std::size_t i = 0; i < json.size(); ++i) {
        const auto rest = json.substr(i);
        if (json[i] == '\n' || json[i] == '\r') {
            out += ' ';  // between values: in a string they are escaped already
        } else if (rest.starts_with("\xC2\x85")) {
            out += "\\u0085";
            i += 1;
        } else if (rest.starts_with("\xE2\x80\xA8") || rest.starts_with("\xE2\x80\xA9")) {
            out += rest[2] == '\xA8' ? "\\u2028" : "\\u2029";
            i += 2;
        } else {
            out += json[i];
        }
    }
    return out;
}

}  // namespace smg::codec::responses
