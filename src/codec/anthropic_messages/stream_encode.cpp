#include <optional>
#include <utility>

#include "codec/anthropic_messages/answer_blocks.hpp"
#include "codec/anthropic_messages/anthropic_messages.hpp"
#include "codec/anthropic_messages/error.hpp"
#include "codec/anthropic_messages/words.hpp"

namespace smg::codec::messages {
namespace {

/// Fields that are known replace the earlier ones.
void merge(Usage& into, const Usage& from) {
    for (const auto member :
         {&Usage::input, &Usage::output, &Usage::cached, &Usage::cache_write, &Usage::reasoning, &Usage::total, &Usage::cache_write_1h, &Usage::cost})
        if (from.*member) into.*member = from.*member;
}

/// The official clients want blocks strictly one after the other with contiguous indices, an `event:` line on each event, a single
/// message_start, and a single message_delta after everything else.
class Encoder final : public StreamEncoder {
public:
    explicit Encoder(const ClientView& view) : view_(view) {}

    void write(const StreamEvent& event, std::string& out) override {
        if (done_) return;
        out_ = &out;
        std::visit([this](const auto& e) { on(e); }, event);
        out_ = nullptr;
    }

    std::string_view keep_alive() const noexcept override { return "event: ping\ndata: {\"type\":\"ping\"}\n\n"; }

private:
    enum class Kind { text, thinking, tool, custom_tool, whole, opaque, skipped };
    struct Open {
        std::size_t number = 0;  ///< the decoder's
        Kind kind = Kind::skipped;
        ReasoningPart reasoning;  ///< what signs the block, and who issued it
        bool begun = false;       ///< its content_block_start was written
        bool has_arguments = false;
    };

    /// `{"type":name,` is open when `body` is called; it writes the other members.
    template <typename Body>
    void emit(std::string_view name, const Body& body) {
        out_->append("event: ").append(name).append("\ndata: ");
        JsonWriter json(*out_);
        json.begin_object().member("type", name);
        body(json);
        json.end_object();
        out_->append("\n\n");
    }

    // ---- the message

    void on(const event::Started& e) {
        started_ = e;
        own_ = e.origin == Origin::anthropic;
    }

    void on(const event::UsageUpdate& e) {
        merge(usage_, e.usage);
        if (own_ && !e.native.empty()) native_usage_ = e.native;
    }

    void on(const event::ChoiceFinished& e) {
        if (e.choice == 0) finish_ = e;
    }

    void on(const event::KeepAlive&) { out_->append(keep_alive()); }
    void on(const event::LogprobsDelta&) {}

    void on(const event::Opaque& e) {
        if (!own_) return;
        if (e.kind == "content_block_delta") {
            if (open_ && open_->kind == Kind::opaque) delta([&](JsonWriter& json) { json.raw(e.json); });
        } else if (e.kind == "stop_details") {
            stop_details_ = e.json;
        } else {
            extra_.emplace_back(e.kind, e.json);
        }
    }

    void on(const event::Completed&) {
        while (open_ || !waiting_.empty()) close();
        message_start();
        emit("message_delta", [this](JsonWriter& json) {
            json.key("delta").begin_object();
            stop(json);
            json.key("container").null().end_object().key("usage");
            usage(json);
            for (const auto& [name, value] : extra_) json.raw_member(name, value);
        });
        emit("message_stop", [](JsonWriter&) {});
        done_ = true;
    }

    void on(const event::Failed& e) {
        out_->append("event: error\ndata: ").append(error_body(e.error, view_.request_id)).append("\n\n");
        done_ = true;
    }

    /// Held back until there is something to say, as the counts of the prompt come a moment after the start.
    void message_start() {
        if (message_started_) return;
        message_started_ = true;
        emit("message_start", [this](JsonWriter& json) {
            json.key("message").begin_object().member("id", message_id(started_.id, started_.origin, view_)).member("type", "message");
            json.member("role", "assistant").member("model", started_.model.empty() ? view_.model : started_.model);
            json.key("content").begin_array().end_array();
            json.key("stop_reason").null().key("stop_sequence").null().key("stop_details").null().key("container").null().key("usage");
            usage(json);
            json.end_object();
        });
    }

    void usage(JsonWriter& json) const {
        if (native_usage_.empty())
            write_usage(json, usage_);
        else
            json.raw(native_usage_);
    }

