#pragma once
/// The output items of a stream, put into blocks. Items have numbers and could grow side by side; the conversation's blocks are strictly
/// one after another: what belongs to a later item waits in memory until the one before is done. Internal to this codec.
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "codec/codec.hpp"
#include "codec/json_tree.hpp"

namespace smg::codec::responses {

class StreamItems {
public:
    StreamItems(const RequestMemo& memo, Origin issuer) : memo_(&memo), issuer_(issuer) {}
    void set_issuer(Origin issuer) noexcept { issuer_ = issuer; }

    void added(std::int64_t index, JsonNode item, StreamEvents& out);
    void done(std::int64_t index, JsonNode item, StreamEvents& out);
    void part_added(JsonNode event, StreamEvents& out);
    void part_done(JsonNode event, StreamEvents& out);
    void text(JsonNode event, StreamEvents& out, bool refusal);
    /// The whole text, for servers that sent no deltas of it.
    void text_done(JsonNode event, StreamEvents& out, bool refusal);
    void annotation(JsonNode event, StreamEvents& out);
    void thought_part_added(JsonNode event, StreamEvents& out);
    void thought(JsonNode event, StreamEvents& out);
    void thought_done(JsonNode event, StreamEvents& out);
    void arguments(JsonNode event, StreamEvents& out);
    void arguments_done(JsonNode event, StreamEvents& out);
    /// What the final response holds: items that were never announced are told of now, and those left open end.
    void finish(JsonNode output, StreamEvents& out);

    [[nodiscard]] bool has_calls() const noexcept { return has_calls_; }
    [[nodiscard]] bool has_refusal() const noexcept { return has_refusal_; }

private:
    struct Item {
        std::int64_t index = 0;
        std::string type;
        PartExtras framing;        ///< of a message, until its first part begins
        std::size_t blocks = 0;    ///< how many it has begun
        bool open = false;         ///< the last of them grows
        bool refusal = false;      ///< which is a refusal
        bool annotated = false;    ///< and has its sources already
        std::string said;          ///< what the open block has said
        std::size_t thoughts = 0;  ///< parts of its summary
        bool done = false;
        StreamEvents held;  ///< its events, while an earlier item is not done
    };

    Item& find(std::int64_t index, std::string_view type);
    Item* find(JsonNode event);
    bool is_first(const Item& item) const { return &item == &items_.front(); }
    template <typename Event>
    void emit(Item& item, Event event, StreamEvents& out);
    void open(Item& item, Part part, StreamEvents& out);
    void open_text(Item& item, bool refusal, StreamEvents& out);
    void close(Item& item, StreamEvents& out);
    void say(Item& item, std::string_view piece, StreamEvents& out);
    /// Says what is missing of the whole.
    void complete(Item& item, std::string_view whole, StreamEvents& out);
    void annotate(Item& item, JsonNode list, StreamEvents& out);
    void message_done(Item& item, JsonNode node, StreamEvents& out);
    void leave(Item& item, StreamEvents& out);
    void advance(StreamEvents& out);

    const RequestMemo* memo_;
    Origin issuer_;
    std::deque<Item> items_;     ///< not told of in full yet, in the order of their announcement; the first one's events go out at once
    std::int64_t highest_ = -1;  ///< greatest index announced
    std::size_t blocks_ = 0;     ///< of the items that are told of in full
    bool has_calls_ = false, has_refusal_ = false;
};

}  // namespace smg::codec::responses
