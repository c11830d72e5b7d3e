#include "base/ascii.hpp"
#include "http/target.hpp"
#include "simulator/gemini_content.hpp"
#include "simulator/gemini_more.hpp"
#include "simulator/providers.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

/// google.rpc.Code by HTTP status (cloud.google.com/apis/design/errors).
GeminiError failure(int status) {
    switch (status) {
        case 401: return {401, "UNAUTHENTICATED", "Request had invalid authentication credentials."};
        case 403: return {403, "PERMISSION_DENIED", "The caller does not have permission"};
        case 404: return {404, "NOT_FOUND", "Requested entity was not found."};
        case 429: return {429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."};
        case 500:
            return {500, "INTERNAL",
                    "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting"};
        case 503: return {503, "UNAVAILABLE", "The model is overloaded. Please try again later."};
        case 504: return {504, "DEADLINE_EXCEEDED", "The request timed out. Please try again."};
        default: break;
    }
    if (status < 500) return {status, "INVALID_ARGUMENT", "Simulated refusal with status " + std::to_string(status) + "."};
    return {status, "INTERNAL", "Internal error encountered."};
}

GeminiError invalid(std::string message) { return {400, "INVALID_ARGUMENT", std::move(message)}; }

std::optional<GeminiError> key_refusal(const Call& call) {
    auto key = std::string(call.request.fields.get("x-goog-api-key"));
    if (key.empty()) key = http::query_parameter(call.request.query, "key").value_or("");
    if (key.empty()) key = bearer_of(call.request.fields);
    switch (check_key(call, "gemini", key)) {
        case KeyCheck::right: return std::nullopt;
        case KeyCheck::missing:
            return GeminiError{
                403, "PERMISSION_DENIED",
                "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API "
                "consumer identity to call this API."};
        case KeyCheck::wrong: break;
    }
    // A wrong key is a 400 there.
    auto error = invalid("API key not valid. Please pass a valid API key.");
    error.reason = "API_KEY_INVALID";
    return error;
}

ContentAnswer answer_of(const Call& call, const Json& body, const Model& model, const Prompt& prompt) {
    ContentAnswer answer;
    answer.seed = call.seed("content");
    answer.id = made_up(answer.seed, 23);
    answer.model = model.id;
    answer.prompt_tokens = prompt.prompt_tokens;
    answer.shows_thoughts = flag_member(member(member(body, "generationConfig"), "thinkingConfig"), "includeThoughts");
    answer.signs_calls = model.signed_calls;
    return answer;
}

std::string event_of(const Json& data) { return "data: " + dump(data) + "\r\n\r\n"; }

/// Without `alt=sse` a stream is a JSON array that grows.
SimulatedReply array_reply(const Call& call, const std::vector<Json>& chunks, const Steering& steering) {
    std::vector<std::string> pieces;
    for (const auto& chunk : chunks) pieces.push_back((pieces.empty() ? "[" : "\n,\r\n") + dump(chunk));
    const auto error = (steering.error_first ? "[" : "\n,\r\n") + dump(gemini_error_json(failure(503))) + "\n]";
    return streamed_reply(call, gemini_head(call, "application/json; charset=UTF-8"), std::move(pieces), error, "\n]", steering);
}

SimulatedReply stream_reply(const Call& call, const ContentAnswer& answer, const Plan& plan, const Steering& steering) {
    auto chunks = content_chunks(answer, plan, pieces_of(call, steering));
    if (http::query_parameter(call.request.query, "alt").value_or("") != "sse")
        return array_reply(call, chunks, steering);
    std::vector<std::string> events;
    events.reserve(chunks.size());
    for (const auto& chunk : chunks) events.push_back(event_of(chunk));
    return streamed_reply(call, gemini_head(call, "text/event-stream"), std::move(events), event_of(gemini_error_json(failure(503))), {}, steering);
}

SimulatedReply generate_reply(const Call& call, const Model& model, bool stream) {
    auto body = parse_json(call.request.body);
    if (!body || !body->is_object()) return gemini_refuse(call, invalid("Invalid JSON payload received. Unexpected end of string.\n"));
    const auto problems = content_shape().check(*body, Naming::proto);
    if (!problems.empty()) return gemini_refuse(call, error_of(problems.front()));
    if (model.embeds) return gemini_refuse(call, {404, "NOT_FOUND", "models/" + model.id + " is not supported for generateContent."});
    if (const auto refusal = content_refusal(*body, model)) return gemini_refuse(call, *refusal);
    const auto prompt = content_prompt(*body, model);
    const auto& steering = prompt.steering;
    SimulatedReply early;
    if (ends_early(call, steering, gemini_head(call, "application/json; charset=UTF-8"), early)) return early;
    if (steering.status) return gemini_refuse(call, failure(*steering.status));
    if (steering.quota)
        return gemini_refuse(call, {429, "RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan and billing details.", {}, {},
                                    "GenerateRequestsPerDayPerProjectPerModel-FreeTier"});
    const auto plan = make_plan(prompt);
    const auto answer = answer_of(call, *body, model, prompt);
    if (stream) return stream_reply(call, answer, plan, steering);
    if (steering.error_event || steering.error_first) return gemini_refuse(call, failure(503));
    return whole_reply(call, 200, gemini_head(call, "application/json; charset=UTF-8"), dump(content_json(answer, plan)), steering);
}

}  // namespace

