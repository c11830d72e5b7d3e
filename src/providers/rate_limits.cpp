#include "providers/rate_limits.hpp"

#include <charconv>
#include <optional>
#include <string>

#include "providers/timestamp.hpp"

namespace smg::providers {

namespace {

std::optional<std::uint64_t> count(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string name_of(std::string_view what, std::string_view part) { return "anthropic-ratelimit-" + std::string(what) + "-" + std::string(part); }

void add(const http::Fields& upstream, std::string_view what, std::string_view as, std::int64_t now, http::Fields& out) {
    for (const std::string_view part : {"limit", "remaining", "reset"}) {
        const auto value = upstream.get(name_of(what, part));
        const auto name = "x-ratelimit-" + std::string(part) + "-" + std::string(as);
        if (value.empty() || out.contains(name)) continue;
        if (part != "reset") {
            if (count(value)) out.add(name, std::string(value));
        } else if (const auto time = parse_rfc3339(value)) {
            out.add(name, format_duration(*time - now));
        }
    }
}

}  // namespace

void add_openai_rate_limits(const http::Fields& upstream, std::int64_t now, http::Fields& out) {
    add(upstream, "requests", "requests", now, out);
    if (upstream.contains(name_of("tokens", "remaining"))) return add(upstream, "tokens", "tokens", now, out);
    const auto input = count(upstream.get(name_of("input-tokens", "remaining")));
    const auto output = count(upstream.get(name_of("output-tokens", "remaining")));
    const bool output_is_tighter = output && (!input || *output < *input);
    add(upstream, output_is_tighter ? "output-tokens" : "input-tokens", "tokens", now, out);
}

}  // namespace smg::providers
