#include "codec/openai_chat/error.hpp"

#include <charconv>

#include "base/ascii.hpp"
#include "codec/json_writer.hpp"
#include "codec/openai_chat/openai_chat.hpp"

namespace smg::codec::chat {
namespace {

bool holds(std::string_view text, std::initializer_list<std::string_view> words) {
    for (const auto word : words)
        if (text.find(word) != std::string_view::npos) return true;
    return false;
}

/// What a body that is no JSON says (a CDN's HTML, a proxy's line): at most 200 bytes, printable.
std::string sanitised(std::string_view body) {
    std::string out;
    for (const char c : body.substr(0, 200)) {
        const auto byte = static_cast<unsigned char>(c);
        out += byte < 0x20 || byte >= 0x7F ? ' ' : c;
    }
    return std::string(trim(out));
}

/// FastAPI's `detail`: a string, or a list of `{"loc","msg"}`.
std::string detail_message(JsonNode detail) {
    if (detail.is_string()) return std::string(detail.text());
    std::string out;
    for (JsonNode item : detail) {
        if (!out.empty()) out += "; ";
        out += item["msg"].text();
        std::string place;
        for (JsonNode step : item["loc"]) place += (place.empty() ? "" : ".") + std::string(step.is_string() ? step.text() : step.raw());
        if (!place.empty()) out += " (" + place + ")";
    }
    return out;
}

std::string text_of(JsonNode node) { return std::string(node.is_number() ? node.raw() : node.text()); }

/// `google.rpc.RetryInfo`'s `"34.4s"`.
double retry_delay(JsonNode details) {
    for (JsonNode detail : details) {
        const auto delay = detail["retryDelay"].text();
        double seconds = 0;
        const auto [end, code] = std::from_chars(delay.data(), delay.data() + delay.size(), seconds);
        if (code == std::errc() && end != delay.data() && seconds >= 0) return seconds;
    }
    return -1;
}

void take_object(JsonNode node, ProviderError& error, int& embedded_status) {
    error.message = node["message"].text();
    error.type = node["type"].text();
    error.code = text_of(node["code"]);
    error.param = node["param"].text();
    error.native_type = error.type.empty() ? std::string(node["status"].text()) : error.type;
    error.retry_after_seconds = retry_delay(node["details"]);
    // OpenRouter and Gemini's compatible endpoint put the HTTP status there; the vendor's own words then stand below.
    if (const auto code = node["code"].integer(); code && *code >= 400 && *code < 600) {
        embedded_status = static_cast<int>(*code);
        error.code.clear();
    }
    if (const auto raw = node["metadata"]["raw"]; raw.is_string() && !raw.text().empty()) error.message += ": " + sanitised(raw.text());
}

void take_body(JsonNode body, ProviderError& error, int& embedded_status) {
    if (body.is_array() && body.size() > 0) return take_body(*body.begin(), error, embedded_status);
    const auto inner = body["error"];
    if (inner.is_object()) return take_object(inner, error, embedded_status);
    if (inner.is_string()) {  // xAI: the code is a word or a sentence
        error.message = inner.text();
        error.native_type = body["code"].text();
        return;
    }
    take_object(body, error, embedded_status);
    if (error.message.empty()) error.message = detail_message(body["detail"]);
    if (error.message.empty() && body.is_string()) error.message = body.text();
}

int status_of_words(const ProviderError& error) {
    const auto words = ascii_lower(error.type + " " + error.code + " " + error.native_type);
    if (holds(words, {"rate_limit", "insufficient_quota", "resource_exhausted", "too_many"})) return 429;
    if (holds(words, {"authentication", "invalid_api_key", "unauthenticated"})) return 401;
    if (holds(words, {"permission"})) return 403;
    if (holds(words, {"not_found"})) return 404;
    if (holds(words, {"invalid", "context_length", "unsupported"})) return 400;
    if (holds(words, {"overloaded", "unavailable"})) return 503;
    if (holds(words, {"timeout"})) return 504;
    if (holds(words, {"server_error", "internal"})) return 500;
    return 502;
}

/// Where the vendor's status and meaning differ from what OpenAI's clients know.
void settle_meaning(ProviderError& error) {
    const auto words = ascii_lower(error.message + " " + error.code + " " + error.type + " " + error.native_type);
    const auto bad_key = holds(words, {"api key", "api_key", "apikey"}) &&
                         holds(words, {"incorrect", "invalid", "not valid", "expired", "provide", "missing", "no api", "revoked"});
    if (error.status == 400 && bad_key) error.status = 401;  // xAI and Gemini answer 400 to a bad key (recorded)
    const bool money = error.status == 402 || error.code == "insufficient_quota" || error.type == "insufficient_quota" ||
                       holds(words, {"billing_hard_limit", "billing_not_active", "exceeded your current quota", "credit balance",
                                     "insufficient credit", "insufficient balance", "used all available credits", "spending limit", "spend limit"});
    if (money && (error.status == 400 || error.status == 402 || error.status == 403 || error.status == 429)) {
        error.status = 429;
        error.type = error.code = "insufficient_quota";
        error.should_not_retry = true;
    }
    if (error.status == 529) error.status = 503;
    if (error.status == 400 && error.code.empty() &&
        holds(words, {"maximum context length", "context window", "context_length", "maximum prompt length", "prompt is too long",
                      "input token count", "too many tokens"}))
        error.code = "context_length_exceeded";
}

/// Not everything that is not found is a model.
bool names_model(const ProviderError& error) { return holds(ascii_lower(error.message), {"model"}); }

void fill_words(ProviderError& error) {
    if (error.type.empty() || error.type == "error")
        error.type = error.status == 429 ? "rate_limit_error" : error.status >= 500 ? "server_error" : "invalid_request_error";
    if (error.code.empty()) {
        switch (error.status) {
            case 401: error.code = "invalid_api_key"; break;
            case 403: error.code = "permission_denied"; break;
            case 404: error.code = names_model(error) ? "model_not_found" : ""; break;
            case 413: error.code = "request_too_large"; break;
            case 429: error.code = "rate_limit_exceeded"; break;
            case 503: error.code = "overloaded"; break;
            case 504: error.code = "timeout"; break;
            default: break;
        }
    }
    if (error.message.empty()) error.message = "The provider answered with status " + std::to_string(error.native_status) + " and no message.";
}

}  // namespace

ProviderError read_error(int status, JsonNode body) {
    ProviderError error;
    error.native_status = status;
    int embedded = 0;
    take_body(body, error, embedded);
    error.status = status >= 400 ? status : embedded != 0 ? embedded : status_of_words(error);
    settle_meaning(error);
    fill_words(error);
    return error;
}

ProviderError truncated_error() {
    ProviderError error;
    error.status = 502;
    error.type = "server_error";
    error.code = "upstream_stream_truncated";
    error.message = "The provider's stream ended before the answer was complete.";
    return error;
}

ProviderError malformed_error(std::string message) {
    ProviderError error;
    error.status = 502;
    error.type = "server_error";
    error.code = "upstream_error";
    error.message = std::move(message);
    return error;
}

ProviderError decode_error(int status, std::string_view body) {
    JsonTree tree;
    if (const auto parsed = tree.parse(body)) return read_error(status, *parsed);
    ProviderError error;
    error.native_status = status;
    error.status = status >= 400 ? status : 502;
    error.message = sanitised(body);
    settle_meaning(error);
    fill_words(error);
    return error;
}

std::string encode_error(const ProviderError& error) {
    std::string out;
    JsonWriter json(out);
    const auto text_or_null = [&](std::string_view name, const std::string& value) {
        if (value.empty())
            json.key(name).null();
        else
            json.member(name, value);
    };
    const std::string_view type = !error.type.empty()   ? std::string_view(error.type)
                                  : error.status == 429 ? "rate_limit_error"
                                  : error.status >= 500 ? "server_error"
                                                        : "invalid_request_error";
    json.begin_object().key("error").begin_object().member("message", error.message).member("type", type);
    text_or_null("param", error.param);
    text_or_null("code", error.code);
    json.end_object().end_object();
    return out;
}

}  // namespace smg::codec::chat
