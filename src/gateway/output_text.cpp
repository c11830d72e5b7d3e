#include "gateway/output_text.hpp"

#include <algorithm>
#include <initializer_list>
#include <variant>

#include "base/word_search.hpp"
#include "gateway/usage_reader.hpp"

namespace smg::gateway {
namespace {

using providers::ApiFormat;

constexpr auto npos = std::string_view::npos;

/// Length of the string that begins at `text[0] == '"'`, both quotes included; npos when its end is missing.
std::size_t string_length(std::string_view text) noexcept {
    for (auto end = text.find('"', 1); end != npos; end = text.find('"', end + 1)) {
        std::size_t backslashes = 0;
        while (text[end - 1 - backslashes] == '\\') ++backslashes;
        if (backslashes % 2 == 0) return end + 1;
    }
    return npos;
}

bool is_any(std::string_view name, std::initializer_list<std::string_view> names) noexcept {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Steps from string to string through one object or array.
class TextWalk {
public:
    /// `text` begins with its bracket. Returns what stands behind it.
    std::string_view pass(std::string_view text) noexcept {
        int depth = 0;
        std::string_view name;
        while (!text.empty()) {
            const char c = text.front();
            if (c == '"') {
                text = pass_string(text, name);
                continue;
            }
            if (c == '{' || c == '[') ++depth;
            text.remove_prefix(1);
            if ((c == '}' || c == ']') && --depth == 0) break;
        }
        return text;
    }

    [[nodiscard]] OutputText found() const noexcept {
        // Some vendors say the same under both names.
        return {text_ + std::max(reasoning_, reasoning_content_), goes_on_};
    }

private:
    std::string_view pass_string(std::string_view text, std::string_view& name) noexcept {
        const auto length = string_length(text);
        if (length == npos) {
            goes_on_ = add(name, text.size() - 1);
            return {};
        }
        const auto value = text.substr(1, length - 2);
        text.remove_prefix(length);
        const auto rest = skip_space(text);
        if (!rest.starts_with(':')) {
            (void)add(name, value.size());
            return text;
        }
        name = value;
        return is_any(name, {"args", "reasoning_details"}) ? pass_whole(skip_space(rest.substr(1)), name == "args") : rest;
    }

    /// Gemini's arguments are no string; OpenRouter's details say again what `reasoning` says.
    std::string_view pass_whole(std::string_view value, bool counts) noexcept {
        if (!value.starts_with('{') && !value.starts_with('[')) return value;
        const auto whole = balanced_object(value);
        const auto length = whole.empty() ? value.size() : whole.size();
        if (counts) text_ += length;
        goes_on_ = counts && whole.empty();
        return value.substr(length);
    }

    bool add(std::string_view name, std::size_t bytes) noexcept {
        if (name == "reasoning_content") return reasoning_content_ += bytes, true;
        if (name == "reasoning") return reasoning_ += bytes, true;
        // Chat, Messages, Gemini; Gemini's code and its arguments in pieces.
        const bool counts = is_any(name, {"content", "refusal", "arguments", "text", "thinking", "partial_json", "code", "stringValue"});
        if (counts) text_ += bytes;
        return counts;
    }

    std::size_t text_ = 0;
    std::size_t reasoning_ = 0;
    std::size_t reasoning_content_ = 0;
    bool goes_on_ = false;
};

}  // namespace

std::uint64_t OutputSeen::tokens() const noexcept { return std::max(pieces, static_cast<std::uint64_t>(estimated_tokens(bytes))); }

OutputText output_text(ApiFormat format, std::string_view kind, std::string_view event) noexcept {
    const bool responses = format == ApiFormat::openai_responses;
    if (format == ApiFormat::anthropic_messages && kind != "content_block_delta") return {};
    if (responses && (!kind.ends_with(".delta") || kind.ends_with("audio.delta"))) return {};
    const std::string_view where = format == ApiFormat::gemini ? R"("parts")" : R"("delta")";
    TextWalk walk;
    // Several choices may share an event.
    for (auto at = find_word(event, where); at != npos; at = find_word(event, where)) {
        event = skip_space(event.substr(at + where.size()));
        if (!event.starts_with(':')) continue;
        event = skip_space(event.substr(1));
        if (responses && event.starts_with('"')) {
            const auto length = string_length(event);
            return length == npos ? OutputText{event.size() - 1, true} : OutputText{length - 2, false};
        }
        if (event.starts_with('{') || event.starts_with('[')) event = walk.pass(event);
        if (format == ApiFormat::anthropic_messages) break;
    }
    return walk.found();
}

std::size_t output_bytes(const codec::StreamEvent& event) noexcept {
    namespace kinds = codec::event;
    if (const auto* text = std::get_if<kinds::TextDelta>(&event)) return text->text.size();
    if (const auto* reasoning = std::get_if<kinds::ReasoningDelta>(&event)) return reasoning->text.size();
    if (const auto* arguments = std::get_if<kinds::ArgumentsDelta>(&event)) return arguments->text.size();
    if (const auto* refusal = std::get_if<kinds::RefusalDelta>(&event)) return refusal->text.size();
    return 0;
}

}  // namespace smg::gateway
