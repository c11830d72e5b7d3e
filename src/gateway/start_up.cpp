#include "gateway/start_up.hpp"

#include <algorithm>
#include <array>

#include "gateway/usage_reader.hpp"

namespace smg::gateway {
namespace {

using providers::ApiFormat;

bool holds(std::string_view text, std::string_view word) noexcept { return text.find(word) != std::string_view::npos; }

void skip_white(std::string_view& text) noexcept { text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size())); }

/// A string without escapes, taken off the front; false: there is none.
bool take_string(std::string_view& text, std::string_view& value) noexcept {
    if (!text.starts_with('"')) return false;
    const auto end = text.find_first_of("\"\\", 1);
    if (end == std::string_view::npos || text[end] != '"') return false;
    value = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    return true;
}

/// `{"role":"assistant","content":""}` and its like: no member says anything.
bool is_empty_delta(std::string_view delta) noexcept {
    delta.remove_prefix(1);
    for (;;) {
        skip_white(delta);
        if (delta.starts_with('}')) return true;
        if (delta.starts_with(',')) delta.remove_prefix(1);
        skip_white(delta);
        std::string_view name, value;
        if (!take_string(delta, name)) return false;
        skip_white(delta);
        if (!delta.starts_with(':')) return false;
        delta.remove_prefix(1);
        skip_white(delta);
        if (take_string(delta, value)) {
            if (!value.empty() && name != "role") return false;
        } else {
            constexpr std::array<std::string_view, 3> nothings{"null", "[]", "{}"};
            const auto nothing = std::find_if(nothings.begin(), nothings.end(), [&](std::string_view each) { return delta.starts_with(each); });
            if (nothing == nothings.end()) return false;
            delta.remove_prefix(nothing->size());
        }
    }
}

bool chat_start_up(std::string_view data) noexcept {
    if (!data.starts_with('{')) return false;
    constexpr std::string_view finish = R"("finish_reason":)";
    if (const auto at = data.find(finish); at != std::string_view::npos) {
        auto reason = data.substr(at + finish.size());
        skip_white(reason);
        if (!reason.starts_with("null")) return false;
    }
    const auto at = data.find(R"("delta")");
    if (at == std::string_view::npos) return holds(data, R"("choices":[])") && !holds(data, R"("usage":{)");
    const auto brace = data.find('{', at);
    const auto delta = brace == std::string_view::npos ? std::string_view() : balanced_object(data.substr(brace));
    // A second choice in one chunk is rare, and then nothing is held back.
    return !delta.empty() && is_empty_delta(delta) && !holds(data.substr(brace + delta.size()), R"("delta")");
}

bool messages_start_up(std::string_view name, std::string_view data) noexcept {
    if (name == "message_start" || name == "ping") return true;
    return name == "content_block_start" && (holds(data, R"("text":"")") || holds(data, R"("thinking":"")"));
}

bool responses_start_up(std::string_view name) noexcept {
    constexpr std::array<std::string_view, 6> names{"response.created",
                                                    "response.queued",
                                                    "response.in_progress",
                                                    "response.output_item.added",
                                                    "response.content_part.added",
                                                    "response.reasoning_summary_part.added"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool is_start_up(ApiFormat format, std::string_view name, std::string_view data) noexcept {
    if (data.empty()) return true;
    switch (format) {
        case ApiFormat::openai_chat: return chat_start_up(data);
        case ApiFormat::anthropic_messages: return messages_start_up(name, data);
        case ApiFormat::openai_responses: return responses_start_up(name);
        case ApiFormat::gemini: return !holds(data, R"("parts")") && !holds(data, R"("finishReason")") && !holds(data, R"("blockReason")");
    }
    return false;
}

}  // namespace smg::gateway
