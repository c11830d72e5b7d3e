#include <algorithm>
#include <map>
#include <utility>

#include "codec/openai_chat/answer_encode.hpp"
#include "codec/openai_chat/error.hpp"
#include "codec/openai_chat/finish.hpp"
#include "codec/openai_chat/openai_chat.hpp"
#include "codec/openai_chat/usage.hpp"

namespace smg::codec::chat {
namespace {

/// What one block has become in the client's stream.
struct BlockState {
    enum class Kind { text, reasoning, function, custom, other };
    Kind kind = Kind::other;
    std::size_t tool = 0;   ///< a call's `index`
    bool wrote = false;     ///< a call's arguments, or words
    bool separated = true;  ///< reasoning: whether the gap to the thought before was written
    std::size_t start = 0;  ///< text: code points before it
    ReasoningPart detail;   ///< what `reasoning_details` must repeat, in one piece, once the block is whole
    RawJson citations;      ///< of a foreign format, until their place is known
};

struct ChoiceState {
    bool began = false;
    std::size_t calls = 0, thoughts = 0, images = 0;
    std::size_t length = 0;  ///< code points of the content
    RawJson logprobs;        ///< go with the next delta
    std::map<std::size_t, BlockState> blocks;
};

class ChatStreamEncoder final : public StreamEncoder {
public:
    explicit ChatStreamEncoder(const ClientView& view) : view_(view) {}

    void write(const StreamEvent& event, std::string& out) override {
        if (over_) return;
        out_ = &out;
        std::visit([this](const auto& e) { on(e); }, event);
    }
    std::string_view keep_alive() const noexcept override { return ": keep-alive\n"; }

private:
    // --- framing ---

    void set_head(const event::Started& started) {
        origin_ = started.origin;
        head_ = "data: ";
        JsonWriter json(head_);
        json.begin_object().member("id", completion_id(started.id, started.origin, view_)).member("object", "chat.completion.chunk");
        json.number_member("created", started.created != 0 ? started.created : view_.now);
        json.member("model", started.model.empty() ? view_.model : started.model).key("system_fingerprint").null().key("choices");
    }

    /// One chunk: `fill` writes the members of its `delta`.
    template <typename Fill>
    void chunk(std::int64_t index, Fill fill, std::string_view finish = {}, std::string_view stop_sequence = {}) {
        auto& choice = begun(index);
        if (head_.empty()) set_head({});
        *out_ += head_;
        JsonWriter json(*out_);
        json.begin_array().begin_object().number_member("index", index).key("delta").begin_object();
        fill(json);
        json.end_object();
        if (choice.logprobs.empty())
            json.key("logprobs").null();
        else
            json.raw_member("logprobs", std::exchange(choice.logprobs, {}));
        if (finish.empty())
            json.key("finish_reason").null();
        else
            json.member("finish_reason", finish);
        if (!stop_sequence.empty()) json.member("stop_sequence", stop_sequence);
        json.end_object().end_array();
        *out_ += view_.include_usage ? ",\"usage\":null}\n\n" : "}\n\n";
    }

    /// The choice, after its first chunk, which names the role.
    ChoiceState& begun(std::int64_t index) {
        auto& choice = choices_[index];
        if (choice.began) return choice;
        choice.began = true;
        auto logprobs = std::exchange(choice.logprobs, {});
        chunk(index, [](JsonWriter& json) { json.member("role", "assistant").member("content", "").key("refusal").null(); });
        choice.logprobs = std::move(logprobs);
        return choice;
    }

    void words(std::int64_t index, std::string_view member, std::string_view text) {
        if (!text.empty()) chunk(index, [&](JsonWriter& json) { json.member(member, text); });
    }

    // --- events ---

    void on(const event::Started& started) {
        set_head(started);
        begun(0);
    }

    void on(const event::BlockStarted& started) {
        auto& state = begun(started.choice).blocks[started.block];
        std::visit([&](const auto& part) { open(started, state, part); }, started.part);
    }

    void open(const event::BlockStarted& at, BlockState& state, const TextPart& part) {
        state.kind = BlockState::Kind::text;
        state.start = choices_[at.choice].length;
        if (part.refusal)
            words(at.choice, "refusal", part.text);
        else
            text(at.choice, state, part.text);
        if (!part.signature.empty()) signature_of_message(at.choice, part.signature);
    }

