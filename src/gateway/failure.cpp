#include "gateway/failure.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <string>

#include "base/ascii.hpp"
#include "providers/timestamp.hpp"

namespace smg::gateway {
namespace {

using workers::FailureClass;

bool holds(std::string_view text, std::string_view word) noexcept { return text.find(word) != std::string_view::npos; }

std::optional<double> number_of(std::string_view text) noexcept {
    double value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || code != std::errc() || end != text.data() + text.size() || !(value >= 0 && value < 1e14)) return std::nullopt;
    return value;
}

std::optional<double> retry_after(const http::Fields& fields, std::int64_t now) {
    if (const auto ms = number_of(trim(fields.get("retry-after-ms")))) return *ms / 1000;
    const auto text = trim(fields.get("retry-after"));
    if (const auto seconds = number_of(text)) return seconds;
    if (const auto date = parse_http_date(text)) return static_cast<double>(std::max<std::int64_t>(0, *date - now));
    return std::nullopt;
}

/// A point in time is told from a duration by its size: no limit takes thirty years to reset.
std::optional<double> until_reset(std::string_view text, std::int64_t now) {
    constexpr double first_unix_time = 1e9;
    if (const auto time = providers::parse_rfc3339(text)) return static_cast<double>(std::max<std::int64_t>(0, *time - now));
    constexpr double first_in_milliseconds = 1e11;
    auto seconds = parse_duration(text);
    if (!seconds || *seconds < first_unix_time) return seconds;
    if (*seconds >= first_in_milliseconds) *seconds /= 1000;
    return std::max(0.0, *seconds - static_cast<double>(now));
}

/// The name less its prefix and tail; empty when it has others.
std::string_view middle(std::string_view name, std::string_view prefix, std::string_view tail) noexcept {
    if (name.size() <= prefix.size() + tail.size() || !istarts_with(name, prefix)) return {};
    if (!iequals(name.substr(name.size() - tail.size()), tail)) return {};
    return name.substr(prefix.size(), name.size() - prefix.size() - tail.size());
}

std::optional<double> latest_reset(const http::Fields& fields, std::int64_t now) {
    std::optional<double> latest;
    for (const auto& field : fields) {
        std::string remaining;
        if (const auto what = middle(field.name, "x-ratelimit-reset-", ""); !what.empty())
            remaining = "x-ratelimit-remaining-" + std::string(what);
        else if (iequals(field.name, "x-ratelimit-reset"))  // OpenRouter
            remaining = "x-ratelimit-remaining";
        else if (const auto limit = middle(field.name, "anthropic-ratelimit-", "-reset"); !limit.empty())
            remaining = "anthropic-ratelimit-" + std::string(limit) + (limit.starts_with("unified") ? "-status" : "-remaining");
        else
            continue;
        // Another limit than the one that was hit. Those of subscriptions have a status in place of a count.
        const auto left = trim(fields.get(remaining));
        if (remaining.ends_with("-status") ? !iequals(left, "rejected") : !left.empty() && left != "0") continue;
        if (const auto wait = until_reset(trim(field.value), now)) latest = std::max(latest.value_or(0), *wait);
    }
    return latest;
}

FailureClass class_of_status(int status) noexcept {
    switch (status) {
        case 401: return FailureClass::credential;
        case 402: return FailureClass::quota;
        case 403: return FailureClass::forbidden;
        case 404: return FailureClass::not_found;
        case 408:
        case 500:
        case 502:
        case 504: return FailureClass::server_error;
        case 409: return FailureClass::conflict;
        case 413: return FailureClass::context_too_long;
        case 429: return FailureClass::rate_limited;
        case 503:
        case 529: return FailureClass::overloaded;
        default: return status >= 500 ? FailureClass::odd_server_error : FailureClass::bad_request;
    }
}

}  // namespace

FailureClass class_of(int status, const codec::ProviderError& error) {
    if (error.should_not_retry || status == 402) return FailureClass::quota;
    if (error.status == 401) return FailureClass::credential;  // a 400 that says so, too
    if (status == 0) status = error.native_status >= 400 && error.native_status != 500 ? error.native_status : error.status;
    if (error.code == "overloaded" || error.native_type == "overloaded_error") return FailureClass::overloaded;
    if (status >= 400 && status < 500) {
        if (error.code == "context_length_exceeded") return FailureClass::context_too_long;
        const auto words = ascii_lower(error.code + " " + error.native_type);
        if (holds(words, "content_policy") || holds(words, "content_filter") || holds(words, "safety")) return FailureClass::content_refused;
    }
    return class_of_status(status);
}

FailureClass class_of(int status, const codec::ProviderError& error, providers::ApiFormat format, bool wait_is_stated) {
    const auto kind = class_of(status, error);
    if (kind != FailureClass::rate_limited) return kind;
    const auto words = ascii_lower(error.message);
    const bool monthly = holds(words, "monthly") || holds(words, "per month") || holds(words, "spend limit") || holds(words, "usage limit");
    if (!wait_is_stated && (monthly || format == providers::ApiFormat::anthropic_messages)) return FailureClass::quota;
    return kind;
}

FailureClass class_of(const upstream::Exchange& exchange, const Error& error) noexcept {
    if (exchange.progress() == upstream::Exchange::Progress::not_connected) return FailureClass::unreachable;
    if (error.failure == Failure::upstream_timeout) return FailureClass::timed_out;
    return exchange.malformed() ? FailureClass::malformed : FailureClass::cut;
}

workers::FailureClass class_inside_body(const Error& error) noexcept {
    return error.failure == Failure::upstream_timeout ? FailureClass::timed_out : FailureClass::cut;
}

std::optional<double> stated_wait(const http::Fields& fields, const codec::ProviderError& error, std::int64_t now) {
    if (const auto stated = retry_after(fields, now)) return stated;
    if (error.retry_after_seconds >= 0) return error.retry_after_seconds;
    return error.status == 429 ? latest_reset(fields, now) : std::nullopt;
}

std::optional<double> parse_duration(std::string_view text) noexcept {
    if (const auto plain = number_of(text)) return plain;
    double total = 0;
    while (!text.empty()) {
        const auto digits = text.find_first_not_of("0123456789.");
        if (digits == 0 || digits == std::string_view::npos) return std::nullopt;
        const auto value = number_of(text.substr(0, digits));
        if (!value) return std::nullopt;
        const auto next = text.find_first_of("0123456789", digits);
        const auto unit = text.substr(digits, next == std::string_view::npos ? next : next - digits);
        const double seconds = unit == "ms" ? 0.001 : unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : unit == "d" ? 86400 : -1;
        if (seconds < 0) return std::nullopt;
        total += *value * seconds;
        text.remove_prefix(digits + unit.size());
    }
    return total > 0 ? std::optional(total) : std::nullopt;
}

std::optional<std::int64_t> parse_http_date(std::string_view text) {
    std::tm parts{};
    const std::string terminated(text);
    const auto* end = strptime(terminated.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (terminated.empty() || end == nullptr || *end != '\0') return std::nullopt;
    return timegm(&parts);
}

std::optional<bool> should_retry(const http::Fields& fields) noexcept {
    const auto text = trim(fields.get("x-should-retry"));
    if (iequals(text, "true")) return true;
    if (iequals(text, "false")) return false;
    return std::nullopt;
}

}  // namespace smg::gateway
