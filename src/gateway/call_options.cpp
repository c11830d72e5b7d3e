#include "gateway/call_options.hpp"

#include <charconv>

#include "base/ascii.hpp"

namespace smg::gateway {

Result<void> read_call_options(const http::Fields& fields, CallOptions& options) {
    const auto strict = trim(fields.get("x-smg-strict-params"));
    options.strict = iequals(strict, "true") || strict == "1";
    options.target_worker = trim(fields.get("x-smg-target-worker"));
    options.routing_key = trim(fields.get("x-smg-routing-key"));
    for (const std::string_view name : {"x-smg-routing-key", "x-session-id", "x-claude-code-session-id", "session_id", "conversation_id"})
        if (options.affinity_key.empty()) options.affinity_key = trim(fields.get(name));
    const auto text = trim(fields.get("x-smg-timeout-ms"));
    if (text.empty()) return {};
    std::uint32_t milliseconds = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), milliseconds);
    if (code != std::errc() || end != text.data() + text.size() || milliseconds == 0)
        return fail(Failure::invalid_request, "X-SMG-Timeout-Ms must be a positive number of milliseconds", "X-SMG-Timeout-Ms");
    options.timeout = std::chrono::milliseconds(milliseconds);
    return {};
}

}  // namespace smg::gateway
