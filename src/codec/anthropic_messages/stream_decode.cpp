#include <map>

#include "codec/anthropic_messages/anthropic_messages.hpp"
#include "codec/anthropic_messages/block_decode.hpp"
#include "codec/anthropic_messages/error.hpp"
#include "codec/anthropic_messages/words.hpp"
#include "codec/reasoning_envelope.hpp"

namespace smg::codec::messages {
namespace {

class Decoder final : public StreamDecoder {
public:
    explicit Decoder(const RequestMemo& memo) : tools_(memo) {}

    void on_event(std::string_view name, std::string_view data, StreamEvents& out) override {
        if (done_ || data.empty() || data == "[DONE]") return;
        const auto parsed = tree_.parse(data);
        if (!parsed) return fail("The provider sent an event that is not valid JSON.", "upstream_error", out);
        const auto type = (*parsed)["type"].is_string() ? (*parsed)["type"].text() : name;
        if (type == "error" || (*parsed)["error"].is_object()) {
            done_ = true;
            out.emplace_back(event::Failed{error_from(0, *parsed)});
        } else {
            dispatch(type, *parsed, out);
        }
    }

    void on_end(StreamEvents& out) override {
        if (!done_) fail("The provider closed the stream before the message was complete.", "upstream_stream_truncated", out);
    }

private:
    enum class Kind { text, thinking, tool, custom_tool, json_tool, other };
    struct Block {
        Kind kind = Kind::other;
        std::size_t number = 0;  ///< ours
        bool has_arguments = false;
        std::string start_input;  ///< an `input` that came whole with the start
        std::string held;         ///< a custom tool's arguments, unwrapped when they are complete
    };

    void fail(std::string message, std::string code, StreamEvents& out) {
        done_ = true;
        ProviderError error;
        error.status = 502;
        error.type = "server_error";
        error.code = std::move(code);
        error.message = std::move(message);
        out.emplace_back(event::Failed{std::move(error)});
    }

    void dispatch(std::string_view type, JsonNode root, StreamEvents& out) {
        if (type == "ping")
            out.emplace_back(event::KeepAlive{});
        else if (type == "message_start")
            message_start(root["message"], out);
        else if (!started_)
            return;
        else if (type == "content_block_start")
            block_start(index_of(root), root["content_block"], out);
        else if (type == "content_block_delta")
            block_delta(index_of(root), root["delta"], out);
        else if (type == "content_block_stop")
            block_stop(index_of(root), out);
        else if (type == "message_delta")
            message_delta(root, out);
        else if (type == "message_stop")
            message_stop(out);
    }

    static std::int64_t index_of(JsonNode root) { return root["index"].integer().value_or(0); }

    /// A second one occurs in recordings; it says nothing new.
    void message_start(JsonNode message, StreamEvents& out) {
        if (started_) return;
        started_ = true;
        out.emplace_back(event::Started{std::string(message["id"].text()), std::string(message["model"].text()), 0, Origin::anthropic});
        usage(message["usage"], out);
    }

    void usage(JsonNode node, StreamEvents& out) {
        if (!node.is_object()) return;
        counters_.take(node);
        out.emplace_back(event::UsageUpdate{counters_.usage(), std::string(node.raw())});
    }

    void block_start(std::int64_t index, JsonNode node, StreamEvents& out) {
        block_stop(index, out);
        if (!node.is_object()) return;
        auto& block = blocks_[index];
        block.number = next_++;
        const auto type = node["type"].text();
        if (type == "text")
            start_text(block, node, out);
        else if (type == "thinking")
            start_thinking(block, node, out);
        else if (type == "tool_use")
            start_tool(block, node, out);
        else
            start_other(block, node, out);
    }

    static void open(const Block& block, Part part, StreamEvents& out) { out.emplace_back(event::BlockStarted{0, block.number, std::move(part)}); }

    static void start_text(Block& block, JsonNode node, StreamEvents& out) {
        block.kind = Kind::text;
        open(block, TextPart{}, out);
        if (!node["text"].text().empty()) out.emplace_back(event::TextDelta{0, block.number, std::string(node["text"].text())});
        for (JsonNode citation : node["citations"]) out.emplace_back(event::CitationDelta{0, block.number, std::string(citation.raw())});
    }

    static void start_thinking(Block& block, JsonNode node, StreamEvents& out) {
        block.kind = Kind::thinking;
        ReasoningPart part;
        part.origin = Origin::anthropic;
        open(block, std::move(part), out);
        if (!node["thinking"].text().empty()) out.emplace_back(event::ReasoningDelta{0, block.number, std::string(node["thinking"].text())});
        sign(block, node["signature"].text(), out);
    }

    /// A gateway before us may have sealed another provider's.
    static void sign(const Block& block, std::string_view text, StreamEvents& out) {
        ReasoningPart part;
        open_reasoning(text, Origin::anthropic, part);
        if (!part.signature.empty()) out.emplace_back(event::SignatureDelta{0, block.number, part.signature, part.origin});
    }

    void start_tool(Block& block, JsonNode node, StreamEvents& out) {
        // `{}` is a placeholder; the arguments follow as deltas. Only a filled object is meant.
        if (node["input"].size() > 0) block.start_input = node["input"].raw();
        if (tools_.is_json_tool(node["name"].text())) {
            block.kind = Kind::json_tool;
            saw_json_tool_ = true;
            return open(block, TextPart{}, out);
        }
        ToolCallPart call;
        call.id = node["id"].text();
        call.name = node["name"].text();
        block.kind = tools_.is_custom(call.name) ? Kind::custom_tool : Kind::tool;
        saw_call_ = true;
        call.signature = std::exchange(call_signature_, {});
        tools_.rename(call);
        keep_rest(node, {"type", "id", "name", "input"}, call.extras.unknown);
        open(block, std::move(call), out);
    }