    void open(const event::BlockStarted& at, BlockState& state, const ReasoningPart& part) {
        auto& choice = choices_[at.choice];
        state.kind = BlockState::Kind::reasoning;
        state.tool = choice.thoughts++;
        state.separated = state.tool == 0 || origin_ == Origin::openai;
        state.detail = part;
        state.detail.text.clear();
        thought(at.choice, state, part.text);
    }

    void open(const event::BlockStarted& at, BlockState& state, const ToolCallPart& part) {
        const bool custom = part.kind == ToolCallPart::Kind::custom;
        state.kind = custom ? BlockState::Kind::custom : BlockState::Kind::function;
        state.tool = choices_[at.choice].calls++;
        chunk(at.choice, [&](JsonWriter& json) {
            if (view_.legacy_functions) {
                if (state.tool == 0) json.key("function_call").begin_object().member("name", part.name).member("arguments", "").end_object();
                return;
            }
            const std::string_view type = custom ? "custom" : "function";
            json.key("tool_calls").begin_array().begin_object().number_member("index", state.tool).member("id", part.id).member("type", type);
            json.key(type).begin_object().member("name", part.name).member(custom ? "input" : "arguments", "").end_object();
            if (!part.signature.empty()) write_thought_signature(json, part.signature);
            json.end_object().end_array();
        });
        arguments(at.choice, state, part.arguments);
    }

    void open(const event::BlockStarted& at, BlockState&, const MediaPart& part) {
        if (part.kind != MediaPart::Kind::image) return;
        const auto number = choices_[at.choice].images++;
        chunk(at.choice, [&](JsonWriter& json) {
            json.key("images").begin_array();
            write_answer_image(json, part, number);
            json.end_array();
        });
    }

    void open(const event::BlockStarted&, BlockState&, const ToolResultPart&) {}
    void open(const event::BlockStarted&, BlockState&, const OpaquePart&) {}

    void on(const event::TextDelta& delta) { text(delta.choice, block(delta), delta.text); }
    void on(const event::RefusalDelta& delta) { words(delta.choice, "refusal", delta.text); }
    void on(const event::ReasoningDelta& delta) { thought(delta.choice, block(delta), delta.text); }
    void on(const event::ArgumentsDelta& delta) { arguments(delta.choice, block(delta), delta.text); }

    void on(const event::SignatureDelta& delta) {
        auto& state = block(delta);
        if (state.kind == BlockState::Kind::reasoning) {
            state.detail.signature = delta.signature;
            if (delta.origin != Origin::unknown) state.detail.origin = delta.origin;
        } else if (state.kind == BlockState::Kind::function) {
            chunk(delta.choice, [&](JsonWriter& json) {
                json.key("tool_calls").begin_array().begin_object().number_member("index", state.tool);
                write_thought_signature(json, delta.signature);
                json.end_object().end_array();
            });
        } else {
            signature_of_message(delta.choice, delta.signature);
        }
    }

    void on(const event::CitationDelta& delta) {
        auto& state = block(delta);
        // Only Anthropic's lack their place, which is the whole block: it is known when that is.
        if (origin_ != Origin::anthropic) return citations(delta.choice, state, delta.citation);
        state.citations += state.citations.empty() ? "" : ",";
        state.citations += delta.citation;
    }

    void on(const event::BlockFinished& finished) {
        auto& state = block(finished);
        // A call without arguments must still be JSON.
        if (state.kind == BlockState::Kind::function && !state.wrote) arguments(finished.choice, state, "{}");
        if (!state.detail.signature.empty() || !state.detail.redacted.empty()) detail(finished.choice, state);
        if (!state.citations.empty()) citations(finished.choice, state, "[" + state.citations + "]");
        choices_[finished.choice].blocks.erase(finished.block);
    }

    void on(const event::Opaque& opaque) {
        constexpr std::string_view prefix = "delta.";  // what our own decoder could not name; it belongs to the first choice
        if (!std::string_view(opaque.kind).starts_with(prefix)) return;
        chunk(0, [&](JsonWriter& json) { json.raw_member(std::string_view(opaque.kind).substr(prefix.size()), one_line(opaque.json)); });
    }

