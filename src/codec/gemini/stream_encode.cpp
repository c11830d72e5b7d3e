#include <charconv>
#include <map>

#include "codec/gemini/error.hpp"
#include "codec/gemini/finish.hpp"
#include "codec/gemini/gemini.hpp"
#include "codec/gemini/logprobs.hpp"
#include "codec/gemini/part_encode.hpp"
#include "codec/gemini/timestamp.hpp"
#include "codec/gemini/usage.hpp"

namespace smg::codec::google {
namespace {

struct CandidateState {
    std::map<std::size_t, Part> blocks;      ///< the open ones: reasoning and text as they began, calls with the arguments so far
    RawJson logprobs;                        ///< go with the next chunk
    std::map<std::string, RawJson> unknown;  ///< Gemini's own members of the candidate; the latest go with the last chunk
    event::ChoiceFinished finished;
    bool is_finished = false;
};

/// Each chunk is a whole answer in Gemini's shape. Calls are written when they are whole, the ends of the candidates together with the
/// usage when all is said: nothing may follow them but the end of the stream.
class GeminiStreamEncoder final : public StreamEncoder {
public:
    explicit GeminiStreamEncoder(const ClientView& view) : view_(view) {}

    void write(const StreamEvent& event, std::string& out) override {
        if (over_) return;
        out_ = &out;
        std::visit([this](const auto& e) { on(e); }, event);
    }
    std::string_view keep_alive() const noexcept override { return "\r\n"; }

private:
    // --- framing ---

    /// The members that every chunk repeats.
    void write_tail(JsonWriter& json) {
        json.member("modelVersion", head_.model.empty() ? view_.model : head_.model);
        if (const auto& id = head_.id.empty() ? view_.request_id : head_.id; !id.empty()) json.member("responseId", id);
        if (head_.created != 0) json.member("createTime", rfc3339(head_.created));
    }

    template <typename Fill>
    void chunk(Fill fill) {
        *out_ += "data: ";
        JsonWriter json(*out_);
        json.begin_object();
        fill(json);
        write_tail(json);
        json.end_object();
        *out_ += "\r\n\r\n";
    }

    void part_chunk(std::int64_t index, const Part& part) {
        auto& state = candidates_[index];
        chunk([&](JsonWriter& json) {
            json.key("candidates").begin_array().begin_object().key("content").begin_object().key("parts").begin_array();
            write_answer_part(json, part, {false, head_.origin == Origin::gemini});
            json.end_array().member("role", "model").end_object().number_member("index", index);
            write_pending_logprobs(json, state);
            json.end_object().end_array();
        });
    }

    static void write_pending_logprobs(JsonWriter& json, CandidateState& state) {
        std::string text;
        JsonWriter result(text);
        if (!state.logprobs.empty() && write_logprobs(result, state.logprobs)) json.raw_member("logprobsResult", text);
        state.logprobs.clear();
    }

    // --- events ---

    void on(const event::Started& started) { head_ = started; }

    void on(const event::BlockStarted& started) {
        auto& block = candidates_[started.choice].blocks[started.block];
        block = started.part;
        if (auto* text = std::get_if<TextPart>(&block)) {
            if (!text->text.empty() || !text->signature.empty()) part_chunk(started.choice, block);
            text->text.clear();
        } else if (auto* thought = std::get_if<ReasoningPart>(&block)) {
            if (!thought->text.empty() || !thought->redacted.empty() || !thought->signature.empty()) part_chunk(started.choice, block);
            thought->text.clear();
        } else if (std::holds_alternative<MediaPart>(block)) {
            part_chunk(started.choice, block);
        } else if (const auto* opaque = std::get_if<OpaquePart>(&block); opaque && opaque->origin == Origin::gemini) {
            part_chunk(started.choice, block);
        }
    }

    void on(const event::TextDelta& delta) { words(delta.choice, delta.text); }
    void on(const event::RefusalDelta& delta) { words(delta.choice, delta.text); }  // which Gemini has no other place for

    void words(std::int64_t index, const std::string& text) {
        if (text.empty()) return;
        TextPart part;
        part.text = text;
        part_chunk(index, part);
    }

