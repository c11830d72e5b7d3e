#include "codec/openai_responses/stream_items.hpp"

#include <algorithm>
#include <utility>

#include "codec/openai_responses/annotations.hpp"
#include "codec/openai_responses/item_decode.hpp"
#include "codec/openai_responses/signature.hpp"
#include "codec/reasoning_envelope.hpp"

namespace smg::codec::responses {
namespace {

bool is_call(std::string_view type) { return type == "function_call" || type == "custom_tool_call"; }

/// The state at an item's start is that of a work in progress.
void drop_status(PartExtras& extras) {
    std::erase_if(extras.framing, [](const auto& member) { return member.first == "status"; });
}

std::string_view call_text(JsonNode item, std::string_view type) { return item[type == "function_call" ? "arguments" : "input"].text(); }

RawJson logprobs_of(JsonNode event) {
    const auto list = event["logprobs"];
    return list.size() == 0 ? RawJson() : std::string(R"({"content":)").append(list.raw()).append(R"(,"refusal":null})");
}

}  // namespace

// --- items ---

StreamItems::Item* StreamItems::find(JsonNode event) {
    const auto index = event["output_index"].integer().value_or(0);
    const auto found = std::find_if(items_.begin(), items_.end(), [&](const Item& item) { return item.index == index; });
    return found == items_.end() ? nullptr : &*found;
}

StreamItems::Item& StreamItems::find(std::int64_t index, std::string_view type) {
    const auto found = std::find_if(items_.begin(), items_.end(), [&](const Item& item) { return item.index == index; });
    if (found != items_.end()) return *found;
    highest_ = std::max(highest_, index);
    auto& item = items_.emplace_back();
    item.index = index;
    item.type = type;
    return item;
}

template <typename Event>
void StreamItems::emit(Item& item, Event event, StreamEvents& out) {
    if constexpr (requires { event.block; }) event.block = item.blocks - 1;
    if (!is_first(item)) return static_cast<void>(item.held.emplace_back(std::move(event)));
    if constexpr (requires { event.block; }) event.block += blocks_;
    out.emplace_back(std::move(event));
}

void StreamItems::open(Item& item, Part part, StreamEvents& out) {
    close(item, out);
    ++item.blocks;
    item.open = true;
    item.annotated = false;
    item.said.clear();
    event::BlockStarted started;
    started.part = std::move(part);
    emit(item, std::move(started), out);
}

void StreamItems::close(Item& item, StreamEvents& out) {
    if (!item.open) return;
    item.open = false;
    emit(item, event::BlockFinished{}, out);
}

void StreamItems::leave(Item& item, StreamEvents& out) {
    close(item, out);
    item.done = true;
    advance(out);
}

/// Lets out what waited behind the items that are done.
void StreamItems::advance(StreamEvents& out) {
    while (!items_.empty() && items_.front().done) {
        blocks_ += items_.front().blocks;
        items_.pop_front();
        if (items_.empty()) return;
        for (auto& event : items_.front().held) {
            std::visit(
                [&](auto& e) {
                    if constexpr (requires { e.block; }) e.block += blocks_;
                },
                event);
            out.push_back(std::move(event));
        }
        items_.front().held.clear();
    }
}

void StreamItems::added(std::int64_t index, JsonNode node, StreamEvents& out) {
    const auto type = node["type"].text();
    auto& item = find(index, type);
    if (type == "message") {
        keep_message(node, item.framing);
        drop_status(item.framing);
    } else if (type == "reasoning") {
        const auto state = node["encrypted_content"].text();
        if (open_call(state) || open_previous(state)) return;  // told when it is done
        auto part = read_reasoning(node, issuer_);
        part.text.clear();
        part.signature.clear();  // not the final one
        part.redacted.clear();
        drop_status(part.extras);
        // The words come as deltas, whichever member held them.
        std::erase_if(part.extras.framing,
                      [](const auto& member) { return member.first == "summary" || (member.first == "content" && member.second != "[]"); });
        open(item, std::move(part), out);
    } else if (is_call(type)) {
        has_calls_ = true;
        auto part = read_call(node, type == "custom_tool_call", memo_);
        part.arguments.clear();
        drop_status(part.extras);
        open(item, std::move(part), out);
    }
}

void StreamItems::done(std::int64_t index, JsonNode node, StreamEvents& out) {
    const auto type = node["type"].text();
    const bool announced = std::any_of(items_.begin(), items_.end(), [&](const Item& item) { return item.index == index; });
    if (!announced) {
        if (index <= highest_) return;
        added(index, node, out);
    }
    auto& item = find(index, type);
    if (type == "message") {
        message_done(item, node, out);
    } else if (type == "reasoning") {
        const auto whole = read_reasoning(node, issuer_);
        complete(item, whole.text, out);
        if (!whole.signature.empty() && item.open) emit(item, event::SignatureDelta{0, 0, whole.signature, whole.origin}, out);
    } else if (is_call(type)) {
        complete(item, call_text(node, type), out);
    } else if (!type.empty()) {
        open(item, OpaquePart{std::string(type), std::string(node.raw()), Origin::openai}, out);
    }
    leave(item, out);
}

void StreamItems::finish(JsonNode output, StreamEvents& out) {
    std::int64_t index = 0;
    for (JsonNode item : output) done(index++, item, out);
    while (!items_.empty()) leave(items_.front(), out);
}

// --- texts ---

void StreamItems::open_text(Item& item, bool refusal, StreamEvents& out) {
    TextPart part;
    part.refusal = refusal;
    part.extras = std::exchange(item.framing, {});
    item.refusal = refusal;
    has_refusal_ = has_refusal_ || refusal;
    open(item, std::move(part), out);
}

void StreamItems::say(Item& item, std::string_view piece, StreamEvents& out) {
    if (piece.empty() || !item.open) return;
    item.said += piece;
    std::string text(piece);
    if (item.type == "reasoning")
        emit(item, event::ReasoningDelta{0, 0, std::move(text)}, out);
    else if (is_call(item.type))
        emit(item, event::ArgumentsDelta{0, 0, std::move(text)}, out);
    else if (item.refusal)
        emit(item, event::RefusalDelta{0, 0, std::move(text)}, out);
    else
        emit(item, event::TextDelta{0, 0, std::move(text)}, out);
}

void StreamItems::complete(Item& item, std::string_view whole, StreamEvents& out) {
    if (whole.starts_with(item.said)) say(item, whole.substr(item.said.size()), out);
}

void StreamItems::part_added(JsonNode event, StreamEvents& out) {
    auto* item = find(event);
    const auto type = event["part"]["type"].text();
    if (item && (type == "output_text" || type == "refusal")) open_text(*item, type == "refusal", out);
}

void StreamItems::part_done(JsonNode event, StreamEvents& out) {
    auto* item = find(event);
    if (!item || !item->open || item->type != "message") return;
    annotate(*item, event["part"]["annotations"], out);
    close(*item, out);
}

void StreamItems::text(JsonNode event, StreamEvents& out, bool refusal) {
    auto* item = find(event);
    if (!item || item->type != "message") return;
    if (!item->open || item->refusal != refusal) open_text(*item, refusal, out);
    if (auto logprobs = logprobs_of(event); !logprobs.empty()) emit(*item, event::LogprobsDelta{0, std::move(logprobs)}, out);
    say(*item, event["delta"].text(), out);
}

void StreamItems::text_done(JsonNode event, StreamEvents& out, bool refusal) {
    auto* item = find(event);
    const auto whole = event[refusal ? "refusal" : "text"].text();
    if (!item || item->type != "message" || (!item->open && (item->blocks > 0 || whole.empty()))) return;
    if (!item->open) open_text(*item, refusal, out);
    complete(*item, whole, out);
}

void StreamItems::annotation(JsonNode event, StreamEvents& out) {
    auto* item = find(event);
    if (!item || !item->open || item->type != "message") return;
    item->annotated = true;
    emit(*item, event::CitationDelta{0, 0, chat_annotation(event["annotation"])}, out);
}

void StreamItems::annotate(Item& item, JsonNode list, StreamEvents& out) {
    if (!item.open || item.annotated) return;
    for (JsonNode one : list) emit(item, event::CitationDelta{0, 0, chat_annotation(one)}, out);
    item.annotated = list.size() > 0;
}

/// Of a message whose parts were not all told of, the rest.
void StreamItems::message_done(Item& item, JsonNode node, StreamEvents& out) {
    std::size_t number = 0;
    for (JsonNode part : node["content"]) {
        const auto type = part["type"].text();
        if (type != "output_text" && type != "refusal") continue;
        ++number;
        if (number < item.blocks || (number == item.blocks && !item.open)) continue;
        if (number > item.blocks) open_text(item, type == "refusal", out);
        complete(item, part[type == "refusal" ? "refusal" : "text"].text(), out);
        annotate(item, part["annotations"], out);
    }
}

// --- thoughts and calls ---

void StreamItems::thought_part_added(JsonNode event, StreamEvents& out) {
    auto* item = find(event);
    if (!item || !item->open || item->type != "reasoning") return;
    if (item->thoughts++ > 0) say(*item, "\n\n", out);
}

void StreamItems::thought(JsonNode event, StreamEvents& out) {
    auto* item = find(event);
    if (item && item->type == "reasoning") say(*item, event["delta"].text(), out);
}

/// A part of the summary that came without deltas.
void StreamItems::thought_done(JsonNode event, StreamEvents& out) {
    auto* item = find(event);
    if (!item || item->type != "reasoning") return;
    const auto whole = event["text"].text();
    if (item->said.empty() || item->said.ends_with("\n\n")) say(*item, whole, out);
}

void StreamItems::arguments(JsonNode event, StreamEvents& out) {
    auto* item = find(event);
    if (item && is_call(item->type)) say(*item, event["delta"].text(), out);
}

void StreamItems::arguments_done(JsonNode event, StreamEvents& out) {
    auto* item = find(event);
    if (item && is_call(item->type)) complete(*item, call_text(event, item->type), out);
}

}  // namespace smg::codec::responses