http::Fields gemini_head(const Call& call, std::string_view content_type) {
    http::Fields fields;
    fields.add("Content-Type", std::string(content_type));
    fields.add("Vary", "Origin");
    fields.add("Vary", "X-Origin");
    fields.add("Server", "scaffolding on HTTPServer2");
    fields.add("X-XSS-Protection", "0");
    fields.add("X-Frame-Options", "SAMEORIGIN");
    fields.add("X-Content-Type-Options", "nosniff");
    fields.add("Server-Timing", "gfet4t7; dur=" + std::to_string(100 + call.seed("time") % 900));
    return fields;
}

Json gemini_error_json(const GeminiError& error) {
    Json inner{{"code", error.status}, {"message", error.message}, {"status", error.code}};
    if (!error.field.empty())
        inner["details"] = Json::array({Json{{"@type", "type.googleapis.com/google.rpc.BadRequest"},
                                             {"fieldViolations", Json::array({Json{{"field", error.field}, {"description", error.message}}})}}});
    if (!error.reason.empty())
        inner["details"] = Json::array({Json{{"@type", "type.googleapis.com/google.rpc.ErrorInfo"},
                                             {"reason", error.reason},
                                             {"domain", "googleapis.com"},
                                             {"metadata", {{"service", "generativelanguage.googleapis.com"}}}}});
    if (!error.quota.empty()) {
        const Json violation{{"quotaMetric", "generativelanguage.googleapis.com/generate_content_free_tier_requests"},
                             {"quotaId", error.quota},
                             {"quotaDimensions", {{"location", "global"}}},
                             {"quotaValue", "250"}};
        inner["details"].push_back({{"@type", "type.googleapis.com/google.rpc.QuotaFailure"}, {"violations", Json::array({violation})}});
    }
    if (error.status == 429) inner["details"].push_back({{"@type", "type.googleapis.com/google.rpc.RetryInfo"}, {"retryDelay", "2s"}});
    return {{"error", std::move(inner)}};
}

SimulatedReply gemini_refuse(const Call& call, const GeminiError& error) {
    return whole_reply(call, error.status, gemini_head(call, "application/json; charset=UTF-8"), dump(gemini_error_json(error)));
}

SimulatedReply gemini_reply(const Call& call) {
    if (auto refusal = key_refusal(call)) return gemini_refuse(call, *refusal);
    if (call.forced_status != 0) return gemini_refuse(call, failure(call.forced_status));
    std::string_view path = call.path;
    for (const std::string_view version : {"/v1beta", "/v1alpha", "/v1"})
        if (path.starts_with(version)) {
            path.remove_prefix(version.size());
            break;
        }
    constexpr std::string_view models = "/models";
    if (call.request.method == "GET" && path == models) return gemini_models_reply(call);
    if (!path.starts_with("/models/")) return gemini_refuse(call, failure(404));
    path.remove_prefix(models.size() + 1);
    const auto colon = path.rfind(':');
    const auto id = std::string(path.substr(0, colon));
    const auto* model = find_model("gemini", id);
    if (model == nullptr)
        return gemini_refuse(call, {404, "NOT_FOUND",
                                    "models/" + id +
                                        " is not found for API version v1beta, or is not supported for generateContent. Call "
                                        "ListModels to see the list of available models and their supported methods."});
    if (colon == std::string_view::npos && call.request.method == "GET") return gemini_model_reply(call, *model);
    const auto verb = colon == std::string_view::npos ? std::string_view() : path.substr(colon + 1);
    if (call.request.method != "POST") return gemini_refuse(call, failure(404));
    if (verb == "generateContent") return generate_reply(call, *model, false);
    if (verb == "streamGenerateContent") return generate_reply(call, *model, true);
    return gemini_other_reply(call, *model, verb);
}

}  // namespace smg::simulator
