#include "simulator/responses.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "simulator/openai_shared.hpp"
#include "simulator/signature.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

/// The items of the request itself: a text is a user's message, and an item without a type is a message.
Json own_items(const Json& input) {
    if (input.is_null()) return Json::array();
    if (input.is_string()) return Json::array({Json{{"type", "message"}, {"role", "user"}, {"content", input}}});
    Json items = Json::array();
    for (const auto& each : input) {
        Json item{{"type", text_member(each, "type").empty() ? "message" : text_member(each, "type")}};
        item.update(each);
        items.push_back(std::move(item));
    }
    return items;
}

/// Puts what was kept in the place of a reference to it.
std::optional<Refusal> resolve_references(const Call& call, Json& items, Flavour flavour) {
    for (auto& item : items) {
        if (text_member(item, "type") != "item_reference") continue;
        const auto id = text_member(item, "id");
        const auto kept = call.memory.find(item_key(flavour, id));
        if (!kept) return Refusal{404, "Item with id '" + id + "' not found.", "input", {}};
        item = member(*kept, "item");
    }
    return std::nullopt;
}

std::optional<Refusal> gather_items(const Call& call, ResponsesRequest& request) {
    const auto previous = text_member(request.body, "previous_response_id");
    const auto& input = member(request.body, "input");
    if (previous.empty() && input.is_null() && !has(request.body, "prompt"))
        return Refusal{400,
                       "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation' must be provided.",
                       "input",
                       "missing_required_parameter"};
    if (!previous.empty()) {
        const auto kept = call.memory.find(response_key(request.flavour, previous));
        if (!kept)
            return Refusal{400, "Previous response with id '" + previous + "' not found.", "previous_response_id", "previous_response_not_found"};
        request.items = member(*kept, "history");
    }
    request.kept = request.items.size();
    auto own = own_items(input);
    if (auto refusal = resolve_references(call, own, request.flavour)) return refusal;
    for (auto& item : own) request.items.push_back(std::move(item));
    return std::nullopt;
}

SimulatedReply create_reply(const Call& call, const ChatProvider& provider) {
    ResponsesRequest request;
    request.flavour = provider.flavour;
    if (auto refusal = read_responses_request(call, ResponsesTask::create, request)) return provider.refuse(call, *refusal);
    const auto prompt = responses_prompt(request);
    const auto& steering = prompt.steering;
    const bool stream = flag_member(request.body, "stream");
    if (auto away = steered_away(call, provider, steering, stream)) return *away;

    const auto plan = make_plan(prompt);
    ResponseAnswer answer;
    answer.request = &request;
    answer.seed = call.seed("response");
    answer.id = answer.xai() ? made_up_uuid(answer.seed) : "resp_" + made_up_hex(answer.seed, 50);
    answer.prompt_tokens = prompt.prompt_tokens;
    const auto response = response_json(answer, final_status(plan), response_output(answer, plan), &plan);
    const auto& store = member(request.body, "store");
    if (!store.is_boolean() || store.get<bool>()) keep_response(call, answer, response);
    const auto head = provider.head(call, "application/json");
    if (stream) {
        auto events = response_events(answer, plan, pieces_of(call, steering));
        const auto before = steering.error_first ? 0 : std::max<std::size_t>(1, events.size() / 2);
        return streamed_reply(call, provider.head(call, "text/event-stream; charset=utf-8"), std::move(events),
                              response_error_events(answer, before), {}, steering);
    }
    if (flag_member(request.body, "background"))
        return whole_reply(call, 200, head, dump(response_json(answer, "queued", Json::array(), nullptr)), steering);
    return whole_reply(call, 200, head, dump(response), steering);
}

SimulatedReply count_reply(const Call& call, const ChatProvider& provider) {
    ResponsesRequest request;
    if (auto refusal = read_responses_request(call, ResponsesTask::count, request)) return provider.refuse(call, *refusal);
    const auto tokens = responses_prompt(request).prompt_tokens;
    return whole_reply(call, 200, provider.head(call, "application/json"),
                       dump({{"object", "response.input_tokens"}, {"input_tokens", tokens}}));
}

