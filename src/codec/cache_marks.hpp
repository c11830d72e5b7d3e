#pragma once
/// The ends of what is to be cached, which a client marks in its prompt: `cache_control` for Anthropic's models, `prompt_cache_breakpoint` for
/// OpenAI's from gpt-5.6 on (docs.anthropic.com "Prompt caching"; platform.openai.com/docs/guides/prompt-caching). Each provider takes four.
#include <string_view>
#include <vector>

#include "codec/codec.hpp"

namespace smg::codec {

/// A prompt's `cache_control` marks, for an OpenAI encoder. They can stand on what the client's side says, text and media, and on tool results; those
/// on tools, calls and the model's own words have no place there, and caching is automatic without them. Refers to the conversation.
class CacheMarks {
public:
    static constexpr std::size_t most = 4;
    /// How OpenAI spells one.
    static constexpr std::string_view breakpoint = R"({"mode":"explicit"})";

    CacheMarks() = default;
    /// The latest four, where the model takes them.
    CacheMarks(const Conversation& conversation, const ModelCapabilities& can);

    /// Is the mark of the part (or of the result as a whole) one of them?
    [[nodiscard]] bool stands_on(const PartExtras& extras) const noexcept;
    [[nodiscard]] bool any() const noexcept { return !marked_.empty(); }
    /// One of them is to live for an hour (`ttl: "1h"`).
    [[nodiscard]] bool long_lived() const noexcept { return long_lived_; }
    /// The client leaves one mark to the provider (a `cache_control` of the whole request), which is OpenAI's default.
    [[nodiscard]] bool automatic() const noexcept { return automatic_; }

private:
    std::vector<const PartExtras*> marked_;
    bool long_lived_ = false;
    bool automatic_ = false;
};

/// A prompt's `prompt_cache_breakpoint` marks that fit beside its `cache_control` marks, for Anthropic, which refuses a fifth: the latest.
[[nodiscard]] std::vector<const PartExtras*> breakpoints_that_fit(const Conversation& conversation);

/// Whether OpenAI's mark stands on a part, as its client wrote it.
[[nodiscard]] bool has_breakpoint(const PartExtras& extras) noexcept;

}  // namespace smg::codec
