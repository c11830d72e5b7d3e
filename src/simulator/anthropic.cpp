#include "base/ascii.hpp"
#include "http/sse.hpp"
#include "http/target.hpp"
#include "simulator/anthropic_messages.hpp"
#include "simulator/providers.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

http::Fields head(const Call& call, std::string_view content_type) {
    http::Fields fields;
    fields.add("Content-Type", std::string(content_type));
    fields.add("anthropic-organization-id", made_up_uuid(1));
    fields.add("anthropic-ratelimit-input-tokens-limit", "2000000");
    fields.add("anthropic-ratelimit-input-tokens-remaining", std::to_string(1999000 - call.number % 1000));
    fields.add("anthropic-ratelimit-input-tokens-reset", "2025-11-24T12:00:01Z");
    fields.add("anthropic-ratelimit-requests-limit", "4000");
    fields.add("anthropic-ratelimit-requests-remaining", std::to_string(3999 - call.number % 100));
    fields.add("anthropic-ratelimit-requests-reset", "2025-11-24T12:00:01Z");
    fields.add("request-id", "req_011" + made_up(call.seed("request"), 21));
    fields.add("strict-transport-security", "max-age=31536000; includeSubDomains; preload");
    fields.add("via", "1.1 google");
    fields.add("cf-cache-status", "DYNAMIC");
    return fields;
}

Json error_json(const AnthropicError& error, const std::string& request_id) {
    Json body{{"type", "error"}, {"error", {{"type", error.type}, {"message", error.message}}}};
    if (!error.error_code.empty()) body["error"]["details"] = {{"error_code", error.error_code}};
    if (!request_id.empty()) body["request_id"] = request_id;
    return body;
}

SimulatedReply refuse(const Call& call, const AnthropicError& error) {
    auto fields = head(call, "application/json");
    const auto id = std::string(fields.get("request-id"));
    fields.add("x-should-retry", error.status == 429 || error.status >= 500 ? "true" : "false");
    if (error.status == 429 || error.status == 529) fields.add("retry-after", "2");
    return whole_reply(call, error.status, std::move(fields), dump(error_json(error, id)));
}

AnthropicError invalid(std::string message) { return {400, "invalid_request_error", std::move(message)}; }

/// Keeps no conversation, and says so in the words of the beta, on which SDKs send the whole one.
std::optional<AnthropicError> thread_refusal(const Call& call, const Json& body) {
    if (!has(body, "thread") || call.request.fields.get("anthropic-beta").find("message-threads-") == std::string_view::npos) return std::nullopt;
    return AnthropicError{400, "invalid_request_error", "thread: Threads are not available to this organization.", "thread_unsupported_request"};
}

/// docs.claude.com/en/api/errors
AnthropicError failure(int status) {
    switch (status) {
        case 401: return {401, "authentication_error", "invalid x-api-key"};
        case 403: return {403, "permission_error", "Your API key does not have permission to use the specified resource."};
        case 404: return {404, "not_found_error", "Not found"};
        case 413: return {413, "request_too_large", "Request exceeds the maximum size"};
        case 429: return {429, "rate_limit_error", "This request would exceed your organization's rate limit."};
        case 529: return {529, "overloaded_error", "Overloaded"};
        default: break;
    }
    if (status < 500) return {status, "invalid_request_error", "Simulated refusal with status " + std::to_string(status) + "."};
    return {status, "api_error", "Internal server error"};
}

std::string error_event() {
    std::string event;
    http::append_sse_event(event, "error", dump(error_json(failure(529), {})));
    return event;
}

std::optional<AnthropicError> access_refusal(const Call& call) {
    const auto& fields = call.request.fields;
    auto key = std::string(fields.get("x-api-key"));
    const auto bearer = bearer_of(fields);
    // OAuth tokens and JWTs alone travel as bearer tokens.
    if (key.empty() && (bearer.starts_with("sk-ant-oat") || bearer.starts_with("eyJ"))) key = bearer;
    switch (check_key(call, "anthropic", key)) {
        case KeyCheck::right: break;
        case KeyCheck::missing:
            return AnthropicError{401, "authentication_error", bearer.empty() ? "x-api-key header is required" : "Invalid bearer token"};
        case KeyCheck::wrong: return failure(401);
    }
    const auto version = fields.get("anthropic-version");
    if (version.empty()) return invalid("anthropic-version: header is required");
    if (version != "2023-06-01" && version != "2023-01-01" && version != "2026-10-21")
        return invalid("anthropic-version: \"" + std::string(version) + "\" is not a valid version. Try \"2023-06-01\".");
    return std::nullopt;
}

Json model_json(const Model& model, const std::string& id) {
    // The day of its release, as the list tells it.
    return {{"type", "model"},
            {"id", id},
            {"display_name", model.title},
            {"created_at", "2025-05-22T00:00:00Z"},
            {"max_input_tokens", model.context},
            {"max_tokens", model.output}};
}

