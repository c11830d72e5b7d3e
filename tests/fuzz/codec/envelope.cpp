// Any text as an envelope, and any bytes through one.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "codec/reasoning_envelope.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace smg::codec;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto back = unwrap_reasoning(wrap_reasoning(Origin::gemini, text));
    if (!back || back->payload != text || back->origin != Origin::gemini) std::abort();
    ReasoningPart part, again;
    open_reasoning(text, Origin::anthropic, part);
    open_reasoning(seal_reasoning(part), Origin::openai, again);
    if (!part.redacted.empty() ? again.redacted != part.redacted : again.signature != part.signature) std::abort();
    if (const auto call = open_call(text); call && open_call(seal_call(*call)) != call) std::abort();
    return 0;
}
