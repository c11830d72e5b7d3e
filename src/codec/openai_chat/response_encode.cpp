#include <algorithm>

#include "codec/expected_size.hpp"
#include "codec/openai_chat/answer_encode.hpp"
#include "codec/openai_chat/finish.hpp"
#include "codec/openai_chat/openai_chat.hpp"
#include "codec/openai_chat/usage.hpp"

namespace smg::codec::chat {
namespace {

constexpr std::string_view message_prefix = "message.";

/// Texts one behind the other; a single one, which is the usual case, is not copied. The texts must outlive it.
class JoinedText {
public:
    void append(std::string_view text) {
        if (text_.empty()) {
            text_ = text;
            return;
        }
        if (text.empty()) return;
        if (joined_.empty()) joined_ = text_;
        text_ = joined_ += text;
    }
    [[nodiscard]] std::string_view text() const noexcept { return text_; }
    [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

private:
    std::string_view text_;
    std::string joined_;
};

class ChoiceWriter {
public:
    ChoiceWriter(JsonWriter& json, const Answer& answer, const ClientView& view, const Choice& choice)
        : json_(json), answer_(answer), view_(view), choice_(choice), same_format_(answer.format == format_name) {}

    void write() {
        collect();
        json_.begin_object().number_member("index", choice_.index).key("message").begin_object().member("role", "assistant");
        write_content();
        write_reasoning();
        write_annotations_member();
        write_media();
        write_calls();
        write_unknown(true);
        json_.end_object();
        if (choice_.logprobs.empty())
            json_.key("logprobs").null();
        else
            json_.raw_member("logprobs", choice_.logprobs);
        const Finish finish{choice_.stop_reason, choice_.native_stop_reason, has_calls_, view_.legacy_functions, same_format_};
        json_.member("finish_reason", finish_word(finish));
        if (!choice_.stop_sequence.empty()) json_.member("stop_sequence", choice_.stop_sequence);
        write_unknown(false);
        json_.end_object();
    }

private:
    void collect() {
        for (const auto& part : choice_.parts) {
            if (const auto* text = std::get_if<TextPart>(&part)) {
                (text->refusal ? refusal_ : content_).append(text->text);
                has_content_ = has_content_ || !text->refusal;
                if (!text->signature.empty()) signature_ = text->signature;
            } else if (const auto* opaque = std::get_if<OpaquePart>(&part)) {
                if (opaque->kind == "audio" && opaque->origin == Origin::openai) audio_ = opaque;
            }
            has_calls_ = has_calls_ || std::holds_alternative<ToolCallPart>(part);
            has_images_ = has_images_ || is_image(part);
        }
        if (refusal_.empty()) refusal_.append(choice_.refusal);
        if (refusal_.empty() && choice_.stop_reason == StopReason::refusal && !same_format_) refusal_.append("refused");
    }

    static bool is_image(const Part& part) {
        const auto* media = std::get_if<MediaPart>(&part);
        return media && media->kind == MediaPart::Kind::image;
    }

    void write_content() {
        // Null beside calls, a refusal or audio; an answer of nothing is an empty text.
        if (has_content_ || (!has_calls_ && refusal_.empty() && !audio_))
            json_.member("content", content_.text());
        else
            json_.key("content").null();
        if (refusal_.empty())
            json_.key("refusal").null();
        else
            json_.member("refusal", refusal_.text());
    }

    void write_reasoning() {
        std::string text;
        bool details = false;
        for (const auto& part : choice_.parts) {
            if (const auto* thought = std::get_if<ReasoningPart>(&part)) {
                if (!text.empty() && !thought->text.empty()) text += "\n\n";
                text += thought->text;
                details = details || is_signed(*thought);
            }
            details = details || is_detail(part);
        }
        if (!text.empty()) json_.member("reasoning_content", text);
        if (!details) return;
        json_.key("reasoning_details").begin_array();
        std::size_t index = 0;
        for (const auto& part : choice_.parts) {
            const auto* thought = std::get_if<ReasoningPart>(&part);
            if (thought && is_signed(*thought)) write_reasoning_detail(json_, *thought, answer_.origin, index);
            if (thought) ++index;
            if (is_detail(part)) json_.raw(std::get<OpaquePart>(part).json);
        }
        json_.end_array();
    }

    static bool is_signed(const ReasoningPart& part) { return !part.signature.empty() || !part.redacted.empty(); }

    static bool is_detail(const Part& part) {
        const auto* opaque = std::get_if<OpaquePart>(&part);
        return opaque && opaque->kind == "reasoning_details";
    }

