#pragma once
/// What a provider signed, redacted or encrypted may only ever go back to that provider. On its way through a client that speaks
/// another format it travels in a tagged envelope, in the place where that format keeps its own: Anthropic `thinking.signature` and
/// `redacted_thinking.data`, Chat `reasoning_details[].signature`, Responses `reasoning.encrypted_content`, Gemini `thoughtSignature`.
/// A client sees one opaque word and sends it back unread. Pure functions, any thread, nothing throws.
///
/// The word is `smg1.<origin>.<base64url of the payload, without padding>`, with origin `openai`, `anthropic`, `gemini`, `xai` or
/// `unknown`. The payload is `s:` and a signature (or encrypted reasoning), or `r:` and redacted data; before either may stand `i:<id>` and
/// a newline, where the provider gave the reasoning an id that it wants back. After `c:` comes the signature of the tool call that follows
/// next, where the client's format has no place for it at the call itself.
#include <optional>
#include <string>
#include <string_view>

#include "codec/conversation.hpp"

namespace smg::codec {

/// What an envelope holds.
struct Enveloped {
    Origin origin = Origin::unknown;
    std::string payload;
};

/// The word for a payload. It consists of `[A-Za-z0-9._-]` alone.
[[nodiscard]] std::string wrap_reasoning(Origin origin, std::string_view payload);

/// Nothing when the text is no envelope (it is then native to the format in which it stands), or is one that was damaged.
[[nodiscard]] std::optional<Enveloped> unwrap_reasoning(std::string_view text);

/// Whether the text begins as an envelope does. Such a text must not reach a provider even where `unwrap_reasoning` finds nothing.
[[nodiscard]] bool is_envelope(std::string_view text) noexcept;

/// The word that carries a reasoning part's signature (or redacted data) and id; empty when it has neither of the first two.
[[nodiscard]] std::string seal_reasoning(const ReasoningPart& part);
/// Puts what stands in a signature's place into the part: what an envelope holds, with its origin, else the text itself, as issued by
/// `native`. A damaged envelope leaves the part unsigned. The part's text is not touched.
void open_reasoning(std::string_view text, Origin native, ReasoningPart& part);

/// The word as it must look where a format demands base64 (Gemini's `thoughtSignature`, a `bytes` field whose SDKs check it): standard
/// alphabet, padded. `unarmoured` gives the word back, whichever alphabet the client's SDK re-encoded it in; other text is left as it is.
[[nodiscard]] std::string armoured(std::string_view word);
[[nodiscard]] std::string unarmoured(std::string_view text);
/// Whether a body holds a word anywhere, armoured or not, by one quick pass. It may find one in plain text; it misses none.
[[nodiscard]] bool may_hold_envelope(std::string_view body) noexcept;
/// Whether a request's body, in the format of that name (`Codec::name`), holds a word where its format keeps reasoning. A user's text, a tool's
/// arguments or result that look like one do not count. False for a body that is no JSON.
[[nodiscard]] bool holds_envelope(std::string_view body, std::string_view format);

/// The word that carries a tool call's signature, which only Gemini issues, in a reasoning block before the call; never empty.
[[nodiscard]] std::string seal_call(std::string_view signature);
/// The signature for the next tool call, when the text is such a word; else nothing.
[[nodiscard]] std::optional<std::string> open_call(std::string_view text);

}  // namespace smg::codec
