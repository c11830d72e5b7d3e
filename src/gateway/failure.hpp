#pragma once
/// From a provider's error to its class (workers/failure_class.hpp), and the wait that it asks for. Pure.
#include <cstdint>
#include <optional>
#include <string_view>

#include "codec/stream_event.hpp"
#include "http/fields.hpp"
#include "providers/provider.hpp"
#include "upstream/exchange.hpp"
#include "workers/failure_class.hpp"

namespace smg::gateway {

/// `status` is the answer's, or 0 for an error event inside a stream, where `error` alone speaks.
[[nodiscard]] workers::FailureClass class_of(int status, const codec::ProviderError& error);
/// Likewise for a 429 of `format`: Anthropic states a wait with every limit that passes by itself (docs.anthropic.com, "Rate limits"), so that one
/// without is a spend limit.
[[nodiscard]] workers::FailureClass class_of(int status, const codec::ProviderError& error, providers::ApiFormat format, bool wait_is_stated);
/// Of an exchange that ended with `error` before its answer's head.
[[nodiscard]] workers::FailureClass class_of(const upstream::Exchange& exchange, const Error& error) noexcept;
/// Of one that ended so inside its answer's body: the gateway stopped waiting, or the provider broke off.
[[nodiscard]] workers::FailureClass class_inside_body(const Error& error) noexcept;

/// Seconds that the answer asks to wait; nothing: it does not say. In this order: `retry-after-ms`; `retry-after`, seconds or a date; the body's
/// (Gemini's RetryInfo); for a 429 the latest reset of those limits that are used up, or do not say what remains: `x-ratelimit-reset-*` and
/// `x-ratelimit-reset` (a duration, Unix seconds or milliseconds), `anthropic-ratelimit-*-reset` (RFC 3339, Unix seconds). `now` is Unix seconds.
[[nodiscard]] std::optional<double> stated_wait(const http::Fields& fields, const codec::ProviderError& error, std::int64_t now);

/// `6m0s`, `1.5s`, `20ms`, `30` as seconds.
[[nodiscard]] std::optional<double> parse_duration(std::string_view text) noexcept;
/// An HTTP date (RFC 9110 section 5.6.7, the preferred form) as Unix seconds.
[[nodiscard]] std::optional<std::int64_t> parse_http_date(std::string_view text);

/// `x-should-retry`; nothing when it is absent or says neither.
[[nodiscard]] std::optional<bool> should_retry(const http::Fields& fields) noexcept;

}  // namespace smg::gateway
