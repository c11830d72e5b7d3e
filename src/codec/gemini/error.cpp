#include "codec/gemini/error.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <initializer_list>

#include "base/ascii.hpp"
#include "codec/gemini/fields.hpp"
#include "codec/gemini/gemini.hpp"
#include "codec/json_writer.hpp"

namespace smg::codec::google {
namespace {

struct RpcStatus {
    std::string_view name;
    int http;
    std::string_view type, code;  ///< OpenAI's words
};

/// The first of a status is the one that an error of that status is given.
constexpr std::array<RpcStatus, 16> rpc_statuses{{
    {"INVALID_ARGUMENT", 400, "invalid_request_error", ""},
    {"FAILED_PRECONDITION", 400, "invalid_request_error", ""},
    {"OUT_OF_RANGE", 400, "invalid_request_error", ""},
    {"UNAUTHENTICATED", 401, "invalid_request_error", "invalid_api_key"},
    {"PERMISSION_DENIED", 403, "invalid_request_error", "permission_denied"},
    {"NOT_FOUND", 404, "invalid_request_error", "model_not_found"},
    {"ABORTED", 409, "invalid_request_error", ""},
    {"ALREADY_EXISTS", 409, "invalid_request_error", ""},
    {"RESOURCE_EXHAUSTED", 429, "rate_limit_error", "rate_limit_exceeded"},
    {"CANCELLED", 499, "invalid_request_error", "cancelled"},
    {"INTERNAL", 500, "server_error", ""},
    {"UNKNOWN", 500, "server_error", ""},
    {"DATA_LOSS", 500, "server_error", ""},
    {"UNIMPLEMENTED", 501, "server_error", ""},
    {"UNAVAILABLE", 503, "server_error", "overloaded"},
    {"DEADLINE_EXCEEDED", 504, "server_error", "timeout"},
}};

const RpcStatus* by_name(std::string_view name) {
    for (const auto& status : rpc_statuses)
        if (status.name == name) return &status;
    return nullptr;
}

const RpcStatus* by_http(int http) {
    for (const auto& status : rpc_statuses)
        if (status.http == http) return &status;
    return nullptr;
}

bool holds(std::string_view text, std::string_view words) { return text.find(words) != std::string_view::npos; }

/// `RetryInfo.retryDelay`: `"34.4s"`.
double seconds_of(std::string_view delay) {
    double seconds = 0;
    const auto [end, code] = std::from_chars(delay.data(), delay.data() + delay.size(), seconds);
    return code == std::errc() && end != delay.data() && std::isfinite(seconds) && seconds >= 0 ? seconds : -1;
}

/// What a body that is no JSON says (a proxy's page): at most 200 bytes, printable.
std::string sanitised(std::string_view body) {
    std::string out;
    for (const char c : body.substr(0, 200)) {
        const auto byte = static_cast<unsigned char>(c);
        out += byte < 0x20 || byte >= 0x7F ? ' ' : c;
    }
    return std::string(trim(out));
}

/// Whether one of the quotas that were exceeded has one of these words in its name.
bool is_quota(JsonNode detail, std::initializer_list<std::string_view> words) {
    for (JsonNode violation : detail["violations"])
        for (const auto word : words)
            if (holds(member(violation, "quotaId").text(), word)) return true;
    return false;
}

/// The details refine what the status says.
void take_details(JsonNode details, ProviderError& error) {
    for (JsonNode detail : details) {
        if (const auto delay = member(detail, "retryDelay").text(); !delay.empty()) error.retry_after_seconds = seconds_of(delay);
        if (detail["reason"].text() == "API_KEY_INVALID") {  // recorded: a bad key is a 400
            error.status = 401;
            error.code = "invalid_api_key";
        }
        if (error.status == 429 && is_quota(detail, {"PerDay", "FreeTier"})) {
            error.type = error.code = "insufficient_quota";
            error.should_not_retry = error.should_not_retry || is_quota(detail, {"PerDay"});  // a minute's quota comes back
        }
        for (JsonNode violation : member(detail, "fieldViolations"))
            if (error.param.empty()) error.param = violation["field"].text();
    }
}

/// Where the message says more than the status.
void take_message(ProviderError& error) {
    const auto words = ascii_lower(error.message);
    if (error.status == 400 && holds(words, "api key") && (holds(words, "not valid") || holds(words, "invalid") || holds(words, "expired"))) {
        error.status = 401;
        error.code = "invalid_api_key";
    }
    if (error.status == 400 && holds(words, "token count") && holds(words, "exceeds")) error.code = "context_length_exceeded";
}

void settle(ProviderError& error, JsonNode details) {
    const auto* known = by_name(error.native_type);
    if (error.status == 0) error.status = known ? known->http : 502;
    if (!known || known->http != error.status) {
        if (const auto* same = by_http(error.status)) known = same;
    }
    error.type = known ? known->type : error.status >= 500 ? "server_error" : "invalid_request_error";
    error.code = known ? known->code : "";
    take_details(details, error);
    take_message(error);
    if (error.message.empty()) error.message = "The provider answered with status " + std::to_string(error.native_status) + " and no message.";
}

JsonNode unwrapped(JsonNode body) { return body.is_array() && body.size() > 0 ? *body.begin() : body; }

std::string_view rpc_name(const ProviderError& error) {
    const auto* own = by_name(error.native_type);
    if (own && own->http == error.status) return own->name;
    if (const auto* same = by_http(error.status)) return same->name;
    return error.status >= 500 ? "INTERNAL" : "INVALID_ARGUMENT";
}

ProviderError own_error(std::string code, std::string message) {
    ProviderError error;
    error.status = 502;
    error.type = "server_error";
    error.code = std::move(code);
    error.message = std::move(message);
    return error;
}

}  // namespace

bool is_error(JsonNode body) { return !unwrapped(body)["error"].is_absent_or_null(); }

ProviderError read_error(int status, JsonNode body) {
    ProviderError error;
    const auto inner = unwrapped(body)["error"];
    error.native_status = status;
    error.message = inner.is_string() ? inner.text() : inner["message"].text();
    error.native_type = inner["status"].text();
    error.status = status >= 400 ? status : 0;
    if (const auto code = inner["code"].integer(); error.status == 0 && code && *code >= 400 && *code < 600) error.status = static_cast<int>(*code);
    if (error.status == 529) error.status = 503;
    settle(error, inner["details"]);
    return error;
}

ProviderError truncated_error() { return own_error("upstream_stream_truncated", "The provider's stream ended before the answer was complete."); }

ProviderError malformed_error(std::string message) { return own_error("upstream_error", std::move(message)); }

ProviderError decode_error(int status, std::string_view body) {
    JsonTree tree;
    if (const auto parsed = tree.parse(body)) return read_error(status, *parsed);
    ProviderError error;
    error.native_status = status;
    error.status = status >= 400 ? status : 502;
    error.message = sanitised(body);
    settle(error, {});
    return error;
}

void append_error(std::string& out, const ProviderError& error) {
    JsonWriter json(out);
    const int status = error.status != 0 ? error.status : 500;
    json.begin_object().key("error").begin_object().number_member("code", status).member("message", error.message);
    json.member("status", rpc_name(error)).key("details").begin_array();
    if (error.status == 401 && error.code == "invalid_api_key") {
        json.begin_object().member("@type", "type.googleapis.com/google.rpc.ErrorInfo").member("reason", "API_KEY_INVALID");
        json.member("domain", "googleapis.com").end_object();
    }
    if (error.retry_after_seconds >= 0) {
        auto delay = std::to_string(static_cast<long long>(std::ceil(std::min(error.retry_after_seconds, 1e9)))) + "s";
        json.begin_object().member("@type", "type.googleapis.com/google.rpc.RetryInfo").member("retryDelay", delay).end_object();
    }
    json.end_array().end_object().end_object();
}

std::string encode_error(const ProviderError& error) {
    std::string out;
    append_error(out, error);
    return out;
}

}  // namespace smg::codec::google
