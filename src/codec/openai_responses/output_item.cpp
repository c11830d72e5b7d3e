#include "codec/openai_responses/output_item.hpp"

#include <algorithm>

#include "codec/json_writer.hpp"

namespace smg::codec::responses {
namespace {

using Kind = OutputItem::Kind;

bool is_written(std::string_view name) {
    if (name.find('.') != std::string_view::npos) return true;  // the part's, not the item's
    for (const auto* known : {"type", "id", "role", "status", "content", "encrypted_content", "call_id", "name", "arguments", "input"})
        if (name == known) return true;
    return false;
}

const RawJson* framed(const OutputItem& item, std::string_view name) {
    for (const auto& [member, value] : item.framing)
        if (member == name) return &value;
    return nullptr;
}

void write_framing(JsonWriter& json, const OutputItem& item, bool is_whole) {
    for (const auto& [name, value] : item.framing) {
        const bool thoughts = item.kind == Kind::reasoning && (name == "content" || name == "summary");
        if (thoughts ? is_whole || name == "content" : !is_written(name))
            json.raw_member(name, thoughts && !is_whole ? "[]" : std::string_view(value));
    }
}

std::string_view type_of(Kind kind) {
    switch (kind) {
        case Kind::message: return "message";
        case Kind::reasoning: return "reasoning";
        case Kind::function: return "function_call";
        case Kind::custom: return "custom_tool_call";
        case Kind::none: break;
    }
    return "";
}

/// Thoughts have no status, unless the provider gives them one (xAI).
void write_status(JsonWriter& json, const OutputItem& item, std::string_view status) {
    const auto* own = framed(item, "status");
    if (item.kind == Kind::reasoning && !own) return;
    if (own && status != "in_progress")
        json.raw_member("status", *own);
    else
        json.member("status", status);
}

void begin(JsonWriter& json, const OutputItem& item, std::string_view status) {
    json.begin_object().member("id", item.id).member("type", type_of(item.kind));
    write_status(json, item, status);
    if (item.kind == Kind::message) {
        const auto* role = framed(item, "role");
        json.raw_member("role", role ? std::string_view(*role) : R"("assistant")");
    }
    if (item.kind == Kind::function || item.kind == Kind::custom) json.member("call_id", item.call_id).member("name", item.name);
}

}  // namespace

std::string announced(const OutputItem& item) {
    std::string out;
    JsonWriter json(out);
    begin(json, item, "in_progress");
    switch (item.kind) {
        case Kind::message: json.raw_member("content", "[]"); break;
        case Kind::reasoning: json.raw_member("summary", "[]"); break;
        case Kind::function: json.member("arguments", ""); break;
        case Kind::custom: json.member("input", ""); break;
        case Kind::none: break;
    }
    write_framing(json, item, false);
    json.end_object();
    return out;
}

std::string whole(const OutputItem& item, std::string_view status) {
    std::string out;
    JsonWriter json(out);
    begin(json, item, status);
    switch (item.kind) {
        case Kind::message:
            json.key("content").begin_array();
            for (const auto& content : item.content) json.raw(whole(content));
            json.end_array();
            break;
        case Kind::reasoning:
            if (!framed(item, "summary")) {
                json.key("summary").begin_array();
                if (!item.text.empty()) json.begin_object().member("type", "summary_text").member("text", item.text).end_object();
                json.end_array();
            }
            if (!item.state.empty()) json.member("encrypted_content", item.state);
            break;
        case Kind::function: json.member("arguments", item.text); break;
        case Kind::custom: json.member("input", item.text); break;
        case Kind::none: break;
    }
    write_framing(json, item, true);
    json.end_object();
    return out;
}

std::string whole(const OutputContent& content) {
    if (!content.raw.empty()) return content.raw;
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    if (content.refusal) {
        json.member("type", "refusal").member("refusal", content.text).end_object();
        return out;
    }
    json.member("type", "output_text").member("text", content.text).key("annotations").begin_array();
    for (const auto& annotation : content.annotations) json.raw(annotation);
    json.end_array().raw_member("logprobs", "[" + content.logprobs + "]").end_object();
    return out;
}

std::string state_item(std::string_view id, std::string_view state) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("id", id).member("type", "reasoning").raw_member("summary", "[]").member("encrypted_content", state).end_object();
    return out;
}

std::string image_item(std::string_view id, std::string_view base64) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("id", id).member("type", "image_generation_call").member("status", "completed").member("result", base64).end_object();
    return out;
}

}  // namespace smg::codec::responses