    void stop(JsonWriter& json) const {
        auto word = stop_word(finish_.reason, saw_call_);
        const auto native = stop_reason_of(finish_.native_reason);
        if (own_ && native != StopReason::none && (native == finish_.reason || native == StopReason::unknown)) word = finish_.native_reason;
        json.member("stop_reason", word).key("stop_sequence");
        if (finish_.stop_sequence.empty())
            json.null();
        else
            json.string(finish_.stop_sequence);
        json.key("stop_details");
        if (!stop_details_.empty()) {
            json.raw(stop_details_);
        } else if (word == "refusal") {
            json.begin_object().member("type", "refusal").key("category").null().key("explanation");
            if (finish_.refusal.empty())
                json.null();
            else
                json.string(finish_.refusal);
            json.end_object();
        } else {
            json.null();
        }
    }

    // ---- blocks

    /// True when the event is about the open block. What is about another one waits until this one is closed.
    template <typename Event>
    bool is_open(const Event& e) {
        if (e.choice != 0) return false;
        if (open_ && open_->number == e.block) return true;
        if (open_) waiting_.emplace_back(e);
        return false;
    }

    void on(const event::BlockStarted& e) {
        if (e.choice != 0) return;
        if (open_) return static_cast<void>(waiting_.emplace_back(e));
        Open block;
        block.number = e.block;
        const auto* media = std::get_if<MediaPart>(&e.part);
        if (std::holds_alternative<TextPart>(e.part) || media) {
            block.kind = Kind::text;
        } else if (const auto* reasoning = std::get_if<ReasoningPart>(&e.part)) {
            block.kind = reasoning->redacted.empty() ? Kind::thinking : Kind::whole;
            block.reasoning = *reasoning;
        } else if (const auto* call = std::get_if<ToolCallPart>(&e.part)) {
            block.kind = call->kind == ToolCallPart::Kind::custom ? Kind::custom_tool : Kind::tool;
            saw_call_ = true;
        } else if (const auto* opaque = std::get_if<OpaquePart>(&e.part); opaque && opaque->origin == Origin::anthropic) {
            block.kind = Kind::opaque;
        }
        open_ = std::move(block);
        if (const auto* call = std::get_if<ToolCallPart>(&e.part)) sign_call(*call);
        // Text and thinking begin with their first words: a block without any must not come back in the history.
        if (open_->kind == Kind::tool || open_->kind == Kind::custom_tool || open_->kind == Kind::whole || open_->kind == Kind::opaque) begin(e.part);
        if (media) words(e.block, Kind::text, words_for(*media));
        if (open_->kind == Kind::thinking) words(e.block, Kind::thinking, std::exchange(open_->reasoning.text, {}));
    }

    /// A block of its own, whole, before the call's.
    void sign_call(const ToolCallPart& call) {
        if (call.signature.empty()) return;
        whole([&](JsonWriter& json) { write_call_signature(json, call); });
    }

    template <typename Write>
    void whole(const Write& write) {
        message_start();
        emit("content_block_start", [&](JsonWriter& json) {
            json.number_member("index", index_).key("content_block");
            write(json);
        });
        emit("content_block_stop", [this](JsonWriter& json) { json.number_member("index", index_); });
        ++index_;
    }

    void begin(const Part& part) {
        message_start();
        open_->begun = true;
        emit("content_block_start", [&](JsonWriter& json) {
            json.number_member("index", index_).key("content_block");
            // Arguments follow as deltas, whatever the part holds already.
            auto start = part;
            if (auto* call = std::get_if<ToolCallPart>(&start)) {
                call->arguments.clear();
                call->kind = ToolCallPart::Kind::function;
            }
            write_answer_block(json, start, AnswerView{true, true});
        });
        if (const auto* call = std::get_if<ToolCallPart>(&part); call && !call->arguments.empty()) arguments(call->arguments);
    }

    /// `write` writes the delta object.
    template <typename Write>
    void delta(const Write& write) {
        emit("content_block_delta", [&](JsonWriter& json) {
            json.number_member("index", index_).key("delta");
            write(json);
        });
    }

    void text_delta(std::string_view type, std::string_view member, std::string_view text) {
        delta([&](JsonWriter& json) { json.begin_object().member("type", type).member(member, text).end_object(); });
    }