    void write_annotations_member() {
        const auto cites = [](const Part& part) {
            const auto* text = std::get_if<TextPart>(&part);
            return text && !text->citations.empty();
        };
        if (std::none_of(choice_.parts.begin(), choice_.parts.end(), cites)) return;
        std::string list = "[";
        JsonWriter items(list);
        bool any = false;
        std::size_t start = 0;
        for (const auto& part : choice_.parts) {
            const auto* text = std::get_if<TextPart>(&part);
            if (!text || text->refusal) continue;
            const auto end = start + code_points(text->text);
            if (!text->citations.empty()) any = write_annotations(items, text->citations, text->citations_origin, start, end) || any;
            start = end;
        }
        if (any) json_.raw_member("annotations", list + "]");
    }

    void write_media() {
        if (audio_) json_.raw_member("audio", audio_->json);
        if (!has_images_) return;
        json_.key("images").begin_array();
        std::size_t index = 0;
        for (const auto& part : choice_.parts)
            if (is_image(part)) write_answer_image(json_, std::get<MediaPart>(part), index++);
        json_.end_array();
    }

    void write_calls() {
        if (!signature_.empty()) write_thought_signature(json_, signature_);
        if (!has_calls_) return;
        if (!view_.legacy_functions) json_.key("tool_calls").begin_array();
        for (const auto& part : choice_.parts) {
            const auto* call = std::get_if<ToolCallPart>(&part);
            if (!call) continue;
            if (view_.legacy_functions) {  // which knows one call
                json_.key("function_call").begin_object().member("name", call->name).member("arguments", arguments(*call)).end_object();
                return;
            }
            write_call(*call);
        }
        json_.end_array();
    }

    void write_call(const ToolCallPart& call) {
        const bool custom = call.kind == ToolCallPart::Kind::custom;
        const std::string_view type = custom ? "custom" : "function";
        json_.begin_object().member("id", call.id).member("type", type).key(type).begin_object();
        json_.member("name", call.name).member(custom ? "input" : "arguments", custom ? std::string_view(call.arguments) : arguments(call));
        json_.end_object();
        if (!call.signature.empty()) write_thought_signature(json_, call.signature);
        json_.end_object();
    }

    /// A call without arguments is `{}`: an empty string is not JSON, and clients parse it.
    static std::string_view arguments(const ToolCallPart& call) {
        return call.arguments.find_first_not_of(" \t\r\n") == std::string::npos ? "{}" : std::string_view(call.arguments);
    }

    void write_unknown(bool of_message) {
        if (!same_format_) return;
        for (const auto& [name, value] : choice_.unknown) {
            const std::string_view full = name;
            if (full.starts_with(message_prefix) != of_message) continue;
            if (of_message && full == "message.extra_content" && !signature_.empty()) continue;
            json_.raw_member(of_message ? full.substr(message_prefix.size()) : full, value);
        }
    }

    JsonWriter& json_;
    const Answer& answer_;
    const ClientView& view_;
    const Choice& choice_;
    bool same_format_;
    JoinedText content_, refusal_;
    std::string_view signature_;
    const OpaquePart* audio_ = nullptr;
    bool has_content_ = false, has_calls_ = false, has_images_ = false;
};

/// Anthropic's words for the tier that served a request.
std::string_view tier_word(const Answer& answer) {
    if (answer.origin == Origin::anthropic && (answer.service_tier == "standard" || answer.service_tier == "batch")) return "default";
    return answer.service_tier;
}

}  // namespace

std::string encode_response(const Answer& answer, const ClientView& view) {
    std::string out;
    out.reserve(expected_size(answer));
    JsonWriter json(out);
    json.begin_object().member("id", completion_id(answer.id, answer.origin, view)).member("object", "chat.completion");
    json.number_member("created", answer.created != 0 ? answer.created : view.now);
    json.member("model", answer.model.empty() ? view.model : answer.model);
    json.key("choices").begin_array();
    for (const auto& choice : answer.choices) ChoiceWriter(json, answer, view, choice).write();
    json.end_array();
    const bool same_format = answer.format == format_name;
    if (answer.usage.any()) {
        json.key("usage");
        write_usage(json, answer.usage, same_format ? answer.native_usage : RawJson());
    }
    if (!answer.service_tier.empty()) json.member("service_tier", tier_word(answer));
    if (answer.system_fingerprint.empty())
        json.key("system_fingerprint").null();
    else
        json.member("system_fingerprint", answer.system_fingerprint);
    if (same_format)
        for (const auto& [name, value] : answer.unknown) json.raw_member(name, value);
    json.end_object();
    return out;
}

}  // namespace smg::codec::chat