/// What users said stays; the rest becomes one item that nobody else can read.
SimulatedReply compact_reply(const Call& call, const ChatProvider& provider) {
    ResponsesRequest request;
    if (auto refusal = read_responses_request(call, ResponsesTask::compact, request)) return provider.refuse(call, *refusal);
    const auto seed = call.seed("compaction");
    Json output = Json::array();
    for (const auto& item : request.items) {
        if (text_member(item, "role") != "user") continue;
        auto kept = item;
        if (!has(kept, "id")) kept["id"] = "msg_" + made_up_hex(seed + output.size(), 50);
        kept["status"] = "completed";
        if (kept["content"].is_string()) kept["content"] = Json::array({Json{{"type", "input_text"}, {"text", kept["content"]}}});
        output.push_back(std::move(kept));
    }
    const auto secret = issue_signature("openai", dump(request.items));
    output.push_back({{"id", "cmp_" + made_up_hex(seed, 50)}, {"type", "compaction"}, {"encrypted_content", secret}});
    const auto tokens = responses_prompt(request).prompt_tokens;
    const auto written = tokens_of(secret);
    const Json usage{{"input_tokens", tokens},
                     {"input_tokens_details", {{"cached_tokens", 0}}},
                     {"output_tokens", written},
                     {"output_tokens_details", {{"reasoning_tokens", 0}}},
                     {"total_tokens", tokens + written}};
    const Json answer{{"id", "resp_" + made_up_hex(seed + 1, 50)},
                      {"object", "response.compaction"},
                      {"created_at", 1764000000},
                      {"output", output},
                      {"usage", usage}};
    return whole_reply(call, 200, provider.head(call, "application/json"), dump(answer));
}

}  // namespace

std::optional<Refusal> read_responses_request(const Call& call, ResponsesTask task, ResponsesRequest& request) {
    if (!istarts_with(call.request.fields.get("content-type"), "application/json"))
        return Refusal{request.flavour == Flavour::xai ? 415 : 400,
                       "Unsupported content type: '" + std::string(call.request.fields.get("content-type")) +
                           "'. This API method only accepts 'application/json' requests, but you specified the header 'Content-Type: " +
                           std::string(call.request.fields.get("content-type")) + "'. Please try again with a supported content type.",
                       {},
                       "unsupported_content_type"};
    auto body = parse_json(call.request.body);
    if (!body || !body->is_object())
        return Refusal{400,
                       "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The "
                       "OpenAI API expects a JSON payload, but what was sent was not valid JSON.)",
                       {},
                       {}};
    request.body = std::move(*body);
    if (auto refusal = responses_shape_refusal(request.body, task, request.flavour)) return refusal;
    const auto id = text_member(request.body, "model");
    request.model = find_model(request.flavour == Flavour::xai ? "xai" : "openai", id);
    if (request.model == nullptr)
        return Refusal{request.flavour == Flavour::xai ? 404 : 400, "The requested model '" + id + "' does not exist.", "model", "model_not_found"};
    if (auto refusal = gather_items(call, request)) return refusal;
    if (auto refusal = responses_refusal(request)) return refusal;
    return items_refusal(call, request);
}

SimulatedReply responses_reply(const Call& call, const ChatProvider& provider) {
    const auto& method = call.request.method;
    constexpr std::string_view root = "/v1/responses";
    const bool openai = provider.flavour == Flavour::openai;
    if (call.path == root) {
        if (method == "POST") return create_reply(call, provider);
        return provider.refuse(call, {405, "Not allowed to " + method + " on " + call.path + ".", {}, "method_not_supported"});
    }
    const auto rest = call.path.substr(root.size() + 1);
    if (openai && method == "POST" && rest == "input_tokens") return count_reply(call, provider);
    if (openai && method == "POST" && rest == "compact") return compact_reply(call, provider);
    return kept_response_reply(call, provider, rest);
}

}  // namespace smg::simulator
