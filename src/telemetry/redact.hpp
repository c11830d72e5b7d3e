#pragma once
/// Cuts credentials out of text that is about to be seen: log lines, error messages, targets. The last of several nets, not the first:
/// a key belongs into a Secret, which has no formatter.
#include <string>
#include <string_view>

namespace smg::telemetry {

/// What stands where a credential stood.
inline constexpr std::string_view redacted = "[redacted]";

/// A request target for the log: the values of `key`, `api_key`, `access_token` and their like replaced in its query, and known key forms
/// anywhere in it. The path stays.
[[nodiscard]] std::string redact_target(std::string_view target);

/// Free text with every known form of a key replaced: `sk-…` (OpenAI, Anthropic and others), `xai-…`, `AIza…` and `AQ.…` (Gemini), `gsk_…`
/// (Groq), and whatever stands behind `Bearer` or `Basic`. Words that merely begin so (`sk-learn`) are too short to be keys and stay.
[[nodiscard]] std::string redact(std::string_view text);

/// Shorter ones are placeholders, and letters of every other word.
inline constexpr std::size_t shortest_secret = 6;
/// Whether `secret` stands in `text`: as it is, or as JSON and targets spell it (`\/`, `\u002b`, `%2B`). False for one that is too short.
[[nodiscard]] bool shows(std::string_view text, std::string_view secret) noexcept;
/// Replaces it wherever it stands so.
void cut_out(std::string& text, std::string_view secret);

/// False only when `redact` would change nothing; cheap.
[[nodiscard]] bool holds_key(std::string_view text) noexcept;

}  // namespace smg::telemetry
