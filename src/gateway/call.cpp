#include "gateway/call.hpp"

#include "codec/reasoning_envelope.hpp"
#include "http/media_type.hpp"
#include "http/target.hpp"

namespace smg::gateway {
namespace {

/// Gemini says in the path what the others say in the body (ai.google.dev/api/generate-content).
void read_gemini_path(Call& call) {
    call.model = call.request.parameter("model");
    call.stream = call.request.path.ends_with(":streamGenerateContent");
    call.sse = http::query_parameter(call.request.query, "alt").value_or("") == "sse";
}

}  // namespace

Result<void> check_json_body(const http::Fields& fields) {
    const auto type = fields.get("content-type");
    if (type.empty() || http::is_json(type)) return {};
    return fail(Failure::unsupported_media_type, "the body's content-type must be application/json, not '" + std::string(type) + "'", "content-type");
}

Result<void> read_call(Call& call) {
    const auto& fields = call.request.head.fields;
    if (auto media = check_json_body(fields); !media) return media;
    if (auto headers = read_call_options(fields, call); !headers) return headers;
    auto scan = scan_request(call.body(), call.body().capacity());
    if (!scan) return tl::unexpected(scan.error());
    call.scan = std::move(*scan);
    call.may_hold_envelope = codec::may_hold_envelope(call.body());
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
