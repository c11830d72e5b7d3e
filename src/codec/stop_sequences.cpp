#include "codec/stop_sequences.hpp"

#include <algorithm>
#include <charconv>
#include <utility>
#include <variant>

namespace smg::codec {
namespace {

/// The alternative that an event belongs to; nothing: to all of them.
std::optional<std::int64_t> choice_of(const StreamEvent& event) {
    return std::visit(
        [](const auto& each) -> std::optional<std::int64_t> {
            if constexpr (requires { each.choice; }) return each.choice;
            return std::nullopt;
        },
        event);
}

void cut(TextPart& part, std::size_t length) {
    part.text.resize(length);
    part.citations.clear();  // their places may lie behind the cut
    part.signature.clear();  // it was made over the whole
}

}  // namespace

StopMatcher::StopMatcher(const std::vector<std::string>& sequences) {
    for (const auto& sequence : sequences) {
        if (sequence.empty()) continue;
        Word word;
        word.text = sequence;
        word.fallback.assign(sequence.size() + 1, 0);
        for (std::size_t length = 1, shorter = 0; length < sequence.size(); ++length) {
            while (shorter > 0 && sequence[length] != sequence[shorter]) shorter = word.fallback[shorter];
            if (sequence[length] == sequence[shorter]) ++shorter;
            word.fallback[length + 1] = shorter;
        }
        words_.push_back(std::move(word));
    }
}

std::optional<StopMatcher::Hit> StopMatcher::read(std::string_view piece) {
    for (std::size_t at = 0; at < piece.size(); ++at) {
        const Word* complete = nullptr;
        for (auto& word : words_) {
            while (word.matched > 0 && word.text[word.matched] != piece[at]) word.matched = word.fallback[word.matched];
            if (word.text[word.matched] == piece[at]) ++word.matched;
            if (word.matched == word.text.size() && (complete == nullptr || word.text.size() > complete->text.size())) complete = &word;
        }
        if (complete != nullptr) return Hit{at + 1, complete->text};
    }
    return std::nullopt;
}

std::size_t StopMatcher::undecided() const noexcept {
    std::size_t longest = 0;
    for (const auto& word : words_) longest = std::max(longest, word.matched);
    return longest;
}

void StopMatcher::reset() noexcept {
    for (auto& word : words_) word.matched = 0;
}

void StopScanner::release(std::int64_t index, Choice& choice, StreamEvents& out) {
    if (!choice.held.empty()) out.push_back(event::TextDelta{index, choice.block, std::exchange(choice.held, {})});
    choice.matcher.reset();
}

void StopScanner::take_text(std::int64_t index, Choice& choice, std::size_t block, std::string_view text, StreamEvents& out) {
    if (block != choice.block) release(index, choice, out);
    choice.block = block;
    const auto before = choice.held.size();
    const auto hit = choice.matcher.read(text);
    choice.held += text;
    const auto told = hit ? before + hit->end - hit->sequence.size() : choice.held.size() - choice.matcher.undecided();
    if (told > 0) out.push_back(event::TextDelta{index, block, choice.held.substr(0, told)});
    choice.held.erase(0, told);
    if (!hit) return;
    choice.held.clear();
    choice.stopped = true;
    out.push_back(event::BlockFinished{index, block});
    out.push_back(event::ChoiceFinished{index, StopReason::stop_sequence, {}, hit->sequence, {}});
    if (++stopped_ == answers_) out.push_back(event::Completed{});
}

bool StopScanner::take(const StreamEvent& event, StreamEvents& out) {
    if (std::holds_alternative<event::Failed>(event) || std::holds_alternative<event::Completed>(event)) flush(out);
    const auto index = choice_of(event);
    if (!index) return true;
    auto& of = choice(*index);
    if (of.stopped) return false;
    if (const auto* text = std::get_if<event::TextDelta>(&event)) {
        take_text(*index, of, text->block, text->text, out);
        return false;
    }
    const bool ends = std::holds_alternative<event::BlockFinished>(event) || std::holds_alternative<event::ChoiceFinished>(event);
    if (ends || std::holds_alternative<event::BlockStarted>(event)) release(*index, of, out);
    return true;
}

void StopScanner::pass(const StreamEvents& events, StreamEvents& out) {
    for (const auto& event : events) {
        if (over()) return;
        if (take(event, out)) out.push_back(event);
    }
}

void StopScanner::flush(StreamEvents& out) {
    for (auto& [index, choice] : choices_) release(index, choice, out);
}

std::vector<std::string_view> share_stop_sequences(const Conversation& conversation, std::size_t most, bool (*takes)(std::string_view),
                                                   RequestMemo& memo) {
    std::vector<std::string_view> told;
    for (const auto& sequence : conversation.stop) {
        if (sequence.empty()) continue;
        if (told.size() < most && takes(sequence))
            told.emplace_back(sequence);
        else
            memo.stop.push_back(sequence);
    }
    std::size_t answers = 0;
    std::from_chars(conversation.n.data(), conversation.n.data() + conversation.n.size(), answers);
    memo.answers = std::max<std::size_t>(answers, 1);
    return told;
}

void end_at_stop_sequence(Answer& answer, const std::vector<std::string>& sequences) {
    StopMatcher matcher(sequences);
    for (auto& choice : answer.choices) {
        for (std::size_t i = 0; i < choice.parts.size(); ++i) {
            auto* text = std::get_if<TextPart>(&choice.parts[i]);
            if (text == nullptr || text->refusal) continue;
            matcher.reset();
            const auto hit = matcher.read(text->text);
            if (!hit) continue;
            cut(*text, hit->end - hit->sequence.size());
            choice.parts.resize(i + (text->text.empty() ? 0 : 1));
            choice.stop_reason = StopReason::stop_sequence;
            choice.native_stop_reason.clear();
            choice.stop_sequence = hit->sequence;
            choice.refusal.clear();
            break;
        }
    }
}

}  // namespace smg::codec
