#include "gateway/call.hpp"

#include <charconv>

#include "base/ascii.hpp"
#include "http/media_type.hpp"
#include "http/target.hpp"

namespace smg::gateway {
namespace {

Result<void> check_media_type(const http::Fields& fields) {
    const auto type = fields.get("content-type");
    if (!type.empty() && !http::is_json(type))
        return fail(Failure::unsupported_media_type, "the body's content-type must be application/json, not '" + std::string(type) + "'",
                    "content-type");
    const auto encoding = trim(fields.get("content-encoding"));
    if (!encoding.empty() && !iequals(encoding, "identity"))
        return fail(Failure::unsupported_media_type, "the body's content-encoding '" + std::string(encoding) + "' is not understood; send it plain",
                    "content-encoding");
    return {};
}

bool is_true(std::string_view value) { return iequals(value, "true") || value == "1"; }

Result<void> read_headers(Call& call) {
    const auto& fields = call.request.head.fields;
    call.strict = is_true(trim(fields.get("x-smg-strict-params")));
    call.target_worker = trim(fields.get("x-smg-target-worker"));
    for (const std::string_view name : {"x-smg-routing-key", "x-session-id", "x-claude-code-session-id", "session_id", "conversation_id"})
        if (call.affinity_key.empty()) call.affinity_key = trim(fields.get(name));
    if (const auto text = trim(fields.get("x-smg-timeout-ms")); !text.empty()) {
        std::uint32_t milliseconds = 0;
        const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), milliseconds);
        if (code != std::errc() || end != text.data() + text.size() || milliseconds == 0)
            return fail(Failure::invalid_request, "X-SMG-Timeout-Ms must be a positive number of milliseconds", "X-SMG-Timeout-Ms");
        call.timeout = std::chrono::milliseconds(milliseconds);
    }
    return {};
}

/// Gemini says in the path what the others say in the body (ai.google.dev/api/generate-content).
void read_gemini_path(Call& call) {
    call.model = call.request.parameter("model");
    call.stream = call.request.path.ends_with(":streamGenerateContent");
    call.sse = http::query_parameter(call.request.query, "alt").value_or("") == "sse";
}

}  // namespace

Result<void> read_call(Call& call) {
    if (auto media = check_media_type(call.request.head.fields); !media) return media;
    if (auto headers = read_headers(call); !headers) return headers;
    auto scan = scan_request(call.body());
    if (!scan) return tl::unexpected(scan.error());
    call.scan = std::move(*scan);
    if (call.format == providers::ApiFormat::gemini) {
        read_gemini_path(call);
    } else {
        call.model = call.scan.model;
        call.stream = call.scan.stream;
    }
    if (call.model.empty()) return fail(Failure::invalid_request, "the request names no model", "model");
    if (call.affinity_key.empty()) call.affinity_key = call.scan.affinity_key;
    auto& record = call.request.record;
    record.model = call.model;
    record.streaming = call.stream;
    return {};
}

}  // namespace smg::gateway
