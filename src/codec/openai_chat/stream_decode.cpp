#include <algorithm>

#include "base/ascii.hpp"
#include "codec/json_tree.hpp"
#include "codec/openai_chat/error.hpp"
#include "codec/openai_chat/finish.hpp"
#include "codec/openai_chat/openai_chat.hpp"
#include "codec/openai_chat/request_decode.hpp"
#include "codec/openai_chat/stream_blocks.hpp"
#include "codec/openai_chat/tool_memo.hpp"
#include "codec/openai_chat/usage.hpp"

namespace smg::codec::chat {
namespace {

class ChatStreamDecoder final : public StreamDecoder {
public:
    explicit ChatStreamDecoder(const RequestMemo& memo) : memo_(memo) {}

    void on_event(std::string_view name, std::string_view data, StreamEvents& out) override {
        if (over_) return;
        data = trim(data);
        if (data.empty()) return;
        if (data == "[DONE]") return finish(true, out);
        const auto parsed = tree_.parse(data);
        if (!parsed || !parsed->is_object()) return failed(malformed_error("The provider's stream holds an event that is no JSON object."), out);
        const auto root = *parsed;
        const bool no_choices = !root["choices"].is_array();
        if (!root["error"].is_absent_or_null() || (no_choices && (name == "error" || root["object"].text() == "error")))
            return failed(read_error(0, root), out);
        chunk(root, out);
    }

    void on_end(StreamEvents& out) override {
        if (!over_) finish(false, out);
    }

private:
    struct ChoiceState {
        ChoiceState(std::int64_t index, const RequestMemo& memo) : blocks(index, memo) {}
        StreamBlocks blocks;
        std::string finish_reason, stop_sequence;
        bool finish_seen = false;  ///< said by the provider; told on when nothing more can follow
        bool finished = false;
    };

    void chunk(JsonNode root, StreamEvents& out) {
        const auto choices = root["choices"];
        start(root, choices, out);
        if (root["service_tier"].is_string()) service_tier_ = root["service_tier"].text();
        if (root["system_fingerprint"].is_string()) fingerprint_ = root["system_fingerprint"].text();
        auto usage = root["usage"];
        if (!usage.is_object()) usage = root["x_groq"]["usage"];
        for (JsonNode choice : choices) {
            read_choice(choice, out);
            if (!usage.is_object()) usage = choice["usage"];  // Moonshot
        }
        // Some vendors say `stop` in every chunk: only what comes after the last delta proves the end.
        if (choices.size() == 0 || usage.is_object()) tell_finishes(out);
        if (usage.is_object()) out.emplace_back(event::UsageUpdate{read_usage(usage), std::string(usage.raw())});
    }

    void start(JsonNode root, JsonNode choices, StreamEvents& out) {
        if (started_ || (root["id"].text().empty() && choices.size() == 0)) return;  // Azure begins with a chunk of filter results
        started_ = true;
        id_ = root["id"].text();
        out.emplace_back(event::Started{id_, std::string(root["model"].text()), root["created"].integer().value_or(0), Origin::openai});
    }

    ChoiceState& state(JsonNode choice) {
        const auto index = choice["index"].integer().value_or(0);
        for (auto& state : choices_)
            if (state->blocks.choice() == index) return *state;
        return *choices_.emplace_back(std::make_unique<ChoiceState>(index, memo_));
    }

    void read_choice(JsonNode choice, StreamEvents& out) {
        auto& to = state(choice);
        if (to.finished) return;
        if (!choice["logprobs"].is_absent_or_null())
            out.emplace_back(event::LogprobsDelta{to.blocks.choice(), std::string(choice["logprobs"].raw())});
        auto delta = choice["delta"];
        if (!delta.is_object()) delta = choice["message"];  // an engine that answers a stream with one whole message
        read_reasoning_delta(delta, to.blocks, out);
        read_content(delta["content"], to.blocks, out);
        to.blocks.refusal(delta["refusal"].text(), out);
        if (const auto signature = thought_signature(delta); !signature.empty()) to.blocks.text_signature(signature, out);
        for (JsonNode citation : delta["annotations"]) to.blocks.citation(citation.raw(), out);
        read_calls(delta, to.blocks, out);
        read_media(delta, to.blocks, out);
        if (!choice["finish_reason"].text().empty()) {
            to.finish_seen = true;
            to.finish_reason = choice["finish_reason"].text();
        }
        if (choice["stop_sequence"].is_string()) to.stop_sequence = choice["stop_sequence"].text();
    }

