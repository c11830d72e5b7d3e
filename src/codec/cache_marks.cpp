#include "codec/cache_marks.hpp"

#include <algorithm>
#include <variant>

#include "codec/json_tree.hpp"

namespace smg::codec {
namespace {

const PartExtras* extras_of(const ResultContent& content) {
    if (const auto* text = std::get_if<TextPart>(&content)) return &text->extras;
    const auto* media = std::get_if<MediaPart>(&content);
    return media ? &media->extras : nullptr;
}

const PartExtras* extras_of(const Part& part) {
    return std::visit(
        [](const auto& each) -> const PartExtras* {
            if constexpr (requires { each.extras; }) return &each.extras;
            return nullptr;
        },
        part);
}

/// The parts of a turn that can be marked, in order, what a result holds before the result.
template <typename Use>
void each_part(const Turn& turn, const Use& use) {
    for (const auto& part : turn.parts) {
        if (const auto* result = std::get_if<ToolResultPart>(&part))
            for (const auto& content : result->content)
                if (const auto* extras = extras_of(content)) use(*extras);
        if (const auto* extras = extras_of(part)) use(*extras);
    }
}

bool is_mark(const RawJson& cache_control) { return cache_control.starts_with('{'); }

/// A mark of Chat's clients on a whole message.
const RawJson* mark_of(const Turn& turn) {
    for (const auto& [name, json] : turn.unknown)
        if (name == "cache_control" && is_mark(json)) return &json;
    return nullptr;
}

bool is_long_lived(const RawJson& cache_control) {
    JsonTree tree;
    const auto mark = tree.parse(cache_control);
    return mark && (*mark)["ttl"].text() == "1h";
}

template <typename T>
void keep_latest(std::vector<T>& all, std::size_t most) {
    if (all.size() > most) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(most));
}

}  // namespace

CacheMarks::CacheMarks(const Conversation& conversation, const ModelCapabilities& can) {
    if (!can.cache_breakpoints) return;
    automatic_ = is_mark(conversation.cache_control);
    long_lived_ = automatic_ && is_long_lived(conversation.cache_control);
    std::vector<const RawJson*> marks;
    for (const auto& turn : conversation.turns) {
        if (turn.role == Role::assistant) continue;
        const PartExtras* last = nullptr;
        each_part(turn, [&](const PartExtras& extras) {
            last = &extras;
            if (!is_mark(extras.cache_control)) return;
            marked_.push_back(&extras);
            marks.push_back(&extras.cache_control);
        });
        const auto* whole = mark_of(turn);
        if (whole == nullptr || last == nullptr || is_mark(last->cache_control)) continue;
        marked_.push_back(last);
        marks.push_back(whole);
    }
    // OpenAI's own mark is one of the four.
    keep_latest(marked_, automatic_ ? most - 1 : most);
    keep_latest(marks, marked_.size());
    for (const auto* mark : marks) long_lived_ = long_lived_ || is_long_lived(*mark);
}

bool CacheMarks::stands_on(const PartExtras& extras) const noexcept { return std::find(marked_.begin(), marked_.end(), &extras) != marked_.end(); }

std::vector<const PartExtras*> breakpoints_that_fit(const Conversation& conversation) {
    std::size_t taken = is_mark(conversation.cache_control) ? 1 : 0;
    for (const auto& tool : conversation.tools) taken += is_mark(tool.cache_control) ? 1 : 0;
    std::vector<const PartExtras*> marked;
    for (const auto& turn : conversation.turns) {
        if (mark_of(turn) != nullptr) ++taken;
        each_part(turn, [&](const PartExtras& extras) {
            if (is_mark(extras.cache_control))
                ++taken;
            else if (has_breakpoint(extras))
                marked.push_back(&extras);
        });
    }
    keep_latest(marked, CacheMarks::most - std::min(taken, CacheMarks::most));
    return marked;
}

bool has_breakpoint(const PartExtras& extras) noexcept {
    return std::any_of(extras.unknown.begin(), extras.unknown.end(),
                       [](const auto& member) { return member.first == "prompt_cache_breakpoint" && member.second.starts_with('{'); });
}

}  // namespace smg::codec
