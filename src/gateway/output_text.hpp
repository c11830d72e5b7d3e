#pragma once
/// How much of its answer a provider has sent, for streams of which it never says how many tokens they took.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "codec/stream_event.hpp"
#include "providers/provider.hpp"

namespace smg::gateway {

/// Output that was received.
struct OutputSeen {
    std::uint64_t pieces = 0;  ///< events since it began
    std::uint64_t bytes = 0;   ///< of text, reasoning and arguments of calls in them

    /// Providers send at least a token a piece, and many bytes in one when they are ahead.
    [[nodiscard]] std::uint64_t tokens() const noexcept;
};

/// The text in one event.
struct OutputText {
    std::size_t bytes = 0;  ///< as it is written: escapes count
    bool goes_on = false;   ///< the event's end is missing, and it is text that is cut
};

/// Looks at nothing but the delta of a raw event (Gemini: its parts) and steps over what is no text: signatures, encrypted reasoning, images, sound,
/// log probabilities, padding. `kind` is the event's name or type.
[[nodiscard]] OutputText output_text(providers::ApiFormat format, std::string_view kind, std::string_view event) noexcept;
/// The same of a decoded event.
[[nodiscard]] std::size_t output_bytes(const codec::StreamEvent& event) noexcept;

}  // namespace smg::gateway
