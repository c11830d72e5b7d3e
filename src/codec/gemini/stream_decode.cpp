#include <map>
#include <optional>

#include "codec/gemini/calls.hpp"
#include "codec/gemini/error.hpp"
#include "codec/gemini/fields.hpp"
#include "codec/gemini/finish.hpp"
#include "codec/gemini/gemini.hpp"
#include "codec/gemini/grounding.hpp"
#include "codec/gemini/logprobs.hpp"
#include "codec/gemini/partial_args.hpp"
#include "codec/gemini/parts.hpp"
#include "codec/gemini/timestamp.hpp"
#include "codec/gemini/usage.hpp"

namespace smg::codec::google {
namespace {

constexpr std::size_t longest_grounded = 256 * 1024;

/// One candidate while it grows.
struct CandidateState {
    enum class Open { nothing, text, thought };
    Open open = Open::nothing;
    std::size_t blocks = 0;  ///< begun so far; the last one is the open one
    bool has_calls = false;
    bool has_content = false;
    std::string finish;                     ///< the latest `finishReason`: old models send STOP with every chunk
    std::string refusal;                    ///< a blocked prompt
    std::optional<std::size_t> text_block;  ///< the last one, open or not
    std::string text;                       ///< for the places in a grounded answer; not kept of one that is longer than any of those
    RawJson grounding;
    std::optional<ToolCallPart> partial_call;  ///< its arguments come in pieces
    PartialArgs partial_args;
};

/// A Gemini stream is a sequence of whole answers, each holding what is new. It has no terminator: it is complete when it ends after
/// every candidate has told its `finishReason`.
class GeminiStreamDecoder final : public StreamDecoder {
public:
    explicit GeminiStreamDecoder(const RequestMemo& memo) : memo_(memo) {}

    void on_event(std::string_view /*name*/, std::string_view data, StreamEvents& out) override {
        if (over_ || data.empty() || data == "[DONE]") return;
        out_ = &out;
        const auto parsed = tree_.parse(data);
        if (!parsed) return fail(malformed_error("The provider's stream cannot be read: " + parsed.error().message));
        if (is_error(*parsed)) return fail(read_error(0, *parsed));
        if (parsed->is_array()) {
            for (JsonNode item : *parsed) response(item);
        } else {
            response(*parsed);
        }
    }

    void on_end(StreamEvents& out) override {
        if (over_) return;
        out_ = &out;
        for (const auto& [index, state] : candidates_)
            if (state.finish.empty()) return fail(truncated_error());
        if (candidates_.empty()) return fail(truncated_error());
        for (auto& [index, state] : candidates_) finish(index, state);
        over_ = true;
        emit(event::Completed{tier_, {}});
    }

private:
    template <typename Event>
    void emit(Event event) {
        out_->emplace_back(std::move(event));
    }

    void fail(ProviderError error) {
        over_ = true;
        emit(event::Failed{std::move(error)});
    }

    void response(JsonNode node) {
        start(node);
        std::int64_t position = 0;
        for (JsonNode item : node["candidates"]) candidate(item, item["index"].integer().value_or(position++));
        if (const auto feedback = member(node, "promptFeedback"); feedback.is_object()) blocked(feedback);
        if (const auto metadata = member(node, "usageMetadata"); metadata.is_object()) {
            if (const auto usage = read_usage(metadata); usage.any()) emit(event::UsageUpdate{usage, std::string(metadata.raw())});
            if (auto tier = read_tier(metadata); !tier.empty()) tier_ = std::move(tier);
        }
    }

    void start(JsonNode node) {
        if (started_) return;
        started_ = true;
        const auto id = member(node, "responseId").text();
        ids_.seed(id);
        emit(event::Started{std::string(id), std::string(member(node, "modelVersion").text()), unix_seconds(member(node, "createTime").text()),
                            Origin::gemini});
    }

    void blocked(JsonNode feedback) {
        const auto reason = member(feedback, "blockReason").text();
        if (reason.empty() || !candidates_.empty()) return;
        auto& state = candidates_[0];
        state.finish = reason;
        state.refusal = member(feedback, "blockReasonMessage").text();
        if (state.refusal.empty()) state.refusal = reason;
    }

    void candidate(std::int64_t index, CandidateState& state, JsonNode part);

    void candidate(JsonNode node, std::int64_t index) {
        auto& state = candidates_[index];
        for (JsonNode part : node["content"]["parts"]) candidate(index, state, part);
        for (JsonNode item : node) {
            const auto name = item.name();
            if (is_named(name, "finishReason")) {
                if (!item.text().empty() && item.text() != "FINISH_REASON_UNSPECIFIED") state.finish = item.text();
            } else if (is_named(name, "groundingMetadata")) {
                state.grounding = item.raw();
            } else if (is_named(name, "logprobsResult")) {
                if (auto logprobs = read_logprobs(item); !logprobs.empty()) emit(event::LogprobsDelta{index, std::move(logprobs)});
            } else if (name != "content" && name != "index") {
                opaque(index, camel_case(name), std::string(item.raw()));
            }
        }
    }

    // --- blocks ---

    std::size_t begin(std::int64_t index, CandidateState& state, Part part) {
        close(index, state);
        state.has_content = true;
        emit(event::BlockStarted{index, state.blocks, std::move(part)});
        return state.blocks++;
    }