    static void read_content(JsonNode content, StreamBlocks& blocks, StreamEvents& out) {
        blocks.text(content.text(), out);
        for (JsonNode part : content) {  // Mistral
            if (part["type"].text() == "text") blocks.text(part["text"].text(), out);
            for (JsonNode piece : part["thinking"]) blocks.reasoning(piece["text"].text(), out);
        }
    }

    static void read_reasoning_delta(JsonNode delta, StreamBlocks& blocks, StreamEvents& out) {
        auto text = delta["reasoning_content"].text();
        if (text.empty()) text = delta["reasoning"].text();
        blocks.reasoning(text, out);
        for (JsonNode detail : delta["reasoning_details"]) {
            const auto type = detail["type"].text();
            if (type == "thinking" || type == "redacted") {  // a gateway's, whose words `reasoning_content` has told before
                auto part = detail_part(detail);
                if (!part.redacted.empty() || (type == "redacted" && !part.signature.empty()))
                    blocks.whole(std::move(part), out);
                else if (!part.signature.empty())
                    blocks.reasoning_signature(part.signature, part.origin, out);
            } else if (text.empty()) {
                blocks.reasoning(detail[detail["text"] ? "text" : "summary"].text(), out);  // else the same words again
            }
        }
    }

    void read_calls(JsonNode delta, StreamBlocks& blocks, StreamEvents& out) {
        for (JsonNode call : delta["tool_calls"]) {
            StreamBlocks::CallPiece piece;
            piece.key = call["index"].integer().value_or(-1);
            piece.custom = call["custom"].is_object();
            const auto body = call[piece.custom ? "custom" : "function"];
            piece.id = call["id"].text();
            piece.name = body["name"].text();
            piece.signature = thought_signature(call);
            const auto arguments = argument_text(body[piece.custom ? "input" : "arguments"]);
            piece.arguments = arguments;
            blocks.call(piece, id_, out);
        }
        if (const auto call = delta["function_call"]; call.is_object()) {
            StreamBlocks::CallPiece piece;
            piece.name = call["name"].text();
            const auto arguments = argument_text(call["arguments"]);
            piece.arguments = arguments;
            blocks.call(piece, id_, out);
        }
    }

    static void read_media(JsonNode delta, StreamBlocks& blocks, StreamEvents& out) {
        for (JsonNode image : delta["images"]) {
            MediaPart part;
            const auto url = image["image_url"]["url"].text();
            if (url.empty()) continue;
            if (!split_data_url(url, part.media_type, part.data)) {
                part.source = MediaPart::Source::url;
                part.data = url;
            }
            blocks.whole(std::move(part), out);
        }
        if (delta["audio"].is_object()) out.emplace_back(event::Opaque{"delta.audio", std::string(delta["audio"].raw())});
    }

    void tell_finishes(StreamEvents& out) {
        for (auto& state : choices_)
            if (state->finish_seen) tell_finish(*state, out);
    }

    static void tell_finish(ChoiceState& state, StreamEvents& out) {
        if (state.finished) return;
        state.finished = true;
        auto& blocks = state.blocks;
        blocks.close_all(out);
        auto reason = read_finish(state.finish_reason, blocks.has_calls(), blocks.has_refusal());
        if (blocks.has_json_tool() && !blocks.has_calls() && reason == StopReason::tool_calls) reason = StopReason::stop;
        out.emplace_back(event::ChoiceFinished{blocks.choice(), reason, state.finish_reason, state.stop_sequence, {}});
    }

    /// `[DONE]`, which some vendors leave out, or the end of the stream. Without either a reason to finish or `[DONE]`, it was cut;
    /// and `[DONE]` in the middle of a call does not make its arguments whole.
    void finish(bool done, StreamEvents& out) {
        bool whole = !choices_.empty();
        for (const auto& state : choices_) whole = whole && (state->finish_seen || (done && !state->blocks.is_cut()));
        if (!whole) return failed(truncated_error(), out);
        for (auto& state : choices_) tell_finish(*state, out);
        over_ = true;
        out.emplace_back(event::Completed{service_tier_, fingerprint_});
    }

    void failed(ProviderError error, StreamEvents& out) {
        over_ = true;
        out.emplace_back(event::Failed{std::move(error)});
    }

    const RequestMemo memo_;
    JsonTree tree_;
    std::string id_, service_tier_, fingerprint_;
    std::vector<std::unique_ptr<ChoiceState>> choices_;
    bool started_ = false;
    bool over_ = false;
};

}  // namespace

std::unique_ptr<StreamDecoder> make_stream_decoder(const RequestMemo& memo) { return std::make_unique<ChatStreamDecoder>(memo); }

}  // namespace smg::codec::chat
