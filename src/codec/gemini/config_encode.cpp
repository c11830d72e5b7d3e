#include <algorithm>
#include <charconv>
#include <utility>

#include "base/ascii.hpp"
#include "codec/gemini/part_encode.hpp"
#include "codec/gemini/request_encode.hpp"
#include "codec/stop_sequences.hpp"

namespace smg::codec::google {
namespace {

constexpr std::size_t most_stop_sequences = 5;

/// The limit includes thoughts here; beyond the model's own it is refused, so it is cut to that.
void write_limit(Writing& to) {
    const auto& conversation = to.conversation;
    const auto& asked = conversation.max_tokens;
    if (asked.empty()) return;
    double value = 0;
    std::from_chars(asked.data(), asked.data() + asked.size(), value);
    const auto most = to.target.capabilities.max_output_tokens;
    if (to.same_format || most == 0 || value <= static_cast<double>(most)) {
        to.json.raw_member("maxOutputTokens", asked);
        return;
    }
    to.note("max_tokens", std::to_string(most));
    to.json.number_member("maxOutputTokens", most);
}

void write_sampling(Writing& to) {
    const auto& conversation = to.conversation;
    to.raw_if("temperature", conversation.temperature);
    to.raw_if("topP", conversation.top_p);
    to.raw_if("topK", conversation.top_k);
    to.raw_if("presencePenalty", conversation.presence_penalty);
    to.raw_if("frequencyPenalty", conversation.frequency_penalty);
    to.raw_if("seed", conversation.seed);
    // One candidate is the default, and some models refuse to be told.
    if (to.same_format || conversation.n != "1") to.raw_if("candidateCount", conversation.n);
    if (conversation.logprobs && (to.same_format || *conversation.logprobs)) to.json.bool_member("responseLogprobs", *conversation.logprobs);
    if (to.same_format || conversation.logprobs.value_or(false)) to.raw_if("logprobs", conversation.top_logprobs);
}

void write_stop(Writing& to) {
    std::vector<std::string_view> words(to.conversation.stop.begin(), to.conversation.stop.end());
    if (!to.same_format) words = share_stop_sequences(to.conversation, most_stop_sequences, [](std::string_view) { return true; }, to.memo);
    if (words.empty()) return;
    to.json.key("stopSequences").begin_array();
    for (const auto word : words) to.json.string(word);
    to.json.end_array();
}

bool write_modalities(Writing& to) {
    const auto& raw = to.conversation.modalities;
    if (raw.empty()) return true;
    if (to.same_format) {
        to.json.raw_member("responseModalities", raw);
        return true;
    }
    JsonTree tree;
    const auto list = tree.parse(raw);
    if (!list) return true;
    for (JsonNode word : *list)
        if (!iequals(word.text(), "text"))
            return to.refuse(client_setting(to.conversation, "modalities"),
                             "Only text can be asked of this model's API: '" + std::string(word.text()) + "'.");
    return true;
}

/// Models without structured output are told in words (`Writing::instruction`).
void write_format(Writing& to) {
    if (!to.conversation.response_format) return;
    const auto& format = *to.conversation.response_format;
    if (format.kind == ResponseFormat::Kind::text) {
        if (to.same_format) to.json.member("responseMimeType", "text/plain");
        return;
    }
    if (!to.instruction.empty()) return;
    const auto& unknown = to.conversation.unknown;  // where a type of Gemini's own (`text/x.enum`) is kept
    const bool own_type = to.same_format && std::any_of(unknown.begin(), unknown.end(),
                                                        [](const auto& kept) { return kept.first == "generationConfig.responseMimeType"; });
    if (!own_type) to.json.member("responseMimeType", "application/json");
    if (format.kind == ResponseFormat::Kind::json_schema) to.raw_if("responseJsonSchema", format.schema);
}

}  // namespace

bool write_generation_config(Writing& to) {
    std::string body;
    Writing inner(to.conversation, to.target, body);
    inner.instruction = to.instruction;
    inner.json.begin_object();
    write_limit(inner);
    write_sampling(inner);
    write_stop(inner);
    (void)write_modalities(inner);  // what it refuses stands in `error`
    write_format(inner);
    write_thinking(inner);
    if (to.same_format) write_unknown(inner.json, to.conversation.unknown, "generationConfig.");
    inner.json.end_object();
    for (const auto& name : inner.adjustments.names()) to.adjustments.note(name);
    to.memo.stop = std::move(inner.memo.stop);
    to.memo.answers = inner.memo.answers;
    if (inner.error) return to.refuse(inner.error->param, inner.error->message);
    if (body != "{}") to.json.raw_member("generationConfig", body);
    return true;
}

}  // namespace smg::codec::google