    void close(std::int64_t index, CandidateState& state) {
        if (state.open != CandidateState::Open::nothing) emit(event::BlockFinished{index, state.blocks - 1});
        state.open = CandidateState::Open::nothing;
    }

    /// A block that is whole at once.
    void whole(std::int64_t index, CandidateState& state, Part part) {
        const auto block = begin(index, state, std::move(part));
        emit(event::BlockFinished{index, block});
    }

    void text(std::int64_t index, CandidateState& state, TextPart part) {
        if (part.text.empty() && part.signature.empty()) return;
        if (state.open != CandidateState::Open::text) {
            begin(index, state, TextPart{});
            state.open = CandidateState::Open::text;
        }
        const auto block = state.blocks - 1;
        state.text_block = block;
        if (state.text.size() <= longest_grounded) state.text += part.text;
        if (!part.text.empty()) emit(event::TextDelta{index, block, std::move(part.text)});
        if (!part.signature.empty()) emit(event::SignatureDelta{index, block, std::move(part.signature)});
    }

    void thought(std::int64_t index, CandidateState& state, ReasoningPart part) {
        if (!part.redacted.empty()) return whole(index, state, std::move(part));
        if (part.text.empty() && part.signature.empty()) return;
        if (state.open != CandidateState::Open::thought) {
            ReasoningPart empty;
            empty.origin = Origin::gemini;
            begin(index, state, std::move(empty));
            state.open = CandidateState::Open::thought;
        }
        const auto block = state.blocks - 1;
        if (!part.text.empty()) emit(event::ReasoningDelta{index, block, std::move(part.text)});
        if (!part.signature.empty()) emit(event::SignatureDelta{index, block, std::move(part.signature), part.origin});
    }

    void call(std::int64_t index, CandidateState& state, ToolCallPart part) {
        if (!part.native_id) part.id = ids_.next();
        client_call(memo_, part);
        state.has_calls = true;
        auto arguments = std::move(part.arguments);
        part.arguments.clear();
        const auto block = begin(index, state, std::move(part));
        emit(event::ArgumentsDelta{index, block, std::move(arguments)});
        emit(event::BlockFinished{index, block});
    }

    /// A call whose arguments come in pieces: held until its last one. True when the part was such a piece.
    bool partial(std::int64_t index, CandidateState& state, JsonNode source, ToolCallPart part) {
        const bool goes_on = member(source, "willContinue").boolean().value_or(false);
        const auto pieces = member(source, "partialArgs");
        if (!state.partial_call && !goes_on && !pieces.is_array()) return false;
        if (!part.name.empty() || !state.partial_call) {
            end_partial(index, state);
            state.partial_call = std::move(part);
            state.partial_args = PartialArgs();
        }
        for (JsonNode entry : pieces) state.partial_args.add(entry);
        if (!goes_on) end_partial(index, state);
        return true;
    }

    void end_partial(std::int64_t index, CandidateState& state) {
        if (!state.partial_call) return;
        auto part = std::move(*state.partial_call);
        state.partial_call.reset();
        part.arguments = state.partial_args.text();
        call(index, state, std::move(part));
    }

    void finish(std::int64_t index, CandidateState& state) {
        end_partial(index, state);
        cite(index, state);
        close(index, state);
        const auto reason = state.refusal.empty() ? read_finish(state.finish, state.has_calls, !state.has_content) : StopReason::content_filter;
        emit(event::ChoiceFinished{index, reason, state.finish, {}, state.refusal});
    }

    void opaque(std::int64_t index, const std::string& name, RawJson json) {
        emit(event::Opaque{"candidates[" + std::to_string(index) + "]." + name, std::move(json)});
    }

    /// Citations belong to the text; their places are counted over all of it. They come at the end, when calls may have closed it.
    void cite(std::int64_t index, const CandidateState& state) {
        if (state.grounding.empty()) return;
        opaque(index, "groundingMetadata", state.grounding);
        if (!state.text_block || state.text.size() > longest_grounded) return;
        JsonTree tree, citations;
        const auto metadata = tree.parse(state.grounding);
        if (!metadata) return;
        const auto list = citations.parse(read_grounding(*metadata, state.text));
        if (!list) return;
        for (JsonNode citation : *list) emit(event::CitationDelta{index, *state.text_block, std::string(citation.raw())});
    }

    const RequestMemo memo_;
    JsonTree tree_;
    StreamEvents* out_ = nullptr;
    std::map<std::int64_t, CandidateState> candidates_;
    CallIds ids_;
    std::string tier_;
    bool started_ = false;
    bool over_ = false;
};

void GeminiStreamDecoder::candidate(std::int64_t index, CandidateState& state, JsonNode node) {
    auto part = read_part(node);
    if (auto* words = std::get_if<TextPart>(&part)) {
        text(index, state, std::move(*words));
    } else if (auto* reasoning = std::get_if<ReasoningPart>(&part)) {
        thought(index, state, std::move(*reasoning));
    } else if (auto* tool = std::get_if<ToolCallPart>(&part)) {
        if (!partial(index, state, member(node, "functionCall"), *tool)) call(index, state, std::move(*tool));
    } else {
        whole(index, state, std::move(part));
    }
}

}  // namespace

std::unique_ptr<StreamDecoder> make_stream_decoder(const RequestMemo& memo) { return std::make_unique<GeminiStreamDecoder>(memo); }

}  // namespace smg::codec::google
