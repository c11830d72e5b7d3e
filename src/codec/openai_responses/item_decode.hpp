#pragma once
/// Items of the model's side (reasoning, messages, calls, what the provider's own tools did), read into parts: those of an answer, and those
/// that a client sends back as history. Internal to this codec.
#include <string>
#include <string_view>
#include <vector>

#include "codec/codec.hpp"
#include "codec/json_tree.hpp"

namespace smg::codec::responses {

/// A message is one item of several parts: the members of the item are the framing of its first part, beside what is the part's own under
/// this prefix. `part.content` tells how the content was spelled where its parts do not.
inline constexpr std::string_view part_prefix = "part.";
/// Kind of an OpaquePart that is not an item but a content part of the message before it.
inline constexpr std::string_view content_prefix = "content.";

/// Whether this part begins a message item as the source had it.
[[nodiscard]] bool begins_message(const PartExtras& extras);
/// The verbatim value of that member of the framing; empty when there is none.
[[nodiscard]] std::string_view framed(const PartExtras& extras, std::string_view name);

/// Reads items in order. Signatures that stand beside their call or text are put onto it.
class ItemReader {
public:
    /// `issuer` of reasoning state in no envelope; `memo` (may be null) outlives the reader.
    ItemReader(Origin issuer, const RequestMemo* memo) : issuer_(issuer), memo_(memo) {}
    /// Appends the parts of an item of any type; a type without a part of its own becomes an OpaquePart.
    void read(JsonNode item, std::vector<Part>& out);

private:
    void message(JsonNode item, std::vector<Part>& out);
    void reasoning(JsonNode item, std::vector<Part>& out);
    void call(JsonNode item, bool custom, std::vector<Part>& out);

    Origin issuer_;
    const RequestMemo* memo_;
    std::string signature_of_next_;
};

/// A `reasoning` item without its text's deltas: id, state and members.
[[nodiscard]] ReasoningPart read_reasoning(JsonNode item, Origin issuer);
/// A call under the client's name of its tool.
[[nodiscard]] ToolCallPart read_call(JsonNode item, bool custom, const RequestMemo* memo);
/// A content part that is text or a refusal.
[[nodiscard]] TextPart read_text(JsonNode part);
/// Members of a message item, for the framing of its first part.
void keep_message(JsonNode item, PartExtras& extras);

}  // namespace smg::codec::responses
