#include <algorithm>

#include "http/sse.hpp"
#include "simulator/openai_chat.hpp"
#include "simulator/openai_more.hpp"
#include "simulator/providers.hpp"
#include "simulator/responses.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

Json null_or(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json error_json(const Refusal& refusal) {
    return {{"error", {{"message", refusal.message}, {"type", refusal.type}, {"param", null_or(refusal.param)}, {"code", null_or(refusal.code)}}}};
}

http::Fields head(const Call& call, std::string_view content_type) {
    const auto seed = call.seed("head");
    http::Fields fields;
    fields.add("Content-Type", std::string(content_type));
    fields.add("access-control-expose-headers", "X-Request-ID");
    fields.add("openai-organization", "simulated-org");
    fields.add("openai-processing-ms", std::to_string(20 + seed % 400));
    fields.add("openai-project", "proj_" + made_up(1, 24));
    fields.add("openai-version", "2020-10-01");
    fields.add("x-envoy-upstream-service-time", std::to_string(30 + seed % 400));
    fields.add("x-ratelimit-limit-requests", "10000");
    fields.add("x-ratelimit-limit-tokens", "30000000");
    fields.add("x-ratelimit-remaining-requests", std::to_string(9999 - call.number % 100));
    fields.add("x-ratelimit-remaining-tokens", std::to_string(29999980 - seed % 1000));
    fields.add("x-ratelimit-reset-requests", "6ms");
    fields.add("x-ratelimit-reset-tokens", "0s");
    fields.add("x-request-id", "req_" + made_up_hex(seed, 32));
    fields.add("strict-transport-security", "max-age=31536000; includeSubDomains; preload");
    fields.add("cf-cache-status", "DYNAMIC");
    fields.add("Set-Cookie", "__cf_bm=" + made_up(seed, 43) + "; path=/; domain=.api.openai.com; HttpOnly; Secure; SameSite=None");
    fields.add("X-Content-Type-Options", "nosniff");
    fields.add("Server", "cloudflare");
    fields.add("CF-RAY", made_up_hex(seed, 16) + "-AMS");
    fields.add("alt-svc", "h3=\":443\"; ma=86400");
    return fields;
}

SimulatedReply refuse(const Call& call, const Refusal& refusal) {
    auto fields = head(call, "application/json; charset=utf-8");
    if (refusal.status == 429 && refusal.code != "insufficient_quota") {
        fields.add("retry-after-ms", "1000");
        fields.add("retry-after", "1");
    }
    if (refusal.code == "insufficient_quota") fields.add("x-should-retry", "false");
    return whole_reply(call, refusal.status, std::move(fields), error_json(refusal).dump(2, ' ', false, Json::error_handler_t::replace));
}

Refusal failure(int status) {
    switch (status) {
        case 401:
            return {
                401, "Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.", {}, "invalid_api_key"};
        case 403: return {403, "Your project does not have access to this model.", {}, "model_not_found"};
        case 404: return {404, "The model does not exist or you do not have access to it.", {}, "model_not_found"};
        case 429:
            return {429,
                    "Rate limit reached for requests per min (RPM): Limit 10000, Used 10000, Requested 1. Please try again in 1s.",
                    {},
                    "rate_limit_exceeded",
                    "requests"};
        case 503: return {503, "The engine is currently overloaded, please try again later.", {}, {}, "server_error"};
        default: break;
    }
    if (status < 500) return {status, "Simulated refusal with status " + std::to_string(status) + ".", {}, {}};
    return {status, "The server had an error while processing your request. Sorry about that!", {}, {}, "server_error"};
}

std::string error_event() {
    std::string event;
    const Refusal refusal{500, "The server had an error while processing your request. Sorry about that!", {}, {}, "server_error"};
    http::append_sse_event(event, {}, dump(error_json(refusal)));
    return event;
}

std::string shown_key(const std::string& key) {
    if (key.size() < 12) return std::string(key.size(), '*');
    return key.substr(0, 4) + std::string(key.size() - 8, '*') + key.substr(key.size() - 4);
}

std::optional<Refusal> key_refusal(const Call& call) {
    const auto key = bearer_of(call.request.fields);
    switch (check_key(call, "openai", key)) {
        case KeyCheck::right: return std::nullopt;
        case KeyCheck::missing:
            return Refusal{401,
                           "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. "
                           "Authorization: Bearer YOUR_KEY).",
                           {},
                           {}};
        case KeyCheck::wrong: break;
    }
    return Refusal{401,
                   "Incorrect API key provided: " + shown_key(key) + ". You can find your API key at https://platform.openai.com/account/api-keys.",
                   {},
                   "invalid_api_key"};
}

Json model_json(const Model& model, const std::string& id) {
    return {{"id", id}, {"object", "model"}, {"created", model.created}, {"owned_by", "system"}};
}

SimulatedReply models_reply(const Call& call) {
    Json list = Json::array();
    for (const auto& model : models_of("openai")) {
        list.push_back(model_json(model, model.id));
        if (!model.snapshot.empty()) list.push_back(model_json(model, model.snapshot));
    }
    return whole_reply(call, 200, head(call, "application/json"), dump({{"object", "list"}, {"data", std::move(list)}}));
}

SimulatedReply model_reply(const Call& call, const std::string& id) {
    if (const auto* model = find_model("openai", id)) return whole_reply(call, 200, head(call, "application/json"), dump(model_json(*model, id)));
    return refuse(call, {404, "The model '" + id + "' does not exist", "model", "model_not_found"});
}

bool is_json_request(const Call& call) { return istarts_with(call.request.fields.get("content-type"), "application/json"); }

constexpr ChatProvider openai{Flavour::openai, head, refuse, failure, error_event};

using PathReply = SimulatedReply (*)(const Call&, const ChatProvider&);
/// Where JSON is posted to.
constexpr std::pair<std::string_view, PathReply> json_paths[] = {
    {"/v1/chat/completions", chat_reply},   {"/v1/embeddings", embeddings_reply},     {"/v1/completions", completions_reply},
    {"/v1/moderations", moderations_reply}, {"/v1/images/generations", images_reply}, {"/v1/audio/speech", speech_reply},
};

bool is_json_path(const std::string& path) {
    return std::any_of(std::begin(json_paths), std::end(json_paths), [&](const auto& each) { return each.first == path; });
}

SimulatedReply post_reply(const Call& call) {
    if (call.path == "/v1/audio/transcriptions" || call.path == "/v1/audio/translations") return transcriptions_reply(call, openai);
    if (call.path == "/v1/images/edits") return image_edits_reply(call, openai);
    if (!is_json_request(call))
        return refuse(call, {400, "you must provide a model parameter", {}, {}});  // what it says of a body that it does not read
    for (const auto& [path, reply] : json_paths)
        if (call.path == path) return reply(call, openai);
    return refuse(call, {404, "Invalid URL (POST " + call.path + ")", {}, {}});
}

}  // namespace

SimulatedReply openai_reply(const Call& call) {
    if (auto refusal = key_refusal(call)) return refuse(call, *refusal);
    if (call.forced_status != 0) return refuse(call, failure(call.forced_status));
    const auto& method = call.request.method;
    constexpr std::string_view models = "/v1/models";
    const bool is_models = call.path.rfind(models, 0) == 0;
    if (method == "GET" && call.path == models) return models_reply(call);
    if (method == "GET" && is_models && call.path[models.size()] == '/') return model_reply(call, call.path.substr(models.size() + 1));
    if (call.path == "/v1/responses" || call.path.starts_with("/v1/responses/")) return responses_reply(call, openai);
    if (call.path == "/v1/files" || call.path.starts_with("/v1/files/")) return files_reply(call, openai);
    if (method == "POST" && !is_models) return post_reply(call);
    if (is_models || is_json_path(call.path))
        return refuse(call, {405, "Not allowed to " + method + " on " + call.path + ".", {}, "method_not_supported"});
    return refuse(call, {404, "Invalid URL (" + method + " " + call.path + ")", {}, {}});
}

}  // namespace smg::simulator
