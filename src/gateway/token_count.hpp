#pragma once
/// How many tokens a request would cost, in each provider's words. Pure.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "codec/codec.hpp"
#include "providers/provider.hpp"

namespace smg::gateway {

/// A generation request of that format as its counting endpoint wants it: less what does not count (Anthropic's `count_tokens`, OpenAI's
/// `responses/input_tokens`), or wrapped (Gemini's `countTokens`).
[[nodiscard]] std::string count_request(providers::ApiFormat format, std::string_view generation_body, std::string_view model);

/// The format that a provider counts in: its own, but OpenAI's Responses.
[[nodiscard]] providers::ApiFormat counting_format(const providers::Provider& provider) noexcept;

/// The number in such an endpoint's answer.
[[nodiscard]] std::optional<std::uint64_t> read_count(providers::ApiFormat format, std::string_view body);
/// An answer in the client's format (Messages, Gemini or Responses).
[[nodiscard]] std::string write_count(providers::ApiFormat format, std::uint64_t tokens);

/// Without a provider that counts: bytes of text by 3.6, and a constant an image; never nothing.
[[nodiscard]] std::uint64_t estimate_tokens(const codec::Conversation& conversation);

}  // namespace smg::gateway