    void on(const event::ReasoningDelta& delta) {
        if (delta.text.empty()) return;
        ReasoningPart part;
        part.text = delta.text;
        part_chunk(delta.choice, part);
    }

    /// On an empty part of its kind, as Gemini itself does; a call's signature waits for its call.
    void on(const event::SignatureDelta& delta) {
        auto& block = candidates_[delta.choice].blocks[delta.block];
        if (auto* call = std::get_if<ToolCallPart>(&block)) {
            call->signature = delta.signature;
        } else if (auto* thought = std::get_if<ReasoningPart>(&block)) {
            thought->signature = delta.signature;
            if (delta.origin != Origin::unknown) thought->origin = delta.origin;
            part_chunk(delta.choice, block);
        } else if (auto* text = std::get_if<TextPart>(&block)) {
            text->signature = delta.signature;
            part_chunk(delta.choice, block);
        }
    }

    void on(const event::ArgumentsDelta& delta) {
        auto& block = candidates_[delta.choice].blocks[delta.block];
        if (auto* call = std::get_if<ToolCallPart>(&block)) call->arguments += delta.text;
    }

    void on(const event::BlockFinished& finished) {
        auto& blocks = candidates_[finished.choice].blocks;
        const auto found = blocks.find(finished.block);
        if (found == blocks.end()) return;
        if (std::holds_alternative<ToolCallPart>(found->second)) part_chunk(finished.choice, found->second);
        blocks.erase(found);
    }

    void on(const event::LogprobsDelta& delta) { candidates_[delta.choice].logprobs = delta.logprobs; }
    void on(const event::CitationDelta&) {}

    /// `candidates[0].safetyRatings`, of our own decoder.
    void on(const event::Opaque& opaque) {
        constexpr std::string_view prefix = "candidates[";
        const std::string_view kind = opaque.kind;
        const auto bracket = kind.find("].");
        if (!kind.starts_with(prefix) || bracket == std::string_view::npos) return;
        std::int64_t index = 0;
        std::from_chars(kind.data() + prefix.size(), kind.data() + bracket, index);
        candidates_[index].unknown[std::string(kind.substr(bracket + 2))] = opaque.json;
    }

    void on(const event::UsageUpdate& update) {
        merge_usage(usage_, update.usage);
        native_usage_ = head_.origin == Origin::gemini ? update.native : RawJson();
    }

    void on(const event::ChoiceFinished& finished) {
        auto& state = candidates_[finished.choice];
        state.finished = finished;
        state.is_finished = true;
    }

    void on(const event::Completed&) {
        over_ = true;
        chunk([this](JsonWriter& json) {
            json.key("candidates").begin_array();
            for (auto& [index, state] : candidates_)
                if (state.is_finished) write_finish(json, index, state);
            json.end_array();
            if (usage_.any()) write_usage(json.key("usageMetadata"), usage_, native_usage_);
        });
    }

    void write_finish(JsonWriter& json, std::int64_t index, CandidateState& state) {
        const auto& finished = state.finished;
        const bool same_format = head_.origin == Origin::gemini && finished.refusal.empty();
        json.begin_object().key("content").begin_object().key("parts").begin_array().begin_object().member("text", "").end_object().end_array();
        json.member("role", "model").end_object().member("finishReason", finish_word(finished.reason, finished.native_reason, same_format));
        if (!finished.refusal.empty()) json.member("finishMessage", finished.refusal);
        json.number_member("index", index);
        for (const auto& [name, value] : state.unknown) json.raw_member(name, value);
        write_pending_logprobs(json, state);
        json.end_object();
    }

    void on(const event::Failed& failure) {
        over_ = true;
        *out_ += "data: ";
        append_error(*out_, failure.error);
        *out_ += "\r\n\r\n";
    }

    void on(const event::KeepAlive&) { *out_ += keep_alive(); }

    const ClientView view_;
    std::string* out_ = nullptr;
    event::Started head_;
    std::map<std::int64_t, CandidateState> candidates_;
    Usage usage_;
    RawJson native_usage_;
    bool over_ = false;
};

}  // namespace

std::unique_ptr<StreamEncoder> make_stream_encoder(const ClientView& view) { return std::make_unique<GeminiStreamEncoder>(view); }

}  // namespace smg::codec::google
