#include "codec/anthropic_messages/answer_blocks.hpp"
#include "codec/anthropic_messages/anthropic_messages.hpp"
#include "codec/anthropic_messages/words.hpp"
#include "codec/expected_size.hpp"

namespace smg::codec::messages {
namespace {

std::string_view raw_member_of(const std::vector<std::pair<std::string, RawJson>>& members, std::string_view name) {
    for (const auto& [key, json] : members)
        if (key == name) return json;
    return {};
}

/// The official clients' types demand these members, null or not.
void write_stop(JsonWriter& json, const Choice& choice, bool has_calls, bool same_format) {
    auto word = stop_word(choice.stop_reason, has_calls);
    // The provider's own word, unless we changed what it says.
    const auto native = stop_reason_of(choice.native_stop_reason);
    if (same_format && native != StopReason::none && (native == choice.stop_reason || native == StopReason::unknown))
        word = choice.native_stop_reason;
    json.member("stop_reason", word).key("stop_sequence");
    if (choice.stop_sequence.empty())
        json.null();
    else
        json.string(choice.stop_sequence);
    json.key("stop_details");
    if (const auto details = raw_member_of(choice.unknown, "stop_details"); same_format && !details.empty()) {
        json.raw(details);
    } else if (word == "refusal") {
        json.begin_object().member("type", "refusal").key("category").null().key("explanation");
        if (choice.refusal.empty())
            json.null();
        else
            json.string(choice.refusal);
        json.end_object();
    } else {
        json.null();
    }
}

}  // namespace

std::string encode_response(const Answer& answer, const ClientView& view) {
    static const Choice nothing;
    const auto& choice = answer.choices.empty() ? nothing : answer.choices.front();
    const bool same_format = answer.format == format_name;
    const AnswerView blocks{same_format, choice.stop_reason != StopReason::length};
    std::string out;
    out.reserve(expected_size(answer));
    JsonWriter json(out);
    json.begin_object().member("id", message_id(answer.id, answer.origin, view)).member("type", "message").member("role", "assistant");
    json.member("model", answer.model.empty() ? view.model : answer.model).key("content").begin_array();
    bool has_calls = false;
    for (const auto& part : choice.parts) {
        if (const auto* call = std::get_if<ToolCallPart>(&part)) {
            write_call_signature(json, *call);
            has_calls = true;
        }
        write_answer_block(json, part, blocks);
    }
    json.end_array();
    write_stop(json, choice, has_calls, same_format);
    json.key("usage");
    if (same_format && !answer.native_usage.empty())
        json.raw(answer.native_usage);
    else
        write_usage(json, answer.usage);
    if (same_format)
        for (const auto& [name, value] : answer.unknown) json.raw_member(name, value);
    if (!same_format || raw_member_of(answer.unknown, "container").empty()) json.key("container").null();
    json.end_object();
    return out;
}

}  // namespace smg::codec::messages
