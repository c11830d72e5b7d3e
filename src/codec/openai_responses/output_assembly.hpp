#pragma once
/// Puts the blocks of an answer into output items, and tells of each step in the events of a stream: an item is announced before its
/// content, a part before its text, and each `done` repeats what the deltas said. A whole answer goes the same way, without the telling, so
/// that both say the same. Lives on the loop of its stream. Internal to this codec.
#include <cstdint>
#include <string>
#include <string_view>

#include "codec/json_writer.hpp"
#include "codec/openai_responses/output_item.hpp"
#include "codec/openai_responses/response_object.hpp"

namespace smg::codec::responses {

class OutputAssembly {
public:
    /// `ids` outlives the assembly.
    OutputAssembly(const Ids& ids, Origin origin) : ids_(&ids), origin_(origin) {}

    /// Where the events of the next calls are appended; null (at first): nowhere.
    void tell(std::string* out) noexcept { out_ = out; }
    /// The number of the next event, where others have been sent before.
    void count_from(std::uint64_t sequence) noexcept { sequence_ = sequence; }

    // One block: `begin`, what it grows by, `end`.
    void begin(const Part& part);
    void text(std::string_view piece, bool refusal);
    void reasoning(std::string_view piece);
    void arguments(std::string_view piece);
    void signature(std::string_view signature, Origin origin);
    void citation(std::string_view json, Origin origin);
    /// Chat's object; goes with the next piece of text.
    void logprobs(std::string_view json);
    void end();

    /// Closes the last item. `explanation` of a refusal that was not said in a part yet.
    [[nodiscard]] End finish(StopReason reason, std::string_view explanation);
    /// Closes what is open, as far as it came.
    void abandon() { close("incomplete"); }

    /// The finished items, without brackets.
    [[nodiscard]] const std::string& items() const noexcept { return items_; }

    /// Appends one event: `fill` writes its members after `type` and `sequence_number`.
    template <typename Fill>
    void send(std::string_view type, Fill fill) {
        if (!out_) return;
        out_->append("event: ").append(type).append("\ndata: ");
        JsonWriter json(*out_);
        json.begin_object().member("type", type).number_member("sequence_number", sequence_++);
        fill(json);
        json.end_object();
        *out_ += "\n\n";
    }

private:
    using Kind = OutputItem::Kind;

    void begin_part(const TextPart& part);
    void begin_part(const ReasoningPart& part);
    void begin_part(const ToolCallPart& part);
    void begin_part(const MediaPart& part);
    void begin_part(const OpaquePart& part);
    void begin_part(const ToolResultPart&) {}

    void open(OutputItem item, std::string_view prefix);
    void close(std::string_view status);
    void close_call();
    void open_thought();
    void close_thought();
    void open_text(bool refusal);
    void close_text();
    void add_citations();
    void add_whole(std::string json);
    [[nodiscard]] std::string next_id(std::string_view prefix) const { return ids_->item(prefix, index_); }
    /// Members by which an event names its item, and its part.
    void at_item(JsonWriter& json) const;
    void at_text(JsonWriter& json) const;

    const Ids* ids_;
    Origin origin_;
    std::string* out_ = nullptr;
    std::uint64_t sequence_ = 0;
    std::string items_;
    std::size_t index_ = 0;  ///< of the item that is open, else of the next
    OutputItem item_;
    bool text_open_ = false;   ///< the last content part of the message
    bool in_thought_ = false;  ///< the block is a thought, whose item may not be open yet
    bool summary_open_ = false;
    bool refused_ = false;
    ReasoningPart thought_;
    std::string sign_before_;  ///< a signature of the item that is open, which has no place in it
    std::string citations_;    ///< of a foreign format, until the text that they stand for is whole
    Origin citations_origin_ = Origin::unknown;
    std::string logprobs_;  ///< entries for the next piece of text
};

}  // namespace smg::codec::responses
