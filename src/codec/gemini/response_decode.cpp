#include <algorithm>

#include "codec/gemini/calls.hpp"
#include "codec/gemini/error.hpp"
#include "codec/gemini/fields.hpp"
#include "codec/gemini/finish.hpp"
#include "codec/gemini/gemini.hpp"
#include "codec/gemini/grounding.hpp"
#include "codec/gemini/logprobs.hpp"
#include "codec/gemini/parts.hpp"
#include "codec/gemini/timestamp.hpp"
#include "codec/gemini/usage.hpp"

namespace smg::codec::google {
namespace {

tl::unexpected<Error> malformed(const std::string& what) { return fail(Failure::upstream_error, "The provider's answer cannot be read: " + what); }

/// Reads one answer, or the pieces of one: a stream that was not asked for as SSE is an array of answers.
class AnswerReader {
public:
    AnswerReader(const RequestMemo& memo, bool pieces, Answer& out) : memo_(memo), out_(out), pieces_(pieces) {
        out_.format = format_name;
        out_.origin = Origin::gemini;
    }

    void add(JsonNode response) {
        for (JsonNode item : response) take(item);
        ids_.seed(out_.id);
        std::int64_t position = 0;
        for (JsonNode item : response["candidates"]) candidate(item, position++);
        if (const auto feedback = member(response, "promptFeedback"); out_.choices.empty()) blocked(feedback);
    }

    void finish() {
        for (auto& choice : out_.choices) {
            if (choice.stop_reason == StopReason::content_filter && choice.parts.empty() && !choice.refusal.empty()) continue;  // a blocked prompt
            const bool has_calls =
                std::any_of(choice.parts.begin(), choice.parts.end(), [](const Part& part) { return std::holds_alternative<ToolCallPart>(part); });
            choice.stop_reason = read_finish(choice.native_stop_reason, has_calls, choice.parts.empty());
        }
    }

private:
    void take(JsonNode item) {
        const auto name = item.name();
        if (is_named(name, "responseId")) {
            out_.id = item.text();
        } else if (is_named(name, "modelVersion")) {
            out_.model = item.text();
        } else if (is_named(name, "usageMetadata")) {
            if (const auto usage = read_usage(item); usage.any()) out_.usage = usage;
            out_.native_usage = item.raw();
            if (auto tier = read_tier(item); !tier.empty()) out_.service_tier = std::move(tier);
        } else if (name != "candidates") {
            if (is_named(name, "createTime")) out_.created = unix_seconds(item.text());
            replace(out_.unknown, item);
        }
    }

    /// The latest of the pieces' values counts.
    static void replace(Members& unknown, JsonNode item) {
        for (auto& [name, value] : unknown)
            if (is_named(item.name(), name)) return static_cast<void>(value = item.raw());
        keep(unknown, item);
    }

    /// Gemini answers 200 without candidates when it blocks the prompt.
    void blocked(JsonNode feedback) {
        const auto reason = member(feedback, "blockReason").text();
        if (reason.empty()) return;
        auto& choice = out_.choices.emplace_back();
        choice.stop_reason = StopReason::content_filter;
        choice.native_stop_reason = reason;
        choice.refusal = member(feedback, "blockReasonMessage").text();
        if (choice.refusal.empty()) choice.refusal = reason;
    }

    Choice& choice_at(std::int64_t index) {
        for (auto& choice : out_.choices)
            if (choice.index == index) return choice;
        auto& choice = out_.choices.emplace_back();
        choice.index = index;
        return choice;
    }

    void candidate(JsonNode node, std::int64_t position) {
        auto& choice = choice_at(node["index"].integer().value_or(position));
        for (JsonNode part : node["content"]["parts"]) add_part(part, choice);
        for (JsonNode item : node) {
            const auto name = item.name();
            if (is_named(name, "finishReason"))
                choice.native_stop_reason = item.text();
            else if (is_named(name, "logprobsResult"))
                choice.logprobs = read_logprobs(item);
            if (name != "content" && name != "index" && !is_named(name, "finishReason")) replace(choice.unknown, item);
        }
        cite(member(node, "groundingMetadata"), choice);
    }

    void add_part(JsonNode node, Choice& choice) {
        auto part = read_part(node);
        if (auto* call = std::get_if<ToolCallPart>(&part)) {
            if (!call->native_id) call->id = ids_.next();
            client_call(memo_, *call);
        } else if (auto* text = std::get_if<TextPart>(&part)) {
            if (text->text.empty() && text->signature.empty()) return;
            if (join(*text, choice)) return;
        } else if (auto* thought = std::get_if<ReasoningPart>(&part)) {
            if (join(*thought, choice)) return;
        }
        choice.parts.push_back(std::move(part));
    }

    /// The pieces of a stream continue the text before; a whole answer's parts stay apart, as a signature belongs to its part.
    template <typename T>
    bool join(const T& piece, Choice& choice) const {
        if (!pieces_ || choice.parts.empty() || !piece.extras.unknown.empty()) return false;
        auto* last = std::get_if<T>(&choice.parts.back());
        if (!last || !last->signature.empty()) return false;
        last->text += piece.text;
        last->signature = piece.signature;
        return true;
    }

    /// Citations go to the first text, their places counted over all of it.
    static void cite(JsonNode metadata, Choice& choice) {
        if (!metadata.present()) return;
        std::string all;
        TextPart* first = nullptr;
        for (auto& part : choice.parts) {
            auto* text = std::get_if<TextPart>(&part);
            if (!text) continue;
            if (!first) first = text;
            all += text->text;
        }
        if (!first) return;
        first->citations = read_grounding(metadata, all);
        if (!first->citations.empty()) first->citations_origin = Origin::openai;
    }

    const RequestMemo& memo_;
    Answer& out_;
    const bool pieces_;
    CallIds ids_;
};

}  // namespace

Result<Answer> decode_response(std::string_view body, const RequestMemo& memo) {
    JsonTree tree;
    const auto parsed = tree.parse(body);
    if (!parsed) return malformed(parsed.error().message);
    const auto root = *parsed;
    if (is_error(root)) return fail(Failure::upstream_error, read_error(200, root).message);
    if (!root.is_object() && !root.is_array()) return malformed("it is not an object");
    Answer out;
    AnswerReader reader(memo, root.is_array(), out);
    if (root.is_object()) {
        reader.add(root);
    } else {
        for (JsonNode piece : root) reader.add(piece);
    }
    if (out.choices.empty()) return malformed("it has no 'candidates'");
    reader.finish();
    for (const auto& choice : out.choices)
        if (is_malformed_call(choice.native_stop_reason) && choice.parts.empty() && out.choices.size() == 1)
            return fail(Failure::upstream_error, "The model's function call could not be read (MALFORMED_FUNCTION_CALL).");
    return out;
}

}  // namespace smg::codec::google
