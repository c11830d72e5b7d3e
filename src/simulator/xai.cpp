#include "http/sse.hpp"
#include "simulator/openai_chat.hpp"
#include "simulator/providers.hpp"
#include "simulator/responses.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

http::Fields head(const Call& call, std::string_view content_type) {
    const auto seed = call.seed("head");
    http::Fields fields;
    fields.add("content-type", content_type == "text/event-stream; charset=utf-8" ? "text/event-stream" : std::string(content_type));
    fields.add("vary", "origin, access-control-request-method, access-control-request-headers");
    fields.add("x-ratelimit-limit-requests", "1800");
    fields.add("x-ratelimit-limit-tokens", "10000000");
    fields.add("x-ratelimit-remaining-requests", std::to_string(1800 - call.number % 100));
    fields.add("x-ratelimit-remaining-tokens", std::to_string(10000000 - seed % 10000));
    fields.add("x-request-id", made_up_uuid(seed));
    fields.add("x-zero-data-retention", "false");
    fields.add("x-metrics-ttft-ms", std::to_string(300 + seed % 200) + ".0");
    fields.add("x-metrics-e2e-ms", std::to_string(900 + seed % 600) + ".5");
    fields.add("cf-cache-status", "DYNAMIC");
    fields.add("set-cookie", "__cf_bm=" + made_up(seed, 43) + "; path=/; domain=.x.ai; HttpOnly; Secure; SameSite=None");
    fields.add("server", "cloudflare");
    fields.add("cf-ray", made_up_hex(seed, 16) + "-FRA");
    return fields;
}

/// xAI's word for a status; what follows it is the message.
std::string code_of(int status) {
    switch (status) {
        case 400: return "invalid-argument";
        case 401: return "unauthenticated:no-credentials";
        case 403: return "The caller does not have permission to execute the specified operation";
        case 404: return "Some requested entity was not found";
        case 405: return "method-not-allowed";
        case 429: return "Some resource has been exhausted";
        case 503: return "The service is currently unavailable";
        default: return status < 500 ? "invalid-argument" : "internal";
    }
}

Json error_json(const Refusal& refusal) { return {{"code", code_of(refusal.status)}, {"error", refusal.message}}; }

SimulatedReply refuse(const Call& call, const Refusal& refusal) {
    auto fields = head(call, "application/json");
    if (refusal.status == 429) fields.add("retry-after", "1");
    return whole_reply(call, refusal.status, std::move(fields), dump(error_json(refusal)));
}

Refusal failure(int status) {
    if (status == 429) return {429, "Your team has reached its rate limit. Please try again later."};
    if (status == 503) return {503, "The model is currently at capacity due to high demand. Please try again in a few minutes."};
    if (status == 404) return {404, "The model does not exist or your team does not have access to it."};
    if (status < 500) return {status, "Simulated refusal with status " + std::to_string(status) + "."};
    return {status, "Internal server error."};
}

std::string error_event() {
    std::string event;
    http::append_sse_event(event, {}, dump(error_json(failure(500))));
    return event;
}

std::optional<Refusal> key_refusal(const Call& call) {
    const auto key = bearer_of(call.request.fields);
    switch (check_key(call, "xai", key)) {
        case KeyCheck::right: return std::nullopt;
        case KeyCheck::missing: return Refusal{401, "No API key provided. You can obtain an API key from https://console.x.ai."};
        case KeyCheck::wrong: break;
    }
    // A wrong key is a 400 there.
    return Refusal{400, "Incorrect API key provided. You can obtain an API key from https://console.x.ai."};
}

Json model_json(const Model& model, const std::string& id) {
    return {{"id", id}, {"created", model.created}, {"object", "model"}, {"owned_by", "xai"}};
}

SimulatedReply models_reply(const Call& call) {
    Json list = Json::array();
    for (const auto& model : models_of("xai")) {
        list.push_back(model_json(model, model.id));
        if (!model.snapshot.empty()) list.push_back(model_json(model, model.snapshot));
    }
    return whole_reply(call, 200, head(call, "application/json"), dump({{"data", std::move(list)}, {"object", "list"}}));
}

SimulatedReply model_reply(const Call& call, const std::string& id) {
    if (const auto* model = find_model("xai", id)) return whole_reply(call, 200, head(call, "application/json"), dump(model_json(*model, id)));
    return refuse(call, {404, "The model " + id + " does not exist or your team does not have access to it."});
}

}  // namespace

SimulatedReply xai_reply(const Call& call) {
    if (auto refusal = key_refusal(call)) return refuse(call, *refusal);
    if (call.forced_status != 0) return refuse(call, failure(call.forced_status));
    const auto& method = call.request.method;
    constexpr std::string_view models = "/v1/models";
    const bool is_models = call.path.rfind(models, 0) == 0;
    if (method == "GET" && call.path == models) return models_reply(call);
    if (method == "GET" && is_models && call.path[models.size()] == '/') return model_reply(call, call.path.substr(models.size() + 1));
    if (call.path == "/v1/responses" || call.path.starts_with("/v1/responses/"))
        return responses_reply(call, {Flavour::xai, head, refuse, failure, error_event});
    if (call.path == "/v1/chat/completions") {
        if (method != "POST") return refuse(call, {405, "Method not allowed."});
        if (!istarts_with(call.request.fields.get("content-type"), "application/json"))
            return refuse(call, {415, "Expected request with `Content-Type: application/json`"});
        return chat_reply(call, {Flavour::xai, head, refuse, failure, error_event});
    }
    return refuse(call, {404, "The requested resource was not found. Please check the URL and try again."});
}

}  // namespace smg::simulator
