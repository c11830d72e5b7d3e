#include "codec/gemini/request_encode.hpp"
#include "codec/expected_size.hpp"

#include "codec/gemini/part_encode.hpp"
#include "codec/provider_tool.hpp"

namespace smg::codec::google {
namespace {

std::string_view tier_word(const Writing& to) {
    const auto& word = to.conversation.service_tier;
    if (to.same_format || word == "flex" || word == "priority") return word;
    return word == "default" || word == "standard_only" || word == "standard" ? "standard" : "";
}

void write_tier(Writing& to) {
    const auto& asked = to.conversation.service_tier;
    const auto word = tier_word(to);
    if (!word.empty())
        to.json.member("serviceTier", word);
    else if (!asked.empty() && asked != "auto")
        to.note("service_tier");
}

/// Settings that Gemini has no field for, and whose absence does not change what is answered.
void note_left_out(Writing& to) {
    const auto& c = to.conversation;
    const std::pair<std::string_view, bool> settings[] = {
        {"metadata", !asks_for_nothing(c.metadata)},
        {"user", !c.user.empty()},
        {"safety_identifier", !c.safety_identifier.empty()},
        {"logit_bias", !asks_for_nothing(c.logit_bias)},
        {"prediction", !c.prediction.empty()},
        {"audio", !c.audio.empty()},
        {"verbosity", !c.verbosity.empty() && c.verbosity != "medium"},
        {"prompt_cache_key", !c.prompt_cache_key.empty()},
    };
    for (const auto& [name, given] : settings)
        if (given) to.note(name);
    for (const auto& [name, value] : c.unknown)
        if (!asks_for_nothing(value) && name != "prompt_cache_retention") to.note(name);
}

/// What cannot be left out without changing the answer.
bool check(Writing& to) {
    if (to.same_format) return true;
    const auto& c = to.conversation;
    const auto refuse = [&](std::string_view setting, const std::string& why) { return to.refuse(client_setting(c, setting), why); };
    if (!c.n.empty() && c.n != "1" && !to.target.capabilities.many_answers) return refuse("n", "This model gives one answer per request.");
    const bool asks_logprobs = c.logprobs.value_or(false) || (!c.top_logprobs.empty() && c.top_logprobs != "0");
    if (asks_logprobs && !to.target.capabilities.logprobs)
        return refuse(c.logprobs.value_or(false) ? "logprobs" : "top_logprobs", "This model gives no log probabilities.");
    for (const auto& [name, value] : c.unknown)
        if (is_essential(name) && value != "null") return to.refuse(name, "'" + name + "' has no meaning for this model's provider.");
    if (auto bound = bound_tool(c, Origin::gemini)) return to.refuse(bound->param, bound->message);
    if (!c.web_search_options.empty()) return to.refuse("web_search_options", "Web search cannot be asked of this model in this API.");
    return true;
}

/// Before Gemini 3, a model takes functions or a format for its answer, but refuses both.
bool takes_format(const Writing& to) {
    const auto& can = to.target.capabilities;
    const auto& tools = to.conversation.tools;
    return can.structured_outputs &&
           (can.native_tool_ids || std::none_of(tools.begin(), tools.end(), [](const Tool& tool) { return tool.kind != Tool::Kind::provider; }));
}

/// Models without structured output are told what to answer with.
void choose_instruction(Writing& to) {
    const auto& format = to.conversation.response_format;
    if (to.same_format || !format || format->kind == ResponseFormat::Kind::text || takes_format(to)) return;
    to.instruction = "Respond with a single JSON object and nothing else.";
    if (!format->schema.empty()) to.instruction += " It must conform to this JSON Schema: " + format->schema;
    to.note("response_format");
}

void find_made_up_ids(Writing& to) {
    if (!to.same_format) return;
    for (const auto& turn : to.conversation.turns)
        for (const auto& part : turn.parts)
            if (const auto* call = std::get_if<ToolCallPart>(&part); call && !call->native_id) to.made_up_ids.insert(call->id);
}

bool write_all(Writing& to) {
    to.json.begin_object();
    if (!check(to) || !write_system(to) || !write_contents(to)) return false;
    write_tools(to);
    write_tool_config(to);
    to.raw_if("safetySettings", to.conversation.safety_settings);
    if (!write_generation_config(to)) return false;
    write_tier(to);
    if (to.conversation.store) to.json.bool_member("store", *to.conversation.store);
    if (to.same_format)
        write_unknown(to.json, to.conversation.unknown);
    else
        note_left_out(to);
    to.json.end_object();
    return true;
}

}  // namespace

Result<EncodedRequest> encode_request(const Conversation& conversation, const Target& target) {
    EncodedRequest out;
    out.body.reserve(expected_size(conversation));
    Writing to(conversation, target, out.body);
    choose_tool_names(to);
    choose_instruction(to);
    find_made_up_ids(to);
    if (!write_all(to)) return tl::unexpected<Error>(std::move(*to.error));
    if (target.strict && !to.adjustments.empty()) {
        const auto& name = to.adjustments.names().front();
        return fail(Failure::invalid_request, "'" + name + "' cannot be carried to this model's provider unchanged.", name.substr(0, name.find('=')));
    }
    out.adjustments = std::move(to.adjustments);
    out.memo = std::move(to.memo);
    out.memo.legacy_functions = conversation.legacy_functions;
    return out;
}

}  // namespace smg::codec::google