    void on(const event::LogprobsDelta& delta) { choices_[delta.choice].logprobs = one_line(delta.logprobs); }

    void on(const event::UsageUpdate& update) {
        merge_usage(usage_, update.usage);
        native_usage_ = one_line(update.native);
    }

    void on(const event::ChoiceFinished& finished) {
        const auto& choice = begun(finished.choice);
        auto refusal = finished.refusal;
        if (refusal.empty() && finished.reason == StopReason::refusal && origin_ != Origin::openai) refusal = "refused";
        words(finished.choice, "refusal", refusal);
        const auto word = finish_word({finished.reason, finished.native_reason, choice.calls > 0, view_.legacy_functions, origin_ == Origin::openai});
        chunk(
            finished.choice, [](JsonWriter&) {}, word, finished.stop_sequence);
    }

    void on(const event::Completed& completed) {
        over_ = true;
        if (view_.include_usage) {
            if (head_.empty()) set_head({});
            *out_ += head_;
            *out_ += "[],\"usage\":";
            JsonWriter json(*out_);
            write_usage(json, usage_, origin_ == Origin::openai ? native_usage_ : RawJson());
            if (!completed.service_tier.empty()) {
                *out_ += ",\"service_tier\":";
                append_json_string(*out_, completed.service_tier);
            }
            *out_ += "}\n\n";
        }
        *out_ += "data: [DONE]\n\n";
    }

    void on(const event::Failed& failure) {
        over_ = true;
        *out_ += "data: ";
        *out_ += encode_error(failure.error);
        *out_ += "\n\n";
    }

    void on(const event::KeepAlive&) { *out_ += keep_alive(); }

    // --- pieces ---

    template <typename Delta>
    BlockState& block(const Delta& delta) {
        return begun(delta.choice).blocks[delta.block];
    }

    void text(std::int64_t index, BlockState& state, std::string_view piece) {
        choices_[index].length += code_points(piece);
        state.wrote = true;
        words(index, "content", piece);
    }

    void thought(std::int64_t index, BlockState& state, std::string_view piece) {
        if (piece.empty()) return;
        state.detail.text += piece;
        if (!std::exchange(state.separated, true)) return words(index, "reasoning_content", "\n\n" + std::string(piece));
        words(index, "reasoning_content", piece);
    }

    void detail(std::int64_t index, const BlockState& state) {
        chunk(index, [&](JsonWriter& json) {
            json.key("reasoning_details").begin_array();
            write_reasoning_detail(json, state.detail, origin_, state.tool);
            json.end_array();
        });
    }

    void signature_of_message(std::int64_t index, std::string_view signature) {
        chunk(index, [&](JsonWriter& json) { write_thought_signature(json, signature); });
    }

    void citations(std::int64_t index, const BlockState& state, std::string_view json_text) {
        std::string list = "[";
        JsonWriter items(list);
        if (!write_annotations(items, json_text, origin_, state.start, choices_[index].length)) return;
        chunk(index, [&](JsonWriter& json) { json.raw_member("annotations", one_line(list + "]")); });
    }

    void arguments(std::int64_t index, BlockState& state, std::string_view piece) {
        if (piece.empty()) return;
        state.wrote = true;
        if (view_.legacy_functions) {
            if (state.tool != 0) return;  // which knows one call
            return chunk(index, [&](JsonWriter& json) { json.key("function_call").begin_object().member("arguments", piece).end_object(); });
        }
        const bool custom = state.kind == BlockState::Kind::custom;
        chunk(index, [&](JsonWriter& json) {
            json.key("tool_calls").begin_array().begin_object().number_member("index", state.tool).key(custom ? "custom" : "function");
            json.begin_object().member(custom ? "input" : "arguments", piece).end_object().end_object().end_array();
        });
    }

    const ClientView view_;
    std::string* out_ = nullptr;
    std::string head_;
    Origin origin_ = Origin::unknown;
    std::map<std::int64_t, ChoiceState> choices_;
    Usage usage_;
    RawJson native_usage_;
    bool over_ = false;
};

}  // namespace

std::unique_ptr<StreamEncoder> make_stream_encoder(const ClientView& view) { return std::make_unique<ChatStreamEncoder>(view); }

}  // namespace smg::codec::chat