    /// Redacted thinking comes whole; server tools and blocks of tomorrow pass through, for who knows them.
    void start_other(Block& block, JsonNode node, StreamEvents& out) {
        if (auto signature = open_call(node["data"].text())) call_signature_ = std::move(*signature);
        Part part;
        Fields fields;
        const auto place = Path().member("content_block");
        if (node["type"].text() == "redacted_thinking" && read_block(fields, node, place, part))
            open(block, std::move(part), out);
        else
            open(block, OpaquePart{std::string(node["type"].text()), std::string(node.raw()), Origin::anthropic}, out);
    }

    void block_delta(std::int64_t index, JsonNode delta, StreamEvents& out) {
        const auto found = blocks_.find(index);
        if (found == blocks_.end() || !delta.is_object()) return;
        auto& block = found->second;
        const auto type = delta["type"].text();
        if (block.kind == Kind::other) {
            out.emplace_back(event::Opaque{"content_block_delta", std::string(delta.raw())});
        } else if (type == "text_delta" && block.kind == Kind::text) {
            out.emplace_back(event::TextDelta{0, block.number, std::string(delta["text"].text())});
        } else if (type == "citations_delta" && block.kind == Kind::text && delta["citation"].is_object()) {
            out.emplace_back(event::CitationDelta{0, block.number, std::string(delta["citation"].raw())});
        } else if (type == "thinking_delta" && block.kind == Kind::thinking) {
            if (const auto text = delta["thinking"].text(); !text.empty())
                out.emplace_back(event::ReasoningDelta{0, block.number, std::string(text)});
        } else if (type == "signature_delta" && block.kind == Kind::thinking) {
            sign(block, delta["signature"].text(), out);
        } else if (type == "input_json_delta") {
            arguments(block, delta["partial_json"].text(), out);
        }
    }

    static void arguments(Block& block, std::string_view text, StreamEvents& out) {
        if (text.empty()) return;
        block.has_arguments = true;
        if (block.kind == Kind::custom_tool)
            block.held += text;
        else if (block.kind == Kind::json_tool)
            out.emplace_back(event::TextDelta{0, block.number, std::string(text)});
        else if (block.kind == Kind::tool)
            out.emplace_back(event::ArgumentsDelta{0, block.number, std::string(text)});
    }

    void block_stop(std::int64_t index, StreamEvents& out) {
        const auto found = blocks_.find(index);
        if (found == blocks_.end()) return;
        auto& block = found->second;
        const bool is_tool = block.kind == Kind::tool || block.kind == Kind::custom_tool || block.kind == Kind::json_tool;
        if (is_tool && !block.has_arguments) arguments(block, block.start_input.empty() ? "{}" : std::string_view(block.start_input), out);
        if (block.kind == Kind::custom_tool) out.emplace_back(event::ArgumentsDelta{0, block.number, AnswerTools::unwrapped(block.held)});
        out.emplace_back(event::BlockFinished{0, block.number});
        blocks_.erase(found);
    }

    void message_delta(JsonNode root, StreamEvents& out) {
        const auto delta = root["delta"];
        if (delta["stop_reason"].is_string()) finish_.native_reason = delta["stop_reason"].text();
        if (delta["stop_sequence"].is_string()) finish_.stop_sequence = delta["stop_sequence"].text();
        if (delta["stop_details"].is_object()) {
            finish_.refusal = delta["stop_details"]["explanation"].text();
            out.emplace_back(event::Opaque{"stop_details", std::string(delta["stop_details"].raw())});
        }
        usage(root["usage"], out);
        for (JsonNode member : root)
            if (!is_one_of(member.name(), {"type", "delta", "usage"}))
                out.emplace_back(event::Opaque{std::string(member.name()), std::string(member.raw())});
    }

    void message_stop(StreamEvents& out) {
        while (!blocks_.empty()) block_stop(blocks_.begin()->first, out);
        finish_.reason = stop_reason_of(finish_.native_reason);
        if (finish_.reason == StopReason::none) finish_.reason = saw_call_ ? StopReason::tool_calls : StopReason::stop;
        if (finish_.reason == StopReason::unknown && saw_call_) finish_.reason = StopReason::tool_calls;
        if (finish_.reason == StopReason::tool_calls && saw_json_tool_ && !saw_call_) finish_.reason = StopReason::stop;
        out.emplace_back(std::move(finish_));
        out.emplace_back(event::Completed{counters_.tier(), {}});
        done_ = true;
    }

    AnswerTools tools_;
    JsonTree tree_;
    std::map<std::int64_t, Block> blocks_;  ///< open ones, by the provider's index
    std::size_t next_ = 0;
    Counters counters_;
    event::ChoiceFinished finish_;
    bool started_ = false;
    bool done_ = false;
    std::string call_signature_;  ///< of the next call, from the block before it
    bool saw_call_ = false;
    bool saw_json_tool_ = false;
};

}  // namespace

std::unique_ptr<StreamDecoder> make_stream_decoder(const RequestMemo& memo) { return std::make_unique<Decoder>(memo); }

}  // namespace smg::codec::messages