    void begin_words(Kind kind) {
        if (open_->begun) return;
        if (kind == Kind::text) return begin(TextPart{});
        ReasoningPart part;
        part.origin = Origin::anthropic;
        begin(part);
    }

    void words(std::size_t block, Kind kind, std::string_view text) {
        if (text.empty() || !open_ || open_->number != block || open_->kind != kind) return;
        begin_words(kind);
        if (kind == Kind::text)
            text_delta("text_delta", "text", text);
        else
            text_delta("thinking_delta", "thinking", text);
    }

    void on(const event::TextDelta& e) {
        if (is_open(e)) words(e.block, Kind::text, e.text);
    }
    void on(const event::RefusalDelta& e) {
        if (is_open(e)) words(e.block, Kind::text, e.text);
    }
    void on(const event::ReasoningDelta& e) {
        if (is_open(e)) words(e.block, Kind::thinking, e.text);
    }

    /// Written at the block's end, once.
    void on(const event::SignatureDelta& e) {
        if (!is_open(e) || open_->kind != Kind::thinking) return;
        open_->reasoning.signature = e.signature;
        if (e.origin != Origin::unknown) open_->reasoning.origin = e.origin;
    }

    void on(const event::CitationDelta& e) {
        if (!is_open(e) || !own_ || open_->kind != Kind::text) return;
        begin_words(Kind::text);
        delta([&](JsonWriter& json) { json.begin_object().member("type", "citations_delta").raw_member("citation", e.citation).end_object(); });
    }

    void on(const event::ArgumentsDelta& e) {
        if (is_open(e)) arguments(e.text);
    }

    void arguments(std::string_view text) {
        if (text.empty()) return;
        if (open_->kind == Kind::tool) {
            text_delta("input_json_delta", "partial_json", text);
        } else if (open_->kind == Kind::custom_tool) {
            // Free-form input becomes the one member of an object.
            std::string escaped;
            append_json_string(escaped, text);
            const auto inner = std::string_view(escaped).substr(1, escaped.size() - 2);
            text_delta("input_json_delta", "partial_json", open_->has_arguments ? std::string(inner) : R"({"input":")" + std::string(inner));
        } else {
            return;
        }
        open_->has_arguments = true;
    }

    void on(const event::BlockFinished& e) {
        if (is_open(e)) close();
    }

    /// Closes the open block and tells what has waited for it.
    void close() {
        if (open_) end_block();
        open_.reset();
        auto waiting = std::move(waiting_);
        waiting_.clear();
        for (const auto& event : waiting) std::visit([this](const auto& e) { on(e); }, event);
    }

    void end_block() {
        if (open_->kind == Kind::thinking && !sign_thinking()) return;
        if (open_->kind == Kind::tool && !open_->has_arguments) text_delta("input_json_delta", "partial_json", "{}");
        if (open_->kind == Kind::custom_tool) text_delta("input_json_delta", "partial_json", open_->has_arguments ? "\"}" : R"({"input":""})");
        if (!open_->begun) return;
        emit("content_block_stop", [this](JsonWriter& json) { json.number_member("index", index_); });
        ++index_;
    }

    /// False when the block has become another one, or none.
    bool sign_thinking() {
        const auto& part = open_->reasoning;
        const bool own = part.origin == Origin::anthropic;
        if (!own && !open_->begun) {  // without words: nothing to show
            if (!part.signature.empty()) whole([&](JsonWriter& json) { write_answer_block(json, part, AnswerView{}); });
            return false;
        }
        const auto signature = own ? part.signature : foreign_signature(part);
        if (signature.empty()) return true;
        begin_words(Kind::thinking);
        text_delta("signature_delta", "signature", signature);
        return true;
    }

    ClientView view_;
    std::string* out_ = nullptr;  ///< during `write` only
    event::Started started_;
    event::ChoiceFinished finish_;
    Usage usage_;
    RawJson native_usage_, stop_details_;
    std::vector<std::pair<std::string, RawJson>> extra_;  ///< members of message_delta without a name
    std::optional<Open> open_;
    StreamEvents waiting_;
    std::size_t index_ = 0;
    bool own_ = false;  ///< the stream is Anthropic's
    bool message_started_ = false;
    bool saw_call_ = false;
    bool done_ = false;
};

}  // namespace

std::unique_ptr<StreamEncoder> make_stream_encoder(const ClientView& view) { return std::make_unique<Encoder>(view); }

}  // namespace smg::codec::messages
