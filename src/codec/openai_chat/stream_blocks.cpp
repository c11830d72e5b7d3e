#include "codec/openai_chat/stream_blocks.hpp"

#include <algorithm>
#include <utility>

#include "codec/openai_chat/tool_memo.hpp"

namespace smg::codec::chat {
namespace {

constexpr std::size_t none = static_cast<std::size_t>(-1);

}  // namespace

bool StreamBlocks::is_busy() const noexcept {
    if (open_ != Kind::call) return false;
    const auto& call = calls_[open_call_];
    return !call.custom && !call.progress.complete();  // a custom tool's input has no end of its own
}

bool StreamBlocks::is_cut() const noexcept { return !waiting_.empty() || (is_busy() && calls_[open_call_].progress.began()); }

void StreamBlocks::open(Kind kind, Part part, StreamEvents& out) {
    close(out);
    open_ = kind;
    out.emplace_back(event::BlockStarted{choice_, blocks_++, std::move(part)});
}

void StreamBlocks::close(StreamEvents& out) {
    if (open_ == Kind::none) return;
    if (open_ == Kind::call) {
        auto& call = calls_[open_call_];
        call.closed = true;
        if (call.unwrap && !call.held.empty()) out.emplace_back(event::ArgumentsDelta{choice_, call.block, unwrapped_input(call.held)});
    }
    open_ = Kind::none;
    out.emplace_back(event::BlockFinished{choice_, blocks_ - 1});
}

void StreamBlocks::emit_words(Kind kind, std::string_view piece, StreamEvents& out) {
    std::string text(piece);
    if (kind == Kind::reasoning)
        out.emplace_back(event::ReasoningDelta{choice_, blocks_ - 1, std::move(text)});
    else if (kind == Kind::refusal)
        out.emplace_back(event::RefusalDelta{choice_, blocks_ - 1, std::move(text)});
    else
        out.emplace_back(event::TextDelta{choice_, blocks_ - 1, std::move(text)});
}

void StreamBlocks::words(Kind kind, std::string_view piece, StreamEvents& out) {
    if (piece.empty()) return;  // vendors send empty content beside everything else
    if (kind == Kind::refusal) has_refusal_ = true;
    if (is_busy()) {
        if (waiting_.empty() || waiting_.back().kind != kind) waiting_.emplace_back().kind = kind;
        waiting_.back().text += piece;
        return;
    }
    if (open_ != kind) {
        Part part = TextPart{};
        if (kind == Kind::reasoning)
            part = ReasoningPart{};
        else
            std::get<TextPart>(part).refusal = kind == Kind::refusal;
        open(kind, std::move(part), out);
    }
    emit_words(kind, piece, out);
}

void StreamBlocks::reasoning_signature(std::string_view signature, Origin origin, StreamEvents& out) {
    ReasoningPart part;
    part.origin = origin;
    part.signature = signature;
    if (is_busy()) {
        whole(std::move(part), out);
    } else if (open_ == Kind::reasoning) {
        out.emplace_back(event::SignatureDelta{choice_, blocks_ - 1, std::string(signature), origin});
    } else {
        part.signature.clear();
        open(Kind::reasoning, std::move(part), out);
        out.emplace_back(event::SignatureDelta{choice_, blocks_ - 1, std::string(signature), origin});
    }
}

void StreamBlocks::text_signature(std::string_view signature, StreamEvents& out) {
    if (open_ == Kind::text) out.emplace_back(event::SignatureDelta{choice_, blocks_ - 1, std::string(signature), Origin::gemini});
}

void StreamBlocks::citation(std::string_view json, StreamEvents& out) {
    if (is_busy()) return;  // no vendor cites in the middle of a call
    if (open_ != Kind::text) open(Kind::text, TextPart{}, out);
    out.emplace_back(event::CitationDelta{choice_, blocks_ - 1, std::string(json)});
}

void StreamBlocks::whole(Part part, StreamEvents& out) {
    if (is_busy()) {
        waiting_.push_back({Kind::whole, {}, std::move(part), 0});
        return;
    }
    open(Kind::whole, std::move(part), out);
    close(out);
}

std::size_t StreamBlocks::find_call(const CallPiece& piece) const noexcept {
    // The latest of that index: compatible endpoints number every call 0 and tell them apart by id.
    for (std::size_t i = calls_.size(); i-- > 0;) {
        const auto& call = calls_[i];
        // A compatible endpoint without ids: a second whole call of the same index has its own name.
        if (piece.id.empty() && call.progress.complete() && !piece.name.empty() && !piece.arguments.empty()) return none;
        const bool same_id = piece.id.empty() || call.id.empty() || !call.native_id || piece.id == call.id;
        if (piece.key >= 0 ? call.key == piece.key && same_id : same_id) return i;
    }
    return none;
}

void StreamBlocks::call(const CallPiece& piece, std::string_view answer_id, StreamEvents& out) {
    auto index = find_call(piece);
    if (index == none) {
        index = calls_.size();
        auto& fresh = calls_.emplace_back();
        fresh.key = piece.key >= 0 ? piece.key : static_cast<std::int64_t>(index);
        fresh.custom = piece.custom;
    }
    auto& call = calls_[index];
    if (call.id.empty() && !piece.id.empty()) call.id = piece.id;
    if (call.name.empty()) call.name = piece.name;  // some repeat the name with each piece
    if (!piece.signature.empty()) call.signature = piece.signature;
    if (call.closed) return;
    if (call.opened) {
        if (!piece.signature.empty()) out.emplace_back(event::SignatureDelta{choice_, call.block, call.signature});
        arguments(call, piece.arguments, out);
        if (call.progress.complete() && !waiting_.empty()) drain(out);
        return;
    }
    call.held += piece.arguments;
    if (call.name.empty()) return;
    if (call.id.empty()) {
        call.id = made_up_id(answer_id, choice_, index);
        call.native_id = false;
    }
    if (!is_busy()) return open_call(index, out);
    const auto waits = std::any_of(waiting_.begin(), waiting_.end(), [&](const Waiting& w) { return w.kind == Kind::call && w.call == index; });
    if (!waits) waiting_.push_back({Kind::call, {}, {}, index});
}

void StreamBlocks::open_call(std::size_t index, StreamEvents& out) {
    close(out);
    auto& call = calls_[index];
    call.opened = true;
    call.json_tool = !memo_->json_tool.empty() && call.name == memo_->json_tool;
    const auto name = client_tool_name(*memo_, call.name);
    call.unwrap = !call.custom && memo_->custom_tools.contains(name);
    if (call.json_tool) {
        has_json_tool_ = true;
        open(Kind::call, TextPart{}, out);
    } else {
        has_calls_ = true;
        ToolCallPart part;
        part.kind = call.custom || call.unwrap ? ToolCallPart::Kind::custom : ToolCallPart::Kind::function;
        part.id = call.id;
        part.name = name;
        part.signature = call.signature;
        part.native_id = call.native_id;
        open(Kind::call, std::move(part), out);
    }
    call.block = blocks_ - 1;
    open_call_ = index;
    arguments(call, std::exchange(call.held, {}), out);
}

void StreamBlocks::arguments(Call& call, std::string_view piece, StreamEvents& out) {
    if (piece.empty()) return;
    call.progress.feed(piece);
    if (call.unwrap)
        call.held += piece;
    else if (call.json_tool)
        out.emplace_back(event::TextDelta{choice_, call.block, std::string(piece)});
    else
        out.emplace_back(event::ArgumentsDelta{choice_, call.block, std::string(piece)});
}

void StreamBlocks::let_in(Waiting& waiting, StreamEvents& out) {
    if (waiting.kind == Kind::call) return open_call(waiting.call, out);
    if (waiting.kind == Kind::whole) {
        open(Kind::whole, std::move(waiting.part), out);
        return close(out);
    }
    Part part = TextPart{};
    if (waiting.kind == Kind::reasoning)
        part = ReasoningPart{};
    else
        std::get<TextPart>(part).refusal = waiting.kind == Kind::refusal;
    open(waiting.kind, std::move(part), out);
    emit_words(waiting.kind, waiting.text, out);
}

/// Lets in what waited, as far as the next call that is not whole.
void StreamBlocks::drain(StreamEvents& out) {
    std::size_t next = 0;
    while (next < waiting_.size() && !is_busy()) let_in(waiting_[next++], out);
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(next));
}

void StreamBlocks::close_all(StreamEvents& out) {
    for (auto& waiting : waiting_) let_in(waiting, out);
    waiting_.clear();
    close(out);
}

}  // namespace smg::codec::chat
