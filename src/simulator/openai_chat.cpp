#include "simulator/openai_chat.hpp"

#include "simulator/openai_shared.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

constexpr std::int64_t answered_at = 1764000000;  // no clock: an answer is the same whenever it is asked for

Refusal not_json(Flavour) {
    return {400,
            "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API "
            "expects a JSON payload, but what was sent was not valid JSON.)",
            {},
            {}};
}

std::optional<Refusal> shape_refusal(Json& body, Flavour flavour) {
    for (const auto& problem : chat_shape(flavour).check(body)) {
        // xAI passes over what it does not know.
        if (flavour == Flavour::xai && problem.fault == Fault::unknown) continue;
        return refusal_of(problem);
    }
    return std::nullopt;
}

ChatAnswer answer_of(const Call& call, const Json& body, const Model& model, const Prompt& prompt, Flavour flavour) {
    ChatAnswer answer;
    answer.seed = call.seed("chat");
    answer.id = flavour == Flavour::xai ? made_up_uuid(answer.seed) : "chatcmpl-" + made_up(answer.seed, 29);
    answer.model = model.snapshot.empty() ? model.id : model.snapshot;
    answer.fingerprint = "fp_" + made_up_hex(hash_of(model.id), 10);
    answer.created = answered_at;
    answer.flavour = flavour;
    if (const auto& n = member(body, "n"); n.is_number()) answer.choices = n.get<std::size_t>();
    answer.logprobs = flag_member(body, "logprobs");
    answer.deprecated_functions = has(body, "functions");
    const auto tier = text_member(body, "service_tier");
    answer.service_tier = tier.empty() || tier == "auto" ? "default" : tier;
    answer.prompt_tokens = prompt.prompt_tokens;
    return answer;
}

}  // namespace

SimulatedReply chat_reply(const Call& call, const ChatProvider& provider) {
    auto body = parse_json(call.request.body);
    if (!body || !body->is_object()) return provider.refuse(call, not_json(provider.flavour));
    if (auto refusal = shape_refusal(*body, provider.flavour)) return provider.refuse(call, *refusal);
    const auto name = provider.flavour == Flavour::xai ? "xai" : "openai";
    const auto id = text_member(*body, "model");
    const auto* model = find_model(name, id);
    if (!model) return provider.refuse(call, {404, "The model `" + id + "` does not exist or you do not have access to it.", {}, "model_not_found"});
    if (auto refusal = chat_refusal(*body, *model, provider.flavour)) return provider.refuse(call, *refusal);

    const auto prompt = chat_prompt(*body, *model, provider.flavour);
    const auto& steering = prompt.steering;
    const bool stream = flag_member(*body, "stream");
    const auto json_head = provider.head(call, "application/json");
    if (auto away = steered_away(call, provider, steering, stream)) return *away;
    const auto plan = make_plan(prompt);
    const auto answer = answer_of(call, *body, *model, prompt, provider.flavour);
    if (!stream) return whole_reply(call, 200, json_head, dump(chat_completion(answer, plan)), steering);
    const bool include_usage = flag_member(member(*body, "stream_options"), "include_usage");
    auto events = chat_chunks(answer, plan, pieces_of(call, steering), include_usage);
    return streamed_reply(call, provider.head(call, "text/event-stream; charset=utf-8"), std::move(events), provider.error_event(),
                          "data: [DONE]\n\n", steering);
}

}  // namespace smg::simulator