SimulatedReply models_reply(const Call& call) {
    const auto limit_text = http::query_parameter(call.request.query, "limit").value_or("20");
    const auto after = http::query_parameter(call.request.query, "after_id").value_or("");
    const auto limit = static_cast<std::size_t>(std::max(1, std::min(1000, std::atoi(limit_text.c_str()))));
    std::vector<Json> all;
    for (const auto& model : models_of("anthropic")) {
        all.push_back(model_json(model, model.id));
        if (!model.snapshot.empty()) all.push_back(model_json(model, model.snapshot));
    }
    std::size_t begin = 0;
    for (std::size_t i = 0; i < all.size() && !after.empty(); ++i)
        if (text_member(all[i], "id") == after) begin = i + 1;
    const auto end = std::min(all.size(), begin + limit);
    Json page{{"data", Json::array()}, {"has_more", end < all.size()}, {"first_id", nullptr}, {"last_id", nullptr}};
    for (auto i = begin; i < end; ++i) page["data"].push_back(all[i]);
    if (begin < end) {
        page["first_id"] = all[begin]["id"];
        page["last_id"] = all[end - 1]["id"];
    }
    return whole_reply(call, 200, head(call, "application/json"), dump(page));
}

SimulatedReply model_reply(const Call& call, const std::string& id) {
    const auto* model = find_model("anthropic", id);
    if (model == nullptr) return refuse(call, {404, "not_found_error", "model: " + id});
    return whole_reply(call, 200, head(call, "application/json"), dump(model_json(*model, id)));
}

MessageAnswer answer_of(const Call& call, const Json& body, const Model& model, const Prompt& prompt, const Plan& plan) {
    MessageAnswer answer;
    answer.seed = call.seed("message");
    answer.id = "msg_01" + made_up(answer.seed, 22);
    answer.model = model.snapshot.empty() ? model.id : model.snapshot;
    answer.prompt_tokens = prompt.prompt_tokens;
    const auto text = dump(body);
    const bool marked = text.find("\"cache_control\"") != std::string::npos;
    if (marked && plan.cached_tokens == 0 && prompt.prompt_tokens >= 1024) answer.cache_written = prompt.prompt_tokens / 2;
    answer.short_cache = text.find("\"ttl\":\"1h\"") == std::string::npos;
    answer.omit_thinking = text_member(member(body, "thinking"), "display") == "omitted";
    answer.redacted = contains_word(prompt.user_text, "redacted");
    return answer;
}

SimulatedReply answer_messages(const Call& call, const Json& body, const Model& model) {
    const auto prompt = messages_prompt(body, model);
    const auto& steering = prompt.steering;
    const bool stream = flag_member(body, "stream");
    SimulatedReply early;
    if (ends_early(call, steering, head(call, "application/json"), early)) return early;
    if (steering.status) return refuse(call, failure(*steering.status));
    if (steering.quota)
        return refuse(
            call,
            invalid("Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."));
    const auto plan = make_plan(prompt);
    const auto answer = answer_of(call, body, model, prompt, plan);
    if (!stream && (steering.error_event || steering.error_first)) return refuse(call, failure(529));
    if (!stream) return whole_reply(call, 200, head(call, "application/json"), dump(message_json(answer, plan)), steering);
    return streamed_reply(call, head(call, "text/event-stream; charset=utf-8"), message_events(answer, plan, pieces_of(call, steering)),
                          error_event(), "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", steering);
}

SimulatedReply messages_reply(const Call& call, bool counting) {
    if (call.request.method != "POST") return refuse(call, {405, "invalid_request_error", "Method Not Allowed"});
    if (!istarts_with(call.request.fields.get("content-type"), "application/json"))
        return refuse(call, invalid("content-type: must be application/json"));
    auto body = parse_json(call.request.body);
    if (!body || !body->is_object()) return refuse(call, invalid("The request body is not valid JSON: expected value at line 1 column 1"));
    if (const auto refusal = thread_refusal(call, *body)) return refuse(call, *refusal);
    const auto problems = messages_shape(counting).check(*body);
    if (!problems.empty()) return refuse(call, invalid(message_of(problems.front())));
    const auto id = text_member(*body, "model");
    const auto* model = find_model("anthropic", id);
    if (model == nullptr) return refuse(call, {404, "not_found_error", "model: " + id});
    if (const auto refusal = counting ? turns_refusal(*body, *model) : messages_refusal(*body, *model)) return refuse(call, invalid(*refusal));
    if (!counting) return answer_messages(call, *body, *model);
    const auto prompt = messages_prompt(*body, *model);
    return whole_reply(call, 200, head(call, "application/json"), dump(Json{{"input_tokens", prompt.prompt_tokens}}));
}

}  // namespace

SimulatedReply anthropic_reply(const Call& call) {
    if (auto refusal = access_refusal(call)) return refuse(call, *refusal);
    if (call.forced_status != 0) return refuse(call, failure(call.forced_status));
    constexpr std::string_view models = "/v1/models";
    if (call.path == "/v1/messages") return messages_reply(call, false);
    if (call.path == "/v1/messages/count_tokens") return messages_reply(call, true);
    if (call.request.method == "GET" && call.path == models) return models_reply(call);
    if (call.request.method == "GET" && call.path.starts_with("/v1/models/")) return model_reply(call, call.path.substr(models.size() + 1));
    // A path for whatever passes a request on unread.
    if (call.request.method == "GET" && call.path == "/v1/messages/batches")
        return whole_reply(call, 200, head(call, "application/json"),
                           dump({{"data", Json::array()}, {"has_more", false}, {"first_id", nullptr}, {"last_id", nullptr}}));
    return refuse(call, failure(404));
}

}  // namespace smg::simulator
