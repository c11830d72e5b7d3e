#include "codec/anthropic_messages/error.hpp"

#include <simdjson.h>

#include <algorithm>

#include "codec/anthropic_messages/anthropic_messages.hpp"
#include "codec/json_writer.hpp"

namespace smg::codec::messages {
namespace {

/// One row of the error table: what Anthropic says, and what an OpenAI client reads.
struct Row {
    std::string_view native;
    int status;         ///< Anthropic's
    int client_status;  ///< 402 and 529 are not understood everywhere
    std::string_view type;
    std::string_view code;
};

constexpr Row rows[] = {
    {"invalid_request_error", 400, 400, "invalid_request_error", ""},
    {"authentication_error", 401, 401, "invalid_request_error", "invalid_api_key"},
    {"billing_error", 402, 429, "insufficient_quota", "insufficient_quota"},
    {"permission_error", 403, 403, "invalid_request_error", "permission_denied"},
    {"not_found_error", 404, 404, "invalid_request_error", "model_not_found"},
    {"conflict_error", 409, 409, "invalid_request_error", ""},
    {"request_too_large", 413, 413, "invalid_request_error", "request_too_large"},
    {"rate_limit_error", 429, 429, "rate_limit_error", "rate_limit_exceeded"},
    {"api_error", 500, 500, "server_error", ""},
    {"timeout_error", 504, 504, "server_error", "timeout"},
    {"overloaded_error", 529, 503, "server_error", "overloaded"},
};

const Row* row_of(std::string_view native) {
    const auto* found = std::find_if(std::begin(rows), std::end(rows), [&](const Row& row) { return row.native == native; });
    return found == std::end(rows) ? nullptr : found;
}

const Row* row_of(int status) {
    const auto* found = std::find_if(std::begin(rows), std::end(rows), [&](const Row& row) { return row.status == status; });
    return found == std::end(rows) ? nullptr : found;
}

bool contains_any(std::string_view text, std::initializer_list<std::string_view> needles) {
    return std::any_of(needles.begin(), needles.end(), [&](std::string_view needle) { return text.find(needle) != std::string_view::npos; });
}

/// Two things that are told in the words of a 400 only.
void read_words(ProviderError& error) {
    if (error.type != "invalid_request_error" || (error.status != 400 && error.status != 413)) return;
    if (contains_any(error.message, {"credit balance is too low", "API usage limits", "spend limit", "spending limit"})) {
        error.status = 429;
        error.type = error.code = "insufficient_quota";
    } else if (contains_any(error.message, {"prompt is too long", "context window", "exceed context limit"})) {
        error.code = "context_length_exceeded";
    }
}

ProviderError classify(int status, std::string_view native, std::string message) {
    ProviderError error;
    error.native_status = status;
    error.native_type = native;
    error.message = std::move(message);
    const auto* row = row_of(native);
    if (!row) row = row_of(status);
    const bool is_error_status = status >= 400;
    if (row) {
        error.type = row->type;
        error.code = row->code;
        error.status = !is_error_status || status == row->status ? row->client_status : status;
    } else {
        error.type = status >= 400 && status < 500 ? "invalid_request_error" : "server_error";
        error.status = is_error_status ? status : 502;
    }
    if (error.status == 402) error.status = 429;
    if (error.status == 529) error.status = 503;
    read_words(error);
    error.should_not_retry = error.code == "insufficient_quota";
    return error;
}

/// The beginning of a body that is no JSON, a CDN's page for instance, fit for an error message.
std::string sanitised(std::string_view body) {
    std::string out(body.substr(0, 200));
    if (body.size() > 200)
        while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0x80U) != 0) out.pop_back();
    const bool valid = simdjson::validate_utf8(out.data(), out.size());
    for (auto& c : out) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F)
            c = ' ';
        else if (!valid && byte >= 0x80)
            c = '?';
    }
    return out;
}

std::string fallback_message(int status) { return "The provider answered with status " + std::to_string(status) + "."; }

}  // namespace

ProviderError error_from(int status, JsonNode root) {
    const auto error = root["error"];
    auto message = error.is_string() ? error.text() : error["message"].text();
    if (message.empty()) message = root["message"].text();
    auto native = error["type"].text();
    if (native.empty() && root["type"].text() != "error") native = root["type"].text();
    return classify(status, native, message.empty() ? fallback_message(status) : std::string(message));
}

ProviderError decode_error(int status, std::string_view body) {
    JsonTree tree;
    const auto parsed = tree.parse(body);
    if (parsed && parsed->is_object()) return error_from(status, *parsed);
    const auto message = sanitised(body);
    return classify(status, {}, message.find_first_not_of(' ') == std::string::npos ? fallback_message(status) : message);
}

std::string_view error_type(const ProviderError& error) {
    // OpenAI has words of its own that are spelled like Anthropic's: `invalid_request_error` is its type of a 401 and of a 404 too.
    if (const auto* row = row_of(error.native_type); row && (error.status == 0 || error.status == row->status || error.status == row->client_status))
        return row->native;
    if (error.code == "insufficient_quota" || error.type == "insufficient_quota") return "billing_error";
    if (error.code == "overloaded") return "overloaded_error";
    if (error.status == 408) return "timeout_error";
    if (error.status != 0)
        if (const auto* row = row_of(error.status)) return row->native;
    if (error.type == "rate_limit_error") return "rate_limit_error";
    if ((error.status >= 400 && error.status < 500) || (error.status == 0 && error.type == "invalid_request_error")) return "invalid_request_error";
    return "api_error";
}

std::string error_body(const ProviderError& error, std::string_view request_id) {
    constexpr std::string_view too_long = "prompt is too long";
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("type", "error").key("error").begin_object().member("type", error_type(error));
    // Agents know by these words that it is time to shorten the conversation.
    if (error.code == "context_length_exceeded" && error.message.find(too_long) == std::string::npos)
        json.member("message", std::string(too_long) + ": " + error.message);
    else
        json.member("message", error.message);
    // Anthropic's SDKs then send the whole conversation, without a thread to keep it in.
    if (error.status == 400 && error.param == "thread")
        json.key("details").begin_object().member("error_code", "thread_unsupported_request").end_object();
    json.end_object().key("request_id");
    if (request_id.empty())
        json.null();
    else
        json.string(request_id);
    json.end_object();
    return out;
}

std::string encode_error(const ProviderError& error, std::string_view request_id) { return error_body(error, request_id); }

}  // namespace smg::codec::messages
