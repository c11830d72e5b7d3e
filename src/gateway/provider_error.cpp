#include "gateway/provider_error.hpp"

#include <cmath>

#include "codec/json_tree.hpp"
#include "gateway/failure.hpp"
#include "gateway/worker_words.hpp"
#include "http/media_type.hpp"
#include "providers/headers.hpp"

namespace smg::gateway {
namespace {

/// Whether clients of the format find their error in the body: proxies and engines have shapes of their own, or none.
bool has_shape(providers::ApiFormat format, std::string_view body) {
    codec::JsonTree tree;
    const auto parsed = tree.parse(body);
    if (!parsed) return false;
    // A stream of Gemini's that was never begun may be a list of one error.
    const bool listed = format == providers::ApiFormat::gemini && parsed->is_array() && parsed->size() > 0;
    const auto root = listed ? *parsed->begin() : *parsed;
    if (format == providers::ApiFormat::anthropic_messages && (root["type"].text() != "error" || !root["error"]["type"].is_string())) return false;
    return root["error"]["message"].is_string();
}

/// The body may be shown as it came: the client's format, and no meaning that had to be mapped. 529 is a status of Anthropic's own format.
bool passes(bool same_format, const providers::Provider& provider, const ProviderAnswer& answer, const codec::ProviderError& error) {
    if (!same_format || provider.quirks.string_errors || !http::is_json(answer.head.fields.get("content-type"))) return false;
    const bool own_status = answer.head.status == 529 && answer.format == providers::ApiFormat::anthropic_messages;
    return (error.status == answer.head.status || own_status) && has_shape(answer.format, answer.body);
}

Error refused_stored_key(const routing::Choice& choice) {
    return Error(Failure::upstream_credential,
                 "the provider refused the key that is stored for worker '" + choice.worker->label() + "'; its operator has to replace it");
}

}  // namespace

std::string_view code_of(const codec::ProviderError& error) noexcept {
    if (error.should_not_retry && error.status == 429) return error_code(Failure::insufficient_quota);
    switch (error.status) {
        case 401: return error_code(Failure::invalid_api_key);
        case 403: return error_code(Failure::forbidden);
        case 404: return error_code(error.code == "model_not_found" ? Failure::model_not_found : Failure::not_found);
        case 408: return error_code(Failure::request_timeout);
        case 409: return error_code(Failure::conflict);
        case 413: return error_code(Failure::payload_too_large);
        case 415: return error_code(Failure::unsupported_media_type);
        case 429: return error_code(Failure::rate_limit_exceeded);
        case 503:
        case 529: return error_code(Failure::service_unavailable);
        case 504: return error_code(Failure::upstream_timeout);
        default: return error.status < 500 ? error_code(Failure::invalid_request) : error_code(Failure::upstream_error);
    }
}

codec::ProviderError stated_error(const ProviderAnswer& answer, std::int64_t now) {
    auto error = providers::codec_of(answer.format).decode_error(answer.head.status, answer.body);
    const bool wait = stated_wait(answer.head.fields, error, now).has_value();
    if (answer.head.status == 429 && class_of(answer.head.status, error, answer.format, wait) == workers::FailureClass::quota) {
        error.type = error.code = "insufficient_quota";
        error.should_not_retry = true;
    }
    return error;
}

Reply provider_error_answer(ErrorShape shape, bool same_format, const routing::Choice& choice, const ProviderAnswer& answer,
                            std::string_view request_id, std::int64_t now) {
    const auto& provider = choice.worker->provider();
    auto error = stated_error(answer, now);
    const bool stored = choice.key_source == routing::KeySource::stored;
    auto passed = providers::response_headers(provider, answer.head.fields, same_format, now);
    passed.erase("content-type");
    const auto secrets = secrets_of(choice);
    hide(secrets, passed);
    Reply reply;
    if (stored && error.status == 401) {
        // Not a word of the provider's: it may tell of the key.
        reply = error_reply(shape, refused_stored_key(choice), request_id);
    } else if (passes(same_format, provider, answer, error)) {
        reply.head.status = answer.head.status;
        reply.head.fields.add("content-type", std::string(answer.head.fields.get("content-type")));
        reply.head.fields.add("x-smg-error-code", std::string(code_of(error)));
        reply.body = answer.body;
        secrets.cut_out(reply.body);
    } else {
        hide(secrets, error);
        reply = provider_error_reply(shape, error, code_of(error), request_id);
    }
    for (const auto& field : passed) reply.head.fields.add(field.name, field.value);
    if (error.should_not_retry) reply.head.fields.set("x-should-retry", "false");
    if (error.retry_after_seconds >= 0 && !reply.head.fields.contains("retry-after"))
        reply.head.fields.add("retry-after", std::to_string(static_cast<long>(std::ceil(error.retry_after_seconds))));
    return reply;
}

}  // namespace smg::gateway
