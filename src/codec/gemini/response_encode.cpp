#include "codec/expected_size.hpp"
#include "codec/gemini/finish.hpp"
#include "codec/gemini/gemini.hpp"
#include "codec/gemini/logprobs.hpp"
#include "codec/gemini/part_encode.hpp"
#include "codec/gemini/timestamp.hpp"
#include "codec/gemini/usage.hpp"

namespace smg::codec::google {
namespace {

bool has(const Members& members, std::string_view name) {
    for (const auto& [key, value] : members)
        if (key == name) return true;
    return false;
}

class CandidateWriter {
public:
    CandidateWriter(JsonWriter& json, const Answer& answer, const Choice& choice)
        : json_(json), choice_(choice), same_format_(answer.format == format_name), signed_(answer.origin == Origin::gemini) {}

    void write() {
        json_.begin_object().key("content").begin_object().key("parts").begin_array();
        for (const auto& part : choice_.parts) write_answer_part(json_, part, {same_format_, signed_});
        json_.end_array().member("role", "model").end_object();
        json_.member("finishReason", finish_word(choice_.stop_reason, choice_.native_stop_reason, same_format_));
        json_.number_member("index", choice_.index);
        if (!choice_.refusal.empty() && !same_format_) json_.member("finishMessage", choice_.refusal);
        if (!choice_.logprobs.empty() && !(same_format_ && has(choice_.unknown, "logprobsResult"))) logprobs();
        if (same_format_)
            for (const auto& [name, value] : choice_.unknown) json_.raw_member(name, value);
        json_.end_object();
    }

private:
    void logprobs() {
        std::string text;
        JsonWriter result(text);
        if (write_logprobs(result, choice_.logprobs)) json_.raw_member("logprobsResult", text);
    }

    JsonWriter& json_;
    const Choice& choice_;
    bool same_format_, signed_;
};

/// A prompt that was blocked has no candidate, only the feedback, which is among the unknown members.
bool is_blocked_prompt(const Answer& answer) {
    return answer.format == format_name && answer.choices.size() == 1 && answer.choices.front().parts.empty() &&
           has(answer.unknown, "promptFeedback") && !answer.choices.front().refusal.empty();
}

}  // namespace

std::string encode_response(const Answer& answer, const ClientView& view) {
    std::string out;
    out.reserve(expected_size(answer));
    JsonWriter json(out);
    const bool same_format = answer.format == format_name;
    json.begin_object();
    if (!is_blocked_prompt(answer)) {
        json.key("candidates").begin_array();
        for (const auto& choice : answer.choices) CandidateWriter(json, answer, choice).write();
        json.end_array();
    }
    if (answer.usage.any() || (same_format && !answer.native_usage.empty())) {
        json.key("usageMetadata");
        write_usage(json, answer.usage, same_format ? answer.native_usage : RawJson());
    }
    json.member("modelVersion", answer.model.empty() ? view.model : answer.model);
    if (const auto& id = answer.id.empty() ? view.request_id : answer.id; !id.empty()) json.member("responseId", id);
    if (answer.created != 0 && !same_format) json.member("createTime", rfc3339(answer.created));
    if (same_format)
        for (const auto& [name, value] : answer.unknown) json.raw_member(name, value);
    json.end_object();
    return out;
}

}  // namespace smg::codec::google
